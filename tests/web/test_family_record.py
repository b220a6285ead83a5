"""A child's record laid out for its family: everything that is held, in words, a census at a time."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schoolgate import rights
from schoolgate.dictionary import LakeColumn, lake_tables
from schoolgate.web.family.plain import Section, beside, sections
from tests.web import rooms


def held(table: str, *rows: dict[str, Any], identity: dict[str, str] | None = None) -> list[Section]:
    return sections(identity or {}, {table: rows}, rooms.Items())


CENSUS = {"year": 2026, "term": "SPR", "urn": 100000}


def test_names_dates_schools_and_codes_are_written_as_people_write_them() -> None:
    row = {**CENSUS, "la": "999", "language": "POL", "monthofbirth": 6, "onroll": False, "recordstatus": 101}
    row |= {"entrydate": date(2020, 9, 3), "fundedhours": Decimal("15.00")}
    who, census = held("census_pupil", row, identity={"dob": "2017-06-29", "forename": "Child"})
    assert [(cell.name, cell.text) for cell in who.parts[0].cells] == [
        ("First name", "Child"),
        ("Date of birth", "29 June 2017"),
    ]
    (part,) = census.parts
    assert part.heading.startswith("Spring 2026, Sir John Cass's Foundation Primary School")
    told = {cell.item.partition(".")[2]: cell.text for cell in part.cells}
    assert told == {
        "la": "Local authority number 999",
        "onroll": "no",
        "recordstatus": "An extra record beside the main one",
        "monthofbirth": "June",
        "language": "Polish",
        "entrydate": "3 September 2020",
        "fundedhours": "15",
    }


def test_a_child_of_two_schools_and_of_several_censuses_has_a_part_for_each_the_latest_first() -> None:
    rows = [{**CENSUS, "term": term, "urn": urn} for term in ("SPR", "AUT") for urn in (100003, 100000)]
    (census,) = held("census_pupil", *[{**row, "onroll": True} for row in rows])
    headings = [part.heading for part in census.parts]
    assert len(set(headings)) == 4
    assert [heading.split(",")[0] for heading in headings] == ["Autumn 2026"] * 2 + ["Spring 2026"] * 2


def test_a_long_record_is_laid_out_year_by_year_the_latest_first() -> None:
    rows = [
        {**CENSUS, "year": year, "term": term, "onroll": True} for year in range(2014, 2027) for term in ("AUT", "SPR")
    ]
    (census,) = held("census_pupil", *rows)
    assert [year for year, _parts in census.years] == list(range(2026, 2013, -1))
    assert {len(parts) for _year, parts in census.years} == {2}


def test_a_change_stands_beside_its_own_fact_and_census_and_one_whose_row_is_gone_is_not_lost() -> None:
    def change(name: str, item: str, year: int, kind: str = "corrected") -> rights.Changed:
        return rights.Changed(
            name, kind, f"census_pupil.{item}", item, year, "SPR", f"Spring {year}", date(2026, 9, 2), "old", "new", "",
            "K-1", True, "",
        )  # fmt: skip

    rows = [{**CENSUS, "year": year, "language": "POL"} for year in (2026, 2025)]
    changes = [change("1", "language", 2025), change("2", "plaa", 2025, "erased"), change("3", "language", 2019)]
    laid_out = sections({}, {"census_pupil": rows}, rooms.Items(), changes=changes)
    now, before = laid_out[0].parts
    assert [cell.history for cell in now.cells] == [()]
    assert [cell.history for cell in before.cells] == [(rights.change_in_words(changes[0]),)]
    assert before.history == (
        "plaa was erased on 2 September 2026. We do not keep what it was. The decision: case K-1.",
    )
    assert beside(changes, laid_out) == [rights.change_in_words(changes[2])]


def test_absence_by_reason_is_one_small_table_for_each_census() -> None:
    rows = [{**CENSUS, "attendancereason": code, "sessions": n} for n, code in enumerate("ICM", start=1)]
    (absence,) = held("census_absence", *rows, {**CENSUS, "year": 2025, "attendancereason": "I", "sessions": 9})
    now, before = absence.parts
    assert [item for _, item in now.columns] == ["census_absence.attendancereason", "census_absence.sessions"]
    assert [row[1] for row in now.rows] == ["1", "2", "3"]
    assert before.rows == (("I", "9"),)
    assert not now.is_wide


ITEMS = [(table.name, column) for table in lake_tables() for column in table.columns if column.kind == "item"]


@given(st.lists(st.tuples(st.sampled_from(ITEMS), st.sampled_from(["SPR", "SUM", "AUT"])), min_size=1, max_size=12))
def test_nothing_that_is_held_is_left_out_of_the_page(facts: list[tuple[tuple[str, LakeColumn], str]]) -> None:
    """A fact is in a cell, in a table or, being the school, in a heading: as often as it is held."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for (table, column), term in facts:
        value: Any = {"int": 7, "string": "ZZ", "date": date(2020, 1, 7), "bool": True, "decimal": Decimal(7)}[
            column.type
        ]
        tables.setdefault(table, []).append({"year": 2026, "term": term, column.name: value})
    shown = sections({}, tables, None)
    parts = [part for section in shown for part in section.parts]
    told = sum(len(part.cells) for part in parts)
    told += sum(text != "–" for part in parts for row in part.rows for text in row)
    schools = sum(column.name == "urn" for (_, column), _ in facts)
    assert told == len(facts) - schools
    assert (schools > 0) == any("School number 7" in part.heading for part in parts)
