"""What the room gives out: frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

URGENCIES = ("urgent", "high", "medium", "low")
"""How soon a finding asks to be acted on; the words of the Information Commissioner's audit reports."""

OWNERS = ("custodian", "panel", "data protection officer", "operator")
"""Who can own an action: offices, never persons."""


PLAN_DAYS = 28
"""Days within which somebody says what is done about a finding: as for a question (`asking.ANSWER_DAYS`)."""


@dataclass(frozen=True, slots=True)
class StatementView:
    """A quarter's statement.

    Attributes:
        text: word for word; its SHA-256 is in the entry `log_index`.
    """

    quarter: str
    text: str
    log_index: int


@dataclass(frozen=True, slots=True)
class QuestionView:
    """An overseer's question.

    Attributes:
        number: ``Q-2026-0001``.
        about: an application, agreement, release or other public number; may be empty.
        outcome: ``answered``, ``not answered`` (the answer then says why not), or empty while it waits.
    """

    number: str
    question: str
    about: str
    asked_on: date
    due: date
    log_index: int
    answer: str = ""
    outcome: str = ""
    answered_on: date | None = None
    answer_index: int | None = None

    def overdue_on(self, day: date) -> bool:
        """Whether it waits for an answer, and its day is past."""
        return self.answered_on is None and self.due < day


@dataclass(frozen=True, slots=True)
class ActionView:
    """What is to be done about a finding.

    Attributes:
        number: ``AC-2026-0001``.
        owner: one of `OWNERS`.
        done: what was done; empty while it waits.
    """

    number: str
    finding: str
    action: str
    owner: str
    due: date
    log_index: int
    done: str = ""
    done_on: date | None = None
    done_index: int | None = None

    def overdue_on(self, day: date) -> bool:
        """Whether it is not done, and its day is past."""
        return self.done_on is None and self.due < day


@dataclass(frozen=True, slots=True)
class FindingView:
    """What an audit found.

    Attributes:
        number: ``F-2026-0001``.
        source: which audit: by whom and when.
        urgency: one of `URGENCIES`.
    """

    number: str
    source: str
    finding: str
    urgency: str
    recorded_on: date
    log_index: int
    actions: tuple[ActionView, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether nothing was planned yet, or something planned is not done."""
        return not self.actions or any(one.done_on is None for one in self.actions)

    def silent_on(self, day: date) -> bool:
        """Whether nobody has said what is done about it, and the days for that are over."""
        return not self.actions and self.recorded_on + timedelta(days=PLAN_DAYS) < day
