"""One hostile query: what it is after, what it says, and what it must be refused with."""

from __future__ import annotations

from dataclasses import dataclass

CANARY = "Zq7canary"
"""Stands in files, literals and names that must never come back."""

PART, FUNCTION, STATEMENT = "construct-not-allowed", "function-not-allowed", "select-only"
TABLE, ITEM, NUMBER, LIMIT = "unknown-table", "unknown-item", "pupil-reference-computed", "limit-without-order"
UNREADABLE, TWICE, UNCLEAR, SHADOW = "not-sql", "name-twice", "names-unclear", "name-shadows-table"
LONG, DEEP, ONE, HIDDEN = "query-too-long", "query-too-deep", "one-statement", "hidden-character"
WIDE = "total-too-wide"


class Fails(str):
    """The class of error with which an allowed query fails in the engine; the class, and nothing more, is told."""


GROUPED, NESTED, EARLY, RANKLESS = "not-grouped", "total-of-totals", "total-too-early", "qualify-without-rank"
CONVERSION, RANGE, TYPES = Fails("conversion"), Fails("out-of-range"), Fails("types")
SLOW, LARGE, ENGINE = Fails("too-slow"), Fails("too-large"), Fails("engine")


@dataclass(frozen=True)
class Hostile:
    """One query.

    Attributes:
        why: what the attacker is after.
        sql: the query; ``{secret}`` is a file outside the lake, ``{canary}`` a text that must not be repeated.
        codes: the refusal's codes, all of them expected; empty when the query may run.
        fails: the classes of error one of which it ends with when it runs; empty when it has an answer.
    """

    why: str
    sql: str
    codes: frozenset[str] = frozenset()
    fails: frozenset[str] = frozenset()


def listed(*entries: tuple[str, ...]) -> tuple[Hostile, ...]:
    """Entries written as (why, query, what it is refused or fails with…)."""
    return tuple(
        Hostile(
            why,
            sql,
            frozenset(answer for answer in answers if not isinstance(answer, Fails)),
            frozenset(answer for answer in answers if isinstance(answer, Fails)),
        )
        for why, sql, *answers in entries
    )
