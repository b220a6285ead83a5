"""``schoolgate dictionary`` at the terminal, as an operator and a curious parent use it."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import openpyxl
import pytest

from schoolgate.dictionary import shipped_workbook
from tests import quick_command


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation of its own: commands write their register events there."""
    return tmp_path_factory.mktemp("home")


def schoolgate(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "SCHOOLGATE_HOME": str(home), "SCHOOLGATE_DATABASE": "sqlite"}
    return quick_command.run("dictionary", *words, environment=environment)


def test_load_says_what_came_from_each_sheet_and_ends_with_the_number_of_items(home: Path) -> None:
    told = schoolgate(home, "load", str(shipped_workbook()))
    assert told.returncode == 0, told.stderr
    lines = told.stdout.splitlines()
    assert lines[-1] == "436 items"
    counted = {match[2]: int(match[1]) for line in lines if (match := re.match(r" {1,5}(\d+)  (.+?)(  \(|$)", line))}
    sheets = openpyxl.load_workbook(shipped_workbook(), read_only=True).sheetnames
    assert list(counted) == sheets
    assert sum(counted.values()) == 436
    assert any("NCCIS_10-11_to_16-17, row 22: sensitivity is blank" in line for line in lines)


def test_load_names_the_row_it_cannot_read_and_changes_nothing_when_there_is_no_item(
    home: Path, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "A sheet"
    sheet.append(["NPD Alias", "Description", "Years Populated", "Identifiability", "Sensitivity"])
    sheet.append([None, "words", "2001/02 -", 4, "C"])
    book.save(tmp_path / "none.xlsx")
    before = (home / "dictionary" / "current").read_text()
    told = schoolgate(home, "load", str(tmp_path / "none.xlsx"))
    assert told.returncode == 1
    assert "A sheet, row 2: no alias and no field reference" in told.stdout
    assert told.stdout.splitlines()[-1] == "0 items"
    assert (home / "dictionary" / "current").read_text() == before


@pytest.mark.parametrize("name", ["no-such-file.xlsx", "text.xlsx"])
def test_load_refuses_in_words(home: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "text.xlsx").write_text("not a workbook")
    told = schoolgate(home, "load", str(tmp_path / name))
    assert told.returncode == 1
    assert "Not done:" in told.stderr
    assert "Traceback" not in told.stderr


def test_search_and_show_teach(home: Path) -> None:
    found = schoolgate(home, "search", "special", "needs")
    assert found.returncode == 0
    assert found.stdout.startswith("census_pupil.senprovision")
    assert schoolgate(home, "search", "zebra crossing").returncode == 1
    shown = schoolgate(home, "show", "census_absence.attendancereason").stdout
    assert "Codes, autumn 2024 to autumn 2026" in shown
    assert "J1 = Leave for an interview" in shown
    alias = schoolgate(home, "show", "ulnc_[yy]").stdout
    assert "[term] is the term" in alias
    assert "Why it is collected" in alias
    several = schoolgate(home, "show", "ULN_Census")
    assert several.returncode == 1
    assert "2 items are called ULN_Census" in several.stdout
    assert "PRU_ULN_Census_SPR[yy]" in several.stdout
    begun = schoolgate(home, "show", "ULN_Cens")
    assert begun.returncode == 1
    assert "items have a name that begins with ULN_Cens" in begun.stdout
    assert "UPN_[term][yy]" in schoolgate(home, "show", "UPN_SPR17").stdout
    exact = schoolgate(home, "search", "FSMeligible")
    assert exact.returncode == 0
    assert exact.stdout.startswith("census_pupil.fsmeligible")
    none = schoolgate(home, "show", "shoe size")
    assert none.returncode == 1
    assert "no such item" in none.stderr
