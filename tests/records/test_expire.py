"""Versions that end are gone: from the database's lists, from Iceberg's metadata and from the disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.ids import Pmr, Term
from schoolgate.records.amend import Drop, Fill, amend
from schoolgate.records.custody import check_store
from schoolgate.records.expire import end_versions, is_ended, newest, swept
from schoolgate.records.read import NoData, snapshot
from tests.records.test_lake import held, load

pytestmark = pytest.mark.django_db(transaction=True)

FAR = 1_234_567_891
"""A reference whose four bytes are nowhere by chance."""
ALSO_FAR = 1_234_567_899


def files(home: Config) -> list[Path]:
    return [path for path in home.lake.rglob("*") if path.is_file()]


def mentions(home: Config, pupil: int) -> list[str]:
    """Files that hold a reference's bytes, uncompressed ones: Avro's and Parquet's statistics keep bounds so."""
    return [path.name for path in files(home) if pupil.to_bytes(4, "little") in path.read_bytes()]


def test_what_was_dropped_is_in_no_file_once_the_versions_that_held_it_end(home: Config, clock: FixedClock) -> None:
    load(home, clock, 2025, [3, 5, FAR])
    load(home, clock, 2026, [5, FAR])
    assert mentions(home, FAR)
    drops = [Drop(t, y, Term.AUTUMN, Pmr(FAR)) for t in ("census_pupil", "census_absence") for y in (2025, 2026)]
    amend(drops, config=home, clock=clock)
    assert held(home, "census_pupil", 2) == [(2025, 3), (2025, 5), (2025, FAR), (2026, 5), (2026, FAR)]
    told: list[tuple[int, ...]] = []
    ended = end_versions(config=home, clock=clock, in_transaction=told.append)
    assert told == [ended.versions] == [(1, 2)]
    assert held(home, "census_pupil") == [(2025, 3), (2025, 5), (2026, 5)]
    assert mentions(home, FAR) == []
    assert swept(home)
    for version in (1, 2):
        assert is_ended(version)
        with pytest.raises(NoData, match="no longer exists"):
            snapshot(version, home)
    assert newest() == 3
    check_store(home)
    # The lake goes on as before, and ending again finds nothing to end.
    load(home, clock, 2024, [ALSO_FAR])
    assert held(home, "census_pupil") == [(2024, ALSO_FAR), (2025, 3), (2025, 5), (2026, 5)]
    assert end_versions(config=home, clock=clock).versions == (3,)
    assert end_versions(config=home, clock=clock).versions == ()


def test_a_column_emptied_nation_wide_is_in_no_file(home: Config, clock: FixedClock) -> None:
    load(home, clock, 2025, [3, 5])
    amend([Fill("census_pupil", 2025, Term.AUTUMN, {"sex": None})], config=home, clock=clock)
    end_versions(config=home, clock=clock)
    check_store(home)
    assert len([path for path in files(home) if path.suffix == ".parquet"]) == 2


def test_an_end_that_is_refused_or_cut_short_is_taken_up_again(home: Config, clock: FixedClock) -> None:
    class Cut(Exception):
        pass

    def cut_at(step: str) -> Callable[[str], None]:
        def cut(where: str) -> None:
            if where == step:
                raise Cut

        return cut

    load(home, clock, 2025, [3, FAR])
    load(home, clock, 2025, [3])

    def no(versions: tuple[int, ...]) -> None:
        raise Cut

    with pytest.raises(Cut):
        end_versions(config=home, clock=clock, in_transaction=no)
    assert not is_ended(1)
    assert held(home, "census_pupil", 1) == [(2025, 3), (2025, FAR)]
    for step in ("ended", "expired census_pupil"):
        with pytest.raises(Cut):
            end_versions(config=home, clock=clock, step=cut_at(step))
        assert is_ended(1)
        assert not swept(home)
        assert held(home, "census_pupil") == [(2025, 3)]
    end_versions(config=home, clock=clock)
    assert swept(home)
    assert mentions(home, FAR) == []
