"""Reading an NPD data tables workbook: any sheets, every row accounted for, nothing dropped in silence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from schoolgate.dictionary.cells import Grid, WorkbookUnreadable, read_grids
from schoolgate.dictionary.items import Code, Item, LoadReport, Problem, SheetReport
from schoolgate.dictionary.sheet import SheetReader
from schoolgate.progress import Progress, silent

__all__ = ["WorkbookUnreadable", "load_workbook"]

CodeSets = list[tuple[str, tuple[Code, ...]]]


def load_workbook(path: Path, tell: Progress = silent) -> LoadReport:
    """Read every item of a workbook.

    Args:
        path: the file.
        tell: called with what is being done, for a progress bar.

    Raises:
        WorkbookUnreadable: not a workbook, locked, damaged, or unreasonably large.
    """
    items: list[Item] = []
    sheets: list[SheetReport] = []
    problems: list[Problem] = []
    code_sets: CodeSets = []
    not_kept: Counter[str] = Counter()
    for done, grid in enumerate(read_grids(path), start=1):
        reading = SheetReader(path.name, grid)
        report = reading.report
        if not reading.has_header:
            found, rows = _code_sets(grid)
            if found:
                code_sets += found
                report = replace(report, headings=report.headings - rows, codes=rows, remark=_remark(found))
        items += reading.items
        problems += reading.problems
        not_kept.update(reading.not_kept)
        sheets.append(report)
        tell("reading the sheets", done, None)
    return LoadReport(
        _distinct([_with_codes(item, code_sets) for item in items]),
        tuple(sheets),
        tuple(problems),
        tuple(code_sets),
        tuple(not_kept),
    )


def _remark(found: CodeSets) -> str:
    names = ", ".join(name for name, _ in found)
    return f"code sets: {names}"


def _runs(cells: Sequence[str]) -> list[tuple[int, list[str]]]:
    """Cells that stand side by side: where they start, and their texts."""
    runs: list[tuple[int, list[str]]] = []
    for at, text in enumerate(cells):
        if text and at and cells[at - 1] and runs:
            runs[-1][1].append(text)
        elif text:
            runs.append((at, [text]))
    return runs


def _code_sets(grid: Grid) -> tuple[CodeSets, int]:
    """Code sets of a sheet named so: pairs of code and label under a name, several side by side.

    Returns:
        Name and codes of each, and how many rows hold one.
    """
    if not re.match(r"code\s*(set|list)s?\b", grid.name.lower().replace("_", " ")):
        return [], 0
    named: dict[int, str] = {}
    open_at: dict[int, list[Code]] = {}
    found: list[tuple[str, list[Code]]] = []
    used: set[int] = set()
    for row in grid.rows:
        for at, texts in _runs(row.cells):
            if len(texts) == 1:
                named[at] = texts[0]
                open_at.pop(at, None)
            elif len(texts) == 2 and texts[1].lower().startswith("description"):
                name = named.get(at, texts[0]) if texts[0].lower() in ("code", "codes") else texts[0]
                open_at[at] = []
                found.append((name, open_at[at]))
            elif len(texts) == 2 and (at in open_at or at in named):
                if at not in open_at:
                    open_at[at] = []
                    found.append((named.pop(at), open_at[at]))
                open_at[at].append(Code(texts[0], texts[1]))
                used.add(row.number)
            else:
                open_at.pop(at, None)
    return [(name, tuple(codes)) for name, codes in found if codes], len(used)


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _with_codes(item: Item, code_sets: CodeSets) -> Item:
    """An item without codes of its own whose name is that of a code set of the workbook gets that set."""
    if item.codes:
        return item
    codes = next((codes for name, codes in code_sets if _plain(name) == _plain(item.name)), ())
    return replace(item, codes=codes) if codes else item


def _distinct(items: list[Item]) -> tuple[Item, ...]:
    """Items whose alias stands more than once get their table, sheet or row in their id; case does not tell apart."""

    def once(items: list[Item], longer: Callable[[Item], str]) -> list[Item]:
        seen = Counter(item.id.lower() for item in items)
        return [item if seen[item.id.lower()] == 1 else replace(item, id=longer(item)) for item in items]

    for longer in (
        lambda item: f"{item.source.sheet}.{item.alias or item.name}",
        lambda item: f"{item.source.sheet}.{item.table}.{item.alias or item.name}",
        lambda item: f"{item.source.sheet}.{item.alias or item.name}@{item.source.row}",
    ):
        items = once(items, longer)
    return tuple(items)
