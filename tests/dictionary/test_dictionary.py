"""Items found by words, shapes resolved for every census, schools and purposes as published."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schoolgate.dictionary import (
    Dictionary,
    NoItem,
    NoShape,
    SeveralItems,
    census_shape,
    establishment,
    establishments,
    install,
    lake_tables,
    load_workbook,
    open_dictionary,
    purposes,
    shipped_workbook,
)
from schoolgate.ids import Term


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Dictionary:
    """The dictionary of the shipped workbook and lists."""
    return open_dictionary(tmp_path_factory.mktemp("dictionary"))


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


def test_a_parent_finds_an_item_by_everyday_words(shipped: Dictionary) -> None:
    found = shipped.search("free school meals")
    assert "census_pupil.fsmeligible" in [item.id for item in found]
    assert shipped.search("") == []
    assert shipped.search("zebra crossing") == []


def test_an_item_is_found_by_id_alias_former_name_or_field(shipped: Dictionary) -> None:
    for text in ("ULN_Census_[term][yy]", "ulnc_[yy]", " uln_census_[TERM][YY] "):
        assert shipped.resolve(text).alias == "ULN_Census_[term][yy]"
    for text in ("fsmeligible", "Free school meals", "CENSUS_PUPIL.FSMELIGIBLE"):
        assert shipped.resolve(text).id == "census_pupil.fsmeligible"
    assert shipped.resolve("census_pupil.ethnicity").may_decline
    with pytest.raises(NoItem):
        shipped.resolve("shoe size")


def test_a_name_that_several_items_bear_lists_them_all(shipped: Dictionary) -> None:
    with pytest.raises(SeveralItems) as several:
        shipped.resolve("ULN_Census")
    assert {item.alias for item in several.value.items} == {"ULN_Census_[term][yy]", "PRU_ULN_Census_SPR[yy]"}


@pytest.mark.parametrize(
    ("said", "first"),
    [
        ("free school meals", "census_pupil.fsmeligible"),
        ("free dinners", "census_pupil.fsmeligible"),
        ("special needs", "census_pupil.senprovision"),
        ("race", "census_pupil.ethnicity"),
        ("ethnicty", "census_pupil.ethnicity"),
        ("mother tongue", "census_pupil.language"),
        ("Polish", "census_pupil.language"),
        ("langauge", "census_pupil.language"),
        ("expelled", "census_exclusion.category"),
        ("army", "census_pupil.servicechild"),
        ("year group", "census_pupil.ncyearactual"),
        ("What is kept about my child's birthday?", "census_pupil.yearofbirth"),
        ("KS4_GENDER", "KS4_GENDER"),
        ("ulnc_[yy]", "ULN_Census_[term][yy]"),
    ],
)
def test_everyday_words_and_slips_of_the_keyboard_find_the_item_first(
    shipped: Dictionary, said: str, first: str
) -> None:
    assert shipped.search(said)[0].id == first


def test_when_no_item_has_all_the_words_those_with_most_are_shown_as_such(shipped: Dictionary) -> None:
    found = shipped.find("free school meals zebra")
    assert found.is_partial
    assert found.items[0].id == "census_pupil.fsmeligible"
    mended = shipped.find("boardr")
    assert (mended.understood, mended.is_partial) == ("boarder", False)


@given(words=st.text(max_size=40))
def test_no_search_whatever_fails(shipped: Dictionary, words: str) -> None:
    found = shipped.find(words)
    assert len({item.id for item in found.items}) == len(found.items)


def test_codes_say_what_they_mean_and_when_they_changed(shipped: Dictionary) -> None:
    reason = shipped.get("census_absence.attendancereason")
    assert reason is not None
    assert [span.when for span in reason.code_sets] == [
        "autumn 2015 to summer 2020",
        "autumn 2020 to summer 2024",
        "autumn 2024 to autumn 2026",
    ]
    assert reason.codes == reason.code_sets[-1].codes
    labels = {code.code: code.label for code in reason.codes}
    assert labels["I"] == "Ill"
    language = shipped.get("census_pupil.language")
    assert language is not None
    assert {code.code: code.label for code in language.codes}["POL"] == "Polish"
    assert sum(not code.is_explained for code in language.codes) < 10


def test_a_renamed_column_knows_its_old_name_and_the_old_one_its_new(shipped: Dictionary) -> None:
    now, before = shipped.get("return.pupilonroll.sex"), shipped.get("return.pupilonroll.gender")
    assert now is not None
    assert before is not None
    assert (now.former_names, now.years) == (("gender",), "autumn 2023 -")
    assert before.years == "autumn 2015 - summer 2023"
    assert "Now called sex" in before.description


def test_a_reason_names_its_law_and_is_never_made_up(shipped: Dictionary) -> None:
    census = shipped.resolve("UPN_[term][yy]")
    assert census.why
    assert "537A" in census.law
    need = shipped.resolve("CIN_Disability")
    assert need.law == "Children Act 1989 section 83"
    none_known = shipped.resolve("ISP_LEARNER_ID")
    assert (none_known.why, none_known.law) == ("", "")


def test_items_of_a_workbook_have_their_place_in_the_concept_tree(shipped: Dictionary) -> None:
    pupil_level = [item for item in shipped.items if item.source.row and not item.source.sheet.startswith("SLD")]
    assert len(pupil_level) == 320
    assert sum(bool(item.concept) for item in pupil_level) >= 272
    # Of the same name in several collections, where the tree places them alike.
    assert shipped.resolve("Y7_SURNAME").concept[:2] == ("Demographics", "Pupil name")


def test_no_item_is_lost_because_another_has_its_name_in_other_letters(shipped: Dictionary) -> None:
    aliases = {item.alias for item in shipped.items}
    assert {"Middlenames_ex[yy]", "MiddleNames_ex[yy]"} <= aliases
    report = load_workbook(shipped_workbook())
    assert sum(item.source.row > 0 for item in shipped.items) == len(report.items)


def test_a_dictionary_of_an_earlier_release_is_made_again_with_this_ones_lists(tmp_path: Path) -> None:
    made, _ = install([shipped_workbook()], tmp_path)
    old = json.loads((tmp_path / f"{made.version}.json").read_bytes())
    kept = [item for item in old["items"] if item["id"] != "census_pupil.language"]
    (tmp_path / "old.json").write_text(json.dumps({"lists": "another", "items": kept}))
    (tmp_path / "current").write_text("old")
    assert open_dictionary(tmp_path) == made


def test_a_workbook_without_items_leaves_the_dictionary_in_force(tmp_path: Path) -> None:
    made, _ = install([shipped_workbook()], tmp_path / "home")
    empty = openpyxl.Workbook()
    empty.save(tmp_path / "empty.xlsx")
    kept, reports = install([tmp_path / "empty.xlsx"], tmp_path / "home")
    assert (kept, reports[0].items) == (made, ())
    assert open_dictionary(tmp_path / "home") == made


def test_every_column_a_query_may_name_is_explained_to_families(shipped: Dictionary) -> None:
    for table in lake_tables():
        for column in table.columns:
            item = shipped.get(f"{table.name}.{column.name}")
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


def test_every_school_has_its_authority_by_name_and_codes_that_families_see_have_words(tmp_path: Path) -> None:
    assert all(school.authority_name for school in establishments())
    camden = next(school for school in establishments() if school.urn == 100008)
    assert (camden.laestab.authority, camden.authority_name) == ("202", "Camden")
    lake = {item.id: {code.code: code.label for code in item.codes} for item in open_dictionary(tmp_path).items}
    assert lake["census_sen_need.sentype"]["SPLD"] == "Specific learning difficulty"
    assert lake["census_exclusion.category"]["SUSP"] == "Suspension"


def test_what_a_familys_look_takes_from_the_vault_has_words_and_no_agreement_can_ask_for_it(tmp_path: Path) -> None:
    found = {item.id: item for item in open_dictionary(tmp_path).items if item.id.startswith("identity.")}
    assert {"identity.surname", "identity.forename", "identity.dob", "identity.upn"} <= set(found)
    assert all(item.description and item.why and item.law for item in found.values())
    assert not {table.name for table in lake_tables()} & {"identity"}
