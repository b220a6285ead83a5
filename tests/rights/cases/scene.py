"""A family with a child, two people of the custodian's, and an overseer: acts through the desk, on real rooms.

Most of what a case is needs no lake and no agreement; where it does, `enter_world` builds them.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from schoolgate import desk, people, rights
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import Refused
from schoolgate.ids import Pmr
from schoolgate.people.models import Account
from schoolgate.records.vault import Vault
from schoolgate.rights import cases
from schoolgate.rights.models import ChildLink as LinkRow
from tests.world import CHILDREN, World, build

PASSWORD = "correct horse battery"


@dataclass
class Scene:
    """What the tests act on."""

    config: Config
    clock: FixedClock
    pupils: list[Pmr]
    world: World | None
    parent: int
    link: rights.ChildLink
    custodian: str
    second: str
    overseer: str

    def on(self, day: str, hour: int = 9) -> Scene:
        """The same on another day."""
        moment = datetime.combine(date.fromisoformat(day), time(hour), UTC)
        return Scene(**{**self.__dict__, "clock": FixedClock(moment)})

    def family(self, act: str, /, **given: Any) -> Any:
        """An act of the family's."""
        return desk.for_family(act, self.parent, self.link.id, config=self.config, clock=self.clock, **given)

    def staff(self, act: str, /, who: str = "", **given: Any) -> Any:
        """An act of staff's."""
        return desk.do(act, who or self.custodian, config=self.config, clock=self.clock, **given)

    def challenged(self, item: str = "census_pupil.ethnicity", row: str = "") -> str:
        """The family says that a fact is wrong; the case's reference."""
        made = self.family(
            "case-challenge", item=item, row=row, stands="White British", should_be="Pakistani", wrong_since=None,
            text="Nobody asked us.",
        )  # fmt: skip
        assert isinstance(made, str), made
        return made

    def complained(self) -> str:
        """The family complains; the case's reference."""
        made = self.family("case-open", kind="complaint", text="Nobody told us who has it.")
        assert isinstance(made, str), made
        return made

    def step(self, reference: str, event: str, text: str = "Because.", who: str = "") -> Any:
        """A step of the custodian's."""
        return self.staff("recourse-step", who, reference=reference, event=event, text=text)

    def say(self, reference: str, event: str, text: str = "We say so.") -> Any:
        """A step of the family's."""
        return self.family("case-say", reference=reference, event=event, text=text)

    def decide(self, reference: str, outcome: str, event: str = "decide", who: str = "", **given: Any) -> Any:
        """A decision."""
        words = {"text": "We looked at it.", "provision": "UK GDPR Article 5(1)(d)", "value": "", "row": ""} | given
        return self.staff("recourse-decide", who, reference=reference, event=event, outcome=outcome, **words)

    def heard(self, reference: str, who: str = "") -> None:
        """The source is asked, and what it says is written down by the second person."""
        assert self.step(reference, "ask_source") == "with_source"
        told = self.staff(
            "recourse-source", who or self.second, reference=reference, source="The school (synthetic)", agrees=True,
            text="It was a slip.",
        )  # fmt: skip
        assert told == "answered", told

    def show(self, reference: str) -> cases.CaseView:
        """The case as the family sees it."""
        found = self.family("case-show", reference=reference)
        assert isinstance(found, cases.CaseView)
        return found

    def send(self, reference: str, name: str, content: bytes) -> Any:
        """The family adds a file."""
        for number in range(max(1, -(-len(content) // cases.PIECE))):
            part = content[number * cases.PIECE : (number + 1) * cases.PIECE]
            data = base64.b64encode(part).decode()
            taken = self.family("case-file-piece", reference=reference, number=number, data=data)
            if isinstance(taken, Refused):
                return taken
        digest = hashlib.sha256(content).hexdigest()
        return self.family("case-file-add", reference=reference, name=name, sha256=digest)


def linked(account: int, pupil: Pmr, config: Config, clock: FixedClock) -> rights.ChildLink:
    """An account that may act for a child; how it came to that is shown in the tests of claiming."""
    row = LinkRow.objects.create(
        public_id=7_000_000 + LinkRow.objects.count(), account_id=account, pupil=pupil, since=clock.now()
    )
    return rights.child(account, row.public_id, config=config, clock=clock)


def enter(config: Config, clock: FixedClock) -> Scene:
    """Build it without a lake."""
    return _entered(config, clock, Vault(config).allocate(CHILDREN), None)


def enter_world(config: Config, clock: FixedClock) -> Scene:
    """Build it with six children in the lake and an agreement in force."""
    world = build(config, clock)
    return _entered(config, clock, world.pmrs, world)


def _entered(config: Config, clock: FixedClock, pupils: list[Pmr], world: World | None) -> Scene:
    ministry = people.add_organisation("Department (synthetic)", "custodian").id
    regulator = people.add_organisation("Regulator (synthetic)", "regulator").id
    parent = int(Account.objects.create_user("parent@example.org", PASSWORD).pk)
    return Scene(
        config=config,
        clock=clock,
        pupils=pupils,
        world=world,
        parent=parent,
        link=linked(parent, pupils[1], config, clock),
        custodian=people.add_person(ministry, "custodian").id,
        second=people.add_person(ministry, "custodian").id,
        overseer=people.add_person(regulator, "overseer").id,
    )


def codes(outcome: object) -> set[str]:
    """The codes of a refusal."""
    assert isinstance(outcome, Refused), outcome
    return {one.code for one in outcome.reasons}
