"""What families declined is not stored, whatever a return carries: the code for "declined" takes its place."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schoolgate import declining
from schoolgate.ids import CensusPoint


class KeepingOut:
    """One load's declined values, replaced batch by batch, and of whom there were any.

    It knows the decisions in force when the load begins. One that comes while the load runs is honoured right after:
    its earlier values, this term's among them, are replaced by the gate (`declining.past_to_do`).
    """

    def __init__(self) -> None:
        self._columns = declining.kept_out()
        self._found: dict[str, set[int]] = {}

    def without(self, table: str, batch: pa.RecordBatch) -> pa.RecordBatch:
        """A batch with the codes in place of declined values. What was not given stays not given."""
        for one in self._columns.get(table, ()):
            at = batch.schema.get_field_index(one.column)
            given = batch.column(at)
            declined = np.isin(batch.column("pupil").to_numpy(), one.pupils)
            other = pc.fill_null(pc.not_equal(given, one.code), False).to_numpy(zero_copy_only=False)
            mask = declined & other
            if mask.any():
                instead = pc.if_else(pa.array(mask), pa.scalar(one.code, given.type), given)
                batch = batch.set_column(at, batch.schema.field(at), instead)
                pupils = batch.column("pupil").to_numpy()[mask]
                self._found.setdefault(f"{table}.{one.column}", set()).update(pupils.tolist())
        return batch

    @property
    def values(self) -> int:
        """How many pupils' values were kept out, item by item."""
        return sum(len(pupils) for pupils in self._found.values())

    def note(self, point: CensusPoint) -> None:
        """Write down whose values were kept out; in the transaction that makes the load visible."""
        for item, pupils in self._found.items():
            declining.note_kept_out(item, pupils, f"{point.year} {point.term}")
