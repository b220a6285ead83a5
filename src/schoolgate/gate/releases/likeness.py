"""What the marked record looks like: as another child of the same extract would, so that it cannot be filtered out.

It is made from one pupil's own rows, as many as that pupil has. Value after value is then exchanged for another
pupil's, and only where the new value occurs beside each of the other values in some row of the result: a school keeps
its authority, a year group its birth months. It stands where the result's own order puts it.

What it cannot hide from: somebody who compares the extract with the same query in the setting, or with a second
extract (docs/releases.md).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schoolgate.gate.releases.canary import Mark

_DONORS = 8
"""Rows that are tried for each value: enough to find one, few enough for a million rows in seconds."""

_MOST_ROWS = 60
"""A pupil with more rows than this is left with its own values: each would have to fit beside each."""

Order = Sequence[tuple[int, bool, bool]]
"""Column, whether descending, whether empty ones come first; the most important first."""

_Mask = np.ndarray[Any, np.dtype[np.bool_]]


def marked(result: pa.Table, references: Sequence[int], mark: Mark, order: Order | None = None) -> pa.Table:
    """The result with the synthetic record in it.

    Args:
        result: as the gate read it.
        references: which columns are pseudonyms; at least one.
        mark: the extract's.
        order: what the rows go by; None when that is not given out.
    """
    model = _model(result, references, mark)
    if model is None:
        record = _record_of_nobody(result, references, mark)
        return pa.concat_tables([result, record]).combine_chunks()
    rows, record = model
    places = [
        _place(result, record.slice(at, 1), row, order) for at, row in enumerate(rows)
    ]  # fmt: skip
    return _inserted(result, record, places)


def _record_of_nobody(result: pa.Table, references: Sequence[int], mark: Mark) -> pa.Table:
    """Where no row has a pupil there is nothing to be like."""
    columns = [
        pa.array([mark.pseudonym], type=field.type) if at in references else pa.nulls(1, type=field.type)
        for at, field in enumerate(result.schema)
    ]
    return pa.Table.from_arrays(columns, schema=result.schema)


def _model(result: pa.Table, references: Sequence[int], mark: Mark) -> tuple[list[int], pa.Table] | None:
    """The rows of the pupil it is made from, and the record."""
    named = _mask_any([pc.is_valid(result.column(at)) for at in references], result.num_rows)
    with_pupil = np.flatnonzero(named)
    if not len(with_pupil):
        return None
    chosen = int(with_pupil[mark.number("model", len(with_pupil))])
    names = (result.column(at)[chosen].as_py() for at in references)
    model = next(name for name in names if name is not None)
    same = [pc.fill_null(pc.equal(result.column(at), model), False) for at in references]
    rows = [int(at) for at in np.flatnonzero(_mask_any(same, result.num_rows))]
    record = result.take(pa.array(rows))
    for at in references:
        column = record.column(at)
        own = pc.if_else(pc.equal(column, model), pa.scalar(mark.pseudonym, column.type), column)
        record = record.set_column(at, result.schema.field(at), own)
    if len(rows) <= _MOST_ROWS:
        record = _Exchange(result, references, mark, rows).done(record)
    return rows, record


def _mask_any(masks: Sequence[Any], rows: int) -> _Mask:
    found: _Mask = np.zeros(rows, dtype=np.bool_)
    for mask in masks:
        found |= np.asarray(mask.to_numpy(), dtype=np.bool_)
    return found


class _Exchange:
    """Exchanging values that are the same in each of the model's rows."""

    def __init__(self, result: pa.Table, references: Sequence[int], mark: Mark, rows: Sequence[int]) -> None:
        self._result, self._mark, self._rows = result, mark, rows
        own = [at for at in range(result.num_columns) if at not in references]
        self._beside: dict[int, list[_Mask]] = {}
        for at in own:
            masks = [self._where(at, value) for value in self._values(at)]
            if all(mask.any() for mask in masks):
                self._beside[at] = masks

    def _values(self, at: int) -> list[pa.Scalar]:
        """The model's own values in a column, each once."""
        held = self._result.column(at)
        return list({repr(held[row].as_py()): held[row] for row in self._rows}.values())

    def _where(self, at: int, value: pa.Scalar) -> _Mask:
        """The rows that have this value; none when values of this type cannot be compared."""
        column = self._result.column(at)
        try:
            same = pc.fill_null(pc.equal(column, value), False) if value.is_valid else pc.is_null(column)
        except pa.ArrowException:
            return np.zeros(len(column), dtype=np.bool_)
        return np.asarray(same.to_numpy(), dtype=np.bool_)

    def done(self, record: pa.Table) -> pa.Table:
        """The record with what could be exchanged."""
        columns = sorted(self._beside, key=lambda at: self._mark.number(f"turn {at}", 1 << 60))
        for at in columns:
            if len(self._beside[at]) != 1:
                continue  # it changes from row to row: the course of one child's years stays as it is
            value = self._other(at)
            if value is not None:
                kind = record.schema.field(at)
                filled = pa.array([value.as_py()] * record.num_rows, type=kind.type)
                record = record.set_column(at, kind, filled)
        return record

    def _other(self, at: int) -> pa.Scalar | None:
        """Another value of this column, found beside each value that the record has in the others."""
        column = self._result.column(at)
        before = self._values(at)[0]
        for turn in range(_DONORS):
            value = column[self._mark.number(f"column {at}, {turn}", len(column))]
            if value.equals(before):
                continue
            where = self._where(at, value)
            others = (mask for other, masks in self._beside.items() if other != at for mask in masks)
            if all(bool((where & mask).any()) for mask in others):
                self._beside[at] = [where]
                return value
        return None


@dataclass(frozen=True, slots=True)
class _Key:
    """What a row goes by."""

    values: tuple[tuple[Any, bool, bool], ...]

    def __lt__(self, other: _Key) -> bool:
        for (one, down, empty_first), (two, _, _) in zip(self.values, other.values, strict=True):
            if one == two:
                continue
            if one is None or two is None:
                return (one is None) == empty_first
            return bool(two < one) if down else bool(one < two)
        return False


def _key(table: pa.Table, row: int, order: Order) -> _Key:
    return _Key(tuple((table.column(at)[row].as_py(), down, first) for at, down, first in order))


class _Keys(Sequence[_Key]):
    """The keys of a result's rows, each worked out when it is looked at."""

    def __init__(self, result: pa.Table, order: Order) -> None:
        self._result, self._order = result, order

    def __len__(self) -> int:
        return int(self._result.num_rows)

    def __getitem__(self, at: Any) -> Any:
        return _key(self._result, at, self._order)


def _place(result: pa.Table, record: pa.Table, row: int, order: Order | None) -> int:
    """Before which row of the result one row of the record goes."""
    try:
        if order is not None:
            return bisect_left(_Keys(result, order), _key(record, 0, order))
        every = [(at, False, False) for at in range(result.num_columns)]
        return row + (0 if _key(record, 0, every) < _key(result, row, every) else 1)
    except TypeError:  # values that Python does not order
        return row


def _inserted(result: pa.Table, record: pa.Table, places: Sequence[int]) -> pa.Table:
    """The rows of both, each of the record's before its place; two of one place in their own order."""
    parts, done = [], 0
    for place, at in sorted((place, at) for at, place in enumerate(places)):
        parts += [result.slice(done, place - done), record.slice(at, 1)]
        done = place
    return pa.concat_tables([*parts, result.slice(done)]).combine_chunks()
