"""What the log says so far of each application and agreement: kept up to date while figures are counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType

from schoolgate.oversight.entries import Entry

_RESEARCH = "research"
COMPANY = "company"


@dataclass(slots=True)
class Applied:
    """An application.

    Attributes:
        received: the day it came.
        kind: of the organisation: ``university``, ``company`` ...
        request: of the request: ``research``, ``law-enforcement`` ...
        commercial: whether a company asks, or a commercial interest was stated.
        outcome: ``approved`` or ``refused``; empty until the panel decided.
    """

    received: date
    organisation: str
    kind: str
    request: str
    commercial: bool
    outcome: str = ""
    decided: date | None = None


@dataclass(slots=True)
class Wait:
    """What may not be used until families were told: items, or everything when None; told when, and for how long.

    Attributes:
        notice: the notice whose days begin when everybody was written to (`notice.told`); empty when none names it.
    """

    items: frozenset[str] | None
    days: int
    told: date | None = None
    notice: str = ""

    def over_on(self, day: date) -> bool:
        """Whether the days between the notice and the first use were over."""
        return self.told is not None and day > self.told + timedelta(days=self.days)


@dataclass(slots=True)
class Agreed:
    """An agreement.

    Attributes:
        items: everything approved so far.
        waits: what needs a notice first.
        looks_up: whether look-ups of single pupils, by who they are, were declared for it.
    """

    application: str
    organisation: str
    purpose: str
    signed: date
    items: frozenset[str]
    waits: list[Wait] = field(default_factory=list)
    looks_up: bool = False
    ended: date | None = None
    destroyed: date | None = None
    overdue: date | None = None
    suspended: date | None = None
    reopened: date | None = None

    @property
    def state(self) -> str:
        """Where it stands, in the words of the state table."""
        if self.destroyed:
            return "destroyed"
        if self.ended:
            return "ended"
        if self.suspended:
            return "suspended"
        return "reopened" if self.reopened else "active"


def day_in(text: str) -> date | None:
    """A day that an entry names; None when it names none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


@dataclass(slots=True)
class Known:
    """Applications and agreements by their numbers, and open releases by theirs (with the day they began)."""

    applications: dict[str, Applied] = field(default_factory=dict)
    agreements: dict[str, Agreed] = field(default_factory=dict)
    unsettled: dict[str, date] = field(default_factory=dict)
    _to_tell: dict[str, list[Wait]] = field(default_factory=dict)

    def take(self, one: Entry) -> None:
        """Take the next entry; one of another type changes nothing."""
        handler = _HANDLERS.get(one.type)
        if handler is not None:
            handler(self, one)

    def applicant(self, agreement_id: str) -> Applied | None:
        """The application an agreement came of."""
        agreed = self.agreements.get(agreement_id)
        return self.applications.get(agreed.application) if agreed else None

    def is_commercial(self, agreement_id: str) -> bool:
        """Whether an agreement's applicant is a company or stated a commercial interest."""
        applied = self.applicant(agreement_id)
        return applied is not None and applied.commercial

    def _received(self, one: Entry) -> None:
        kind, interest = one.text("kind"), one.text("commercial_interest")
        self.applications[one.subject] = Applied(
            received=one.day,
            organisation=one.text("organisation"),
            kind=kind,
            request=one.text("request_kind") or _RESEARCH,
            commercial=kind == COMPANY or interest not in ("", "none"),
        )

    def _decided(self, one: Entry) -> None:
        applied = self.applications.get(one.subject)
        if applied is None:
            return
        applied.outcome, applied.decided = one.text("outcome"), one.day

    def _signed(self, one: Entry) -> None:
        days = _count(one.body.get("notice_days"))
        before = self.agreements.get(one.subject)
        items = frozenset(one.texts("items"))
        if before is not None:  # a later version, signed again: what waited goes on waiting
            before.items |= items
            return
        agreed = Agreed(one.text("application"), one.text("organisation"), one.text("purpose"), one.day, items)
        if days:
            agreed.waits.append(Wait(None, days))
        self.agreements[one.subject] = agreed

    def _amended(self, one: Entry) -> None:
        agreed = self.agreements.get(one.subject)
        if agreed is None:
            return
        added = frozenset(one.texts("items")) - agreed.items
        if "version" not in one.body:  # otherwise they count once both sides have signed that version
            agreed.items |= added
        if added and "notice_days" in one.body:
            agreed.waits.append(Wait(added, _count(one.body.get("notice_days"))))

    def _noticed(self, one: Entry) -> None:
        """One notice that names several agreements is told later; each agreement's own entry follows it."""
        for agreement_id in one.texts("agreements"):
            agreed = self.agreements.get(agreement_id)
            for wait in agreed.waits if agreed else ():
                if not wait.notice and wait.told is None:
                    wait.notice = one.subject
                    self._to_tell.setdefault(one.subject, []).append(wait)
        own = self.agreements.get(one.text("agreement"))
        for wait in own.waits if own else ():
            if not wait.notice:
                wait.told = wait.told or one.day

    def _all_told(self, one: Entry) -> None:
        for wait in self._to_tell.pop(one.text("notice") or one.subject, []):
            wait.told = one.day

    def _declared(self, one: Entry) -> None:
        if agreed := self.agreements.get(one.text("agreement") or one.subject):
            agreed.looks_up = True

    def _ended(self, one: Entry) -> None:
        if agreed := self.agreements.get(one.subject):
            agreed.ended, agreed.suspended, agreed.reopened = one.day, None, None

    def _destroyed(self, one: Entry) -> None:
        if agreed := self.agreements.get(one.text("agreement") or one.subject):
            agreed.destroyed = one.day

    def _overdue(self, one: Entry) -> None:
        if agreed := self.agreements.get(one.text("agreement") or one.subject):
            agreed.overdue = day_in(one.text("due")) or one.day

    def _suspended(self, one: Entry) -> None:
        if agreed := self.agreements.get(one.subject):
            agreed.suspended = one.day

    def _resumed(self, one: Entry) -> None:
        if agreed := self.agreements.get(one.subject):
            agreed.suspended = None

    def _reopened(self, one: Entry) -> None:
        if agreed := self.agreements.get(one.subject):
            agreed.reopened = one.day
            agreed.suspended = None

    def _reaffirmed(self, one: Entry) -> None:
        if agreed := self.agreements.get(one.subject):
            agreed.reopened = None

    def _begun(self, one: Entry) -> None:
        self.unsettled[one.subject] = one.day

    def _settled(self, one: Entry) -> None:
        self.unsettled.pop(one.text("release") or one.subject, None)


_HANDLERS: Mapping[str, Callable[[Known, Entry], None]] = MappingProxyType(
    {
        "application.received": Known._received,
        "application.decided": Known._decided,
        "agreement.signed": Known._signed,
        "agreement.amended": Known._amended,
        "agreement.ended": Known._ended,
        "agreement.suspended": Known._suspended,
        "agreement.resumed": Known._resumed,
        "agreement.reopened": Known._reopened,
        "agreement.reaffirmed": Known._reaffirmed,
        "lookup.terms": Known._declared,
        "notice.published": Known._noticed,
        "notice.told": Known._all_told,
        "destruction.certified": Known._destroyed,
        "destruction.overdue": Known._overdue,
        "release.begun": Known._begun,
        "release.settled": Known._settled,
    }
)
