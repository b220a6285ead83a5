"""A bench of panel members, and an application before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from schoolgate import people, requests
from schoolgate.clock import Clock
from tests.requests.cast import Cast, submitted


@dataclass(frozen=True)
class Bench:
    """Person ids by seat."""

    home: str
    independent: tuple[str, str]
    lay: tuple[str, str]
    official: str

    @property
    def three(self) -> tuple[str, str, str]:
        """Enough for a standard request; the first leads."""
        return self.independent[0], self.lay[0], self.official

    @property
    def everybody(self) -> tuple[str, ...]:
        """All five."""
        return *self.independent, *self.lay, self.official


def enter_bench() -> Bench:
    """Enter the members, of an organisation that asks for nothing."""
    home = people.add_organisation("Panel of Example (synthetic)", "charity").id

    def member(seat: str) -> str:
        return people.add_person(home, "panel", seat=seat).id

    return Bench(
        home,
        (member("independent"), member("independent")),
        (member("lay"), member("lay")),
        member("official"),
    )


def before(bench: Bench, cast: Cast, clock: Clock, members: Sequence[str] = (), **changes: Any) -> tuple[str, str]:
    """An application before the panel: its id and the case's."""
    made = submitted(cast, clock, **changes)
    requests.insist(requests.check_completeness(made.id, (), cast.custodian, clock))
    named = members or bench.three
    case = requests.insist(requests.allocate(made.id, named, bench.independent[0], cast.custodian, clock))
    return made.id, case


def votes(case: str, clock: Clock, **choices: str) -> None:
    """Give votes: ``P_0001="approve"``; the reason is the member's own."""
    for person, choice in choices.items():
        who = person.replace("_", "-")
        requests.insist(requests.vote(case, choice, [f"{choice} because."], (), (), who, clock))


def all_vote(case: str, members: Sequence[str], choice: str, clock: Clock) -> None:
    """Everybody votes alike."""
    votes(case, clock, **{one.replace("-", "_"): choice for one in members})
