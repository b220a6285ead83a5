"""Returns are of real schools, say that they are synthetic, collect what each census collects, and pass its pack."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest

from schoolgate import collect, synthetic
from schoolgate.dictionary import census_shape, establishment, establishments
from schoolgate.ids import CensusPoint, Term
from tests.synthetic.reading import Seen, findings, made, point, rows

EVERY = ["AUT-2015", *(f"{term}-{year}" for year in range(2016, 2027) for term in ("SPR", "SUM", "AUT"))]
"""Autumn 2015 is the first whose shape is published."""


@pytest.fixture(scope="module")
def every_census(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    return made(tmp_path_factory.mktemp("every"), " ".join(EVERY), schools=15, pupils=1_200, seed=13)


def test_every_census_since_autumn_2015_is_made(every_census: tuple[Path, ...]) -> None:
    assert len(EVERY) == 34
    assert {"_".join(path.stem.split("_")[2:]) for path in every_census} == {text.replace("-", "_") for text in EVERY}


def test_without_mistakes_no_rule_finds_anything(every_census: tuple[Path, ...]) -> None:
    found = {path.name: [(f.rule, f.row) for f in findings(path)] for path in every_census}
    assert {name: what for name, what in found.items() if what} == {}


@pytest.mark.parametrize("seed", [1, 2])
def test_schools_of_their_usual_size_pass_too(tmp_path: Path, seed: int) -> None:
    paths = made(tmp_path, "AUT-2022 SPR-2026", schools=24, pupils=None, seed=seed)
    assert [f for path in paths for f in findings(path)] == []


def test_every_school_is_one_of_the_register(every_census: tuple[Path, ...]) -> None:
    for header in {seen.header for seen in rows(every_census)}:
        school = establishment(int(header.urn))
        assert school is not None
        assert (school.laestab, school.name.strip(), school.phase) == (header.laestab, header.school_name, header.phase)


def test_each_file_says_that_it_is_synthetic(every_census: tuple[Path, ...]) -> None:
    for path in every_census:
        text = path.read_text(encoding="utf-8")
        assert path.name.startswith("SYNTHETIC_")
        assert "<SoftwareCode>SYNTHETIC</SoftwareCode>" in text
        assert "SYNTHETIC: no child in this file exists" in text[:200]


def test_no_name_or_address_could_be_taken_for_real(every_census: tuple[Path, ...]) -> None:
    for seen in rows(every_census):
        for column in ("surname", "formersurname", "preferredsurname"):
            assert seen.get(column) == "" or seen.get(column).endswith("synth")
        for home in seen.row.addresses:
            assert re.fullmatch(r"ZZ[1-9][0-9]? [1-9][A-Z]{2}", home["postcode"])
            assert home.get("street", "Synthetic Street") == "Synthetic Street"


def given(paths: tuple[Path, ...]) -> dict[CensusPoint, set[str]]:
    found: dict[CensusPoint, set[str]] = defaultdict(set)
    for seen in rows(paths):
        if seen.row.on_roll:
            found[seen.point] |= set(seen.row.fields)
    return found


def test_a_census_is_given_what_it_collects_and_nothing_else(every_census: tuple[Path, ...]) -> None:
    for census, columns in given(every_census).items():
        known = set(census_shape(census.year, census.term).tables["pupilonroll"])
        assert columns <= known, (census, columns - known)


def test_items_come_and_go_with_the_years(every_census: tuple[Path, ...]) -> None:
    found = given(every_census)
    assert "gender" in found[point("SUM-2023")]
    assert "gender" not in found[point("AUT-2023")]
    assert "sex" in found[point("AUT-2023")]
    assert {census for census, columns in found.items() if "youngcarer" in columns} == {
        CensusPoint(year, Term.SPRING) for year in (2023, 2024, 2025, 2026)
    }
    assert {census.term for census, columns in found.items() if "ethnicity" in columns} == {Term.SPRING}


def test_sixth_formers_hours_and_programmes_are_given_in_autumn(lived: list[Seen]) -> None:
    sixth = [seen for seen in lived if seen.row.on_roll and seen.get("ncyearactual") in ("12", "13")]
    assert len(sixth) > 100
    for seen in sixth:
        autumn = seen.point.term is Term.AUTUMN
        assert bool(seen.get("qualhrs")) == bool(seen.row.programme_aims) == autumn


def test_suspensions_are_named_as_the_year_names_them(every_census: tuple[Path, ...]) -> None:
    for seen in rows(every_census):
        for away in seen.row.exclusions:
            renamed = seen.point >= point("AUT-2020")
            assert away["category"] in (("SUSP", "PERM") if renamed else ("FIXD", "PERM"))
            assert ("reason1" in away) == (seen.point >= point("SPR-2021"))


def test_attendance_codes_follow_the_reform_of_august_2024(every_census: tuple[Path, ...]) -> None:
    used = defaultdict(set)
    for seen in rows(every_census):
        used[seen.point >= point("SPR-2025")] |= {part["attendancereason"] for part in seen.row.sessions}
    assert "H" in used[False] - used[True]
    assert "C2" in used[True] - used[False]


def test_needs_are_given_in_spring_for_whoever_has_provision(every_census: tuple[Path, ...]) -> None:
    for seen in rows(every_census):
        if seen.row.on_roll:
            expected = seen.point.term is Term.SPRING and seen.get("senprovision") != "N"
            assert bool(seen.row.sen_needs) == expected


def test_nursery_children_have_hours_and_nobody_else(every_census: tuple[Path, ...]) -> None:
    nursery = 0
    for seen in rows(every_census):
        if seen.row.on_roll:
            young = seen.get("ncyearactual") in ("N1", "N2")
            nursery += young
            assert bool(seen.get("fundedhours")) == bool(seen.get("hoursatsetting")) == young
            assert (seen.get("classtype") == "N") == young
    assert nursery > 100


def test_boarders_are_few_and_have_no_attendance(large: list[Seen]) -> None:
    boarders = [seen for seen in large if seen.row.on_roll and seen.get("boarder") != "N"]
    assert 0 < len(boarders) < len(large) / 200
    assert all(not seen.get("termlysessionspossible") and not seen.row.sessions for seen in boarders)


def test_attendance_never_exceeds_what_was_possible(every_census: tuple[Path, ...]) -> None:
    for seen in rows(every_census):
        missed = sum(int(part["sessions"]) for part in seen.row.sessions)
        assert missed <= int(seen.get("termlysessionspossible") or 0)


def test_schools_are_chosen_with_every_phase_and_reproducibly() -> None:
    chosen = synthetic.choose_schools(40, 9)
    assert len(chosen) == len({school.urn for school in chosen}) == 40
    assert chosen == synthetic.choose_schools(40, 9) != synthetic.choose_schools(40, 10)
    assert {"PS", "SS", "SP", "PR", "NS"} <= {school.phase for school in chosen}


@pytest.mark.parametrize("count", [1, 2, 7, 500])
def test_any_number_of_schools_can_be_chosen(count: int) -> None:
    assert len(synthetic.choose_schools(count, 1)) == count


def test_more_schools_than_there_are_means_all() -> None:
    assert len(synthetic.choose_schools(10**6, 1)) == len(list(establishments()))


def test_one_school_alone_can_be_made(tmp_path: Path) -> None:
    (school,) = (s for s in establishments() if s.urn == 100008)
    paths = made(tmp_path, "AUT-2025 SPR-2026", schools=[school.urn], pupils=None)
    assert [f for path in paths for f in findings(path)] == []
    assert sum(1 for _ in rows(paths)) > 200


def test_census_days_are_those_the_collecting_room_knows(every_census: tuple[Path, ...]) -> None:
    for header in {seen.header for seen in rows(every_census)}:
        assert header.reference_date == collect.census_day(int(header.year), Term(header.term))
