"""What goes wrong, in two kinds: a refusal is a value, a failure is an exception.

Neither carries a data value, a literal of a query or a local variable, so that no log, page or
traceback can repeat a child's data.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


class SchoolgateError(Exception):
    """A failure a person can act on.

    Attributes:
        what: what happened, in one plain sentence, without data values.
        hint: what to do next.
        code: a stable short name for tests, logs and help pages.
    """

    def __init__(self, what: str, *, hint: str = "", code: str = "failure") -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint
        self.code = code

    def __str__(self) -> str:
        return f"{self.what} {self.hint}".strip()


@dataclass(frozen=True, slots=True)
class Refusal:
    """A "no" with its reason.

    Attributes:
        code: a stable short name, e.g. ``item-not-approved``.
        reason: why, in plain words, without data values.
        provision: the rule, agreement term or law it rests on.
        remedy: what the asker can do.
        where: where in the asker's own text, e.g. ``line 2, column 8``; empty when it does not apply.
    """

    code: str
    reason: str
    provision: str = ""
    remedy: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """A step that was not taken, with every reason at once; nothing was changed."""

    reasons: tuple[Refusal, ...]


def with_reasons(outcome: T | Refusal) -> T | Refused:
    """The outcome of a room that gives one "no", as a step gives it: with every reason, here the one."""
    return Refused((outcome,)) if isinstance(outcome, Refusal) else outcome


def insist(outcome: T | Refused) -> T:
    """The outcome when the step was taken.

    Raises:
        SchoolgateError: every reason, one a line, when it was not.
    """
    if isinstance(outcome, Refused):
        reasons = [
            f"{r.where + ': ' if r.where else ''}{r.reason}{' ' + r.remedy if r.remedy else ''}"
            for r in outcome.reasons
        ]
        raise SchoolgateError("\n".join(reasons), code=outcome.reasons[0].code)
    return outcome
