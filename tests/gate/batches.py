"""Batches of random reads: one lake, one agreement and one engine for forty queries, each asked in several ways."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
from pyroaring import BitMap

from schoolgate.gate.engines.engine import EngineRefused, Limits
from schoolgate.gate.rewrite import ScanPlan, plan_scan, rewrite
from schoolgate.gate.understand import Asked, understand
from tests.gate.asking_queries import random_query
from tests.gate.box import EVERY_ROW, Box, alike, rows_of
from tests.gate.worlds import (
    PUPILS,
    Answer,
    Copies,
    Template,
    all_else_changed,
    fill,
    named_outputs,
    only,
    random_rows,
    random_rule,
)

BATCH = 40


@dataclass(frozen=True)
class Read:
    """One random query and what came of it.

    Attributes:
        seed: its number; `random_query` gives it again.
        sql: the query.
        refused: the gate's reasons, when it does not take the query.
        failed: whether the asker's own query fails in the engine.
        rows: how many rows the asker's own query gives.
        scans: how many readings of a table; pushed: how many of them have a condition.
        answered: the rewritten query gives what the asker's own gives on the rows policy allows.
        members: the gate finds the pupils of each scan that the asker's condition finds on those rows.
        alone: the answer without every pupil outside the exposure is the same.
        changed: the answer is the same when all that was not recorded as read is other.
        parts: on parts of the lake, too, the answer is that of the exposed pupils in them.
    """

    seed: int
    sql: str
    refused: tuple[str, ...] = ()
    failed: bool = False
    rows: int = 0
    scans: int = 0
    pushed: int = 0
    answered: bool = True
    members: bool = True
    alone: bool = True
    changed: bool = True
    parts: bool = True


def _answer(connection: duckdb.DuckDBPyConnection, sql: str) -> Answer | None:
    try:
        answer = connection.execute(sql)
        return named_outputs([column[0] for column in answer.description or []], answer.fetchall())
    except duckdb.Error:
        return None


def _same(copies: Copies, template: Template, one: list[str], other: list[str]) -> bool:
    """Whether two variants of a lake give one answer; a query that fails on either says nothing."""
    answers = [_answer(copies.connection, template.filled(bodies)) for bodies in (one, other)]
    return None in answers or alike(answers[0] or []) == alike(answers[1] or [])


def _exposed(connection: duckdb.DuckDBPyConnection, scan: ScanPlan) -> frozenset[int]:
    found = connection.execute(f'SELECT DISTINCT pupil FROM "{scan.table}" AS t WHERE {scan.condition}')
    return frozenset(pupil for (pupil,) in found.fetchall())


def reads(first: int, count: int) -> Iterator[Read]:
    """The queries of these numbers, read in batches."""
    for base in range(first, first + count, BATCH):
        yield from _batch(base, min(BATCH, first + count - base))


def _batch(base: int, size: int) -> Iterator[Read]:
    dice = random.Random(base)
    tables, others = random_rows(dice), random_rows(dice)
    rule = random_rule(dice) if dice.random() < 0.6 else EVERY_ROW
    denied = BitMap(dice.sample(PUPILS, dice.choice([0, 0, 1, 2])))
    copies = Copies(tables, others)
    with tempfile.TemporaryDirectory() as folder:
        box = Box(Path(folder), tables)
        allowed = duckdb.connect(":memory:", config={"threads": 1})
        fill(allowed, {t: [r for r in rows if box.allowed(t, r, rule, denied)] for t, rows in tables.items()})
        with box.engine(denied, limits=Limits(threads=1)) as engine:
            for seed in range(base, base + size):
                sql = random_query(seed)
                asked = understand(sql)
                if not isinstance(asked, Asked):
                    yield Read(seed, sql, refused=tuple(problem.code for problem in asked))
                    continue
                template = Template.of(asked)
                scans = [plan_scan(scan, EVERY_ROW, anyone_denied=False) for scan in asked.scans]
                expected = _answer(allowed, sql)
                if expected is None:
                    yield Read(seed, sql, failed=True)
                    continue
                plan = rewrite(asked.named, asked.references, asked.scans, rule, anyone_denied=bool(denied))
                try:
                    answered = alike(rows_of(engine.run(plan.sql))) == alike(expected)
                except EngineRefused:
                    answered = False
                members = all(
                    frozenset(engine.members(full.members)) == _exposed(allowed, own)
                    for full, own in zip(plan.scans, scans, strict=True)
                )
                everything = [f'SELECT * FROM "{table}"' for table in template.tables]
                exposed = [_exposed(copies.connection, scan) for scan in scans]
                alone = [only(scan.table, pupils) for scan, pupils in zip(scans, exposed, strict=True)]
                parts = [frozenset(p for p in PUPILS if dice.random() < 0.6) for _ in scans]
                yield Read(
                    seed,
                    sql,
                    rows=len(expected),
                    scans=len(scans),
                    pushed=sum(scan.condition != "TRUE" for scan in scans),
                    answered=answered,
                    members=members,
                    alone=_same(copies, template, everything, alone),
                    changed=_same(copies, template, everything, [all_else_changed(scan) for scan in scans]),
                    parts=_same(
                        copies,
                        template,
                        [only(scan.table, part) for scan, part in zip(scans, parts, strict=True)],
                        [only(s.table, part & e) for s, part, e in zip(scans, parts, exposed, strict=True)],
                    ),
                )
