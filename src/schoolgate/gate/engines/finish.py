"""The last step of a query whose rows hold references: pseudonyms, order, LIMIT, all at once over the whole result.

A pseudonym is AES-256 of the reference under the agreement's key, one block, 32 hexadecimal digits
(docs/decisions/0009). Done here, 66,000 cost 2 ms; one by one inside a query they cost ten times that, because a
function in Python is called for every few rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import RawIOBase
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


class Refused(Exception):
    """Why there is no result, in one word."""


class Pseudonyms:
    """One agreement's pseudonyms.

    A block cipher is a permutation, so two references never share a pseudonym; without the key it cannot be told
    from a random one (FIPS 197), so what two agreements hold cannot be joined, and order says nothing.
    """

    def __init__(self, key: bytes) -> None:
        # One block for one reference: a mode that chains would have nothing to chain.
        self._cipher = Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305

    def halves(self, references: Any) -> np.ndarray[Any, Any]:
        """Both halves of each pseudonym as big-endian numbers, whose order is the order of the text."""
        whole = references.combine_chunks() if isinstance(references, pa.ChunkedArray) else references
        blocks = np.zeros((len(whole), 2), ">u8")
        blocks[:, 1] = (whole.fill_null(0) if whole.null_count else whole).to_numpy(zero_copy_only=False)
        turned = self._cipher.encryptor().update(blocks.tobytes())
        return np.frombuffer(turned, ">u8").reshape(-1, 2)

    @staticmethod
    def _written(halves: np.ndarray[Any, Any], valid: Any, missing: int) -> pa.Array:
        text = halves.tobytes().hex().encode()
        starts = np.arange(0, 32 * len(halves) + 1, 32, dtype=np.int32)
        bits = None if not missing else pa.array(valid).buffers()[1]
        return pa.StringArray.from_buffers(len(halves), pa.py_buffer(starts), pa.py_buffer(text), bits, missing)

    def text(self, references: Any) -> pa.Array:
        """The pseudonyms of references; where there is none, none."""
        whole = references.combine_chunks() if isinstance(references, pa.ChunkedArray) else references
        valid = whole.is_valid().to_numpy(zero_copy_only=False) if whole.null_count else None
        return self._written(self.halves(whole), valid, whole.null_count)


@dataclass(frozen=True, slots=True)
class Most:
    """How large a result may grow: rows, bytes, and bytes held on the way."""

    rows: int
    size: int
    held: int

    def check(self, rows: int, size: int) -> None:
        """Raises `Refused` when it is too large."""
        if rows > self.rows or size > self.size:
            raise Refused("too-many-rows" if rows > self.rows else "too-large-result")


_FAILED_ON_THE_WAY = {
    "Conversion Error": "conversion",
    "Out of Range Error": "out-of-range",
    "Out of Memory Error": "too-large",
    "INTERRUPT Error": "too-slow",
}
"""How the engine's words begin -> the one word that leaves."""


def batches_of(reader: Any) -> Iterator[pa.RecordBatch]:
    """A result's batches; what fails after the first batch is said in the same word as what fails before it.

    Arrow hands on a failure of DuckDB (2.0.1) as an OSError, which here means that a result did not fit its file:
    taken for that, a failure would say that its row is not among the first.
    """
    while True:
        try:
            batch = reader.read_next_batch()
        except StopIteration:
            return
        except (OSError, pa.ArrowException) as error:
            said = str(error)  # begins with its kind; what follows can hold a value, or a text of the asker's
            word = next((word for kind, word in _FAILED_ON_THE_WAY.items() if said.startswith(kind)), "engine")
            raise Refused(word) from None
        yield batch


class _Locked(Protocol):
    engine: Any
    pseudonyms: Pseudonyms


@dataclass(frozen=True, slots=True)
class Last:
    """How the rows of a query's inner part become its result.

    Attributes:
        sql: the query without its order and LIMIT, references as they are.
        references: which of its columns they are.
        order: column, whether descending, whether empty ones come first; most important first.
        limit: most rows, or None.
        offset: rows left out before.
    """

    sql: str
    references: Sequence[int]
    order: Sequence[tuple[int, bool, bool]]
    limit: int | None
    offset: int

    def rows(self, sink: RawIOBase, found: Any, lock: _Locked, most: Most) -> dict[str, Any]:
        """Write the result as an Arrow stream."""
        table = self._taken(found, most)
        halves = {at: lock.pseudonyms.halves(table.column(at)) for at in self.references}
        chosen = self._in_order(table, halves, lock.engine)
        most.check(len(chosen), 0)
        table = table.take(pa.array(chosen))
        for at in self.references:
            column = lock.pseudonyms.text(table.column(at))
            table = table.set_column(at, pa.field(table.field(at).name, pa.string()), column)
        most.check(0, table.nbytes)
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        return {"rows": table.num_rows}

    def _taken(self, found: Any, most: Most) -> pa.Table:
        """The rows, all of them looked at before they are found to be too many.

        They come as they are stored. Were the rest left unread, a value that fails among the later ones would not
        be said, and whether one is among the first would be.
        """
        reader, batches, count, held, refused = found.to_arrow_reader(65_536), [], 0, 0, ""
        for batch in batches_of(reader):
            count += batch.num_rows
            held += batch.nbytes
            if not refused:
                refused = self._too_much(most, count, held)
                batches.append(batch)
            if refused:
                batches.clear()
        if refused:
            raise Refused("too-many-rows" if self.limit is None and count - self.offset > most.rows else refused)
        return pa.Table.from_batches(batches, schema=reader.schema)

    def _too_much(self, most: Most, count: int, held: int) -> str:
        """Why so much may not be taken, "" when it may."""
        if self.limit is not None:
            return "too-large" if held > most.held else ""
        if count - self.offset > most.rows:
            return "too-many-rows"
        return "too-large-result" if held > most.size else ""

    def _in_order(self, table: pa.Table, halves: dict[int, np.ndarray[Any, Any]], engine: Any) -> np.ndarray[Any, Any]:
        last = None if self.limit is None else self.offset + self.limit
        first, descending, _ = self.order[0]
        if first in halves and not descending and not table.column(first).null_count:
            # Where the first thing to go by is a pseudonym and no pupil has two rows, that is the order.
            numbers = halves[first][:, 0].astype(np.uint64)
            order = np.argsort(numbers)
            sorted_ = numbers[order]
            if not (sorted_[1:] == sorted_[:-1]).any():
                return order[self.offset : last]
        columns: dict[str, Any] = {"n": np.arange(table.num_rows)}
        terms = []
        for at, down, empty_first in self.order:
            names = [f"c{at}"]
            if at in halves:
                names, missing = [f"h{at}", f"l{at}"], None
                if table.column(at).null_count:
                    missing = table.column(at).is_null().to_numpy()
                for name, half in zip(names, halves[at].T, strict=True):
                    columns[name] = pa.array(half.astype(np.uint64), mask=missing)
            else:
                columns[names[0]] = table.column(at)
            terms += [f"{n} {'DESC' if down else 'ASC'} NULLS {'FIRST' if empty_first else 'LAST'}" for n in names]
        engine.register("__last", pa.table(columns))
        found = engine.sql(f"SELECT n FROM __last ORDER BY {', '.join(terms)}").fetchnumpy()["n"]
        engine.unregister("__last")
        order = np.asarray(found)
        return order[self.offset : last]
