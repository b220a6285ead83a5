"""Reading an NPD data tables workbook: any sheets, headers found by their titles, nothing dropped in silence.

The ministry's workbook (October 2018) writes the same columns under many titles and in many orders; a sheet
has one section of items given by request and one given by default, each with its own header row.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from pathlib import Path

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from schoolgate.dictionary.items import Code, Item, LoadReport, Problem, Source
from schoolgate.errors import SchoolgateError


class WorkbookUnreadable(SchoolgateError):
    """The file is not a workbook of this layout."""


_COLUMNS: dict[str, tuple[str, ...]] = {
    "alias": ("npdalias", "sldalias"),
    "name": ("fieldreference", "npdfieldreference"),
    "former": ("oldalias", "formername", "oldaliasformername"),
    "years": ("yearspopulated",),
    "description": ("description",),
    "values": ("values", "allowedvalues"),
    "terms": ("collectionterm",),
    "tier": ("tierofvariable", "oldtierofvariable"),
    "identifiability": ("identifiability", "identificationrisk"),
    "sensitivity": ("sensitivity",),
    "table": ("table",),
    "source": ("source",),
}
_TITLES = {title: name for name, titles in _COLUMNS.items() for title in titles}
_MAX_CELLS = 5_000_000
"""A workbook of this kind has some 100,000 cells; one that claims more is a mistake or an attack."""
_MAX_UNPACKED = 200 * 2**20

Row = Sequence[object]


def _cell(value: object) -> str:
    return "" if value is None else str(value).strip()


def _title(value: object) -> str | None:
    text = re.sub(r"[^a-z]", "", _cell(value).lower())
    if text in _TITLES:
        return _TITLES[text]
    return "alias" if text.startswith(("sldalias", "npdalias")) else None


def _header(row: Row) -> dict[str, list[int]] | None:
    """Column name -> positions, when a row is a header: it names items and describes them."""
    found: dict[str, list[int]] = {}
    for at, value in enumerate(row):
        name = _title(value)
        if name is not None:
            found.setdefault(name, []).append(at)
    named = "alias" in found or "name" in found
    return found if named and "description" in found and ("sensitivity" in found or "years" in found) else None


def _years(text: str) -> tuple[int | None, int | None, bool]:
    """First and last academic year of "2007/08 - ", "2005/06", "2005/06 - 2008/09, 2010/11 -"; and whether read."""
    starts = [int(year) for year in re.findall(r"\b((?:19|20)\d\d)(?:/\d\d(?:\d\d)?)?", text)]
    if not starts:
        return None, None, not text
    open_ended = text.rstrip().endswith(("-", "–"))
    return min(starts), None if open_ended else max(starts), True


def _codes(text: str) -> tuple[tuple[Code, ...], str]:
    """A code set from lines of "code = label"; else the text as written."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    pairs = [re.match(r"^'?([^=\s][^=]{0,30}?)'?\s*=\s*(.+)$", line) for line in lines]
    if lines and all(pairs):
        return tuple(Code(pair.group(1).strip(), pair.group(2).strip()) for pair in pairs if pair), ""
    return (), text


def _terms(text: str) -> tuple[str, ...]:
    known = (("AUT", "aut"), ("SPR", "spr"), ("SUM", "sum"))
    return tuple(code for code, start in known if re.search(rf"\b{start}", text.lower()))


class _Sheet:
    """One sheet while it is read."""

    def __init__(self, file: str, name: str) -> None:
        self.file, self.name = file, name
        self.header: dict[str, list[int]] | None = None
        self.collection, self.section, self.group = name, "unstated", ""
        self.items: list[Item] = []
        self.problems: list[Problem] = []

    def _get(self, row: Row, column: str) -> str:
        places = (self.header or {}).get(column, [])
        return next((_cell(row[at]) for at in places if at < len(row) and _cell(row[at])), "")

    def _complain(self, number: int, reason: str) -> None:
        self.problems.append(Problem(self.name, number, reason))

    def read(self, number: int, row: Row) -> None:
        """Take one row: a header, a heading, an item, or a row that cannot be read."""
        filled = [value for value in row if _cell(value)]
        if not filled:
            return
        header = _header(row)
        if header is not None:
            self.header, self.group = header, ""
            return
        first = _cell(filled[0])
        lower = first.lower()
        if "by request" in lower:
            self.section, self.header = "by request", None
        elif lower.startswith("default data item"):
            self.section, self.header = "default", None
        elif self.header is None:
            if number <= 2 and len(filled) == 1:
                self.collection = first
        elif _cell(row[0]) and self._is_heading(row, len(filled)):
            self.group = first
        else:
            self._item(number, row)

    def _is_heading(self, row: Row, filled: int) -> bool:
        """A row that names a table of several on one sheet, sometimes with its years beside."""
        described = any(self._get(row, column) for column in ("description", "identifiability", "sensitivity", "tier"))
        return filled == 1 or (filled == 2 and not described and bool(self._get(row, "years")))

    def _item(self, number: int, row: Row) -> None:
        alias, name = self._get(row, "alias"), self._get(row, "name")
        if not alias and not name:
            self._complain(number, "no alias and no field reference: the row names no item")
            return
        codes, values = _codes(self._get(row, "values"))
        first, last, years_read = _years(self._get(row, "years"))
        if not years_read:
            self._complain(number, "years populated cannot be read; the item is kept without them")
        former = [_cell(row[at]) for at in (self.header or {}).get("former", []) if at < len(row) and _cell(row[at])]
        self.items.append(
            Item(
                id=alias or f"{self.name}.{name}",
                collection=self.collection,
                table=self._get(row, "table") or self.group or self.name,
                name=name or alias,
                alias=alias,
                former_names=tuple(dict.fromkeys(former)),
                years=self._get(row, "years"),
                first_year=first,
                last_year=last,
                description=self._get(row, "description"),
                codes=codes,
                values=values,
                terms=_terms(self._get(row, "terms")),
                identifiability=self._identifiability(number, row),
                sensitivity=self._sensitivity(number, row),
                old_tier=self._get(row, "tier"),
                given=self.section,
                source=Source(self.file, self.name, number),
            )
        )

    def _identifiability(self, number: int, row: Row) -> int | None:
        text = self._get(row, "identifiability").removesuffix(".0")
        if not text:
            return None
        if text in ("1", "2", "3", "4", "5"):
            return int(text)
        self._complain(number, "identifiability is not 1 to 5; the item is kept without it")
        return None

    def _sensitivity(self, number: int, row: Row) -> str | None:
        text = self._get(row, "sensitivity").upper()
        if not text:
            return None
        if text in ("A", "B", "C", "D", "E"):
            return text
        self._complain(number, "sensitivity is not A to E; the item is kept without it")
        return None


def _code_sets(rows: Sequence[Row]) -> list[tuple[str, tuple[Code, ...]]]:
    """Code sets printed side by side: a header of code-set name and "Description", then code and label."""
    start = next((at for at, row in enumerate(rows) if any(_cell(v).lower() == "description" for v in row)), None)
    if start is None:
        return []
    found = []
    for at, value in enumerate(rows[start][:-1]):
        if _cell(value) and _cell(rows[start][at + 1]).lower().startswith("description"):
            codes = [
                Code(_cell(row[at]), _cell(row[at + 1]))
                for row in rows[start + 1 :]
                if at + 1 < len(row) and _cell(row[at])
            ]
            found.append((_cell(value), tuple(codes)))
    return found


def _check_size(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as parts:
            if sum(part.file_size for part in parts.infolist()) > _MAX_UNPACKED:
                raise WorkbookUnreadable("The workbook unpacks to more than 200 MiB.", code="workbook-too-large")
    except zipfile.BadZipFile:
        raise WorkbookUnreadable(
            "This is not an Excel workbook (.xlsx).",
            hint="Save it as .xlsx and try again.",
            code="workbook-format",
        ) from None
    except OSError:
        raise WorkbookUnreadable(
            "The workbook cannot be opened.", hint="Check the path.", code="workbook-open"
        ) from None


def load_workbook(path: Path) -> LoadReport:
    """Read every item of a workbook.

    Raises:
        WorkbookUnreadable: not a workbook, or unreasonably large.
    """
    _check_size(path)
    try:
        book = openpyxl.load_workbook(path, read_only=False, data_only=True)
    except (InvalidFileException, KeyError, ValueError, zipfile.BadZipFile):
        raise WorkbookUnreadable("This is not an Excel workbook (.xlsx).", code="workbook-format") from None
    items: list[Item] = []
    per_sheet: list[tuple[str, int]] = []
    problems: list[Problem] = []
    code_sets: list[tuple[str, tuple[Code, ...]]] = []
    for sheet in book.worksheets:
        if sheet.max_row * sheet.max_column > _MAX_CELLS:
            problems.append(Problem(sheet.title, 0, "the sheet claims more cells than any data table has; not read"))
            continue
        rows = list(sheet.iter_rows(values_only=True))
        reading = _Sheet(path.name, sheet.title)
        for number, row in enumerate(rows, start=1):
            reading.read(number, row)
        if not reading.items and sheet.title.lower().startswith("codeset"):
            code_sets += _code_sets(rows)
        items += reading.items
        problems += reading.problems
        per_sheet.append((sheet.title, len(reading.items)))
    return LoadReport(_distinct(items), tuple(per_sheet), tuple(problems), tuple(code_sets))


def _distinct(items: list[Item]) -> tuple[Item, ...]:
    """Items whose alias stands in several sheets get the sheet in their id."""
    from dataclasses import replace

    seen: dict[str, int] = {}
    for item in items:
        seen[item.id] = seen.get(item.id, 0) + 1
    unique: list[Item] = []
    used: set[str] = set()
    for item in items:
        name = item.id if seen[item.id] == 1 else f"{item.source.sheet}.{item.id}"
        name = name if name not in used else f"{name}@{item.source.row}"
        used.add(name)
        unique.append(replace(item, id=name))
    return tuple(unique)
