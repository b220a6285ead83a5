"""One hostile query: what it is after, what it says, and what it must be refused with."""

from __future__ import annotations

from dataclasses import dataclass

CANARY = "Zq7canary"
"""Stands in files, literals and names that must never come back."""

PART, FUNCTION, STATEMENT = "construct-not-allowed", "function-not-allowed", "select-only"
TABLE, ITEM, NUMBER, LIMIT = "unknown-table", "unknown-item", "pupil-reference-computed", "limit-without-order"
UNREADABLE, TWICE, UNCLEAR, SHADOW = "not-sql", "name-twice", "names-unclear", "name-shadows-table"
LONG, DEEP, ONE = "query-too-long", "query-too-deep", "one-statement"


@dataclass(frozen=True)
class Hostile:
    """One query.

    Attributes:
        why: what the attacker is after.
        sql: the query; ``{secret}`` is a file outside the lake, ``{canary}`` a text that must not be repeated.
        codes: the refusal's codes, all of them expected; empty when the query may run.
    """

    why: str
    sql: str
    codes: frozenset[str] = frozenset()


def listed(*entries: tuple[str, ...]) -> tuple[Hostile, ...]:
    return tuple(Hostile(why, sql, frozenset(codes)) for why, sql, *codes in entries)
