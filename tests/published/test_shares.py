"""Shares from earlier lists: entered as not witnessed, all or nothing, and harmless whatever stands in a cell."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from schoolgate import people, published, register
from schoolgate.clock import FixedClock
from schoolgate.errors import Refused, SchoolgateError
from schoolgate.published import Imported, Query
from tests.published import logs

pytestmark = pytest.mark.django_db

HEADINGS = (
    "Organisation", "Title", "Purpose summary", "Data sets", "Level of identifiability", "In the safe setting?",
    "Legal gateway", "Start", "End", "Status",
)  # fmt: skip
ROW = (
    "University of Example (synthetic)", "Who misses school", "To learn about absence.", "School Census; KS2", "2", "No",
    "Education Act 1996 s.537A", "01/09/2014", "31/08/2016", "Closed",
)  # fmt: skip


@pytest.fixture
def custodian() -> str:
    """The official who answers for the list."""
    office = people.add_organisation("Custodian (synthetic)", "custodian")
    return people.add_person(office.id, "custodian").id


def as_csv(place: Path, *rows: Any, headings: Any = HEADINGS) -> Path:
    """A list as CSV."""
    text = io.StringIO()
    csv.writer(text).writerows([headings, *rows])
    (place / "list.csv").write_text(text.getvalue(), encoding="utf-8-sig")
    return place / "list.csv"


def as_xlsx(place: Path, *rows: Any) -> Path:
    """A list as a workbook, with a title above the headings as the ministry's have."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(("External data shares",))
    for row in (HEADINGS, *rows):
        sheet.append(row)
    book.save(place / "list.xlsx")
    return place / "list.xlsx"


def changed(**cells: str) -> tuple[str, ...]:
    """The row with other cells, by heading's first word in small letters."""
    heads = [head.split()[0].lower() for head in HEADINGS]
    return tuple(cells.get(head, value) for head, value in zip(heads, ROW, strict=True))


@pytest.mark.parametrize("make", [as_csv, as_xlsx])
def test_a_share_is_entered_as_imported_and_is_never_counted_as_a_release(
    make: Any, tmp_path: Path, custodian: str, clock: FixedClock
) -> None:
    outcome = published.import_shares(make(tmp_path, ROW), custodian, clock)
    assert isinstance(outcome, Imported)
    (name,) = outcome.entered
    case = published.case(name)
    assert case is not None
    assert (case.status, case.imported, case.releases) == ("imported", True, 0)
    assert case.facts["data_sets"] == ["School Census", "KS2"]
    assert (case.facts["valid_from"], case.facts["valid_until"]) == ("2014-09-01", "2016-08-31")
    assert published.search(Query()).total == 0
    assert published.search(Query()).other == 1
    assert published.search(Query(imported=True, words="absence")).cases == (case,)
    assert published.search(Query(status="imported")).total == 1
    assert published.tallies("releases-") == {}
    assert published.numbers()["imported"] == 1
    (event,) = register.events(type="share.imported")
    assert event.body["source_row"] in (2, 3)
    assert len(event.body["source_sha256"]) == 64


def test_nothing_is_imported_when_a_row_is_bad_and_each_is_named(
    tmp_path: Path, custodian: str, clock: FixedClock
) -> None:
    file = as_csv(
        tmp_path, ROW, changed(organisation=""), changed(start="soon", end="2016-13-01"), changed(title="=1+1"),
        changed(purpose="About A123456789012 and others"), changed(start="2017-01-01", end="2016-01-01"),
    )  # fmt: skip
    outcome = published.import_shares(file, custodian, clock)
    assert isinstance(outcome, Refused)
    said = {one.where: one.reason for one in outcome.reasons}
    assert said["row 3"] == "The organisation is empty."
    assert said["row 4"] == "The start is not a date. The end is not a date."
    assert said["row 5"] == "The title begins like a formula."
    assert "pupil's number" in said["row 6"]
    assert said["row 7"] == "It ends before it starts."
    assert register.log_size() == 0
    partly = published.import_shares(file, custodian, clock, partial=True)
    assert isinstance(partly, Imported)
    assert len(partly.entered) == 1
    assert [one.row for one in partly.bad] == [3, 4, 5, 6, 7]


def test_doubles_are_found_within_a_list_and_against_what_was_imported_before(
    tmp_path: Path, custodian: str, clock: FixedClock
) -> None:
    again = tuple(f" {cell.upper()} " for cell in ROW)
    first = published.import_shares(as_csv(tmp_path, ROW, again), custodian, clock)
    assert isinstance(first, Imported)
    assert [(one.row, one.why) for one in first.doubles] == [(3, ("The same as row 2.",))]
    second = published.import_shares(as_csv(tmp_path, ROW, changed(title="Another")), custodian, clock)
    assert isinstance(second, Imported)
    assert (len(second.entered), [one.row for one in second.doubles]) == (1, [2])
    assert register.log_size() == 2


@pytest.mark.parametrize(
    "cell", ["=cmd|' /C calc'!A0", "+1+1", "@SUM(A1)", "-cmd", "\t=1", "-2+3+cmd|' /C calc'!D2", "＝1+1", "- =1"]
)
def test_a_formula_is_refused_by_its_row(cell: str, tmp_path: Path, custodian: str, clock: FixedClock) -> None:
    outcome = published.import_shares(as_csv(tmp_path, changed(purpose=cell)), custodian, clock)
    assert isinstance(outcome, Refused)
    assert "begins like a formula" in outcome.reasons[0].reason


def test_a_formula_without_a_result_in_a_workbook_is_named_with_its_cell(
    tmp_path: Path, custodian: str, clock: FixedClock
) -> None:
    outcome = published.import_shares(as_xlsx(tmp_path, changed(title='=HYPERLINK("x")')), custodian, clock)
    assert isinstance(outcome, Refused)
    assert outcome.reasons[0].where == "row 3"
    assert "B3" in outcome.reasons[0].reason


def test_markup_stays_text(tmp_path: Path, custodian: str, clock: FixedClock) -> None:
    outcome = published.import_shares(as_csv(tmp_path, changed(title="<script>alert(1)</script>")), custodian, clock)
    assert isinstance(outcome, Imported)
    case = published.case(outcome.entered[0])
    assert case is not None
    assert case.title == "<script>alert(1)</script>"


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "headings"), (b"a,b\n1,2\n", "headings"), (b"PK\x03\x04nonsense", "workbook"), (b"\x00" * 50, "list")],
)
def test_what_is_no_list_is_said(content: bytes, words: str, tmp_path: Path, custodian: str, clock: FixedClock) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(SchoolgateError, match=words):
        published.import_shares(tmp_path / "x", custodian, clock)
    with pytest.raises(SchoolgateError, match="cannot be opened"):
        published.import_shares(tmp_path / "none", custodian, clock)


def test_only_the_custodian_imports(tmp_path: Path, clock: FixedClock) -> None:
    home = people.add_organisation("University of Example (synthetic)", "university")
    other = people.add_person(home.id, "researcher").id
    outcome = published.import_shares(as_csv(tmp_path, ROW), other, clock)
    assert isinstance(outcome, Refused)
    assert outcome.reasons[0].code == "not-your-decision"


def test_an_organisation_known_from_a_list_is_the_one_that_asks_later(
    tmp_path: Path, custodian: str, clock: FixedClock
) -> None:
    published.import_shares(as_csv(tmp_path, ROW), custodian, clock)
    (slug,) = [slug for slug, _name in published.organisations()]
    before = published.organisation(slug)
    assert before is not None
    assert before.imported_only
    logs.asked(1, "university of  example (synthetic)")
    published.refresh()
    after = published.organisation(slug)
    assert after is not None
    assert not after.imported_only
    assert published.search(Query(organisation=slug)).total == 1


@pytest.mark.parametrize(
    ("start", "end", "kept"),
    [
        ("September 2014", "Aug-16", ("2014-09", "2016-08")), ("2014-09", "31/08/2016", ("2014-09", "2016-08-31")),
        ("15/08/2016", "August 2016", ("2016-08-15", "2016-08")), ("01/09/2014", "ongoing", ("2014-09-01", None)),
    ],
)  # fmt: skip
def test_a_month_stays_a_month_and_no_day_is_made_up(
    start: str, end: str, kept: tuple[str, str], tmp_path: Path, custodian: str, clock: FixedClock
) -> None:
    outcome = published.import_shares(as_csv(tmp_path, changed(start=start, end=end)), custodian, clock)
    assert isinstance(outcome, Imported)
    body = register.event(0).body
    assert (body["valid_from"], body.get("valid_until")) == kept
