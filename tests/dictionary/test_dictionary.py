"""Items found by words, shapes resolved for every census, schools and purposes as published."""

from __future__ import annotations

from pathlib import Path

import pytest

from schoolgate.dictionary import (
    NoItem,
    NoShape,
    census_shape,
    establishment,
    establishments,
    install,
    lake_tables,
    open_dictionary,
    purposes,
    shipped_workbook,
)
from schoolgate.ids import Term

KNOWN = [(year, term) for year in range(2015, 2027) for term in Term if year > 2015 or term is Term.AUTUMN]


@pytest.mark.parametrize(("year", "term"), KNOWN)
def test_every_census_since_autumn_2015_has_a_shape_with_pupils_on_roll(year: int, term: Term) -> None:
    tables = census_shape(year, term).tables
    assert {"pupilonroll"} <= set(tables)
    assert "upn" in tables["pupilonroll"]
    renamed = (year, term.order) >= (2023, Term.AUTUMN.order)
    assert ("sex" in tables["pupilonroll"], "gender" in tables["pupilonroll"]) == (renamed, not renamed)


def test_code_sets_change_with_the_year() -> None:
    def codes(year: int, term: Term, table: str, column: str) -> set[str]:
        return {code.code for code in census_shape(year, term).tables[table][column].codes}

    assert "FIXD" in codes(2018, Term.SPRING, "termlyexclusionsonroll", "category")
    assert "SUSP" in codes(2026, Term.SPRING, "termlyexclusionsonroll", "category")
    assert "FIXD" not in codes(2026, Term.SPRING, "termlyexclusionsonroll", "category")
    new = {"C1", "C2", "J1", "K", "Q", "Y1"}
    assert not new & codes(2020, Term.SPRING, "termlysessiondetailsonroll", "attendancereason")
    assert new <= codes(2026, Term.SPRING, "termlysessiondetailsonroll", "attendancereason")


@pytest.mark.parametrize(("year", "term"), [(2014, Term.AUTUMN), (2027, Term.SPRING), (2015, Term.SPRING)])
def test_a_census_of_unknown_shape_is_said_to_be_unknown(year: int, term: Term) -> None:
    with pytest.raises(NoShape):
        census_shape(year, term)


def test_a_dictionary_is_named_by_its_content_and_opens_as_it_was_made(tmp_path: Path) -> None:
    made, _ = install([shipped_workbook()], tmp_path)
    assert open_dictionary(tmp_path) == made
    again, _ = install([shipped_workbook()], tmp_path)
    assert again.version == made.version
    assert (tmp_path / "current").read_text() == made.version


def test_a_parent_finds_an_item_by_everyday_words(tmp_path: Path) -> None:
    found = open_dictionary(tmp_path).search("free school meals")
    assert "census_pupil.fsmeligible" in [item.id for item in found]
    assert open_dictionary(tmp_path).search("") == []
    assert open_dictionary(tmp_path).search("zebra crossing") == []


def test_an_item_is_found_by_id_alias_former_name_or_field(tmp_path: Path) -> None:
    dictionary = open_dictionary(tmp_path)
    for text in ("ULN_Census_[term][yy]", "ulnc_[yy]", "ULN_Census"):
        assert dictionary.resolve(text).name == "ULN_Census"
    assert dictionary.resolve("census_pupil.ethnicity").may_decline
    with pytest.raises(NoItem):
        dictionary.resolve("shoe size")


def test_every_column_a_query_may_name_is_explained_to_families(tmp_path: Path) -> None:
    dictionary = open_dictionary(tmp_path)
    for table in lake_tables():
        for column in table.columns:
            item = dictionary.get(f"{table.name}.{column.name}")
            if column.kind == "provenance":
                assert item is None
                continue
            assert item is not None
            assert item.description
            assert item.why
            assert item.identifiability in {1, 2, 3, 4, 5}
            assert item.sensitivity in {"A", "B", "C", "D", "E"}


def test_no_identity_is_a_column_of_the_lake() -> None:
    names = {column.name for table in lake_tables() for column in table.columns}
    assert not names & {
        "upn",
        "formerupn",
        "surname",
        "forename",
        "middlenames",
        "dob",
        "postcode",
        "uniquelearnernumber",
    }


def test_schools_are_real_and_found_by_urn() -> None:
    school = establishment(100008)
    assert school is not None
    assert (school.name, school.laestab.authority, school.phase) == ("Argyle Primary School", "202", "PS")
    assert establishment(999999) is None
    assert {"NS", "PS", "SS", "SP", "PR"} <= {school.phase for school in establishments()}


def test_every_purpose_that_overrides_an_objection_names_its_provision() -> None:
    known = {purpose.id for purpose in purposes()}
    assert {"education-research", "school-funding", "subject-access", "immigration-enforcement"} <= known
    for purpose in purposes():
        assert purpose.plain
        assert bool(purpose.provision) == purpose.statutory_override
