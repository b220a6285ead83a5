"""Scenes of look-ups: an agreement of kind matching or verification, whose look-ups are declared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from schoolgate import gate
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import insist
from schoolgate.requests.drafting.reach import all_questions
from schoolgate.requests.terms import Answer
from tests.gate.extracts import Scene
from tests.world import CHILDREN

LAW = "Children Act 1989 s.47"
DECLARED = {"reasons": ("safeguarding", "attendance"), "per_day": 40, "per_month": 200}


def wanted(child: int, ref: str = "", **changes: Any) -> gate.Wanted:
    """A row about one of the six children, by name."""
    who = CHILDREN[child]
    values: dict[str, Any] = {
        "ref": ref or str(child), "dob": who.dob, "reason": "safeguarding", "provision": LAW, "surname": who.surname,
        "forename": who.forename, "sex": who.sex, "postcode": who.postcode, **changes,
    }  # fmt: skip
    return gate.Wanted(**values)


def stranger(ref: str = "x", **changes: Any) -> gate.Wanted:
    """A row about nobody."""
    return wanted(0, ref, **{"surname": "Nobodysynth", **changes})


@dataclass
class LookupScene(Scene):
    """A scene with look-ups."""

    @classmethod
    def of(cls, kind: str, config: Config, clock: FixedClock, **declared: Any) -> Self:
        answers = tuple(Answer(one.id, "A synthetic answer, long enough to be one.") for one in all_questions())
        scene = cls.build(config, clock, kind_of_request=kind, answers=answers)
        terms = gate.LookupDeclared(**{"kinds": (kind,), **DECLARED, **declared})
        insist(gate.declare_lookups(scene.world.agreement, terms, scene.custodian, clock=clock))
        return scene

    def match(self, *rows: gate.Wanted, items: tuple[str, ...] = (), person: str = "") -> Any:
        return gate.match_list(
            self.world.agreement, person or self.world.person, rows, items, config=self.config, clock=self.clock
        )

    def verify(self, row: gate.Wanted, item: str = "", value: str = "", person: str = "") -> Any:
        return gate.verify(
            self.world.agreement, person or self.world.person, row, item, value, config=self.config, clock=self.clock
        )

    def lines(self, child: int) -> list[gate.ChildExposure]:
        """What the child's own answer says."""
        return list(gate.exposures_of(self.world.pmrs[child], config=self.config))
