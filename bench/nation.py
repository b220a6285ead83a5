"""A million pupils straight into the lake: made-up facts with believable shares, as Arrow, no returns in between."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa

from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.dictionary import lake_tables
from schoolgate.ids import Term
from schoolgate.records.append import arrow_schema, load_term

_BATCH = 100_000
_SHAPES = {table.name: arrow_schema(table) for table in lake_tables()}
_ETHNICITY = (["WBRI", "WOTH", "APKN", "AIND", "BAFR", "MWAS", "OOTH", "REFU"], [62, 9, 5, 4, 6, 6, 6, 2])
_LANGUAGE = (["ENG", "URD", "POL", "PNJ", "ARA", "OTH"], [79, 3, 2, 2, 2, 12])
_YEARS = [*("N2", "R"), *(str(year) for year in range(1, 14))]
_SEN = (["N", "K", "E"], [81.6, 13.6, 4.8])
_NEEDS = ["ASD", "SLCN", "SEMH", "MLD", "SPLD", "HI", "VI", "PD"]
_FIRST_URN, _PUPILS_A_SCHOOL = 100_000, 330


def _draw(rng: np.random.Generator, shares: tuple[list[str], list[float]], size: int) -> np.ndarray:
    weights = np.array(shares[1], float)
    return np.array(shares[0])[rng.choice(len(weights), size, p=weights / weights.sum())]


def _days(first: str, offsets: np.ndarray) -> pa.Array:
    return pa.array((np.datetime64(first) + offsets).astype("datetime64[D]"))


def _batch(table: str, size: int, columns: dict[str, object]) -> pa.RecordBatch:
    """Columns given, others empty, in the table's own types."""
    arrays = []
    for place in _SHAPES[table]:
        value = columns.get(place.name)
        if value is None:
            array = pa.nulls(size, place.type)
        elif isinstance(value, np.ndarray | pa.Array):
            array = pa.array(value).cast(place.type)
        else:
            array = pa.repeat(pa.scalar(value, place.type), size)
        arrays.append(array)
    return pa.RecordBatch.from_arrays(arrays, schema=_SHAPES[table])


def _facts(pupils: int, year: int, term: Term, seed: int, at: datetime) -> Iterator[tuple[str, pa.RecordBatch]]:
    for start in range(0, pupils, _BATCH):
        size = min(_BATCH, pupils - start)
        who = np.arange(start, start + size, dtype=np.int32)
        # What a child is does not change between terms; what happened in a term does.
        child, happened = np.random.default_rng([seed, start]), np.random.default_rng([seed, start, year, term.order])
        urn = (_FIRST_URN + who // _PUPILS_A_SCHOOL).astype(np.int32)
        group = child.integers(0, len(_YEARS), size)
        fsm, sen = child.random(size) < 0.26, _draw(child, _SEN, size)
        needs = np.array(_NEEDS)[child.integers(0, len(_NEEDS), size)]
        ill, away = happened.poisson(6, size), happened.poisson(np.where(fsm, 4.0, 1.5))
        frame = {"year": year, "term": str(term), "recorded_at": at, "return_id": f"{year}-{term}-bench"}
        yield "census_pupil", _batch("census_pupil", size, {
            **frame, "pupil": who, "urn": urn, "la": (201 + who // 7_000).astype(str), "phase": "PS", "onroll": True,
            "recordstatus": 0, "sex": np.where(child.random(size) < 0.49, "F", "M"), "age": group + 3,
            "yearofbirth": year - 3 - group, "monthofbirth": child.integers(1, 13, size),
            "ethnicity": _draw(child, _ETHNICITY, size), "language": _draw(child, _LANGUAGE, size),
            "enrolstatus": "C", "entrydate": _days("2019-09-01", child.integers(0, 2000, size)),
            "ncyearactual": np.array(_YEARS)[group], "fsmeligible": fsm, "senprovision": sen, "parttime": False,
            "boarder": "N", "servicechild": "N", "sessionspossible": 120, "sessionsauthorised": ill,
            "sessionsunauthorised": away, "valid_from": date(year, 1, 1), "valid_to": date(year, 12, 31),
            "return_row": who,
        })  # fmt: skip
        for table, kept, more in (
            ("census_fsm_period", fsm, {"fsmstartdate": _days("2023-09-01", child.integers(0, 700, size))}),
            (
                "census_sen_need",
                sen != "N",
                {"sentyperank": 1, "sentype": needs},
            ),
            ("census_absence", ill > 0, {"attendancereason": "I", "sessions": ill}),
            ("census_absence", away > 0, {"attendancereason": "O", "sessions": away}),
            ("census_exclusion", happened.random(size) < 0.012, {"category": "SUSP", "reason": "DB", "sessions": 4}),
        ):
            whole = _batch(table, size, {**frame, "pupil": who, "urn": urn, "return_row": who, **more})
            yield table, whole.filter(pa.array(kept))


def load_nation(pupils: int, config: Config, clock: Clock, seed: int = 3) -> None:
    """Two terms of the same pupils, so that a condition on the term has something to leave out."""
    for year, term in ((2025, Term.AUTUMN), (2026, Term.SPRING)):
        facts = _facts(pupils, year, term, seed, datetime(2026, 2, 1, tzinfo=UTC))
        load_term(year, term, facts, return_ids=["bench"], config=config, clock=clock)
