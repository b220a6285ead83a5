"""A researcher with an agreement wants more than it gives: files, settings, catalogue, the internal number.

Every query of `hostile` is put to the gate twice: to its understanding alone, and as a whole read in a house with
real rooms. What must be refused is, with its reasons; what may run is shown to depend neither on how pupils are
numbered nor on how rows are stored.
"""

from __future__ import annotations

import logging
from collections import Counter
from pathlib import Path

import pytest

from schoolgate import gate, ledger, register
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.gate.understand import Asked, understand
from tests.gate.box import Box, alike, plan_of
from tests.threats.hostile import ALL, CANARY, FAMILIES, Hostile
from tests.threats.lake import LAKE, answer, numbered_otherwise, stored_otherwise, with_pseudonyms_of
from tests.world import CHILDREN, build

REFUSED = [
    pytest.param(entry, id=f"{family}: {entry.why} ({at})") for at, (family, entry) in enumerate(ALL) if entry.codes
]
HARMLESS = [pytest.param(entry, id=f"{family}: {entry.why}") for family, entry in ALL if not entry.codes]


def text(entry: Hostile, secret: Path | str = "/srv/secret.parquet") -> str:
    return entry.sql.format(secret=secret, canary=CANARY)


def test_the_corpus_is_wide_and_says_no_query_twice() -> None:
    assert len(ALL) >= 250
    assert len({entry.sql for _, entry in ALL}) == len(ALL)


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
        assert "secret" not in said


@pytest.mark.parametrize("entry", HARMLESS)
def test_what_may_run_depends_neither_on_the_numbers_nor_on_the_storage(entry: Hostile, tmp_path: Path) -> None:
    plan = plan_of(text(entry))
    found = answer(tmp_path, LAKE, plan)
    for seed in range(6):
        assert repr(answer(tmp_path, stored_otherwise(LAKE, seed), plan)) == repr(found)
        renumbered, became = numbered_otherwise(LAKE, seed)
        assert Counter(map(repr, answer(tmp_path, renumbered, plan))) == Counter(
            map(repr, with_pseudonyms_of(found, became))
        )


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(entry, id=f"{family}: {entry.why}")
        for family, entry in ALL
        if not entry.codes and family == "names"
    ],
)
def test_a_strange_name_changes_nothing_of_the_answer(entry: Hostile, tmp_path: Path) -> None:
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
