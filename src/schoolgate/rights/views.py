"""What the room gives out, and the part of the gate it needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.errors import Refusal
from schoolgate.ids import Pmr, Urn
from schoolgate.requests import Linkage, Processor

if TYPE_CHECKING:
    from schoolgate.gate import ChildAccess, ChildExposure, Claimant, CorrectionView, RecipientState, SubjectRecord


class GatePort(Protocol):
    """What this room asks of the gate. The first two are reads, each with its entry in the log."""

    def find_own_pupil(self, urn: Urn, upn: str, actor: str, *, config: Config, clock: Clock) -> Pmr | Refusal:
        """The school's own pupil, or a refusal."""
        ...

    def subject_access(
        self, pupil: Pmr, actor: str, *, config: Config, clock: Clock, confirmed: datetime | None = None
    ) -> SubjectRecord:
        """Everything held about one child."""
        ...

    def access_of(self, pupil: Pmr, *, config: Config, clock: Clock) -> ChildAccess:
        """How access to one child's record stands today."""
        ...

    def find_former_pupil(self, upn: str, who: Claimant, actor: str, *, config: Config, clock: Clock) -> Pmr | Refusal:
        """An adult's own record, or a refusal."""
        ...

    def member_proof(self, release_id: str, pupil: Pmr, config: Config) -> dict[str, Any]:
        """The child's salt and path in a release."""
        ...

    def exposures_of(self, pupil: Pmr, *, config: Config) -> tuple[ChildExposure, ...]:
        """Every release that took, or may have taken, any item of this child."""
        ...

    def corrections_of(self, pupil: Pmr, *, config: Config) -> tuple[CorrectionView, ...]:
        """Every correction of the child's record and every note beside it, oldest first."""
        ...

    def correction_states(self, pupil: Pmr, *, config: Config) -> tuple[RecipientState, ...]:
        """How far each recipient has come with each correction of the child's record."""
        ...

    def entry_proof(self, index: int, config: Config) -> str:
        """The proof that an entry is in the log."""
        ...

    def log_key(self, config: Config) -> str:
        """The log's public key."""
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
        letter: the letter's number, for the school's own file.
    """

    text: str = field(repr=False)
    expires_at: datetime
    standing: str = "parental-responsibility"
    letter: str = ""


@dataclass(frozen=True, slots=True)
class OpenedWay:
    """One open code, or one link, to a child, as its school sees it: never whose account it is.

    Attributes:
        id: ``code-7`` or ``link-4711``.
        standing: for whom, a key of `Competence.standings`.
        since: when the code was given out, or used.
        until: when the code expires; None for a link.
        letter: number of the letter that it is by: two parents look alike otherwise, and the wrong one would be ended.
            Empty for a link that came by no letter.
        ended: when the link ended; a court's order may keep its account away all the same.
    """

    id: str
    standing: str
    since: datetime
    until: datetime | None
    letter: str = ""
    ended: datetime | None = None


@dataclass(frozen=True, slots=True)
class OtherAdult:
    """Somebody else with a link to the child, or with a code and no link yet, as the young person sees it.

    Attributes:
        id: of the link; of a code its number, below zero.
        since: since when there is the link; when the code was given out.
        leave: whether the young person lets them look.
        until: when the code ends; None for a link.
    """

    id: int
    standing: str
    since: datetime
    leave: bool
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class PaperView:
    """A claim with papers, as the custodian's staff see it: no name, no number, no paper.

    Attributes:
        evidence: kinds, keys of `Competence.evidence`.
        opened_by: who entered it, e.g. ``P-0001`` or ``school:100000``.
        first_by: who of the custodian checked first; empty: nobody yet.
        outcome: ``confirmed``, ``refused``, ``withdrawn`` or empty.
        state: of `PAPER`.
    """

    id: int
    standing: str
    evidence: tuple[str, ...]
    opened_by: str
    opened_at: datetime
    first_by: str
    decided_by: str
    decided_at: datetime | None
    outcome: str
    reason: str
    state: str = ""

    @property
    def reference(self) -> str:
        """What the person at the counter quotes."""
        return paper_reference(self.id)


@dataclass(frozen=True, slots=True)
class SchoolPaper:
    """A claim with papers as the school that entered it sees it: what it typed itself, and whether it waits.

    Attributes:
        evidence: kinds, keys of `Competence.evidence`.
        waits: whether the custodian's check is still to come; what came of it is not the school's to know.
    """

    id: int
    standing: str
    evidence: tuple[str, ...]
    opened_at: datetime
    waits: bool

    @property
    def reference(self) -> str:
        """What the person at the counter quotes."""
        return paper_reference(self.id)


def paper_reference(claim_id: int) -> str:
    """A claim's number as it is said on the telephone: its last eight digits."""
    digits = f"{claim_id % 10**8:08d}"
    return f"PC-{digits[:4]}-{digits[4:]}"


@dataclass(frozen=True, slots=True)
class ChildLink:
    """That an account may act for a child. Holds no reference to the child itself.

    Attributes:
        id: random public number.
        account_id: whose it is; every use of a link checks both together.
        standing: what the account is to the child, a key of `Competence.standings`.
        may: what it may do today, keys of `Competence.needs`.
        confirmed_at: when two people last confirmed it on paper.
        places_withheld: whether what is shown leaves out schools and areas.
        label: the account's own words for which child this is; shown to this account, and nowhere else.
    """

    id: int
    account_id: int
    since: datetime
    standing: str = "parental-responsibility"
    may: frozenset[str] = frozenset()
    confirmed_at: datetime | None = None
    places_withheld: bool = False
    label: str = field(default="", repr=False)

    @property
    def actor(self) -> str:
        """Who acts, as it is written down: an account reference without a name."""
        return f"account:{self.account_id}"


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
            act for the child, ``school``, ``custodian``; empty for an organisation, and while it is not known whether
            the look was at this child: whose it was is then nobody else's business.
        school: name of the school that looked; empty where the child is shielded.
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
class TakenAway:
    """A file that was made of the child's facts, among others', for an organisation to keep (an extract).

    Attributes:
        state: ``waits`` for its recipient, ``received`` and signed for, ``reported`` (it did not arrive whole), or
            ``deleted`` here after its last day.
        fetched: whether a copy left; None while that is not known.
        at: when that was recorded.
    """

    release_id: str
    state: str
    fetched: bool | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Gone:
    """That an organisation destroyed what it had, as it was certified.

    Attributes:
        on: the day it says it was destroyed.
        how: in words.
        seen_by: the role of who saw it and said so; empty while nobody has.
    """

    on: date
    how: str
    seen_by: str


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
        processors: who processes for the organisation, what it does, where, in which country (UK GDPR Article 28).
        linked_with: other data that the pupils' may be joined with: what it is, how, by whom.
        safeguard: what protects the data outside the United Kingdom (Article 46); empty at home.
        ended_on: the day on which use ended; None while it has not.
        gone: what was certified about its destruction; None when nothing was.
        taken_away: files made under the agreement that hold this child, oldest first.
        corrections: how far the organisation has come with each correction of what it was given.
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
    processors: tuple[Processor, ...] = ()
    linked_with: tuple[Linkage, ...] = ()
    safeguard: str = ""
    ended_on: date | None = None
    gone: Gone | None = None
    taken_away: tuple[TakenAway, ...] = ()
    corrections: tuple[RecipientState, ...] = ()
