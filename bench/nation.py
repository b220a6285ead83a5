"""A nation straight into the lake: made-up facts with believable shares, as Arrow, no returns in between.

Through the records' own append surface. References lie as the vault gives them out, in order of first arrival: in
the first year a whole nation of fourteen year groups, school by school; then each September's newcomers, school by
school. A term therefore holds most of the newest references, fewer of the oldest, and year groups lie together.
24,000 schools of unequal size for 8.2 million pupils (Schools, pupils and their characteristics, 2024/25, has 24,479
schools in England), as many fewer for fewer pupils. Pupils move to a secondary school near their primary school.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.dictionary import lake_tables
from schoolgate.ids import Term
from schoolgate.records.append import arrow_schema, load_term
from schoolgate.records.models import LakeVersion

NATION = 8_200_000
"""Pupils on roll in a term, about."""

_BATCH = 200_000
_SHAPES = {table.name: arrow_schema(table) for table in lake_tables()}
_GROUPS = ["R", *(str(year) for year in range(1, 14))]
_FIRST_YEAR, _LAST_YEAR = 2016, 2025
"""Septembers of the first and the last newcomers."""

_SCHOOLS, _SECONDARY_EVERY, _AREAS, FIRST_URN = 24_000, 6, 153, 100_000
_EARLY = 0.012
"""Who leaves in a year without having come to the end of school."""

_ETHNICITY = (["WBRI", "WOTH", "APKN", "AIND", "BAFR", "MWAS", "OOTH", "REFU"], [62, 9, 5, 4, 6, 6, 6, 2])
_LANGUAGE = (["ENG", "URD", "POL", "PNJ", "ARA", "OTH"], [79, 3, 2, 2, 2, 12])
_SEN = (["N", "K", "E"], [81.6, 13.6, 4.8])
_NEEDS = ["ASD", "SLCN", "SEMH", "MLD", "SPLD", "HI", "VI", "PD"]

Numbers = npt.NDArray[np.int32]


def _chosen(values: list[str], at: npt.NDArray[np.integer]) -> pa.Array:
    return pa.array(values).take(pa.array(at))


def _days(first: str, offsets: npt.NDArray[np.integer]) -> pa.Array:
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


def schools_of(pupils: int) -> int:
    """How many schools there are for so many pupils a term; they are numbered from `FIRST_URN` on."""
    return max(1, round(_SCHOOLS * min(1.0, pupils / NATION)))


@dataclass(frozen=True)
class Nation:
    """How references were given out.

    Attributes:
        references: all that were ever given.
        first: of these, those of the first year.
        intake: newcomers a year since.
        schools: how many there are.
        edges: share of an intake that comes before each school's pupils, in the order of their numbers.
    """

    references: int
    first: int
    intake: int
    schools: int
    edges: npt.NDArray[np.float64]

    @classmethod
    def of(cls, pupils: int, seed: int = 3) -> Nation:
        """A nation with about so many pupils on roll in a term."""
        intake = max(1, round(pupils / sum((1 - _EARLY) ** age for age in range(len(_GROUPS)))))
        schools = schools_of(pupils)
        sizes = np.random.default_rng(seed).lognormal(0, 0.6, schools)
        first = intake * len(_GROUPS)
        return cls(first + intake * (_LAST_YEAR - _FIRST_YEAR), first, intake, schools, np.cumsum(sizes / sizes.sum()))

    def came(self, who: Numbers) -> Numbers:
        """Year of first arrival."""
        return np.where(who < self.first, _FIRST_YEAR, _FIRST_YEAR + 1 + (who - self.first) // self.intake).astype(
            np.int32
        )

    def school(self, who: Numbers, group: Numbers) -> Numbers:
        """Number of the school: the one of the intake, or the secondary school of its six."""
        share = np.where(who < self.first, who / self.first, (who - self.first) % self.intake / self.intake)
        primary = np.minimum(np.searchsorted(self.edges, share, "right"), self.schools - 1)
        secondary = np.minimum(primary // _SECONDARY_EVERY * _SECONDARY_EVERY, self.schools - 1)
        return np.where(group >= 7, secondary, primary).astype(np.int32)


def on_roll(nation: Nation, start: int, size: int, school_year: int, seed: int) -> tuple[Numbers, Numbers]:
    """Of these references, those on roll in a school year (named by its September), and their year groups."""
    who = np.arange(start, start + size, dtype=np.int32)
    child = np.random.default_rng([seed, start, 1])
    came = nation.came(who)
    first_group = np.where(who < nation.first, child.integers(0, len(_GROUPS), size), 0)
    stays = child.geometric(_EARLY, size)
    group = first_group + school_year - came
    here = (group >= 0) & (group < len(_GROUPS)) & (came <= school_year) & (school_year - came < stays)
    return who[here], group[here].astype(np.int32)


def _facts(nation: Nation, year: int, term: Term, seed: int, at: datetime) -> Iterator[tuple[str, pa.RecordBatch]]:
    school_year = year if term is Term.AUTUMN else year - 1
    frame = {"year": year, "term": str(term), "recorded_at": at, "return_id": f"{year}-{term}-bench"}
    for start in range(0, nation.references, _BATCH):
        who, group = on_roll(nation, start, min(_BATCH, nation.references - start), school_year, seed)
        size = len(who)
        # What a child is does not change between terms; what happened in a term does.
        child, happened = (
            np.random.default_rng([seed, start, 2]),
            np.random.default_rng([seed, start, year, term.order]),
        )
        drawn = child.random((7, _BATCH))[:, who - start]
        school = nation.school(who, group)
        urn = (FIRST_URN + school).astype(np.int32)
        area = (school.astype(np.int64) * _AREAS // nation.schools).astype(np.int32)
        fsm = drawn[0] < 0.26
        sen = _placed(_SEN[1], drawn[1])
        ill, away = happened.poisson(6, size), happened.poisson(np.where(fsm, 4.0, 1.5))
        yield "census_pupil", _batch("census_pupil", size, {
            **frame, "pupil": who, "urn": urn, "la": _chosen([str(201 + number) for number in range(_AREAS)], area),
            "phase": "PS", "onroll": True, "recordstatus": 0, "sex": _chosen(["F", "M"], (drawn[2] > 0.49) * 1),
            "age": group + 4, "yearofbirth": school_year - 4 - group,
            "monthofbirth": (drawn[3] * 12).astype(np.int32) + 1,
            "ethnicity": _chosen(_ETHNICITY[0], _placed(_ETHNICITY[1], drawn[4])),
            "language": _chosen(_LANGUAGE[0], _placed(_LANGUAGE[1], drawn[5])),
            "enrolstatus": "C", "entrydate": _days("2019-09-01", (drawn[6] * 2000).astype(np.int32)),
            "ncyearactual": _chosen(_GROUPS, group), "fsmeligible": fsm, "senprovision": _chosen(_SEN[0], sen),
            "parttime": False, "boarder": "N", "servicechild": "N", "sessionspossible": 120,
            "sessionsauthorised": ill, "sessionsunauthorised": away,
            "valid_from": date(year, 1, 1), "valid_to": date(year, 12, 31), "return_row": who,
        })  # fmt: skip
        for table, kept, more in (
            ("census_fsm_period", fsm, {"fsmstartdate": _days("2023-09-01", happened.integers(0, 700, size))}),
            (
                "census_sen_need",
                sen > 0,
                {"sentyperank": 1, "sentype": _chosen(_NEEDS, happened.integers(0, len(_NEEDS), size))},
            ),
            ("census_absence", ill > 0, {"attendancereason": "I", "sessions": ill}),
            ("census_absence", away > 0, {"attendancereason": "O", "sessions": away}),
            ("census_exclusion", happened.random(size) < 0.012, {"category": "SUSP", "reason": "DB", "sessions": 4}),
        ):
            whole = _batch(table, size, {**frame, "pupil": who, "urn": urn, "return_row": who, **more})
            yield table, whole.filter(pa.array(kept))


def _placed(shares: Sequence[float], drawn: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    return np.searchsorted(np.cumsum(shares) / sum(shares), drawn, "right").clip(max=len(shares) - 1)


def load_nation(pupils: int, config: Config, clock: Clock, seed: int = 3) -> int:
    """Two terms of one school year, so that a condition on the term has something to leave out.

    Terms that are there already stay: parts of a long bench share one lake.

    Returns:
        How many references there are: about 1.8 for each pupil on roll, the others have left.
    """
    nation, name = Nation.of(pupils), f"bench-{pupils}"
    there = {(row.year, row.term) for row in LakeVersion.objects.all() if row.return_ids == [name]}
    for year, term in ((2025, Term.AUTUMN), (2026, Term.SPRING)):
        if (year, str(term)) not in there:
            facts = _facts(nation, year, term, seed, datetime(2026, 2, 1, tzinfo=UTC))
            load_term(year, term, facts, return_ids=[name], config=config, clock=clock)
    return nation.references
