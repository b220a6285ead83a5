"""When the panel has decided, and what: pure. The numbers are data (`data/quorum.toml`)."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from schoolgate.errors import SchoolgateError
from schoolgate.people import SEATS

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "application": "an application",
        "appeal": "an appeal",
        "emergency": "an application that cannot wait",
        "amend": "items or people added to an agreement",
        "extend": "a later last day of an agreement",
        "resume": "a suspended agreement going on",
        "reaffirm": "an agreement of an organisation that has changed",
        "review-emergency": "what was approved in a hurry",
    }
)
"""What a panel is asked to decide -> in words."""

RISKS = ("standard", "raised", "high")
"""Classes of risk, the lowest first."""

CHOICES: Mapping[str, str] = MappingProxyType(
    {"approve": "approve", "refuse": "refuse", "changes": "ask for changes", "abstain": "abstain"}
)
"""What a member may vote -> in words."""

ITEM_CHOICES: Mapping[str, str] = MappingProxyType(
    {"approve": "give it", "coarser": "give something less revealing in its place", "refuse": "do not give it"}
)
"""What a member who approves may say of one item -> in words."""

LEAST_VOTES, LEAST_INDEPENDENT = 2, 1
"""Floors that no data file can lower: nobody decides alone, nor the custodian's own people among themselves."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Who is needed for one kind of decision at one class of risk; see `data/quorum.toml`.

    Attributes:
        majority: votes for must be more than this share, as (part, whole).
        chair_seat: the seat that the chair must hold.
    """

    risk: str
    least_votes: int
    least_independent: int
    least_lay: int
    majority: tuple[int, int]
    unanimous: bool
    independent_approves: int
    chair_votes: bool
    why: str
    chair_seat: str = "independent"

    @property
    def plain(self) -> str:
        """The rule as a sentence."""
        share = "all of them must approve" if self.unanimous else f"more than {self.majority[0]} in {self.majority[1]}"
        lay = f", {self.least_lay} lay" if self.least_lay else ""
        return (
            f"At least {self.least_votes} votes, {self.least_independent} of them independent{lay}; "
            f"{share if self.unanimous else share + ' must approve'}. A tie is a refusal."
        )


@dataclass(frozen=True, slots=True)
class Member:
    """A member who was allocated.

    Attributes:
        person: person id.
        seat: one of `people.SEATS`.
        human: which human being it is; two persons of one account are one.
        chair: whether they lead.
        out: why they no longer count: ``conflict`` or ``removed``; empty while they do.
    """

    person: str
    seat: str
    human: str
    chair: bool = False
    out: str = ""


@dataclass(frozen=True, slots=True)
class ItemVote:
    """What a member, or the panel, says of one item.

    Attributes:
        decision: one of `ITEM_CHOICES`.
        instead: what is given in its place: an item id, or words; only with ``coarser``.
    """

    item: str
    decision: str
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Vote:
    """A member's vote as it stands.

    Attributes:
        person: person id.
        choice: one of `CHOICES`.
        reasons: why; at least one.
        items: said of single items; an item that is not named is approved as it was asked for.
        conditions: under which alone this is an approval, as `Condition.parse` reads them.
    """

    person: str
    choice: str
    reasons: tuple[str, ...] = ()
    items: tuple[ItemVote, ...] = ()
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the votes come to.

    Attributes:
        result: ``approve``, ``refuse``, ``changes`` (send it back) or ``not-yet``.
        why: in plain words; for ``not-yet`` everything that is missing.
        items: for ``approve``, each item that was asked for.
        conditions: of everybody who approved, each once.
        counts: votes by seat, without persons: ``approve: 1 independent, 1 lay``.
        voters: person ids whose vote counted.
    """

    result: str
    why: tuple[str, ...]
    items: tuple[ItemVote, ...] = ()
    conditions: tuple[str, ...] = ()
    counts: tuple[str, ...] = ()
    voters: tuple[str, ...] = ()


@cache
def rules() -> Mapping[tuple[str, str], Rule]:
    """(kind, risk) -> rule.

    Raises:
        SchoolgateError: the file leaves a case out, has one twice, or goes below the floors.
    """
    return read_rules((files("schoolgate.requests.panel") / "data" / "quorum.toml").read_text(encoding="utf-8"))


def read_rules(text: str) -> Mapping[tuple[str, str], Rule]:
    """The rules of a file.

    Raises:
        SchoolgateError: see `rules`.
    """
    kept = tomllib.loads(text)
    seat = str(kept["chair"]["seat"])
    found: dict[tuple[str, str], Rule] = {}
    for entry in kept["rule"]:
        part, whole = entry["majority"]
        rule = Rule(
            **{key: value for key, value in entry.items() if key not in ("kinds", "majority")},
            majority=(int(part), int(whole)),
            chair_seat=seat,
        )
        _check(rule)
        for kind in entry["kinds"]:
            if (kind, rule.risk) in found:
                raise SchoolgateError(f"Two quorum rules for {kind}, {rule.risk}.", code="quorum-rules")
            found[kind, rule.risk] = rule
    if set(found) != {(kind, risk) for kind in KINDS for risk in RISKS}:
        raise SchoolgateError("The quorum rules leave a case out, or name one that is not.", code="quorum-rules")
    return MappingProxyType(found)


def _check(rule: Rule) -> None:
    part, whole = rule.majority
    if (
        rule.least_votes < LEAST_VOTES
        or rule.least_independent < LEAST_INDEPENDENT
        or rule.independent_approves < LEAST_INDEPENDENT
        or not 2 * part >= whole > part
        or rule.chair_seat not in SEATS
    ):
        raise SchoolgateError(
            "A quorum rule would let one person decide, or a panel without an independent member, or a minority.",
            code="quorum-rules",
        )


def allocation_gaps(rule: Rule, members: Sequence[Member]) -> tuple[str, ...]:
    """Why these members could never decide, however they vote; empty when they could."""
    there = [member for member in members if not member.out]
    humans = {member.human for member in there}
    seats = Counter(seat for _, seat in {(member.human, member.seat) for member in there})
    needed = {"independent": max(rule.least_independent, rule.independent_approves), "lay": rule.least_lay}
    found = []
    if len(humans) < rule.least_votes:
        found.append(f"At least {rule.least_votes} members are needed; there are {len(humans)}.")
    found += [
        f"At least {least} of them with the seat “{seat}”; there are {seats[seat]}."
        for seat, least in needed.items()
        if seats[seat] < least
    ]
    chairs = [member for member in there if member.chair]
    if rule.chair_votes and len(chairs) != 1:
        found.append("One of them leads.")
    found += [f"Who leads has the seat “{rule.chair_seat}”." for member in chairs if member.seat != rule.chair_seat]
    return tuple(found)


def by_seat(votes: Sequence[Vote], members: Sequence[Member]) -> tuple[str, ...]:
    """The votes counted by seat, in a fixed order."""
    seats = {member.person: member.seat for member in members}
    counts = Counter((vote.choice, seats[vote.person]) for vote in votes)
    lines = []
    for choice in CHOICES:
        parts = [f"{counts[choice, seat]} {seat}" for seat in SEATS if counts[choice, seat]]
        if parts:
            lines.append(f"{CHOICES[choice]}: {', '.join(parts)}")
    return tuple(lines)


def _missing(
    rule: Rule, cast: Sequence[Vote], there: Mapping[str, Member], waiting: int, chair_voted: bool
) -> list[str]:
    humans = {there[vote.person].human for vote in cast}
    found = []
    if waiting:
        found.append(f"{waiting} of the members have not voted, and the meeting is not open.")
    if len(humans) < len(cast):
        found.append("Two of the votes are of one human being.")
    if len(humans) < rule.least_votes:
        found.append(f"At least {rule.least_votes} votes are needed; there are {len(humans)}.")
    for seat, least in (("independent", rule.least_independent), ("lay", rule.least_lay)):
        given = len({there[vote.person].human for vote in cast if there[vote.person].seat == seat})
        if given < least:
            found.append(f"At least {least} of the votes must be of the seat “{seat}”; there are {given}.")
    if rule.chair_votes and not chair_voted:
        found.append("Who leads has not voted.")
    return found


def outcome(
    rule: Rule,
    votes: Sequence[Vote],
    members: Sequence[Member],
    items: Sequence[str] = (),
    *,
    opened: bool = False,
) -> Outcome:
    """What the votes come to under a rule.

    Each item needs the majority that the whole needs: whoever refuses, or asks for changes, approves no item. A
    condition of one member who approves holds, because without it that vote would be no approval.

    Args:
        rule: who is needed.
        votes: as they stand: at most one of a member; of members who are out none counts.
        members: everybody allocated.
        items: what was asked for.
        opened: whether the meeting is open, so that members who did not come are not waited for.
    """
    there = {member.person: member for member in members if not member.out}
    given = sorted((vote for vote in votes if vote.person in there), key=lambda vote: vote.person)
    cast = [vote for vote in given if vote.choice != "abstain"]
    counts = by_seat(given, members)
    voters = tuple(vote.person for vote in given)
    waiting = 0 if opened else len(set(there) - set(voters))
    missing = _missing(rule, cast, there, waiting, any(there[one].chair for one in voters))
    if missing:
        return Outcome("not-yet", tuple(missing), counts=counts, voters=voters)

    def enough(number: int) -> bool:
        if rule.unanimous:
            return number == len(cast)
        return number * rule.majority[1] > len(cast) * rule.majority[0]

    approving = [vote for vote in cast if vote.choice == "approve"]
    independent = sum(there[vote.person].seat == "independent" for vote in approving)
    decided = tuple(_item(item, approving, enough) for item in items)
    left = not items or any(one.decision != "refuse" for one in decided)
    if enough(len(approving)) and independent >= rule.independent_approves and left:
        conditions = dict.fromkeys(one for vote in approving for one in vote.conditions)
        return Outcome("approve", (rule.plain,), decided, tuple(conditions), counts, voters)
    changes, refusing = (sum(vote.choice == choice for vote in cast) for choice in ("changes", "refuse"))
    why = rule.plain if left else "No item found the votes it needs."
    if changes > refusing:
        return Outcome("changes", ("More members ask for changes than refuse.",), (), (), counts, voters)
    return Outcome("refuse", (why,), (), (), counts, voters)


def _item(item: str, approving: Sequence[Vote], enough: Callable[[int], bool]) -> ItemVote:
    said = [next((one for one in vote.items if one.item == item), ItemVote(item, "approve")) for vote in approving]
    fine = sum(one.decision == "approve" for one in said)
    coarser = [one.instead for one in said if one.decision == "coarser"]
    if enough(fine):
        return ItemVote(item, "approve")
    if coarser and enough(fine + len(coarser)):
        named = Counter(coarser)
        return ItemVote(item, "coarser", min(named, key=lambda one: (-named[one], one)))
    return ItemVote(item, "refuse")
