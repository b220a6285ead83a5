"""A workbook's cells as text: opened with care, formulas and merged cells made plain."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.cell.cell import Cell
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from schoolgate.errors import SchoolgateError

_MAX_UNPACKED = 100 * 2**20
"""The ministry's whole workbook unpacks to some 10 MB; one that claims a hundred is a mistake or an attack."""
_MAX_PARTS = 5_000
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
"""How a compound file begins (MS-CFB 2.2): an .xls of before 2007, or an .xlsx behind a password."""
_CALL = re.compile(r"^=\s*CONCAT(?:ENATE)?\((.*)\)\s*$", re.IGNORECASE | re.DOTALL)
_PART = re.compile(r'\s*(?:"((?:[^"]|"")*)"|\$?([A-Z]{1,3})\$?([0-9]{1,7}))\s*(?:([,&])|$)')


class WorkbookUnreadable(SchoolgateError):
    """The file is not a workbook of this layout."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row that is not blank.

    Attributes:
        number: as the spreadsheet shows it, from 1.
        cells: text of each cell, from column A.
        notes: column -> what is wrong with a cell that could not be read.
        above: columns filled from a merged cell that begins further up.
    """

    number: int
    cells: tuple[str, ...]
    notes: dict[int, str]
    above: frozenset[int]


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet; `kind` is "" for a visible worksheet, "hidden", or "chart"."""

    name: str
    kind: str
    rows: tuple[Row, ...]


def _refuse(what: str, code: str, hint: str = "") -> WorkbookUnreadable:
    return WorkbookUnreadable(what, hint=hint, code=code)


def _check(path: Path) -> None:
    """Turn away what is no workbook, and what would fill the memory, before a byte of it is unpacked."""
    try:
        with open(path, "rb") as file:
            if file.read(8) == _OLE:
                raise _refuse(
                    "This is an old Excel workbook (.xls) or one locked with a password.",
                    "workbook-format",
                    "Save it as .xlsx without a password and try again.",
                )
        with zipfile.ZipFile(path) as parts:
            listed = parts.infolist()
            if sum(part.file_size for part in listed) > _MAX_UNPACKED or len(listed) > _MAX_PARTS:
                raise _refuse("The workbook unpacks to more than 100 MiB.", "workbook-too-large")
    except zipfile.BadZipFile:
        raise _refuse(
            "This is not an Excel workbook (.xlsx).", "workbook-format", "Save it as .xlsx and try again."
        ) from None
    except OSError:
        raise _refuse("The workbook cannot be opened.", "workbook-open", "Check the path.") from None


def _open(path: Path, *, values: bool) -> Workbook:
    try:
        return openpyxl.load_workbook(path, data_only=values)
    except (InvalidFileException, KeyError, ValueError, TypeError, AttributeError, IndexError, EOFError) as wrong:
        raise _refuse("This is not an Excel workbook (.xlsx).", "workbook-format") from wrong
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        zlib.error,
        ParseError,
        SyntaxError,
        OSError,
        RuntimeError,
    ) as wrong:
        raise _refuse("The workbook is damaged.", "workbook-damaged", "Save it again and try that copy.") from wrong


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value).replace("\u200b", "").replace("\ufeff", "").strip()


def _joined(formula: str, sheet: Worksheet) -> str | None:
    """The text of ``=CONCATENATE("KS4_",B7)`` or ``="KS4_"&B7``; None for any other formula.

    The ministry builds aliases so. A workbook saved by another program keeps the formula and loses its result.
    """
    call = _CALL.match(formula)
    rest, joint = (call.group(1), ",") if call else (formula.lstrip("="), "&")
    parts, at = [], 0
    while at < len(rest):
        part = _PART.match(rest, at)
        if part is None or part.end() == at or (part.group(4) or joint) != joint:
            return None
        if part.group(1) is not None:
            parts.append(part.group(1).replace('""', '"'))
        else:
            cell = sheet.cell(int(part.group(3)), column_index_from_string(part.group(2)))
            if cell.data_type == "f":
                return None
            parts.append(_text(cell.value))
        at = part.end()
    return "".join(parts).strip() if parts else None


def _filled(sheet: Worksheet) -> dict[int, dict[int, Cell]]:
    """Cells that hold something, by row and column. A stray cell far away does not make the sheet huge."""
    found: dict[int, dict[int, Cell]] = {}
    for (row, column), cell in sheet._cells.items():
        if getattr(cell, "value", None) is not None and isinstance(cell, Cell):
            found.setdefault(row, {})[column - 1] = cell
    return found


def _from_above(sheet: Worksheet) -> dict[tuple[int, int], tuple[int, int]]:
    """Cells below the first of a merged range -> that first cell. A range one row high stays a title."""
    return {
        (row, area.min_col - 1): (area.min_row, area.min_col - 1)
        for area in sheet.merged_cells.ranges
        if area.max_row - area.min_row < 1_000
        for row in range(area.min_row + 1, area.max_row + 1)
    }


def _grid(sheet: Worksheet, worked_out: Worksheet | None) -> Grid:
    cells, merged = _filled(sheet), _from_above(sheet)
    texts: dict[int, dict[int, str]] = {}
    notes: dict[int, dict[int, str]] = {}
    for row, columns in cells.items():
        for column, cell in columns.items():
            text, wrong = _read(cell, sheet, worked_out)
            texts.setdefault(row, {})[column] = text
            if wrong:
                notes.setdefault(row, {})[column] = wrong
    above: dict[int, set[int]] = {}
    for (row, column), (first, _) in merged.items():
        text = texts.get(first, {}).get(column, "")
        if text:
            texts.setdefault(row, {})[column] = text
            above.setdefault(row, set()).add(column)
    rows = []
    for number in sorted(texts):
        line = texts[number]
        filled = {column for column, text in line.items() if text} | set(notes.get(number, ()))
        if filled - above.get(number, set()):
            width = max(filled) + 1
            rows.append(
                Row(
                    number,
                    tuple(line.get(column, "") for column in range(width)),
                    notes.get(number, {}),
                    frozenset(above.get(number, ())),
                )
            )
    return Grid(sheet.title, "" if sheet.sheet_state == "visible" else "hidden", tuple(rows))


def _read(cell: Cell, sheet: Worksheet, worked_out: Worksheet | None) -> tuple[str, str]:
    """A cell's text, and what is wrong with it."""
    if cell.data_type == "e":
        return "", f"cell {cell.coordinate} holds an error value"
    if cell.data_type != "f":
        return _text(cell.value), ""
    stored = worked_out.cell(cell.row, cell.column) if worked_out is not None else None
    if stored is not None and stored.value is not None and stored.data_type != "e":
        return _text(stored.value), ""
    joined = _joined(str(cell.value), sheet)
    if joined:
        return joined, ""
    return "", f"cell {get_column_letter(cell.column)}{cell.row} holds a formula whose result is not stored"


def read_grids(path: Path) -> Iterator[Grid]:
    """Every sheet of a workbook in order, chart sheets too.

    Raises:
        WorkbookUnreadable: not a workbook, locked, damaged, or unreasonably large.
    """
    _check(path)
    book = _open(path, values=False)
    has_formulas = any(cell.data_type == "f" for sheet in book.worksheets for cell in sheet._cells.values())
    worked_out = _open(path, values=True) if has_formulas else None
    for name in book.sheetnames:
        sheet = book[name]
        if isinstance(sheet, Worksheet):
            yield _grid(sheet, worked_out[name] if worked_out is not None else None)
        else:
            yield Grid(name, "chart", ())
