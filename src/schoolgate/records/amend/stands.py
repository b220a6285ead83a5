"""Changes that stand, by the names under which they are kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from schoolgate.config import Config
from schoolgate.ids import Pmr, Term
from schoolgate.records.models import LakeAmendment, LakeVersion
from schoolgate.records.standing import PUT, open_change, seal_change


@dataclass(frozen=True, slots=True)
class Kept:
    """One change that stands.

    Attributes:
        name: under which it is kept.
        pupil: to whom the row belongs now; None for all rows of a term.
        came_of_it: at the last load of its term: ``laid``, ``fulfilled`` (the school says so itself now),
            ``overtaken`` (the school has since said a third thing) or ``missing`` (no return has the row any more).
    """

    name: str
    pupil: Pmr | None = field(repr=False)
    came_of_it: str


def _view(row: LakeAmendment) -> Kept:
    return Kept(row.name, None if row.pupil is None else Pmr(row.pupil), row.came_of_it)


_PORTION = 5_000


def kept(*, names: Sequence[str] = (), pupil: Pmr | None = None) -> tuple[Kept, ...]:
    """What stands under some names, or for one pupil, oldest first."""
    if pupil is not None:
        return tuple(_view(row) for row in LakeAmendment.objects.filter(pupil=int(pupil)).order_by("pk"))
    found: list[Kept] = []
    for start in range(0, len(names), _PORTION):
        rows = LakeAmendment.objects.filter(name__in=names[start : start + _PORTION]).order_by("pk")
        found += [_view(row) for row in rows]
    return tuple(found)


def let_go(names: Iterable[str]) -> int:
    """End what stands under these names: the next load of a term is as the returns say. How many ended."""
    gone, _ = LakeAmendment.objects.filter(name__in=list(names)).delete()
    return gone


def forget_value(pupil: Pmr, table: str, column: str, instead: Any, config: Config) -> int:
    """Let nothing that stands for a pupil hold a value of this column: what put one there ends, and in the rows by
    which others are known again `instead` takes its place. In the caller's transaction; how many changed.
    """
    rows = LakeAmendment.objects.filter(pupil=int(pupil), table=table, kind=PUT)
    return sum(_forgotten(row, column, instead, config) for row in rows)


def forget_column(table: str, column: str, years: Collection[int], config: Config) -> int:
    """The same for everybody, in the censuses of some years, or of all: nothing takes the value's place."""
    rows = LakeAmendment.objects.filter(table=table, kind=PUT)
    rows = rows.filter(year__in=years) if years else rows
    return sum(_forgotten(row, column, None, config) for row in rows.iterator(chunk_size=500))


def _forgotten(row: LakeAmendment, column: str, instead: Any, config: Config) -> bool:
    one = open_change(row, config)
    values = {name: value for name, value in one.values.items() if name != column}
    was = one.was if one.was is None or column not in one.was else {**one.was, column: instead}
    if not values:
        row.delete()
    elif values != one.values or was != one.was:
        row.sealed = seal_change(config, values, was, one.paper)
        row.save(update_fields=["sealed"])
    else:
        return False
    return True


def partitions(config: Config) -> tuple[tuple[int, Term], ...]:
    """The terms that were ever loaded, oldest first."""
    found = {(year, Term(term)) for year, term in LakeVersion.objects.values_list("year", "term").distinct()}
    return tuple(sorted(found, key=lambda point: (point[0], point[1].order)))
