"""The same arguments give the same bytes; a census does not depend on its neighbours; memory does not grow."""

from __future__ import annotations

import os
import tracemalloc
from collections import Counter
from pathlib import Path

import pytest

from schoolgate import synthetic
from schoolgate.errors import SchoolgateError
from schoolgate.ids import Upn, Urn
from tests.synthetic.reading import made, point, rows


def contents(place: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(place.iterdir())}


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        made(tmp_path / name, "AUT-2024 SPR-2025", mistake_rate=0.02, query_rate=0.5)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_another_seed_gives_other_children(tmp_path: Path) -> None:
    urns = [school.urn for school in synthetic.choose_schools(4, 1)]
    first = {
        seen.get("surname") + seen.get("dob") for seen in rows(made(tmp_path / "1", "AUT-2024", schools=urns, seed=1))
    }
    second = {
        seen.get("surname") + seen.get("dob") for seen in rows(made(tmp_path / "2", "AUT-2024", schools=urns, seed=2))
    }
    assert len(first & second) < len(first) / 20


def test_a_return_does_not_depend_on_which_other_censuses_are_asked_for(tmp_path: Path) -> None:
    alone, among = tmp_path / "alone", tmp_path / "among"
    (one, *_) = made(alone, "SPR-2022", mistake_rate=0.01)
    made(among, "AUT-2016 SPR-2019 AUT-2021 SPR-2022 SUM-2022 AUT-2026", mistake_rate=0.01)
    assert one.exists()
    for path in alone.glob("*.xml"):
        assert path.read_bytes() == (among / path.name).read_bytes()


def test_returns_come_by_census_and_school_and_one_each(tmp_path: Path) -> None:
    paths = made(tmp_path, "SPR-2025 AUT-2024 SPR-2025")
    headers = [(seen.point, int(seen.header.urn)) for seen in rows(paths)]
    assert headers == sorted(headers)
    assert len(paths) == len(set(paths)) == 24


def test_memory_and_open_files_do_not_grow_with_the_nation(tmp_path: Path) -> None:
    def peak(schools: int) -> tuple[int, int]:
        open_files = 0

        def count(stage: str, done: int, total: int | None) -> None:
            nonlocal open_files
            open_files = max(open_files, len(os.listdir("/proc/self/fd")))

        tracemalloc.start()
        synthetic.generate(
            tmp_path / str(schools), schools=schools, points=[point("AUT-2025")], seed=3, pupils=schools * 15,
            progress=count,
        )  # fmt: skip
        _, found = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return found, open_files

    peak(45)  # what is read once and kept: the register, the census shapes
    small, few = peak(45)
    big, many = peak(110)
    assert big < 1.3 * small
    assert many == few


def test_a_school_may_allocate_more_than_a_thousand_upns_a_year(tmp_path: Path) -> None:
    primary = next(school for school in synthetic.choose_schools(20, 3) if school.phase == "PS")
    found = list(rows(made(tmp_path, "AUT-2024", schools=[primary.urn], pupils=14_000)))
    upns = [Upn(seen.get("upn")) for seen in found]
    years = Counter(seen.get("upn")[8:10] for seen in found)
    assert len(set(upns)) == len(upns) > 13_000
    assert max(years.values()) > 1_500
    assert {upn[1:4] for upn in upns} == {primary.laestab.authority}


def test_more_than_a_return_holds_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(SchoolgateError, match="So few schools"):
        made(tmp_path, "AUT-2024", schools=2, pupils=100_000)
    assert list(tmp_path.glob("*.xml")) == []


def test_a_school_that_is_not_in_the_register_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SchoolgateError, match="No school of the register"):
        made(tmp_path, "AUT-2024", schools=[Urn(999999)])


def test_a_census_that_never_was_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SchoolgateError, match="shape"):
        made(tmp_path, "SPR-2015")
