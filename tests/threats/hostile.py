"""Every hostile query, in families."""

from __future__ import annotations

from tests.threats import channels, disguises, inside, joins, openings, outside
from tests.threats.exhaustion import EXHAUSTION
from tests.threats.query import CANARY, Hostile

__all__ = ["ALL", "CANARY", "FAMILIES", "Hostile"]

FAMILIES: dict[str, tuple[Hostile, ...]] = {
    "file access": (*outside.FILES, *openings.FILE_ACCESS),
    "configuration": (*outside.CONFIGURATION, *openings.SETTINGS),
    "catalogue peeking": openings.CATALOGUE,
    "comments and unicode tricks": disguises.UNICODE,
    "identifiers that shadow tables": (*inside.NAMES, *disguises.SHADOWS),
    "* and COLUMNS": disguises.STARS,
    "QUALIFY": joins.QUALIFIED,
    "lateral joins": joins.LATERAL,
    "correlated subqueries": joins.CORRELATED,
    "recursive CTEs": joins.RECURSIVE,
    "set operations": joins.SETS,
    "PIVOT": joins.PIVOTS,
    "struct and list wildcards": disguises.NESTED,
    "macros": openings.MACROS,
    "positional joins": joins.POSITIONS,
    "sampling": channels.SAMPLES,
    "SUMMARIZE": openings.SUMMARIES,
    "casts that leak by error message": channels.CASTS,
    "division by zero as an oracle": channels.DIVISIONS,
    "timing": channels.TIMING,
    "resource exhaustion": (*outside.ENDLESS, *EXHAUSTION),
    "stacked statements": (*outside.STATEMENTS, *openings.STACKED),
    "prepared-statement names": openings.PREPARED,
    "virtual columns": disguises.VIRTUAL,
    "row order and unordered limits": (*inside.ORDER, *channels.UNORDERED),
    "arithmetic on pseudonyms": (*inside.NUMBERS, *channels.PSEUDONYMS),
    "strange shapes and new syntax": (*outside.SHAPES, *joins.SYNTAX),
}

ALL = tuple((family, entry) for family, entries in FAMILIES.items() for entry in entries)
