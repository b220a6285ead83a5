"""A lake to attack, and the two things an answer must not depend on: how pupils are numbered, how rows are stored."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path
from typing import Any

from pyroaring import BitMap

from schoolgate.gate.engines.engine import Limits
from schoolgate.gate.rewrite import Plan
from tests.gate.box import Box, pseudonym, rows_of

Tables = dict[str, list[dict[str, Any]]]

LAKE: Tables = {
    "census_pupil": [
        {
            "pupil": p, "year": y, "term": t, "sex": s, "ethnicity": e, "age": a, "urn": 100000 + p % 2, "onroll": True,
            "entrydate": date(2020, 9, 1 + p),
        }
        for p, y, t, s, e, a in [
            (0, 2025, "AUT", "F", "WBRI", 4), (0, 2026, "SPR", "F", "WBRI", 5), (1, 2025, "AUT", "M", "APKN", 5),
            (2, 2025, "AUT", "M", None, None), (3, 2026, "SPR", None, "WBRI", 6), (4, 2026, "AUT", "F", "REF", 3),
            (7, 2026, "AUT", "M", "WBRI", 4), (9, 2026, "AUT", "F", "APKN", 6),
        ]
    ],
    "census_absence": [
        {"pupil": p, "year": y, "term": t, "sessions": n, "attendancereason": r, "urn": 100000}
        for p, y, t, n, r in [
            (0, 2025, "AUT", 2, "I"), (0, 2026, "SPR", None, None), (1, 2025, "AUT", 0, "O"), (5, 2026, "SPR", 4, "I"),
            (3, 2026, "SPR", 1, None), (9, 2026, "AUT", 3, "O"),
        ]
    ],
}  # fmt: skip


def answer(folder: Path, tables: Tables, plan: Plan) -> list[tuple[Any, ...]]:
    """What a plan gives on these tables."""
    with Box(folder, tables).engine(BitMap(), limits=Limits(threads=1)) as engine:
        return rows_of(engine.run(plan.sql))


def stored_otherwise(tables: Tables, seed: int) -> Tables:
    """The same rows in another order."""
    mixed = random.Random(seed)
    return {name: mixed.sample(rows, len(rows)) for name, rows in tables.items()}


def numbered_otherwise(tables: Tables, seed: int) -> tuple[Tables, dict[int, int]]:
    """The same pupils under other numbers, stored by them; and which number became which."""
    numbers = sorted({row["pupil"] for rows in tables.values() for row in rows})
    others = random.Random(seed).sample(range(1000), len(numbers))
    became = dict(zip(numbers, others, strict=True))
    renamed = {
        name: sorted(({**row, "pupil": became[row["pupil"]]} for row in rows), key=lambda row: int(row["pupil"]))
        for name, rows in tables.items()
    }
    return renamed, became


def with_pseudonyms_of(rows: list[tuple[Any, ...]], became: dict[int, int]) -> list[tuple[Any, ...]]:
    """An answer with each pupil's pseudonym replaced by the one its other number has."""
    other = {pseudonym(old): pseudonym(new) for old, new in became.items()}
    return [tuple(other.get(value, value) if isinstance(value, str) else value for value in row) for row in rows]
