"""The rules on what came of earlier use: an extract nobody signed for, use that was stopped, corrections that nobody
answered for. Each holds back all.

Two discs were lost in the post in 2007, and nobody had to say that they had come; learners were looked up for years
for an end nobody had applied for. Here the next read of anything waits for the signature, and for an answer. Who was
told that values were wrong, and does not say what became of them, is given no more values.
"""

from __future__ import annotations

from datetime import date

from schoolgate.clock import plain_day
from schoolgate.policy.facts import Facts
from schoolgate.policy.table import ALLOWED, NOT_APPLICABLE, REFUSED, Case, Rule


def is_late(sign_by: date | None, today: date) -> bool:
    """Whether the last day to sign for an extract is past; the last day itself is a day to sign."""
    return sign_by is not None and today > sign_by


def _late(f: Facts) -> int:
    return sum(is_late(day, f.today) for day in f.holding.sign_by)


def _unsigned(f: Facts) -> str:
    several = _late(f) > 1
    return (
        f"{_late(f)} extract{'s' if several else ''} of this agreement "
        f"{'were' if several else 'was'} fetched and not signed for in time."
    )


_SIGNED = Rule[Facts](
    "signed-for",
    "Extracts are signed for in time",
    lambda f: "extracts: who fetches a file signs for it, or reports what became of it",
    (
        Case(
            "no extract waits for a signature",
            lambda f: not f.holding.sign_by,
            NOT_APPLICABLE,
            lambda f: "No extract waits for a signature.",
        ),
        Case(
            "today is the last day to sign, or earlier",
            lambda f: bool(f.holding.sign_by) and not _late(f),
            ALLOWED,
            lambda f: f"What was fetched must be signed for by {plain_day(min(f.holding.sign_by))}.",
        ),
        Case(
            "the last day to sign for one is past",
            lambda f: bool(_late(f)),
            REFUSED,
            _unsigned,
            "extract-unsigned",
            "Sign for it, or report it: schoolgate extract sign, or the page of your extracts.",
        ),
    ),
)


def _stopped(f: Facts) -> str:
    if f.holding.stopped_on is None:
        return ""
    return (
        f"Use under this agreement was stopped on {plain_day(f.holding.stopped_on)}:"
        " it did not look like what was applied for."
    )


_GOES_ON = Rule[Facts](
    "not-stopped",
    "Use was not stopped",
    lambda f: "use out of pattern is stopped and asked about",
    (
        Case("no stop stands", lambda f: f.holding.stopped_on is None, ALLOWED, lambda f: "No stop stands."),
        Case(
            "a stop stands",
            lambda f: f.holding.stopped_on is not None,
            REFUSED,
            _stopped,
            "use-stopped",
            "Answer the custodian's question; a person of the custodian lifts the stop with a reason.",
        ),
    ),
)


def _unanswered(f: Facts) -> int:
    return sum(is_late(day, f.today) for day in f.holding.answer_by)


_ANSWERED = Rule[Facts](
    "corrections-answered",
    "Corrections are answered for",
    lambda f: "corrections: who was given a wrong value says what was done about it (UK GDPR Article 19)",
    (
        Case(
            "no correction notice waits for an answer",
            lambda f: not f.holding.answer_by,
            NOT_APPLICABLE,
            lambda f: "No correction notice waits for an answer.",
        ),
        Case(
            "one waits, and today is the last day before reads are refused, or earlier",
            lambda f: bool(f.holding.answer_by) and not _unanswered(f),
            ALLOWED,
            lambda f: f"A correction notice must be answered for by {plain_day(min(f.holding.answer_by))}.",
        ),
        Case(
            "that day is past for one",
            lambda f: bool(_unanswered(f)),
            REFUSED,
            lambda f: f"Correction notices of this agreement that were never answered for: {_unanswered(f)}.",
            "corrections-unanswered",
            "Say what was done: schoolgate corrections answer, or the page of corrections.",
        ),
    ),
)

HELD: tuple[Rule[Facts], ...] = (_SIGNED, _GOES_ON, _ANSWERED)

HOLDS_EVERYTHING = frozenset(case.code for rule in HELD for case in rule.cases if case.code)
"""The codes of what refuses a read whatever is asked, because of earlier use."""
