"""What can be changed in one term's part of a table, and changing rows so. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from schoolgate.dictionary import LakeTable
from schoolgate.errors import SchoolgateError
from schoolgate.ids import Pmr, Term
from schoolgate.records.rewriting import Row


@dataclass(frozen=True, slots=True)
class Put:
    """Values put in place of others.

    Attributes:
        table: lake table.
        year: of the census.
        term: of the census.
        pupil: whose rows.
        values: column -> new value, of the column's type; None empties it.
        was: column -> value of the one row that is meant, as it is now; None: every row of the pupil in this term.
        name: kept under it, and laid over the term again when it is loaded; "": not kept.
    """

    table: str
    year: int
    term: Term
    pupil: Pmr = field(repr=False)
    values: Mapping[str, Any] = field(repr=False)
    was: Mapping[str, Any] | None = field(repr=False, default=None)
    name: str = ""


@dataclass(frozen=True, slots=True)
class Drop:
    """A pupil's rows removed. Attributes as those of `Put`."""

    table: str
    year: int
    term: Term
    pupil: Pmr = field(repr=False)
    name: str = ""


@dataclass(frozen=True, slots=True)
class Fill:
    """One value for all rows of a term: None empties the columns. Attributes as those of `Put`."""

    table: str
    year: int
    term: Term
    values: Mapping[str, Any] = field(repr=False)
    name: str = ""


Change = Put | Drop | Fill


class RowChanged(SchoolgateError):
    """A row that was to be changed is not there as it was said to be.

    Attributes:
        at: positions of such changes among those given.
    """

    def __init__(self, at: Sequence[int]) -> None:
        super().__init__(
            "What was to be changed is no longer as it was.",
            hint="Look at the record again; somebody has changed it meanwhile.",
            code="row-changed",
        )
        self.at = tuple(at)


def check(change: Change, table: LakeTable) -> None:
    """That a change names columns of its table, and none that say whose row it is or where it came from.

    Raises:
        SchoolgateError: it does not.
    """
    if isinstance(change, Drop):
        return
    for name in change.values:
        column = table.column(name)
        if column is None or column.kind != "item":
            raise SchoolgateError("Only items of the dictionary can be changed.", code="not-an-item")


@dataclass(frozen=True, slots=True)
class Changed:
    """Rows after their changes.

    Attributes:
        rows: every row of the pupils concerned.
        done: position of each change that found its row -> the row as it was before.
    """

    rows: list[Row] = field(repr=False)
    done: Mapping[int, Row | None] = field(repr=False)


def change_rows(rows: Iterable[Row], changes: Iterable[tuple[int, Change]]) -> Changed:
    """Do changes to the rows of the pupils concerned.

    Of several changes of one row each names the row as it was before all of them; two of one column need two rows.

    Args:
        rows: every row of these pupils in one file.
        changes: (position, change) of this file's term, none of them a `Fill`.
    """
    by_pupil: dict[int, list[tuple[Row, Row, set[str]]]] = {}
    kept = [(row, dict(row), set[str]()) for row in rows]
    for one in kept:
        by_pupil.setdefault(one[0]["pupil"], []).append(one)
    done: dict[int, Row | None] = {}
    gone: set[int] = set()
    for at, change in changes:
        if isinstance(change, Fill):
            continue
        own = by_pupil.get(int(change.pupil), [])
        if isinstance(change, Drop):
            gone.add(int(change.pupil))
            done[at] = None
        elif change.was is None:
            for _, new, _ in own:
                new.update(change.values)
            done[at] = None
        else:
            wanted = change.was.items()
            for before, new, taken in own:
                if not taken & set(change.values) and all(before.get(name) == value for name, value in wanted):
                    new.update(change.values)
                    taken |= set(change.values)
                    done[at] = before
                    break
    return Changed([new for before, new, _ in kept if before["pupil"] not in gone], done)
