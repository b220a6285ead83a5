"""What the log says so far of each application and agreement: kept up to date while figures are counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType

from schoolgate.oversight.entries import Entry

_RESEARCH = "research"
COMPANY = "company"
_KIND = "kind of organisation"
"""What `organisation.changed` calls a change of kind (`people.FACTS`)."""


@dataclass(slots=True)
class Applied:
    """An application.

    Attributes:
        received: the day it came.
        kind: of the organisation: ``university``, ``company`` ...
        request: of the request: ``research``, ``law-enforcement`` ...
        interest: whether the newest version states that somebody earns by it.
    """

    received: date
    organisation: str
    kind: str
    request: str
    interest: bool

    @property
    def commercial(self) -> bool:
        """Whether a company asks, or a commercial interest is stated."""
        return self.kind == COMPANY or self.interest


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
        valid_from, valid_until: the first and the last day of use, by what was signed last; None when it names none.
        waits: what needs a notice first.
        looks_up: whether look-ups of single pupils, by who they are, were declared for it.
    """

    application: str
    purpose: str
    items: frozenset[str]
    valid_from: date | None = None
    valid_until: date | None = None
    waits: list[Wait] = field(default_factory=list)
    looks_up: bool = False
    ended: date | None = None
    destroyed: date | None = None
    overdue: date | None = None
    suspended: date | None = None
    reopened: date | None = None

    def covers(self, day: date) -> bool:
        """Whether a day lies between the first and the last day of use; what no application asked for has none."""
        if not self.application:
            return True
        return not (self.valid_from and day < self.valid_from) and not (self.valid_until and day > self.valid_until)

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


def _earns(interest: str) -> bool:
    """Whether a commercial interest was stated; the entry has the word, and its details after a colon."""
    return interest.partition(":")[0].strip() not in ("", "none")


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

    def _received(self, one: Entry) -> None:
        self.applications[one.subject] = Applied(
            received=one.day,
            organisation=one.text("organisation"),
            kind=one.text("kind"),
            request=one.text("request_kind") or _RESEARCH,
            interest=_earns(one.text("commercial_interest")),
        )

    def _resubmitted(self, one: Entry) -> None:
        """The newest version is the one that is decided on; what it does not state stays as it was."""
        applied = self.applications.get(one.subject)
        if applied is None:
            return
        applied.request = one.text("request_kind") or applied.request
        applied.organisation = one.text("organisation") or applied.organisation
        applied.kind = one.text("kind") or applied.kind
        if "commercial_interest" in one.body:
            applied.interest = _earns(one.text("commercial_interest"))

    def _organisation_changed(self, one: Entry) -> None:
        """A new name or kind is that of each of its applications: a charity may have become a company."""
        before, name = one.text("former_name") or one.text("organisation"), one.text("organisation")
        kind = dict(zip(one.texts("changed"), one.texts("after"), strict=False)).get(_KIND)
        for applied in self.applications.values():
            if applied.organisation == before:
                applied.organisation, applied.kind = name, kind or applied.kind

    def _signed(self, one: Entry) -> None:
        days = _count(one.body.get("notice_days"))
        before = self.agreements.get(one.subject)
        items = frozenset(one.texts("items"))
        first, last = day_in(one.text("valid_from")), day_in(one.text("valid_until"))
        if before is not None:  # a later version, signed again: what waited goes on waiting
            before.items |= items
            before.valid_from, before.valid_until = first, last
            before.reopened = None  # both sides signed the text that names the organisation as it is now
            before.reopened = None
            return
        agreed = Agreed(one.text("application"), one.text("purpose"), items, first, last)
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
        """A notice that names agreements is told later. An agreement's own entry follows it, and alone tells nobody."""
        for agreement_id in one.texts("agreements"):
            agreed = self.agreements.get(agreement_id)
            for wait in agreed.waits if agreed else ():
                if not wait.notice:
                    wait.notice = one.subject
                    self._to_tell.setdefault(one.subject, []).append(wait)

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
            agreed.suspended, agreed.reopened = one.day, None

    def _resumed(self, one: Entry) -> None:
        if agreed := self.agreements.get(one.subject):
            agreed.suspended = None

    def _reopened(self, one: Entry) -> None:
        if agreed := self.agreements.get(one.subject):
            agreed.reopened = one.day
            agreed.suspended = None

    def _reaffirmed(self, one: Entry) -> None:
        agreed = self.agreements.get(one.subject)
        if agreed and "version" not in one.body:  # otherwise it goes on once both sides have signed that version
            agreed.reopened = None

    def _begun(self, one: Entry) -> None:
        self.unsettled[one.subject] = one.day

    def _settled(self, one: Entry) -> None:
        self.unsettled.pop(one.text("release") or one.subject, None)


_HANDLERS: Mapping[str, Callable[[Known, Entry], None]] = MappingProxyType(
    {
        "application.received": Known._received,
        "application.resubmitted": Known._resubmitted,
        "agreement.signed": Known._signed,
        "agreement.amended": Known._amended,
        "agreement.ended": Known._ended,
        "agreement.suspended": Known._suspended,
        "agreement.resumed": Known._resumed,
        "agreement.reopened": Known._reopened,
        "agreement.reaffirmed": Known._reaffirmed,
        "lookup.terms": Known._declared,
        "organisation.changed": Known._organisation_changed,
        "notice.published": Known._noticed,
        "notice.told": Known._all_told,
        "destruction.certified": Known._destroyed,
        "destruction.overdue": Known._overdue,
        "release.begun": Known._begun,
        "release.settled": Known._settled,
    }
)
