"""What the room gives out, and the part of the gate it needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.errors import Refusal
from schoolgate.ids import Pmr, Urn

if TYPE_CHECKING:
    from schoolgate.consent import Objection
    from schoolgate.gate import ChildExposure, SubjectRecord


class GatePort(Protocol):
    """What this room asks of the gate. The first two are reads, each with its entry in the log."""

    def find_own_pupil(self, urn: Urn, upn: str, actor: str, *, config: Config, clock: Clock) -> Pmr | Refusal:
        """The school's own pupil, or a refusal."""
        ...

    def subject_access(self, pupil: Pmr, actor: str, *, config: Config, clock: Clock) -> SubjectRecord:
        """Everything held about one child."""
        ...

    def member_proof(self, release_id: str, pupil: Pmr, config: Config) -> dict[str, Any]:
        """The child's salt and path in a release."""
        ...

    def exposures_of(self, pupil: Pmr, *, config: Config) -> tuple[ChildExposure, ...]:
        """Every release that took, or may have taken, any item of this child."""
        ...

    def entry_proof(self, index: int, config: Config) -> str:
        """The proof that an entry is in the log."""
        ...

    def log_key(self, config: Config) -> str:
        """The log's public key."""
        ...

    def lodge_objection(self, pupil: Pmr, purpose: str, *, actor: str, config: Config, clock: Clock) -> Objection:
        """Say no to one purpose."""
        ...

    def withdraw_objection(self, pupil: Pmr, purpose: str, *, actor: str, config: Config, clock: Clock) -> bool:
        """Take it back."""
        ...

    def objections_of(self, pupil: Pmr, *, config: Config) -> tuple[Objection, ...]:
        """What was said no to, and is in force."""
        ...


@dataclass(frozen=True, slots=True)
class ClaimRules:
    """The limits on codes; a custodian may set other numbers.

    Attributes:
        lifetime: how long a code can be used.
        live_codes: how many unused codes a child may have at a time (two parents, and one lost letter).
        window: over which tries that did not fit are counted.
        tries_of_account: how many an account has in a window.
        tries_in_all: how many all accounts have together. High enough that nobody can shut every family out
            with a few hundred accounts; guessing is hopeless all the same: 20,000 an hour for a century are
            2 ** 34 tries at a million live codes among 2 ** 80, so one chance in 2 ** 26 of ever hitting one.
    """

    lifetime: timedelta = timedelta(days=14)
    live_codes: int = 3
    window: timedelta = timedelta(hours=1)
    tries_of_account: int = 5
    tries_in_all: int = 20_000


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """A code, to be shown once: it is not kept in readable form.

    Attributes:
        text: in four groups of four; hidden from repr.
    """

    text: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ChildLink:
    """That an account may act for a child. Holds no reference to the child itself.

    Attributes:
        id: random public number.
        account_id: whose it is; every use of a link checks both together.
        school: name of the school that issued the code, to tell an account's children apart without a read.
    """

    id: int
    account_id: int
    since: datetime
    school: str = ""


@dataclass(frozen=True, slots=True)
class ItemInWords:
    """An item as a parent reads it.

    Attributes:
        why: why it is collected; empty when the dictionary does not say.
    """

    id: str
    name: str
    description: str
    why: str


@dataclass(frozen=True, slots=True)
class LineRelease:
    """One release under an agreement that took something of the child.

    Attributes:
        state: ``settled``, or ``being worked out``: then the child may be in it.
        can_prove: whether a proof file can be made.
        log_index: index of its ``release.begun`` entry.
        delivered: whether it is on record that an answer was handed over. A question that failed is a release all
            the same: that it failed tells its asker something (docs/decisions/0005).
        looked: who looked, when it was not an organisation: ``you`` (this account), ``another account`` that may
            act for the child, ``school``; empty for an organisation, and while it is not known whether the look was
            at this child: whose it was is then nobody else's business.
        school: name of the school that looked.
        way: ``extract`` when the answer left as a file that the organisation keeps, ``look-up`` when it named people
            and was told which of them are pupils; empty for an answer to a question.
    """

    release_id: str
    at: datetime
    state: str
    can_prove: bool
    log_index: int
    items: tuple[str, ...]
    delivered: bool
    looked: str
    school: str
    way: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """Who has it: what went to one organisation under one agreement, in one release or in all together.

    Attributes:
        purpose: the purpose's name.
        purpose_plain: why, as the organisation explains it.
        why: the purpose as the published list explains it.
        items: item ids, sorted.
        items_in_words: the same items, explained.
        first_at: the first release.
        last_at: the latest.
        until: last day of use.
        standing: how the agreement stands, in words.
        agreement_state: the same as `requests.Agreement.state`.
        releases: newest first.
        release_id: the newest release's, as are `at`, `state`, `can_prove` and `log_index`.
        since: the same as `first_at`.
    """

    agreement_id: str
    organisation: str
    purpose_id: str
    purpose: str
    purpose_plain: str
    why: str
    lawful_basis: str
    special_category_basis: str
    gateway: str
    items: tuple[str, ...]
    items_in_words: tuple[ItemInWords, ...]
    first_at: datetime
    last_at: datetime
    until: date
    processed_at: str
    country: str
    conditions: tuple[str, ...]
    standing: str
    agreement_state: str
    releases: tuple[LineRelease, ...]
    release_id: str
    at: datetime
    since: datetime
    state: str
    can_prove: bool
    log_index: int
