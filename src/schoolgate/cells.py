"""Cells of tables for spreadsheets: which of them a spreadsheet would compute, and how a value becomes one it shows.

One guard for all that comes in and goes out as a table (OWASP, "CSV Injection").
"""

from __future__ import annotations

import re

_BEGINS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""The last four are the first four in full width: programs set to Japanese or Chinese take them for the same."""

_CONTROLS = ("\t", "\r", "\n")
_UNSEEN = "\ufeff\u200b\u200c\u200d\u2060\x00"
"""What stands for nothing before a text, and what Python does not count as space."""

_NUMBER = re.compile(r"[+-]?[0-9][0-9,. ]*%?")


def begins_a_formula(cell: str) -> bool:
    """Whether a spreadsheet would compute a cell, or might break it at its first character; a plain number is none."""
    plain = cell.lstrip(_UNSEEN)
    if plain.startswith(_CONTROLS):
        return True
    while plain and (plain[0].isspace() or plain[0] in _UNSEEN):
        plain = plain[1:]
    return plain.startswith(_BEGINS) and _NUMBER.fullmatch(plain.rstrip()) is None


def harmless(value: object) -> str:
    """A value as a cell that is shown and never computed: an apostrophe goes before what begins a formula.

    Nothing is an empty cell, yes and no are words, several values have semicolons between.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, frozenset | set):
        value = sorted(str(part) for part in value)
    text = "; ".join(str(part) for part in value) if isinstance(value, list | tuple) else str(value)
    return f"'{text}" if begins_a_formula(text) else text
