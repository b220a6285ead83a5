"""The published taxonomy of purposes, in terms of the Data Privacy Vocabulary (DPV)."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Purpose:
    """A purpose data may be read for.

    Attributes:
        plain: what it means, for a family.
        dpv: the term of the Data Privacy Vocabulary it falls under.
        statutory_override: whether a law requires or allows it against an objection, with `provision`.
    """

    id: str
    name: str
    plain: str
    dpv: str
    statutory_override: bool
    provision: str


@cache
def purposes() -> tuple[Purpose, ...]:
    """Every purpose, in the order they are shown."""
    text = (files(__package__) / "data" / "purposes.csv").read_text(encoding="utf-8")
    return tuple(
        Purpose(
            row["id"],
            row["name"],
            row["plain"],
            row["dpv"],
            row["statutory_override"] == "yes",
            row["provision"],
        )
        for row in csv.DictReader(text.splitlines())
    )
