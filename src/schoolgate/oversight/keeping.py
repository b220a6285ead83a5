"""Counters about what comes after: destruction, corrections, findings, questions, work that is not finished."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from schoolgate.oversight.counting import Metric, Row, days, tallied
from schoolgate.oversight.deciding import Counted
from schoolgate.oversight.entries import Entry
from schoolgate.oversight.known import Known
from schoolgate.oversight.periods import Period
from schoolgate.oversight.views import PLAN_DAYS


class Standing:
    """Agreements by where they stand on the last day."""

    def take(self, one: Entry, known: Known, inside: bool) -> None:
        """Nothing beside what is known anyway."""

    def rows(self, known: Known, period: Period) -> list[Row]:
        """A row a state."""
        return tallied(Counter(agreed.state for agreed in known.agreements.values())) or [Row("agreements", "0")]


class Destruction:
    """Destruction certified, and overdue on the last day."""

    def __init__(self) -> None:
        self._certified = 0

    def take(self, one: Entry, known: Known, inside: bool) -> None:
        """Count a certificate."""
        self._certified += inside and one.type == "destruction.certified"

    def rows(self, known: Known, period: Period) -> list[Row]:
        """Certified; waiting; overdue and since when."""
        ended = [agreed for agreed in known.agreements.values() if agreed.ended and not agreed.destroyed]
        overdue = [agreed.overdue for agreed in ended if agreed.overdue and agreed.overdue <= period.last]
        rows = [
            Row("certified", str(self._certified)),
            Row("ended and not yet certified, in time", str(len(ended) - len(overdue))),
            Row("overdue", str(len(overdue)), is_alarm=bool(overdue)),
        ]
        if overdue:
            rows.append(Row("longest overdue", days((period.last - min(overdue)).days), is_alarm=True))
        return rows


class Unfinished:
    """Reads whose list of pupils was not sealed by the last day."""

    def take(self, one: Entry, known: Known, inside: bool) -> None:
        """Nothing beside what is known anyway."""

    def rows(self, known: Known, period: Period) -> list[Row]:
        """How many, and since when."""
        waiting = [day for day in known.unsettled.values() if day < period.last]
        return [
            Row("reads of the last day or later, being worked out", str(len(known.unsettled) - len(waiting))),
            Row("older reads that are not sealed", str(len(waiting)), is_alarm=bool(waiting)),
        ]


class _Promises:
    """Things promised by a day: done in time, late, overdue, waiting."""

    def __init__(self, made: str, kept: str) -> None:
        self._made, self._kept_type = made, kept
        self._due: dict[str, date] = {}
        self._kept: dict[str, date] = {}
        self._new = 0

    def take(self, one: Entry, known: Known, inside: bool) -> None:
        """Note a promise, or that it was kept."""
        if one.type == self._made:
            self._new += inside
            self._due[one.subject] = _due(one)
        elif one.type == self._kept_type and one.subject in self._due:
            self._kept.setdefault(one.subject, one.day)

    def rows(self, known: Known, period: Period) -> list[Row]:
        """Four rows."""
        kept = [number for number, day in self._kept.items() if period.first <= day]
        late = sum(self._kept[number] > self._due[number] for number in kept)
        open_ = [due for number, due in self._due.items() if number not in self._kept]
        overdue = sum(due < period.last for due in open_)
        return [
            Row("new", str(self._new)),
            Row("done in time", str(len(kept) - late)),
            Row("done late", str(late), is_alarm=late > 0),
            Row("open, in time", str(len(open_) - overdue)),
            Row("overdue", str(overdue), is_alarm=overdue > 0),
        ]


class _Findings(_Promises):
    """Actions after findings, and findings about which nobody says anything: silence is late, too."""

    def __init__(self) -> None:
        super().__init__("action.due", "action.done")
        self._found: dict[str, date] = {}
        self._planned: set[str] = set()
        self._entered = 0

    def take(self, one: Entry, known: Known, inside: bool) -> None:
        """Note a finding, an action, or that it was done."""
        if one.type == "finding.recorded":
            self._entered += inside
            self._found.setdefault(one.subject, one.day)
            return
        if one.type == "action.due":
            self._planned.add(one.text("finding"))
        super().take(one, known, inside)

    def rows(self, known: Known, period: Period) -> list[Row]:
        """Seven rows."""
        until = period.last - timedelta(days=PLAN_DAYS)
        silent = sum(day < until for number, day in self._found.items() if number not in self._planned)
        return [
            Row("findings entered", str(self._entered)),
            Row(f"findings with nothing planned after {PLAN_DAYS} days", str(silent), is_alarm=silent > 0),
            *super().rows(known, period),
        ]


def _due(one: Entry) -> date:
    try:
        return date.fromisoformat(one.text("due"))
    except ValueError:
        return one.day


METRICS = (
    Metric(
        "agreements",
        "Where do all agreements stand on the last day?",
        "Every subject of agreement.signed, by the last of agreement.suspended, .resumed, .reopened, .reaffirmed,"
        " .ended and destruction.certified up to the period's last day. A reaffirmed one that names a version goes on"
        " with the next agreement.signed.",
        (
            "agreement.signed",
            "agreement.suspended",
            "agreement.resumed",
            "agreement.reopened",
            "agreement.reaffirmed",
            "agreement.ended",
            "destruction.certified",
        ),
        "agreements",
        Standing,
    ),
    Metric(
        "destruction",
        "Is data destroyed when its time is over?",
        "Entries destruction.certified in the period. On the last day: agreements ended (agreement.ended) without a"
        " certificate; overdue are those with destruction.overdue, since the day it names as due.",
        ("agreement.ended", "destruction.overdue", "destruction.certified"),
        "agreements",
        Destruction,
    ),
    Metric(
        "unfinished",
        "Is every read sealed, so that families' answers are exact?",
        "On the last day: entries release.begun without release.settled; those that began before that day are late.",
        ("release.begun", "release.settled"),
        "reads",
        Unfinished,
    ),
    Metric(
        "corrections",
        "When a record was put right, did everybody who had been given it hear of it?",
        "Entries correction.sent and correction.acknowledged in the period.",
        ("correction.sent", "correction.acknowledged"),
        "corrections",
        lambda: Counted(("correction.sent", "sent"), ("correction.acknowledged", "acknowledged")),
    ),
    Metric(
        "findings",
        "Were the findings of audits acted on in time?",
        "Each action.due names a day. Done in time: its action.done lies in the period and not after that day; late:"
        " after it. Open or overdue: no action.done up to the period's last day; overdue when the day is before that."
        " Findings entered: finding.recorded in the period. With nothing planned: no action.due names the finding up to"
        f" the period's last day, and its finding.recorded is more than {PLAN_DAYS} days before that.",
        ("finding.recorded", "action.due", "action.done"),
        "findings and actions",
        _Findings,
    ),
    Metric(
        "questions",
        "Were the overseer's questions answered in time?",
        "Each question.asked names a day; as for findings, with question.answered.",
        ("question.asked", "question.answered"),
        "questions",
        lambda: _Promises("question.asked", "question.answered"),
    ),
    Metric(
        "log",
        "What happened to the log itself?",
        "Entries of each type in the period.",
        ("key.changed", "witnesses.changed", "clock.corrected"),
        "entries",
        lambda: Counted(
            ("key.changed", "changes of the signing key"),
            ("witnesses.changed", "changes of who watches the log"),
            ("clock.corrected", "corrections of the clock"),
        ),
    ),
)
