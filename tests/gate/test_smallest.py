"""The smallest sound set by brute force: every part of a small lake is asked, for random queries.

A part holds, for each scan, some of the pupils. A pupil is needed in a scan when some part's answer changes with that
pupil's rows in that scan (`docs/exposure.md`): what is recorded must hold all who are needed, and holds few others.
"""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import pytest

from schoolgate.gate.rewrite import plan_scan
from schoolgate.gate.understand import Asked, understand
from tests.gate.asking_queries import random_query
from tests.gate.box import EVERY_ROW, alike
from tests.gate.worlds import Copies, Template, only, random_rows

_QUERIES = max(6, int(os.environ.get("SCHOOLGATE_EXAMPLES", "100")) // 3)
_PUPILS = {1: 6, 2: 4}
"""How many pupils a lake has for a query of so many scans: 64 parts, or 256."""

Part = tuple[frozenset[int], ...]


@dataclass(frozen=True)
class Tried:
    """A query asked of every part of a lake.

    Attributes:
        sql: the query.
        exposed: the pupils recorded for each scan.
        needed: those whose rows change some part's answer.
        enough: on every part the answer is that of the needed pupils in it.
    """

    sql: str
    exposed: Part
    needed: Part
    enough: bool


def _subsets(pupils: range) -> Iterator[frozenset[int]]:
    for size in range(len(pupils) + 1):
        yield from map(frozenset, itertools.combinations(pupils, size))


def _try(seed: int) -> Tried | None:
    sql = random_query(seed)
    asked = understand(sql)
    if not isinstance(asked, Asked) or len(asked.scans) not in _PUPILS:
        return None
    pupils = range(_PUPILS[len(asked.scans)])
    template, dice = Template.of(asked), random.Random(seed)
    scans = [plan_scan(scan, EVERY_ROW, anyone_denied=False) for scan in asked.scans]
    copies = Copies(random_rows(dice, pupils=pupils), {})
    answers = {}
    for part in itertools.product(_subsets(pupils), repeat=len(scans)):
        bodies = [only(scan.table, some) for scan, some in zip(scans, part, strict=True)]
        try:
            answers[part] = alike(copies.ask(template.filled(bodies)))
        except duckdb.Error:
            return None
    needed = tuple(
        frozenset(
            pupil
            for pupil in pupils
            if any(answers[part] != answers[_without(part, at, pupil)] for part in answers if pupil in part[at])
        )
        for at in range(len(scans))
    )
    enough = all(
        answer == answers[tuple(some & least for some, least in zip(part, needed, strict=True))]
        for part, answer in answers.items()
    )
    return Tried(sql, tuple(copies.members(scan) for scan in scans), needed, enough)


def _without(part: Part, at: int, pupil: int) -> Part:
    return (*part[:at], part[at] - {pupil}, *part[at + 1 :])


@pytest.fixture(scope="module")
def tried() -> list[Tried]:
    """Some queries on all the parts of a lake each."""
    found = (made for seed in itertools.count(500_000) if (made := _try(seed)) is not None)
    return list(itertools.islice(found, _QUERIES))


def test_every_pupil_who_is_needed_in_a_scan_is_recorded_for_it(tried: list[Tried]) -> None:
    missing = [
        (one.sql, at, sorted(least - some))
        for one in tried
        for at, (some, least) in enumerate(zip(one.exposed, one.needed, strict=True))
        if least - some
    ]
    assert missing == []


def test_the_needed_pupils_are_enough_on_every_part_of_the_lake(tried: list[Tried]) -> None:
    assert [one.sql for one in tried if not one.enough] == []


def test_what_is_recorded_is_not_much_more_than_what_is_needed(tried: list[Tried]) -> None:
    recorded = sum(len(some) for one in tried for some in one.exposed)
    needed = sum(len(some) for one in tried for some in one.needed)
    assert needed > 0
    assert recorded <= 3 * needed
