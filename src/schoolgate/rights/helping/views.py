"""What the room of helping gives out: frozen values that cross the gate's socket."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from schoolgate import declining
from schoolgate.rights.cases.views import CaseLine
from schoolgate.rights.chosen import Choices
from schoolgate.rights.packs.views import PackView


@dataclass(frozen=True, slots=True, repr=False)
class ServedChild:
    """A child of somebody who is served, as staff see it: nothing of the record. Its repr is hidden.

    Attributes:
        link: number of the person's link to the child.
        standing: what the person is to the child.
        may: what the person may do today, sorted.
        choices: what is chosen for the child.
        declined: the items declined for it.
        copy: the person's latest copy of the record.
        cases: the person's own cases, by number and state; nothing that was said in them.
    """

    link: int
    standing: str
    since: datetime
    may: tuple[str, ...]
    choices: Choices
    declined: tuple[declining.DeclinedItem, ...]
    copy: PackView | None
    cases: tuple[CaseLine, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Served:
    """A conversation that is going on. Its repr is hidden.

    Attributes:
        until: when the person has to be identified anew.
    """

    id: int
    channel: str
    how: str
    until: datetime
    children: tuple[ServedChild, ...]


@dataclass(frozen=True, slots=True)
class LetterLine:
    """A letter that waits to be posted.

    Attributes:
        link: number of the link of whom it goes to; 0 where nobody of the family is known.
        kind: ``acted`` or ``lifting``.
        act: name of the family act it is about; empty for another kind.
        copy_waits: whether a copy of the record goes with it, and is not ready to be printed.
        with_copy: whether a copy of the record goes with it.
        due: last day of posting it.
    """

    id: int
    link: int
    kind: str
    act: str
    written_by: str
    written_at: datetime
    due: date
    is_late: bool
    is_late_soon: bool
    with_copy: bool
    copy_waits: bool


@dataclass(frozen=True, slots=True)
class LetterFigures:
    """How letters on paper stand."""

    waiting: int
    late: int
    late_soon: int
