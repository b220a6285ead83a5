"""Oversight: what the regulator, an independent overseer and the public count by, and what they ask.

In: the log's entries, agreements, what the witnesses saw, the queue. Out: metrics with their definitions, a statement
per quarter, the record of processing, what changed since one looked, questions and findings with their answers.
Never: a pupil, and never a figure that cannot be computed again from the published log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schoolgate.oversight.counting import Metric, Row
from schoolgate.oversight.entries import Entry, from_bodies, from_database, from_published
from schoolgate.oversight.exports import as_csv, as_json
from schoolgate.oversight.metrics import METRICS, Figure, compute, definitions_hash, definitions_table
from schoolgate.oversight.own import Controller
from schoolgate.oversight.periods import NoSuchPeriod, Period, day_of, quarter, quarter_before, quarter_of
from schoolgate.oversight.processing import COLUMNS, Activity, Category, Compared, Ran, Undeclared, as_row, compare
from schoolgate.oversight.retention import HeldTooLong, Kept, kept_until, retention_table, rules
from schoolgate.oversight.statement import Made, NoStatement, Said, again, make, said_in
from schoolgate.oversight.views import (
    OWNERS,
    URGENCIES,
    ActionView,
    FindingView,
    QuestionView,
    StatementView,
)
from schoolgate.surface import lazy_surface

if TYPE_CHECKING:
    from schoolgate.oversight.activities import (
        Checked,
        ProcessingRecord,
        agreement_activities,
        check_processing,
        custodian,
        record_of_processing,
        standing_activities,
    )
    from schoolgate.oversight.asking import ANSWER_DAYS, answer, ask, question, questions
    from schoolgate.oversight.finding import findings, finish_action, overdue_actions, record_finding, set_action
    from schoolgate.oversight.letters import write_to_overseers
    from schoolgate.oversight.machinery import Health, WitnessSeen, health
    from schoolgate.oversight.past import past_its_day
    from schoolgate.oversight.since import Changes, Group, changes, heading_of, note_seen
    from schoolgate.oversight.stating import publish_statement, quarters_to_state, statement_of, statements

_STATEFUL = {
    "activities": (
        "Checked",
        "ProcessingRecord",
        "agreement_activities",
        "check_processing",
        "custodian",
        "record_of_processing",
        "standing_activities",
    ),
    "asking": ("ANSWER_DAYS", "answer", "ask", "question", "questions"),
    "finding": ("findings", "finish_action", "overdue_actions", "record_finding", "set_action"),
    "letters": ("write_to_overseers",),
    "machinery": ("Health", "WitnessSeen", "health"),
    "past": ("past_its_day",),
    "since": ("Changes", "Group", "changes", "heading_of", "note_seen"),
    "stating": ("publish_statement", "quarters_to_state", "statement_of", "statements"),
}

__all__ = [
    "ANSWER_DAYS",
    "COLUMNS",
    "METRICS",
    "OWNERS",
    "URGENCIES",
    "ActionView",
    "Activity",
    "Category",
    "Changes",
    "Checked",
    "Compared",
    "Controller",
    "Entry",
    "Figure",
    "FindingView",
    "Group",
    "Health",
    "HeldTooLong",
    "Kept",
    "Made",
    "Metric",
    "NoStatement",
    "NoSuchPeriod",
    "Period",
    "ProcessingRecord",
    "QuestionView",
    "Ran",
    "Row",
    "Said",
    "StatementView",
    "Undeclared",
    "WitnessSeen",
    "again",
    "agreement_activities",
    "answer",
    "as_csv",
    "as_json",
    "as_row",
    "ask",
    "changes",
    "check_processing",
    "compare",
    "compute",
    "custodian",
    "day_of",
    "definitions_hash",
    "definitions_table",
    "findings",
    "finish_action",
    "from_bodies",
    "from_database",
    "from_published",
    "heading_of",
    "health",
    "kept_until",
    "make",
    "note_seen",
    "overdue_actions",
    "past_its_day",
    "publish_statement",
    "quarter",
    "quarter_before",
    "quarter_of",
    "quarters_to_state",
    "question",
    "questions",
    "record_finding",
    "record_of_processing",
    "retention_table",
    "rules",
    "said_in",
    "set_action",
    "standing_activities",
    "statement_of",
    "statements",
    "write_to_overseers",
]

__getattr__ = lazy_surface(__name__, {name: module for module, names in _STATEFUL.items() for name in names})
