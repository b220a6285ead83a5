"""Counters about deciding: how long it takes, who is refused, who asks for money's sake, what was urgent."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

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
    """How much of what was asked, agreed and read is commercial."""

    def __init__(self) -> None:
        self._all: Counter[str] = Counter()
        self._commercial: Counter[str] = Counter()

    def take(self, one: Entry, known: Known, inside: bool) -> None:
        """Count an application, an agreement or a read."""
        if not inside:
            return
        if one.type == "application.received":
            applied = known.applications.get(one.subject)
            is_so = applied is not None and applied.commercial
        else:
            is_so = known.is_commercial(one.text("agreement") if one.type == "release.begun" else one.subject)
        self._all[one.type] += 1
        self._commercial[one.type] += is_so

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


class Emergencies:
    """Approvals that could not wait, and whether the whole panel looked at them in time."""

    def __init__(self) -> None:
        self._due: list[tuple[str, Entry]] = []
        self._reviewed: dict[str, Entry] = {}

    def take(self, one: Entry, known: Known, inside: bool) -> None:
        """Note an approval in an emergency, or its review."""
        if one.type == "emergency.reviewed":
            self._reviewed.setdefault(one.text("agreement") or one.subject, one)
        elif one.type == DECIDED and one.body.get("emergency") and inside:
            self._due.append((one.subject, one))

    def rows(self, known: Known, period: Period) -> list[Row]:
        """In time, late, waiting."""
        of_application = {agreed.application: number for number, agreed in known.agreements.items()}
        in_time = late = waiting = 0
        for application, approved in self._due:
            agreement = of_application.get(application, "")
            due = day_in(approved.text("review_due")) or approved.day + timedelta(days=REVIEW_DAYS)
            review = self._reviewed.get(agreement) or self._reviewed.get(application)
            if review is not None:
                in_time, late = (in_time + 1, late) if review.day <= due else (in_time, late + 1)
            elif due < period.last:
                late += 1
            else:
                waiting += 1
        return [
            Row("approved in an emergency", str(len(self._due))),
            Row("reviewed in time", str(in_time)),
            Row("not reviewed, still in time", str(waiting)),
            Row("reviewed late or not at all", str(late), is_alarm=late > 0),
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
        " organisation and by request_kind in the application's application.received.",
        ("application.received", "application.decided"),
        "decisions",
        Refusals,
    ),
    Metric(
        "commercial-share",
        "How much of the use is commercial?",
        "Of the entries application.received, agreement.signed and release.begun in the period, each apart: those"
        " whose application has the kind company, or a commercial_interest that is not none.",
        ("application.received", "agreement.signed", "release.begun"),
        "entries",
        Commercial,
    ),
    Metric(
        "emergencies",
        "Was each approval that could not wait looked at afterwards, in time?",
        f"Entries application.decided in the period with the key emergency; in time when emergency.reviewed of the"
        f" agreement that came of it (agreement.signed names the application) came by the decision's review_due, or"
        f" within {REVIEW_DAYS} days where it names none. Reviews up to the period's last day count.",
        ("application.decided", "emergency.reviewed"),
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
            "proposal.refused",
            "minutes.published",
        ),
        "entries",
        lambda: Counted(
            ("application.returned", "returned to the applicant"),
            ("application.resubmitted", "sent in again"),
            ("application.withdrawn", "withdrawn by the applicant"),
            ("application.appealed", "appealed against"),
            ("proposal.refused", "changes of agreements refused"),
            ("minutes.published", "minutes of meetings published"),
        ),
    ),
)
