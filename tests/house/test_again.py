"""What is laid down again is, row for row, what was built."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import connection

from schoolgate import gate
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.ids import Term
from schoolgate.records.append import load_term
from tests import again, flushing
from tests.web.asked import rows
from tests.world import build


@pytest.mark.django_db(transaction=True)
def test_a_world_built_again_has_the_same_rows(
    home: Config, clock: FixedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(again, "_KEPT", {})
    found = []
    for name in ("first", "second"):
        place = tmp_path / name
        place.mkdir(mode=0o700)
        world = build(replace(home, home=place), clock)
        found.append((world.agreement, world.person, rows()))
        flushing.empty(connection)
    assert found[0] == found[1]
    assert len(again._KEPT) == 2
    assert sum(map(len, found[0][2].values())) > 50


@pytest.mark.django_db
def test_a_home_laid_down_again_is_read_and_written_without_the_first(
    home: Config, clock: FixedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(again, "_KEPT", {})
    answers = []
    for name in ("first", "second"):
        place = replace(home, home=tmp_path / name)
        place.home.mkdir(mode=0o700)
        world = build(place, clock)
        sql = "SELECT sex, age, urn FROM census_pupil ORDER BY sex, age, urn"
        handed = gate.read(world.agreement, world.person, sql, config=place, clock=clock)
        assert isinstance(handed, gate.Handover), handed
        answers.append(handed.table.to_pylist())
        later = load_term(  # the catalogue is the second's own: what is loaded into one is not in the other
            2027, Term.SPRING, [], return_ids=["s"], config=place, clock=clock,
        )  # fmt: skip
        answers.append([{"version": later.number}])
        flushing.empty(connection)
        shutil.rmtree(place.home)
    assert len(answers[0]) == 6
    assert answers[:2] == answers[2:]


@pytest.mark.django_db
def test_where_something_was_there_before_it_is_built() -> None:
    calls = []

    def made() -> str:
        from schoolgate import people

        calls.append(1)
        return people.add_organisation(f"Trust {len(calls)} (synthetic)", "charity").id

    first = again.again("a test of this", made)
    assert again.again("a test of this", made) != first
    assert len(calls) == 2
