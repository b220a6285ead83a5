"""The mark of an extract: one synthetic record, by which a leaked file says which extract it came from.

The record's pseudonym is AES-256, under the agreement's key, of a block that stands for no pupil. A pupil's block is
the reference with eight bytes of nought before it (`engines.finish`); the mark's begins with a byte of 128 or more. A
block cipher is a permutation, so no pupil of this agreement ever has the mark's pseudonym; without the key it cannot
be told from the others (FIPS 197). Its other values are those a child of this extract could have (`likeness`).

It is found wherever the pseudonym is still written out: rows shuffled, dropped or joined with others, columns dropped
or renamed, formats changed. It is not found when the marked row itself was left out, when pseudonyms were replaced or
cut short, or in numbers worked out from the records: whoever knows of the mark and gives single records anew numbers
takes it away.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

import pyarrow as pa
import pyarrow.ipc as pa_ipc
import pyarrow.parquet as pq
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

DIGITS = 32
"""Hexadecimal digits of a pseudonym."""

_DIGITS = b"0123456789abcdefABCDEF"
_RUN = re.compile(rb"[0-9a-fA-F]{32,}")
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Mark:
    """The mark of one extract.

    Attributes:
        pseudonym: of the synthetic record.
        key: draws its other values and its place.
    """

    pseudonym: str
    key: bytes

    @classmethod
    def of(cls, order_id: str, agreement_key: bytes, mark_key: bytes) -> Mark:
        """The mark of an extract: the same each time, and known only to who has both keys."""
        drawn = hmac.digest(mark_key, b"extract-mark/1 " + order_id.encode(), hashlib.sha256)
        block = bytes([drawn[0] | 0x80]) + drawn[1:16]
        # One block: a mode that chains would have nothing to chain.
        turned = Cipher(algorithms.AES(agreement_key), modes.ECB()).encryptor().update(block)  # noqa: S305
        return cls(turned.hex(), drawn[16:])

    def number(self, about: str, below: int) -> int:
        """A number from nought to below `below`, drawn with the key."""
        return int.from_bytes(hmac.digest(self.key, about.encode(), hashlib.sha256)[:8], "big") % below


def _tokens_of_bytes(file: BinaryIO) -> Iterator[str]:
    """Every run of 32 hexadecimal digits in a file of any kind of text."""
    left = b""
    while chunk := file.read(_CHUNK):
        held = left + chunk
        # A run that the end of this portion cuts is looked at whole with the next.
        cut = len(held.rstrip(_DIGITS))
        left = held[cut:]
        for run in _RUN.finditer(held, 0, cut):
            yield from _cut(run[0].decode())
    for run in _RUN.finditer(left):
        yield from _cut(run[0].decode())


def _cut(run: str) -> Iterator[str]:
    """The pseudonyms in a run of digits: it itself, or each window of a longer one that nothing parted."""
    text = run.lower()
    for at in range(len(text) - DIGITS + 1):
        yield text[at : at + DIGITS]


def _tokens_of_table(batches: Iterable[pa.RecordBatch]) -> Iterator[str]:
    for batch in batches:
        for column in batch.columns:
            if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
                for value in column.to_pylist():
                    if value is not None and len(value) >= DIGITS:
                        yield from _cut(value)


def pseudonyms_in(file: BinaryIO) -> Iterator[str]:
    """What may be pseudonyms in a leaked file: Parquet, Arrow (stream or file), or any text."""
    head = file.read(6)
    file.seek(0)
    if head[:4] == b"PAR1":
        yield from _tokens_of_table(pq.ParquetFile(file).iter_batches())
    elif head == b"ARROW1":
        opened = pa_ipc.open_file(file)
        yield from _tokens_of_table(opened.get_batch(at) for at in range(opened.num_record_batches))
    elif head[:4] == b"\xff\xff\xff\xff":
        yield from _tokens_of_table(pa_ipc.open_stream(file))
    else:
        yield from _tokens_of_bytes(file)


def trace(file: BinaryIO, marks: dict[str, str]) -> tuple[str, ...]:
    """Which extracts a leaked file holds the mark of.

    Args:
        file: the leaked file.
        marks: pseudonym of the synthetic record -> extract.
    """
    return tuple(sorted({marks[token] for token in pseudonyms_in(file) if token in marks}))
