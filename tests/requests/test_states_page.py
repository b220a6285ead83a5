"""Every state machine of the project is on the page of states, as its table has it, each move with its reason."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def drawing() -> ModuleType:
    spec = importlib.util.spec_from_file_location("draw_architecture", ROOT / "tools" / "draw_architecture.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_drawn_from_the_tables(drawing: ModuleType) -> None:
    assert (ROOT / "docs" / "states.md").read_text(encoding="utf-8") == drawing.states_page()


def test_every_machine_is_on_it_and_every_move_says_who_and_why(drawing: ModuleType) -> None:
    tables = [table for _, table in drawing.state_tables()]
    assert {"request", "return", "extract", "case of the panel", "meeting of the panel"} <= {one.name for one in tables}
    assert len({one.name for one in tables}) == len(tables), "each is drawn once"
    for table in tables:
        for move in table.moves:
            assert move.who, (table.name, move)
            assert move.why.endswith("."), (table.name, move)
