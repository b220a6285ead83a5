"""No table that comes in or goes out holds what a spreadsheet would compute: one guard, and every table has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from schoolgate.cells import begins_a_formula, harmless

HOUSE = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("cell", "computed"),
    [
        ("=1+1", True), ("-5", False), ("-5.0", False), ("+44 20", False), ("-a", True), ("a=b", False), ("", False),
        (" =1", True), ("\u00a0=1", True), ("\ufeff=1", True), ("\u200b@x", True), ("\t x", True), ("\nx", True),
        ("-2+3+cmd|' /C calc'!D2", True), ("＝1+1", True), ("－a", True), ("-5%", False), ("12 = 12", False),
    ],
)  # fmt: skip
def test_a_cell_that_a_spreadsheet_would_compute_is_told_from_a_number(cell: str, computed: bool) -> None:
    assert begins_a_formula(cell) is computed
    assert harmless(cell) == (f"'{cell}" if computed else cell)


@pytest.mark.parametrize(
    ("value", "cell"),
    [(None, ""), (True, "yes"), (False, "no"), (-5, "-5"), (["=1", "b"], "'=1; b"), ((), ""), ({"b", "a"}, "a; b")],
)
def test_a_value_is_a_cell_in_plain_words(value: object, cell: str) -> None:
    assert harmless(value) == cell


def test_every_module_that_writes_a_table_has_the_guard() -> None:
    writers = [one for one in (HOUSE / "src").rglob("*.py") if "csv.writer(" in one.read_text(encoding="utf-8")]
    assert len(writers) >= 4
    assert [one.name for one in writers if "cells import harmless" not in one.read_text(encoding="utf-8")] == []
