"""Children in a lake, two agreements that read them, a family that says what is wrong, and a clock that is moved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from schoolgate import gate, people
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import Refusal
from schoolgate.ids import Pmr
from tests import world

BY_REFERENCE = "SELECT pupil, sex, ethnicity FROM census_pupil"
COUNTS = "SELECT ethnicity, count(*) AS n FROM census_pupil GROUP BY ethnicity"


@dataclass
class Scene:
    """A world with what a test does in it."""

    world: world.World
    config: Config
    clock: FixedClock

    def later(self, days: int) -> None:
        """Days pass."""
        self.clock = replace(self.clock, moment=self.clock.moment + timedelta(days=days))

    def read(self, sql: str = BY_REFERENCE, agreement: str = "") -> gate.Handover:
        """A researcher reads."""
        asked = gate.read(
            agreement or self.world.agreement, self.world.person, sql, config=self.config, clock=self.clock
        )
        assert isinstance(asked, gate.Handover), asked
        gate.settle_pending(self.config, self.clock)
        return asked

    def record(self, at: int) -> gate.SubjectRecord:
        """A family looks at its child's record."""
        return gate.subject_access(self.world.pmrs[at], "account:1", config=self.config, clock=self.clock)

    def token(self, at: int, item: str) -> str:
        """The token of the one row of a table."""
        return self.record(at).tokens[item.partition(".")[0]][0]

    def wrong(self, at: int, item: str, new: str, token: str = "") -> gate.Wrong:
        """What is wrong with a child's record."""
        pupil = int(self.world.pmrs[at])
        return gate.Wrong(pupil, item, token or self.token(at, item), new, None, "K-1", "ab" * 32)

    def correct(self, at: int, item: str, new: str, token: str = "") -> gate.CorrectionView | Refusal:
        """A value is put right."""
        one = self.wrong(at, item, new, token)
        return gate.correct_item(
            Pmr(one.pupil), one.item, one.row, one.new, wrong_since=None, case=one.case, actor=self.official(),
            config=self.config, clock=self.clock, evidence_sha256=one.evidence_sha256,
        )  # fmt: skip

    def official(self, role: str = "custodian") -> str:
        """A person of the custodian."""
        ministry = people.find_organisation("Ministry (synthetic)").id
        return next(one.id for one in people.persons(ministry) if one.role == role)

    def tend(self) -> int:
        """What is done by itself once a day."""
        return gate.tend_corrections(config=self.config, clock=self.clock)

    def notices(self, person: str = "") -> tuple[gate.NoticeView, ...]:
        """The notices somebody sees."""
        return gate.notices(person or self.world.person, clock=self.clock)

    def page(self, notice: str, person: str = "", after: int = 0) -> gate.NoticePage:
        """A notice with its lines."""
        return gate.notice(notice, person or self.world.person, after, config=self.config, clock=self.clock)


def begin(config: Config, clock: FixedClock) -> Scene:
    """Six children, and an agreement in force."""
    made = Scene(world.build(config, clock), config, clock)
    made.later(1)
    return made


def made(outcome: gate.CorrectionView | Refusal) -> gate.CorrectionView:
    """The correction, which was made."""
    assert isinstance(outcome, gate.CorrectionView), outcome
    return outcome


def refused(outcome: gate.CorrectionView | Refusal) -> str:
    """The code of why it was not made."""
    assert isinstance(outcome, Refusal), outcome
    return outcome.code
