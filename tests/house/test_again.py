"""What is laid down again is, row for row, what was built."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from django.db import connection

from schoolgate.clock import FixedClock
from schoolgate.config import Config
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
        everything = {table: kept for table, kept in rows().items() if not table.startswith("records_")}
        found.append((world.agreement, world.person, everything))
        flushing.empty(connection)
    assert found[0] == found[1]
    assert len(again._KEPT) == 1
    assert sum(map(len, found[0][2].values())) > 50


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
