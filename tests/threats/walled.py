"""Engines with some of their walls switched off, and a lake with things in it that must not come out."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from pyroaring import BitMap

from schoolgate.gate.engines.engine import Engine, Limits
from schoolgate.gate.engines.sandbox import Cell, Cells, Paper, Wall
from tests.gate.box import KEY, Box

NO_WALL = Wall("", "none, for a test of the other walls")
BUBBLEWRAP = Wall("bubblewrap", "bubblewrap, for a test on a machine that has Landlock too")
ATTACKER = ("-I", "-B", str(Path(__file__).with_name("cell_under_attack.py")))

NOT_GRANTED, LEFT_OUT, ELSEWHERE = "Zq7item", "Zq7child", "Zq7other"
"""Stand in a column the read was not allowed, in the rows of a child left out, in files that are not this read's."""
CANARIES = (NOT_GRANTED, LEFT_OUT, ELSEWHERE)

GRANTED = {"pupil": "INTEGER", "year": "INTEGER", "term": "VARCHAR", "sex": "VARCHAR", "age": "INTEGER"}
GONE = 5

LAKE: Mapping[str, list[dict[str, Any]]] = {
    "census_pupil": [
        {"pupil": p, "year": 2026, "term": "AUT", "sex": LEFT_OUT if p == GONE else "F", "ethnicity": NOT_GRANTED,
         "age": p, "urn": 100000, "entrydate": date(2026, 9, 1)}
        for p in range(8)
    ],
    "census_absence": [
        {"pupil": p, "year": 2026, "term": "AUT", "sessions": 3, "attendancereason": ELSEWHERE, "urn": 100000}
        for p in range(8)
    ],
}  # fmt: skip


class Home:
    """A lake of two tables of which a read is allowed one, and secrets beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        lake = folder / "lake"
        lake.mkdir()
        files = Box(lake, LAKE).files()
        self.own, self.other = files["census_pupil"][0], files["census_absence"][0]
        self.vault, self.key = folder / "schoolgate.sqlite3", folder / "master.key"
        for secret in (self.vault, self.key):
            secret.write_text(f"{ELSEWHERE}\n")
        self.link = lake / "link.parquet"
        self.link.symlink_to(self.other)

    def places(self) -> dict[str, str]:
        """Names that attacks use."""
        return {
            "own": self.own, "other": self.other, "folder": str(self.folder), "secret": str(self.vault),
            "key": str(self.key), "link": str(self.link), "canary": "nothing", "gate": str(os.getpid()),
        }  # fmt: skip

    def engine(self, source: Cells, limits: Limits | None = None) -> Engine:
        """An engine that was allowed some columns of one table, and not one child."""
        return Engine(
            {"census_pupil": [self.own]},
            empty={"census_pupil": GRANTED},
            denied=BitMap([GONE]),
            pseudonym_key=KEY,
            limits=limits or Limits(seconds=5, memory="300MB", threads=1),
            source=source,
        )


def attack(engine: Engine, want: str, code: str, seconds: float = 20.0) -> dict[str, Any]:
    """What comes of code that runs inside a cell under attack."""
    cell = engine._cell
    assert isinstance(cell, Cell)
    paper = Paper()
    try:
        return cell.ask({"want": want, "sql": code}, fds=[paper.fd], seconds=seconds)
    finally:
        paper.close()
