"""A corrected value checked against the dictionary, and values as text. Pure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from schoolgate.dictionary import LakeColumn, lake_columns
from schoolgate.errors import Refusal

DERIVED = frozenset({"la", "urn", "phase", "onroll", "recordstatus"})
"""Which school's row it is, and what follows from that: put right by the return, not by a value beside it."""

_MOST = 200
_WHOLE = range(-(2**31), 2**31)


NOT_CORRECTABLE = Refusal(
    "item-not-correctable",
    "This is not an item that can be put right as a value.",
    provision="a correction changes an item of the dictionary",
    remedy="Which school, roll or term a row belongs to is put right by the school's return.",
)


def as_text(value: Any) -> str:
    """A value of the lake as text; "" for none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def column_of(item: str) -> LakeColumn | Refusal:
    """The column that can be put right under this name, or why there is none."""
    column = lake_columns().get(item)
    if column is None or column.kind != "item" or column.name in DERIVED:
        return NOT_CORRECTABLE
    return column


def _typed(column: LakeColumn, text: str) -> Any:
    if column.type == "int":
        number = int(text)
        if number not in _WHOLE:
            raise ValueError
        return number
    if column.type == "date":
        return date.fromisoformat(text)
    if column.type == "bool":
        return {"true": True, "false": False}[text.lower()]
    if column.type == "decimal":
        amount = Decimal(text)
        if not amount.is_finite() or abs(amount) >= 10_000 or amount != amount.quantize(Decimal("0.01")):
            raise ValueError
        return amount.quantize(Decimal("0.01"))
    return text


_SHAPES = {
    "int": "a whole number",
    "date": "a day, as 2026-01-31",
    "bool": "true or false",
    "decimal": "a number with at most two digits after the point",
    "string": "a code or a short text",
}


def read_value(column: LakeColumn, text: str, codes: frozenset[str]) -> tuple[Any, Refusal | None]:
    """A value given as text, of the column's own type; and why it is none.

    Args:
        column: of the lake.
        text: as it was given; "" empties the value.
        codes: the item's code set in force; empty when it has none.
    """
    text = text.strip()
    if not text:
        return None, None
    try:
        value = _typed(column, text)
    except (ValueError, KeyError, InvalidOperation):
        shape = _SHAPES[column.type]
        return None, Refusal("value-shape", f"The new value is not {shape}.", remedy=f"Give {shape}.")
    if column.type == "string" and (len(text) > _MOST or not text.isprintable()):
        return None, Refusal("value-shape", "The new value is too long, or holds what cannot be shown.")
    if codes and column.type == "string" and text not in codes:
        return None, Refusal(
            "value-not-a-code",
            "The new value is not one of this item's codes.",
            provision="the dictionary's code set",
            remedy="Choose one of the codes that the dictionary lists for this item.",
        )
    return value, None
