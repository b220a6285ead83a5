"""Terms, years and old tiers of a workbook: read where they are understood, reported where they are not."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from schoolgate.dictionary import Item, LoadReport, load_workbook, shipped_workbook

HEADER = ["NPD Alias", "Description", "Years Populated", "Collection Term", "Old Tier", "Identifiability",
          "Sensitivity"]  # fmt: skip


def load(path: Path, years: str = "2001/02 -", term: str = "Aut", tier: str = "4") -> tuple[Item, list[str]]:
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.append(HEADER)
    sheet.append(["A_[yy]", "words", years, term, tier, 4, "C"])
    book.save(path / "book.xlsx")
    report: LoadReport = load_workbook(path / "book.xlsx")
    assert all(problem.is_kept and (problem.sheet, problem.row) == ("Sheet", 2) for problem in report.problems)
    return report.items[0], [problem.reason for problem in report.problems]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Aut, Spr, Sum", ("AUT", "SPR", "SUM")), ("SPRING", ("SPR",)), ("Autumn and Summer terms", ("AUT", "SUM")),
        ("All", ("AUT", "SPR", "SUM")), ("N/A", ()), ("", ()),
    ],
)  # fmt: skip
def test_terms_that_are_understood(tmp_path: Path, text: str, terms: tuple[str, ...]) -> None:
    item, wrong = load(tmp_path, term=text)
    assert (item.terms, wrong) == (terms, [])


@pytest.mark.parametrize(("text", "terms"), [("Winter", ()), ("Aut, Winter", ("AUT",)), ("3", ()), ("?", ())])
def test_a_term_that_is_none_is_reported(tmp_path: Path, text: str, terms: tuple[str, ...]) -> None:
    item, wrong = load(tmp_path, term=text)
    assert item.terms == terms
    assert len(wrong) == 1
    assert "is not autumn, spring or summer" in wrong[0]


@pytest.mark.parametrize("text", ["2005/06 - 2003/04", "2005-2003", "2010 to 2009", "2010/09 -", "2010/2008"])
def test_years_that_run_backwards_are_reported_and_give_no_span(tmp_path: Path, text: str) -> None:
    item, wrong = load(tmp_path, years=text)
    assert (item.years, item.first_year, item.last_year) == (text, None, None)
    assert len(wrong) == 1
    assert "run backwards" in wrong[0]


@pytest.mark.parametrize("text", ["around 2004?", "c. 2004", "2004?", "2004 (approx)", "~2004"])
def test_years_that_are_only_approximate_are_reported(tmp_path: Path, text: str) -> None:
    item, wrong = load(tmp_path, years=text)
    assert (item.years, item.first_year) == (text, 2004)
    assert len(wrong) == 1
    assert "which is not understood" in wrong[0]


@pytest.mark.parametrize(
    "text",
    ["1999/00 -", "2005/06", "2005/2006 only", "2007/08\n2008/09 -", "2005/06-2008/09", "2004 to 2006", "2010 onwards",
     "2005/06 - 2008/09, 2010/11 -", "2012/13 to date"],
)  # fmt: skip
def test_years_as_they_are_usually_written_are_not(tmp_path: Path, text: str) -> None:
    assert load(tmp_path, years=text)[1] == []


@pytest.mark.parametrize(
    ("text", "tier"), [("1", "1"), ("Tier 4", "4"), ("Old tier: 2", "2"), ("3.0", "3"), ("1/2", "1, 2"), ("", "")]
)
def test_an_old_tier_is_1_to_4(tmp_path: Path, text: str, tier: str) -> None:
    item, wrong = load(tmp_path, tier=text)
    assert (item.old_tier, wrong) == (tier, [])


@pytest.mark.parametrize("text", ["9", "Tier 5", "0", "IV", "4 or so"])
def test_any_other_old_tier_is_reported(tmp_path: Path, text: str) -> None:
    item, wrong = load(tmp_path, tier=text)
    assert item.old_tier == ""
    assert len(wrong) == 1
    assert "old tier is not 1 to 4" in wrong[0]


def test_the_ministrys_workbook_has_none_of_these() -> None:
    reasons = [problem.reason for problem in load_workbook(shipped_workbook()).problems]
    assert reasons, "it has other rows that are read in part"
    for words in ("collection term", "backwards", "not understood", "old tier is not"):
        assert not [reason for reason in reasons if words in reason]
