"""Workbooks of the ministry's layout as other people write them: every row has a clear outcome."""

from __future__ import annotations

import contextlib
import datetime
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.chart import BarChart
from openpyxl.worksheet.worksheet import Worksheet

from schoolgate.dictionary import LoadReport, WorkbookUnreadable, load_workbook, shipped_workbook

HEADER = ["NPD Alias", "NPD Field Reference", "Years Populated", "Description", "Values", "Identifiability",
          "Sensitivity"]  # fmt: skip


def item(name: str) -> list[Any]:
    return [f"{name}_[yy]", name, "2001/02 -", f"What {name} is", "1 = Yes\n0 = No", 4, "C"]


def load(
    path: Path, rows: list[list[Any]], change: Callable[[openpyxl.Workbook, Worksheet], object] | None = None
) -> LoadReport:
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "S"
    for row in rows:
        sheet.append(row)
    if change:
        change(book, sheet)
    book.save(path / "book.xlsx")
    return load_workbook(path / "book.xlsx")


def test_the_header_is_found_under_titles_notes_and_blank_rows_in_any_case_and_order(tmp_path: Path) -> None:
    shouted = [title.upper() for title in HEADER]
    report = load(tmp_path, [[], ["The title"], [], ["nb. a note"], shouted, item("A"), [], item("B")])
    assert [(found.alias, found.collection) for found in report.items] == [
        ("A_[yy]", "The title"),
        ("B_[yy]", "The title"),
    ]
    mixed = ["Sensitivity*", "IDENTIFICATION RISK (1-5)", "description ", "Other", "Field Reference", "npd alias"]
    report = load(tmp_path, [["T"], mixed, ["E", 3.0, "words", "x", "F", "F_[yy]"]])
    found = report.items[0]
    assert (found.alias, found.identifiability, found.sensitivity, found.description) == ("F_[yy]", 3, "E", "words")
    assert report.columns_not_kept == ("Other",)


def test_columns_that_are_missing_are_named_and_items_kept_or_reported(tmp_path: Path) -> None:
    report = load(tmp_path, [["T"], ["NPD Alias", "Description"], ["A_[yy]", "words"]])
    assert [found.alias for found in report.items] == ["A_[yy]"]
    assert "no column of years populated, identifiability, sensitivity" in report.problems[0].reason
    report = load(tmp_path, [["T"], HEADER[2:], item("A")[2:]])
    assert report.items == ()
    assert [(problem.row, problem.is_kept) for problem in report.problems] == [(2, True), (3, False)]


def test_items_without_a_header_above_them_are_reported_row_by_row(tmp_path: Path) -> None:
    report = load(tmp_path, [["T"], item("A"), item("B")])
    assert [(problem.row, problem.is_kept) for problem in report.problems] == [(2, False), (3, False)]
    assert report.sheets[0].unread == 2


@pytest.mark.parametrize("default", ["Default", "Default Data Items (applicants will receive these)", "DEFAULT ITEMS"])
@pytest.mark.parametrize("asked", ["By request", "'By request' Data items", "BY-REQUEST ITEMS"])
def test_sections_are_told_apart_also_when_the_header_is_not_repeated(tmp_path: Path, asked: str, default: str) -> None:
    report = load(
        tmp_path, [["Title"], [asked], HEADER, item("A"), [], [default], ["(Old Tier 3)"], item("B"), HEADER, item("C")]
    )
    assert [found.given for found in report.items] == ["by request", "default", "default"]
    assert {found.table for found in report.items} == {"S"}


def test_a_column_may_say_how_each_item_is_given(tmp_path: Path) -> None:
    rows = [["T"], [*HEADER, "Default or by request"], [*item("A"), "By request"], [*item("B"), "Default"]]
    assert [found.given for found in load(tmp_path, rows).items] == ["by request", "default"]


def test_table_headings_name_the_table_of_the_rows_below(tmp_path: Path) -> None:
    report = load(
        tmp_path,
        [["T"], HEADER, ["First table"], item("A"), ["Second table", None, "2006/07 -"], item("A"), ["Third", *[None] * 4, 4, "C"],
         item("A"), HEADER, item("A")],
    )  # fmt: skip
    assert [found.table for found in report.items if found.name == "A"] == ["First table", "Second table", "Third", "S"]
    assert len({found.id for found in report.items}) == len(report.items)


def test_numbers_and_dates_are_read_as_they_were_meant(tmp_path: Path) -> None:
    report = load(
        tmp_path,
        [
            HEADER,
            ["A", 123, 2016, 45.5, None, "4.0", "e"],
            ["B", "b", datetime.date(2005, 6, 1), "d", None, 5, "D"],  # what a spreadsheet makes of 2005/06
            ["C", "c", "2010 only", "d", None, 5, "D"],
            ["D", "d", "2005/06 - 2008/09, 2010/11 -", "d", None, 5, "D"],
        ],
    )
    a, b, c, d = report.items
    assert (a.name, a.first_year, a.description, a.identifiability, a.sensitivity) == ("123", 2016, "45.5", 4, "E")
    assert (b.years, b.first_year, b.last_year) == ("2005/06", 2005, 2005)
    assert [(problem.row, "is a date" in problem.reason) for problem in report.problems] == [(3, True)]
    assert (c.first_year, c.last_year) == (2010, 2010)
    assert (d.first_year, d.last_year) == (2005, None)


def test_cells_merged_downwards_count_for_each_row_and_names_only_once(tmp_path: Path) -> None:
    def merge(book: openpyxl.Workbook, sheet: Worksheet) -> None:
        for area in ("A1:G1", "C3:C4", "A5:A6", "B5:B6"):
            sheet.merge_cells(area)

    second = item("B")
    second[2] = None
    report = load(tmp_path, [["T"], HEADER, item("A"), second, item("C"), [None, None, None, "more words"]], merge)
    assert [(found.name, found.years) for found in report.items] == [
        ("A", "2001/02 -"), ("B", "2001/02 -"), ("C", "2001/02 -"),
    ]  # fmt: skip
    assert [(problem.row, problem.is_kept) for problem in report.problems] == [(6, False)]


def test_aliases_put_together_by_a_formula_are_read_and_other_formulas_reported(tmp_path: Path) -> None:
    report = load(
        tmp_path,
        [
            HEADER,
            ['="X_"&B2', "F", "2001/02", '=UPPER("d")', None, 5, "E"],
            ['=CONCATENATE("Y_",$B3,"_[yy]")', "G", "2001/02", "d", None, 5, "E"],
            ["Z", "z", "2001/02", "d", None, "=2+2", "E"],
        ],
    )
    assert [found.alias for found in report.items] == ["X_F", "Y_G_[yy]", "Z"]
    assert [problem.row for problem in report.problems if "formula" in problem.reason] == [2, 4]


def test_the_ministrys_workbook_saved_again_by_another_program_loses_no_item(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(shipped_workbook())
    for number, sheet in enumerate(book.worksheets):
        sheet.title = f"Renamed {number}"
    book.worksheets[6].sheet_state = "hidden"
    book.save(tmp_path / "again.xlsx")
    before, after = load_workbook(shipped_workbook()), load_workbook(tmp_path / "again.xlsx")
    assert [found.alias for found in after.items] == [found.alias for found in before.items]
    assert [count for _, count in after.per_sheet] == [count for _, count in before.per_sheet]
    assert after.sheets[6].remark == "a hidden sheet"


def test_sheets_without_rows_are_named_too(tmp_path: Path) -> None:
    def more(book: openpyxl.Workbook, sheet: Worksheet) -> None:
        book.create_chartsheet("A picture").add_chart(BarChart())
        book.create_sheet("Nothing")

    report = load(tmp_path, [HEADER, item("A")], more)
    assert [(told.sheet, told.items, told.remark) for told in report.sheets] == [
        ("S", 1, ""), ("A picture", 0, "a chart, without rows"), ("Nothing", 0, "empty"),
    ]  # fmt: skip


def test_an_item_that_stands_twice_is_kept_twice_and_said(tmp_path: Path) -> None:
    report = load(
        tmp_path,
        [HEADER, item("A"), item("A"), [part.lower() if isinstance(part, str) else part for part in item("A")]],
    )
    assert len(report.items) == len({found.id.lower() for found in report.items}) == 3
    assert "stands in row 2" in report.problems[0].reason


def test_a_stray_cell_at_the_far_end_of_a_sheet_does_not_hide_its_items(tmp_path: Path) -> None:
    report = load(tmp_path, [HEADER, item("A")], lambda book, sheet: sheet.cell(1_048_576, 16_384, "stray"))
    assert len(report.items) == 1
    assert report.sheets[0].headings == 2


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.one_of(
            st.just(HEADER),
            st.just(item("A")),
            st.just(["Default Data Items"]),
            st.just([]),
            st.lists(
                st.one_of(
                    st.none(),
                    st.integers(0, 9),
                    st.sampled_from(["E", "Q", "2001/02 -", "A_[yy]", "N/A", "Description", "1 = Yes"]),
                    st.dates(datetime.date(1990, 1, 1), datetime.date(2030, 1, 1)),
                    st.booleans(),
                ),
                max_size=9,
            ),
        ),
        max_size=14,
    )
)
def test_whatever_stands_in_a_sheet_each_row_is_accounted_for_once(tmp_path: Path, rows: list[list[Any]]) -> None:
    report = load(tmp_path, rows)
    told = report.sheets[0]
    filled = sum(any(value is not None and value != "" for value in row) for row in rows)
    assert told.items + told.headings + told.unread == filled
    assert told.unread == len({problem.row for problem in report.problems if not problem.is_kept})


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a,b\n1,2\n", "not an Excel workbook"),
        (b"", "not an Excel workbook"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "old Excel workbook"),
    ],
)
def test_other_kinds_of_file_are_refused_with_what_to_do(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "file.xlsx").write_bytes(content)
    with pytest.raises(WorkbookUnreadable, match=words) as refused:
        load_workbook(tmp_path / "file.xlsx")
    assert refused.value.hint


@given(place=st.integers(0, 219_000))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_workbook_is_refused_in_words_or_read_never_worse(tmp_path: Path, place: int) -> None:
    damaged = bytearray(shipped_workbook().read_bytes())
    damaged[place : place + 40] = bytes(40)
    (tmp_path / "damaged.xlsx").write_bytes(damaged)
    with contextlib.suppress(WorkbookUnreadable):
        assert load_workbook(tmp_path / "damaged.xlsx").sheets


@pytest.mark.parametrize(
    "attack",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
        + b"".join(b'<!ENTITY %c "' % (99 + n) + b"&%c;" % (98 + n) * 10 + b'">' for n in range(8))
        + b"]>",
        b'<!DOCTYPE x [<!ENTITY j SYSTEM "file:///etc/hostname">]>',
    ],
)
def test_entities_inside_a_workbook_are_not_followed(tmp_path: Path, attack: bytes) -> None:
    sheet = (
        b'<?xml version="1.0"?>' + attack + b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006'
        b'/main"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&j;</t></is></c></row></sheetData></worksheet>'
    )
    with zipfile.ZipFile(shipped_workbook()) as old, zipfile.ZipFile(tmp_path / "new.xlsx", "w") as new:
        for part in old.infolist():
            is_sheet = part.filename.endswith("/sheet5.xml")
            new.writestr(part.filename, sheet if is_sheet else old.read(part.filename))
    with pytest.raises(WorkbookUnreadable):
        load_workbook(tmp_path / "new.xlsx")
