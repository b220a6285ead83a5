"""A researcher with an agreement wants more than it gives: files, settings, catalogue, the internal number.

Every query of `hostile` is put to the gate twice: to its understanding alone, and as a whole read in a house with
real rooms. What must be refused is, with its reasons; what may run is shown to depend neither on how pupils are
numbered nor on how rows are stored.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from pathlib import Path

import pytest
from pyroaring import BitMap

from schoolgate import gate, ledger, register
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.gate.engines.engine import EngineRefused, Limits
from schoolgate.gate.rewrite import Plan
from schoolgate.gate.understand import Asked, understand
from tests.gate.box import Box, alike, plan_of
from tests.threats.hostile import ALL, CANARY, FAMILIES, Hostile
from tests.threats.lake import LAKE, Tables, answer, numbered_otherwise, stored_otherwise, with_pseudonyms_of
from tests.world import CHILDREN, build

WANTED = {
    "file access": 46,
    "configuration": 28,
    "catalogue peeking": 14,
    "comments and unicode tricks": 36,
    "identifiers that shadow tables": 56,
    "* and COLUMNS": 18,
    "QUALIFY": 6,
    "lateral joins": 6,
    "correlated subqueries": 9,
    "recursive CTEs": 7,
    "set operations": 12,
    "PIVOT": 7,
    "struct and list wildcards": 17,
    "macros": 9,
    "positional joins": 7,
    "sampling": 10,
    "SUMMARIZE": 9,
    "casts that leak by error message": 16,
    "division by zero as an oracle": 14,
    "timing": 10,
    "resource exhaustion": 30,
    "stacked statements": 36,
    "prepared-statement names": 9,
    "virtual columns": 15,
    "row order and unordered limits": 72,
    "arithmetic on pseudonyms": 95,
    "strange shapes and new syntax": 64,
}
"""Families, and how many queries each has at least."""

REFUSED = [
    pytest.param(entry, id=f"{family}: {entry.why} ({at})") for at, (family, entry) in enumerate(ALL) if entry.codes
]
HARMLESS = [
    pytest.param(entry, id=f"{family}: {entry.why}") for family, entry in ALL if not entry.codes and not entry.fails
]
FAILING = [pytest.param(entry, id=f"{family}: {entry.why}") for family, entry in ALL if entry.fails]

_ROUGH = Limits(seconds=1.0, memory="200MB", threads=1)


def text(entry: Hostile, secret: Path | str = "/srv/secret.parquet") -> str:
    return entry.sql.format(secret=secret, canary=CANARY)


def test_every_family_is_there_and_says_no_query_twice() -> None:
    assert set(FAMILIES) == set(WANTED)
    assert {family: len(entries) for family, entries in FAMILIES.items() if len(entries) < WANTED[family]} == {}
    assert len(ALL) >= 650
    assert len({re.sub(r"[ \t\n]+", " ", entry.sql).strip().lower() for _, entry in ALL}) == len(ALL)
    assert all(entry.why for _, entry in ALL)


@pytest.mark.parametrize("entry", REFUSED)
def test_it_is_refused_with_its_reasons_and_nothing_of_it_is_repeated(
    entry: Hostile, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        reasons = understand(text(entry))
    assert not isinstance(reasons, Asked)
    assert entry.codes <= {reason.code for reason in reasons}
    for said in (repr(reasons), caplog.text):
        assert CANARY.lower() not in said.lower()
        assert "secret.parquet" not in said


def ends(folder: Path, tables: Tables, plan: Plan) -> str:
    """A query's answer, or the class of error it ends with: what the asker can tell apart."""
    try:
        return repr(answer(folder, tables, plan))
    except EngineRefused as refused:
        return f"fails: {refused.code}"


def exposed(box: Box, plan: Plan) -> dict[str, BitMap]:
    found: dict[str, BitMap] = {}
    with box.engine(limits=Limits(threads=1)) as engine:
        for scan in plan.scans:
            found[scan.table] = found.get(scan.table, BitMap()) | engine.members(scan.members)
    return found


@pytest.mark.parametrize("entry", HARMLESS)
def test_what_may_run_depends_on_neither_numbers_nor_storage_and_is_recorded_in_full(
    entry: Hostile, tmp_path: Path
) -> None:
    plan = plan_of(text(entry))
    found = answer(tmp_path, LAKE, plan)
    for seed in range(3):
        assert ends(tmp_path, stored_otherwise(LAKE, seed), plan) == repr(found)
        renumbered, became = numbered_otherwise(LAKE, seed)
        assert Counter(map(repr, answer(tmp_path, renumbered, plan))) == Counter(
            map(repr, with_pseudonyms_of(found, became))
        )
    # And no pupil shows in it who is not recorded.
    box = Box(tmp_path, LAKE)
    assert repr(answer(tmp_path, dict(box.without(exposed(box, plan)).tables), plan)) == repr(found)


@pytest.mark.parametrize("entry", FAILING)
def test_what_fails_in_the_engine_says_its_class_and_no_value(
    entry: Hostile, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    plan = plan_of(text(entry))
    box = Box(tmp_path, LAKE)
    with (
        caplog.at_level(logging.DEBUG),
        box.engine(BitMap(), limits=_ROUGH) as engine,
        pytest.raises(EngineRefused) as raised,
    ):
        engine.run(plan.sql)
    assert raised.value.code in entry.fails
    said = str(raised.value) + repr(raised.value.__dict__) + caplog.text + "".join(capfd.readouterr())
    assert not [value for value in ("WBRI", "APKN", "REF", "10000", "2020-09") if value in said]


_LITERAL = ("identifiers that shadow tables", "comments and unicode tricks", "correlated subqueries", "set operations")


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(entry, id=f"{family}: {entry.why}")
        for family, entry in ALL
        if not entry.codes and not entry.fails and family in (*_LITERAL, "QUALIFY", "lateral joins", "recursive CTEs")
    ],
)
def test_a_strange_name_or_shape_changes_nothing_of_the_answer(entry: Hostile, tmp_path: Path) -> None:
    assert alike(answer(tmp_path, LAKE, plan_of(text(entry)))) == alike(Box(tmp_path, LAKE).plain(text(entry)))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("family", FAMILIES)
def test_in_a_whole_house_no_hostile_query_brings_anything_out(
    family: str, home: Config, clock: FixedClock, tmp_path: Path
) -> None:
    world = build(home, clock)
    secret = tmp_path / "secret.csv"
    secret.write_text(f"x\n{CANARY}\n")
    before = {path: path.stat().st_mtime_ns for path in home.lake.rglob("*") if path.is_file()}
    entries = [entry for entry in FAMILIES[family] if entry.codes]
    for entry in entries:
        sql = text(entry, secret)
        refused = gate.read(world.agreement, world.person, sql, config=home, clock=clock)
        assert isinstance(refused, gate.RefusedQuery), entry.why
        assert entry.codes <= {reason.code for reason in refused.reasons}, entry.why
        told = register.event(refused.log_index)
        assert (told.type, told.subject) == ("query.refused", world.agreement)
        assert set(told.body["reasons"]) == {reason.code for reason in refused.reasons}
        assert CANARY not in repr(refused) + repr(told)
        assert secret.name not in repr(refused) + repr(told)
    assert ledger.releases() == ()
    assert len(register.events("query.refused", limit=1000)) == len(entries)
    assert secret.read_text() == f"x\n{CANARY}\n"
    assert {path: path.stat().st_mtime_ns for path in home.lake.rglob("*") if path.is_file()} == before
    published = b"".join(path.read_bytes() for path in home.log.rglob("*") if path.is_file()).decode(errors="replace")
    assert CANARY not in published
    assert not any(child.surname in published for child in CHILDREN)
