"""What a family has chosen for its child, as its page shows it: each choice, since when, and by whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

BY = ("you", "another account", "staff")
"""Who said something: this account, another that acts for the child, or the custodian's staff."""


WITHHELD = "withheld"
"""Instead of an organisation that somebody else named for a child who is kept from being found: it may tell an area."""


@dataclass(frozen=True, slots=True, repr=False)
class SaidNo:
    """A "no", by everybody who said it of one thing. Its repr is hidden: it is about a child.

    Attributes:
        of: one of `consent.SCOPES`.
        target: id of the purpose, kind of organisation or organisation; empty where all is meant; or `WITHHELD`.
        name: name of the organisation, where one is meant and may be named.
        since: when this account said it; else when it was first said.
        by: one of `BY`: this account, where it is one of those who said it.
        can_end: whether this account may take it back: its own, or anybody's for the young person.
        others: whether somebody else said it, too.
        stays: whether it stays when this account takes its own back, because somebody else said it, too.
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
    can_end: bool = True
    others: bool = False
    stays: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class SaidYes:
    """A "yes", until a day. Its repr is hidden.

    Attributes:
        recipient: id of the organisation, or `WITHHELD`.
        name: of the organisation, where it may be named.
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
        can_end: whether this account may end it: its own, or any family's for the young person.
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
