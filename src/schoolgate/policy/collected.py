"""The rules on what families were told: of a new item of the census, and of a new kind of use.

Names were once added to returns that had been nameless, and nationality was asked while parents were not told; here
an item that was not collected when the system began, and an agreement of a kind, country or use that no notice told
of, wait for a notice and its days (UK GDPR Articles 13(3) and 14(4): the notice comes before the use).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from schoolgate.clock import plain_day
from schoolgate.policy.facts import first_use, is_waiting
from schoolgate.policy.table import ALLOWED, NOT_APPLICABLE, REFUSED, Case, Rule
from schoolgate.policy.terms import Notice

_PROVISION = "UK GDPR Articles 13(3) and 14(4)"
_WAIT = "Wait until the notice's days are over."


@dataclass(frozen=True, slots=True)
class Told:
    """What families must have been told of, beside the agreement's own notices.

    Attributes:
        changes: what is new in the agreement against all that notices told of, in words -> its notice; empty when
            nothing is new.
        items: item id -> its notice, for items that were not collected when the system began; all others were told.
    """

    changes: Mapping[str, Notice] = field(default_factory=dict)
    items: Mapping[str, Notice] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChangeFacts:
    """What one rule looks at: the notices of the changes, in words."""

    changes: Mapping[str, Notice]
    today: date


@dataclass(frozen=True, slots=True)
class CollectedFacts:
    """What the other rule looks at: one item.

    Attributes:
        notice: None when families were told of the item from the start.
    """

    item: str
    notice: Notice | None
    today: date


def _waits(notice: Notice, today: date) -> bool:
    """Whether a notice is missing, or its days are not over; unlike an agreement's own it cannot be waived."""
    return notice.published is None or is_waiting(notice, today)


def _waiting(f: ChangeFacts) -> list[str]:
    return [words for words, notice in sorted(f.changes.items()) if _waits(notice, f.today)]


def _until(notice: Notice) -> str:
    first = first_use(notice)
    return "" if first is None else f" The first day of use is {plain_day(first)}."


TOLD_OF_CHANGE = Rule[ChangeFacts](
    "told-of-change",
    "Families were told of such a use",
    lambda f: _PROVISION,
    (
        Case("nothing about it is new", lambda f: not f.changes, NOT_APPLICABLE, lambda f: "Nothing about it is new."),
        Case(
            "a notice told of what is new, and its days are over",
            lambda f: bool(f.changes) and not _waiting(f),
            ALLOWED,
            lambda f: "Families were told of it.",
        ),
        Case(
            "no notice told of what is new, or its days are not over",
            lambda f: bool(_waiting(f)),
            REFUSED,
            lambda f: f"Families have not had their notice of this yet: {'; '.join(_waiting(f))}.",
            "change-awaits-notice",
            _WAIT,
        ),
    ),
)

TOLD_OF_ITEM = Rule[CollectedFacts](
    "told-of-item",
    "Families were told that the item is collected",
    lambda f: _PROVISION,
    (
        Case(
            "collected when the system began",
            lambda f: f.notice is None,
            NOT_APPLICABLE,
            lambda f: "It was collected when the system began.",
        ),
        Case(
            "a notice told of it, and its days are over",
            lambda f: f.notice is not None and not _waits(f.notice, f.today),
            ALLOWED,
            lambda f: "Families were told of it.",
        ),
        Case(
            "new, and no notice told of it, or its days are not over",
            lambda f: f.notice is not None and _waits(f.notice, f.today),
            REFUSED,
            lambda f: (
                "new in the census, and families have not had their notice of it yet"
                + (_until(f.notice).rstrip(".") if f.notice is not None else "")
            ),
            "item-not-told",
            _WAIT,
        ),
    ),
)
