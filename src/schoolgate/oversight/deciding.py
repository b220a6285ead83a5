"""Counters about deciding: how long it takes, who is refused, who asks for money's sake, what was urgent."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from schoolgate.oversight.counting import Metric, Row, days, percentile, share, tallied
from schoolgate.oversight.entries import Entry
from schoolgate.oversight.known import Known, day_in
from schoolgate.oversight.periods import Period

DECIDED = "application.decided"

REVIEW_DAYS = 14
"""In how many days an emergency approval has to be reviewed, where the decision names no day of its own."""


class Received:
    """Applications that came, by kind of request."""

    def __init__(self) -> None:
        self._count: Counter[str] = Counter()

    def take(self, one: Entry, known: Known, inside: bool) -> None:
        """Count an application."""
        if inside and (applied := known.applications.get(one.subject)):
            self._count[applied.request] += 1

    def rows(self, known: Known, period: Period) -> list[Row]:
        """All, and by kind."""
        return [Row("all", str(self._count.total())), *tallied(self._count, "kind of request: ")]


class TimeToDecide:
    """Days from receiving to the first decision."""

    def __init__(self) -> None:
        self._days: list[int] = []
        self._seen: set[str] = set()

    def take(self, one: Entry, known: Known, inside: bool) -> None:
        """Measure a first decision."""
        applied = known.applications.get(one.subject)
        if one.type != DECIDED or applied is None or one.subject in self._seen:
            return
        self._seen.add(one.subject)
        if inside:
            self._days.append((one.day - applied.received).days)

    def rows(self, known: Known, period: Period) -> list[Row]:
        """Median and nine in ten."""
        if not self._days:
            return [Row("decisions", "0")]
        return [
            Row("decisions", str(len(self._days))),
            Row("median", days(percentile(self._days, 50))),
            Row("nine in ten within", days(percentile(self._days, 90))),
        ]


class Refusals:
    """Decisions that said no, by kind of organisation and of request."""

    def __init__(self) -> None:
        self._decided = 0
        self._refused: list[tuple[str, str]] = []

    def take(self, one: Entry, known: Known, inside: bool) -> None:
        """Count a decision."""
        if not inside or one.type != DECIDED:
            return
        self._decided += 1
        applied = known.applications.get(one.subject)
        if one.text("outcome") == "refused":
            self._refused.append((applied.kind, applied.request) if applied else ("not stated", "not stated"))

    def rows(self, known: Known, period: Period) -> list[Row]:
        """All, and by kind."""
        return [
            Row("refused", share(len(self._refused), self._decided)),
            *tallied(Counter(kind for kind, _ in self._refused), "kind of organisation: "),
            *tallied(Counter(request for _, request in self._refused), "kind of request: "),
        ]


class Commercial:
    """How much of what was asked, agreed and read is commercial; what nobody applied for is left out."""

    def __init__(self) -> None:
        self._all: Counter[str] = Counter()
        self._commercial: Counter[str] = Counter()
        self._signed: set[str] = set()

    def _is_new(self, agreement_id: str) -> bool:
        is_new = agreement_id not in self._signed
        self._signed.add(agreement_id)
        return is_new

    def take(self, one: Entry, known: Known, inside: bool) -> None:
        """Count an application, an agreement or a read."""
        if one.type == "application.received":
            applied = known.applications.get(one.subject)
        else:
            is_read = one.type == "release.begun"
            if not is_read and not self._is_new(one.subject):
                return  # a later version of one that was counted
            agreement_id = one.text("agreement") if is_read else one.subject
            agreed = known.agreements.get(agreement_id)
            if agreed is None or not agreed.application:
                return
            applied = known.applications.get(agreed.application)
        if inside:
            self._all[one.type] += 1
            self._commercial[one.type] += applied is not None and applied.commercial

    def rows(self, known: Known, period: Period) -> list[Row]:
        """Three shares."""
        return [
            Row(of, share(self._commercial[kind], self._all[kind]))
            for of, kind in (
                ("applications", "application.received"),
                ("agreements signed", "agreement.signed"),
                ("reads", "release.begun"),
            )
        ]


@dataclass(slots=True)
class _Urgent:
    """An approval that could not wait: the day its review is due, its agreement, and what became of it."""

    approved: date
    due: date
    agreement: str = ""
    reviewed: date | None = None
    over: date | None = None


class Emergencies:
    """Approvals that could not wait, and whether the whole panel looked at them in time.

    Every approval so far is followed, not only the period's own: a review falls due in the quarter after, too.
    """

    def __init__(self) -> None:
        self._all: dict[str, _Urgent] = {}
        self._of: dict[str, str] = {}

    def take(self, one: Entry, known: Known, inside: bool) -> None:
        """Note an approval in an emergency, its agreement, its review, or that it is no more."""
        if one.type == DECIDED:
            if one.body.get("emergency"):
                due = day_in(one.text("review_due")) or one.day + timedelta(days=REVIEW_DAYS)
                self._all[one.subject] = _Urgent(one.day, due)
            return
        if one.type == "agreement.signed":
            found = self._all.get(one.text("application"))
            if found is not None and not found.agreement:
                found.agreement = one.subject
                self._of[one.subject] = one.text("application")
            return
        number = one.text("agreement") or one.subject
        urgent = self._all.get(self._of.get(number, number))
        if urgent is None or urgent.reviewed or urgent.over:
            return
        if one.type == "emergency.reviewed":
            urgent.reviewed = one.day
        elif one.type == "agreement.ended" or not urgent.agreement:
            urgent.over = one.day  # appealed, withdrawn or re-opened before it was signed

    def rows(self, known: Known, period: Period) -> list[Row]:
        """In time, late, waiting."""
        every = self._all.values()
        reviewed = [one for one in every if one.reviewed and one.reviewed >= period.first]
        late = sum(one.reviewed > one.due for one in reviewed if one.reviewed)
        open_ = [one for one in every if not one.reviewed and not one.over]
        overdue = sum(bool(one.agreement) and one.due < period.last for one in open_)
        over = sum(one.over is not None and one.over >= period.first for one in every)
        return [
            Row("approved in an emergency", str(sum(one.approved >= period.first for one in every))),
            Row("reviewed in time", str(len(reviewed) - late)),
            Row("reviewed late", str(late), is_alarm=late > 0),
            Row("not reviewed, still in time or nothing signed", str(len(open_) - overdue)),
            Row("not reviewed, and overdue", str(overdue), is_alarm=overdue > 0),
            Row("ended or decided anew before a review", str(over)),
        ]


class Counted:
    """How many entries of some types there were: a row a type."""

    def __init__(self, *rows: tuple[str, str]) -> None:
        self._of = dict(rows)
        self._count: Counter[str] = Counter()

    def take(self, one: Entry, known: Known, inside: bool) -> None:
        """Count an entry."""
        self._count[one.type] += inside

    def rows(self, known: Known, period: Period) -> list[Row]:
        """A row a type."""
        return [Row(of, str(self._count[kind])) for kind, of in self._of.items()]


METRICS = (
    Metric(
        "applications",
        "How many asked for pupil data, and for what kind of use?",
        "Entries application.received in the period; by their request_kind (research when they state none).",
        ("application.received",),
        "applications",
        Received,
    ),
    Metric(
        "time-to-decide",
        "How long does an applicant wait for a decision?",
        "For each application whose first application.decided lies in the period: the custodian's days between its"
        " application.received and that decision. Median and nine in ten by nearest rank: the smallest of the values"
        " that at least 50 (90) of a hundred do not exceed.",
        ("application.received", "application.decided"),
        "days",
        TimeToDecide,
    ),
    Metric(
        "refusals",
        "How often does the panel say no, and to whom?",
        "Entries application.decided in the period with outcome refused, of all such entries; by kind of the"
        " organisation in the application's application.received (or in a later application.resubmitted or"
        " organisation.changed), and by the request_kind of its newest version (application.received,"
        " application.resubmitted).",
        ("application.received", "application.resubmitted", "organisation.changed", "application.decided"),
        "decisions",
        Refusals,
    ),
    Metric(
        "commercial-share",
        "How much of the use is commercial?",
        "Each apart: entries application.received in the period; the first agreement.signed of each agreement that"
        " names an application; release.begun under such agreements (a family's look at its own record is under none)."
        " Of these, those whose application at that moment is of the kind company (application.received, or a later"
        " application.resubmitted or organisation.changed), or whose newest version (application.resubmitted) states a"
        " commercial_interest whose word before the colon is not none.",
        (
            "application.received",
            "application.resubmitted",
            "organisation.changed",
            "agreement.signed",
            "release.begun",
        ),
        "entries",
        Commercial,
    ),
    Metric(
        "emergencies",
        "Was each approval that could not wait looked at afterwards, in time?",
        "Every application.decided with the key emergency, whenever it was: its review is due on its review_due, or"
        f" {REVIEW_DAYS} days later where it names none. Reviewed in time: the first emergency.reviewed of the"
        " agreement that came of it (agreement.signed names the application) lies in the period and not after that day;"
        " late: after it. Not reviewed up to the period's last day: overdue when an agreement was signed and the day is"
        " before that last day. Ended or decided anew: agreement.ended, or before anything was signed"
        " application.appealed, application.withdrawn or agreement.reopened, in the period and before a review.",
        (
            "application.decided",
            "agreement.signed",
            "emergency.reviewed",
            "application.appealed",
            "application.withdrawn",
            "agreement.reopened",
            "agreement.ended",
        ),
        "approvals",
        Emergencies,
    ),
    Metric(
        "conflicts",
        "How often did a member of the panel step back?",
        "Entries conflict.declared in the period.",
        ("conflict.declared",),
        "declarations",
        lambda: Counted(("conflict.declared", "declared")),
    ),
    Metric(
        "road",
        "What else happened on the road from asking to deciding?",
        "Entries of each type in the period.",
        (
            "application.returned",
            "application.resubmitted",
            "application.withdrawn",
            "application.appealed",
            "members.changed",
            "emergency.declined",
            "proposal.made",
            "proposal.withdrawn",
            "proposal.refused",
            "minutes.published",
        ),
        "entries",
        lambda: Counted(
            ("application.returned", "returned to the applicant"),
            ("application.resubmitted", "sent in again"),
            ("application.withdrawn", "withdrawn by the applicant"),
            ("application.appealed", "appealed against"),
            ("members.changed", "members who decide changed"),
            ("emergency.declined", "asked to decide at once, and not agreed"),
            ("proposal.made", "changes of agreements proposed"),
            ("proposal.withdrawn", "such changes taken back"),
            ("proposal.refused", "changes of agreements refused"),
            ("minutes.published", "minutes of meetings published"),
        ),
    ),
)
