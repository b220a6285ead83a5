"""The concept tree: category → sub-categories → concept → the aliases that carry it."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl

from schoolgate.dictionary.cells import WorkbookUnreadable


def load_concepts(path: Path) -> dict[str, tuple[str, ...]]:
    """Alias -> path in the concept tree, from the workbook's IA_ sheets.

    A cell left empty in a category column means "as above"; the columns are named in the header row.

    Raises:
        WorkbookUnreadable: not a workbook.
    """
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        raise WorkbookUnreadable("The concept tree is not an Excel workbook.", code="workbook-format") from None
    found: dict[str, tuple[str, ...]] = {}
    for sheet in book.worksheets:
        if sheet.title.startswith("IA_"):
            _read_sheet([tuple(row) for row in sheet.iter_rows(values_only=True)], found)
    return found


def _read_sheet(rows: list[tuple[object, ...]], found: dict[str, tuple[str, ...]]) -> None:
    start = next((at for at, row in enumerate(rows) if row and str(row[0] or "").startswith("Category (L0)")), None)
    if start is None:
        return
    header = [str(value or "").strip() for value in rows[start]]
    levels = [at for at, title in enumerate(header) if title.startswith("Category") and "Description" not in title]
    concept = header.index("Concept level")
    aliases = [at for at, title in enumerate(header) if title.startswith("NPD Alias")]
    above = [""] * len(levels)
    for row in rows[start + 1 :]:
        cells = [" ".join(str(value or "").split()) for value in row] + [""] * len(header)
        for depth, at in enumerate(levels):
            if cells[at]:
                above[depth] = cells[at]
                above[depth + 1 :] = [""] * (len(levels) - depth - 1)
        parts = [part.rstrip("* ") for part in (*above, cells[concept]) if part]
        path = tuple(part for at, part in enumerate(parts) if part != parts[at - 1] or at == 0)
        for at in aliases:
            if cells[at]:
                found.setdefault(cells[at], path)
