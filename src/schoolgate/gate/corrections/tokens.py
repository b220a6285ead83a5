"""What a family names a row of its record by: a token that fits this content of this row and no other.

A keyed hash over the whole row (HMAC-SHA-256, cut to 16 bytes), the internal reference included: so it betrays
neither that reference nor an order, and after any change of the row it fits no more.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from schoolgate.ids import Pmr
from schoolgate.seal import Keys

IDENTITY = "identity"
"""Under which the token of what the vault holds is kept beside those of the lake's tables."""


def row_token(keys: Keys, table: str, pupil: Pmr, row: Mapping[str, Any]) -> str:
    """The token of one row: 32 hexadecimal digits."""
    content = {name: None if value is None else str(value) for name, value in row.items()}
    plain = json.dumps([table, int(pupil), content], sort_keys=True, ensure_ascii=False)
    return keys.blind("row-token", plain)[:16].hex()


def row_tokens(keys: Keys, table: str, pupil: Pmr, rows: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The tokens of a table's rows, in their order."""
    return tuple(row_token(keys, table, pupil, row) for row in rows)


def find_row(
    keys: Keys, table: str, pupil: Pmr, rows: Sequence[Mapping[str, Any]], token: str
) -> Mapping[str, Any] | None:
    """The row that a token fits, or None. Two rows that are the same have one token, and either is meant."""
    return next((row for row in rows if row_token(keys, table, pupil, row) == token), None)
