"""What a family has chosen for its child, as its page shows it: each choice, since when, and by whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

BY = ("you", "another account", "staff")
"""Who said something: this account, another that acts for the child, or the custodian's staff."""


@dataclass(frozen=True, slots=True, repr=False)
class SaidNo:
    """A "no". Its repr is hidden: it is about a child.

    Attributes:
        of: one of `consent.SCOPES`.
        target: id of the purpose, kind of organisation or organisation; empty where all is meant.
        name: name of the organisation, where one is meant.
        since: when it was said.
        by: one of `BY`.
        overridden: whether a law lets the use go on all the same.
        provision: that law.
    """

    of: str
    target: str
    name: str
    since: datetime
    by: str
    overridden: bool
    provision: str


@dataclass(frozen=True, slots=True, repr=False)
class SaidYes:
    """A "yes", until a day. Its repr is hidden.

    Attributes:
        name: of the organisation.
        is_over: whether its last day is past.
    """

    item: str
    purpose_id: str
    recipient: str
    name: str
    since: datetime
    by: str
    last_day: date
    is_over: bool


@dataclass(frozen=True, slots=True, repr=False)
class Stopped:
    """The whole record is stored and not used for now. Its repr is hidden.

    Attributes:
        reason: one of `consent.RESTRICTION_REASONS`.
        lifts_on: the day on which it will be lifted, as the family is hereby told; None as long as none is known.
        can_end: whether the family may end it itself, because a family asked for it.
    """

    reason: str
    since: datetime
    by: str
    lifts_on: date | None
    can_end: bool


@dataclass(frozen=True, slots=True, repr=False)
class BeingChecked:
    """An item that nobody reads of the child while it is looked at whether it is right. Its repr is hidden."""

    item: str
    case: str
    since: datetime
    by: str


@dataclass(frozen=True, slots=True, repr=False)
class Choices:
    """Everything that is chosen for one child. Its repr is hidden."""

    no: tuple[SaidNo, ...]
    yes: tuple[SaidYes, ...]
    stopped: tuple[Stopped, ...]
    checked: tuple[BeingChecked, ...]
