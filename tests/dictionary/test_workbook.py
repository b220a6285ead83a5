"""The ministry's workbook is read whole, any workbook of its layout too, and no row is dropped in silence."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from schoolgate.dictionary import WorkbookUnreadable, load_concepts, load_workbook, shipped_workbook

HEADER = ["NPD Alias ", "NPD Field Reference", "Old Alias", "Years Populated", "Description", "Allowed Values",
          "Old Tier of Variable", "Identification Risk", "Sensitivity"]  # fmt: skip


def book(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)  # type: ignore[arg-type]
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
    workbook.save(path)
    return path


def _classified_rows(sheet: Any) -> int:
    """Rows with a classification or a description below its title: counted without the loader's code."""
    titles = {"Identifiability", "Identification Risk", "Sensitivity"}
    described = None
    count, columns = 0, list[int]()
    for row in sheet.iter_rows(values_only=True):
        texts = [str(value).strip() if value is not None else "" for value in row]
        if "Sensitivity" in texts and "Description" in texts:
            columns = [at for at, text in enumerate(texts) if text in titles]
            described = texts.index("Description")
        elif any(at < len(texts) and texts[at] in set("12345ABCDE") for at in columns) or (
            described is not None and texts[described]
        ):
            count += 1
    return count


def test_every_classified_row_of_every_sheet_of_the_real_workbook_becomes_an_item() -> None:
    report = load_workbook(shipped_workbook())
    real = openpyxl.load_workbook(shipped_workbook(), data_only=True)
    assert dict(report.per_sheet) == {sheet.title: _classified_rows(sheet) for sheet in real.worksheets}
    assert len(report.per_sheet) == len(real.worksheets)
    assert sum(count for _, count in report.per_sheet) == len(report.items) == len({item.id for item in report.items})
    assert all(problem.is_kept for problem in report.problems)
    assert {name for name, _ in report.code_sets} >= {"TOE_CODE", "NFTYPE", "Language", "Ethnicity"}


def test_every_row_that_is_not_blank_is_an_item_a_heading_a_code_or_reported() -> None:
    report = load_workbook(shipped_workbook())
    real = openpyxl.load_workbook(shipped_workbook(), data_only=True)
    for sheet, told in zip(real.worksheets, report.sheets, strict=True):
        filled = sum(any(str(v or "").strip() for v in row) for row in sheet.iter_rows(values_only=True))
        assert told.items + told.headings + told.codes + told.unread == filled, sheet.title


def test_every_item_says_what_its_own_row_says() -> None:
    real = openpyxl.load_workbook(shipped_workbook(), data_only=True)
    rows = {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in real.worksheets}
    for item in load_workbook(shipped_workbook()).items:
        above, row = rows[item.source.sheet][: item.source.row], rows[item.source.sheet][item.source.row - 1]
        header = next(r for r in reversed(above) if "Sensitivity" in [str(v).strip() for v in r])
        cells = {str(title).strip(): str(value or "").strip() for title, value in zip(header, row, strict=True)}
        risk = cells.get("Identification Risk", cells.get("Identifiability", ""))
        assert (str(item.identifiability or ""), item.sensitivity or "") == (risk, cells["Sensitivity"]), item.id
        assert item.description == cells["Description"], item.id
        assert item.years == cells.get("Years Populated", cells.get("Years populated")), item.id
        assert {item.alias, item.name} - {""} <= set(cells.values()), item.id
        assert set(item.former_names) <= set(cells.values()), item.id


def test_an_item_has_everything_its_row_says() -> None:
    items = {item.alias: item for item in load_workbook(shipped_workbook()).items}
    uln = items["ULN_Census_[term][yy]"]
    assert (uln.name, uln.former_names, uln.years, uln.first_year, uln.last_year) == (
        "ULN_Census", ("ulnc_[yy]",), "2007/08 -", 2007, None,
    )  # fmt: skip
    assert (uln.identifiability, uln.sensitivity, uln.old_tier, uln.given) == (2, "E", "1", "by request")
    assert uln.terms == ("AUT", "SPR", "SUM")
    assert items["KS2FAAT[yy]_URN"].given == "default"
    term = items["Term_[term][yy]"]
    assert [code.code for code in term.codes] == ["AUT", "SPR", "SUM"]
    tables = {item.table for item in load_workbook(shipped_workbook()).items if item.alias == "CIN_ACADYR"}
    assert "n_Census_CIN_Child" in tables


def test_a_workbook_with_sheets_nobody_has_seen_is_read_the_same_way(tmp_path: Path) -> None:
    path = book(
        tmp_path / "new.xlsx",
        {
            "Something_New_30-31": [
                ["A new collection"],
                [],
                ["'By request' Data items"],
                HEADER,
                ["New_[yy]", "New", "old", "2030/31 - ", "What it is", "1 = Yes\n0 = No", "2", 4, "C"],
                ["Default Data Items (applicants will receive these)"],
                ["FieldReference", "Years populated", "Description", "Identifiability", "Sensitivity"],
                ["OTHER", "2030/2031 - 2031/2032", None, "5", "E"],
            ]
        },
    )
    report = load_workbook(path)
    first, second = report.items
    assert (first.collection, first.given, first.identifiability) == ("A new collection", "by request", 4)
    assert [(code.code, code.label) for code in first.codes] == [("1", "Yes"), ("0", "No")]
    assert (second.given, second.first_year, second.last_year) == ("default", 2030, 2031)
    assert report.per_sheet == (("Something_New_30-31", 2),)


def test_a_row_that_cannot_be_read_is_reported_with_sheet_row_and_reason(tmp_path: Path) -> None:
    path = book(
        tmp_path / "bad.xlsx",
        {
            "S": [
                HEADER,
                ["A", "a", None, "2001/02 -", "d", None, "1", "9", "E"],
                ["B", "b", None, "2001/02 -", "d", None, "1", "5", "Q"],
                [None, None, None, "2001/02 -", "nobody", None, "1", "5", "E"],
                ["C", "c", None, "sometimes", "d", None, "1", "5", "E"],
                [None, "d", None, "2001/02 -", "d", None, "1", 5.0, "e"],
                ["E", "e", None, None, "d", None, "1", "5", "E"],
                ["F", "f", None, "2001/02 -", "d", None, "1", None, None],
            ]
        },
    )
    report = load_workbook(path)
    assert [(problem.sheet, problem.row, problem.is_kept) for problem in report.problems] == [
        ("S", 2, True), ("S", 3, True), ("S", 4, False), ("S", 5, True), ("S", 6, True), ("S", 7, True),
        ("S", 8, True), ("S", 8, True),
    ]  # fmt: skip
    words = ("identifiability is not", "sensitivity is not", "names no item", "years", "no alias", "years", "is blank")
    for problem, said in zip(report.problems, words, strict=False):
        assert said in problem.reason
    assert [item.name for item in report.items] == ["a", "b", "c", "d", "e", "f"]
    assert (report.sheets[0].items, report.sheets[0].unread, report.sheets[0].headings) == (6, 1, 1)


def test_an_empty_workbook_gives_no_items_and_no_fault(tmp_path: Path) -> None:
    report = load_workbook(book(tmp_path / "empty.xlsx", {"Empty": []}))
    assert (report.items, report.per_sheet) == ((), (("Empty", 0),))


def test_what_is_not_a_workbook_is_refused_in_plain_words(tmp_path: Path) -> None:
    text = tmp_path / "text.xlsx"
    text.write_text("not a workbook")
    other = tmp_path / "zip.xlsx"
    with zipfile.ZipFile(other, "w") as parts:
        parts.writestr("hello.txt", "hello")
    for path in (text, other):
        with pytest.raises(WorkbookUnreadable, match="not an Excel workbook"):
            load_workbook(path)
    with pytest.raises(WorkbookUnreadable, match="cannot be opened"):
        load_workbook(tmp_path / "missing.xlsx")


def test_a_workbook_that_unpacks_beyond_reason_is_not_opened(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as parts:
        for number in range(3):
            parts.writestr(f"xl/{number}.xml", b"\0" * (80 * 2**20))
    with pytest.raises(WorkbookUnreadable, match="100 MiB"):
        load_workbook(bomb)


def test_the_concept_tree_gives_items_their_place() -> None:
    concepts = load_concepts(shipped_workbook().with_name("npd_concept_tree.xlsx"))
    assert concepts["AgeAtStartOfAcademicYear_[term][yy]"] == (
        "Demographics",
        "Age",
        "Age at start of academic year",
    )
    assert concepts["TermlyReasonI_Autumn_ab[yy]"][0] == "Absence and exclusion"
    assert len(concepts) > 1000
