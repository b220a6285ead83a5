"""The shares everything is drawn from, read from data/*.csv (each row names its source)."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

LEVELS = ("nursery", "primary", "secondary", "special", "pru")
"""Kinds of schooling the rates differ by."""

FIRST_YEAR, LAST_YEAR = 2014, 2025
"""Academic years the yearly rates are known for; outside them the nearest one is used."""


@dataclass(frozen=True, slots=True)
class Shares:
    """Codes and how often each is drawn."""

    codes: tuple[str, ...]
    weights: Floats

    def draw(self, rng: np.random.Generator, size: int) -> Ints:
        """Positions in `codes`."""
        return self.pick(rng.random(size))

    def pick(self, at: Floats) -> Ints:
        """Positions in `codes` for numbers drawn from 0 to 1."""
        return np.searchsorted(np.cumsum(self.weights)[:-1], at, side="right")


def _rows(name: str) -> list[dict[str, str]]:
    text = (files(__package__) / "data" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def _all_shares() -> dict[tuple[str, str], list[tuple[str, float]]]:
    found: dict[tuple[str, str], list[tuple[str, float]]] = {}
    for row in _rows("shares.csv"):
        found.setdefault((row["table"], row["given"]), []).append((row["code"], float(row["share"])))
    return found


@cache
def shares(table: str, given: str, *, only: frozenset[str] | None = None) -> Shares:
    """A table's codes with shares that sum to one; `only` leaves out codes that a census does not know."""
    rows = [(code, share) for code, share in _all_shares()[table, given] if only is None or code in only]
    weights = np.array([share for _, share in rows])
    return Shares(tuple(code for code, _ in rows), weights / weights.sum())


def values(table: str, given: str) -> dict[str, float]:
    """A table's numbers as they stand."""
    return dict(_all_shares()[table, given])


@cache
def factors(table: str) -> dict[str, float]:
    """How many times as often, or how many, by code."""
    return {row["code"]: float(row["factor"]) for row in _rows("factors.csv") if row["table"] == table}


def rate(name: str) -> float:
    """A single rate."""
    return factors("rate")[name]


def column(table: str, codes: Sequence[str]) -> Floats:
    """Factors in the order of `codes`."""
    known = factors(table)
    return np.array([known[code] for code in codes])


@cache
def _years() -> dict[tuple[str, str], dict[int, float]]:
    found: dict[tuple[str, str], dict[int, float]] = {}
    for row in _rows("years.csv"):
        found.setdefault((row["measure"], row["group"]), {})[int(row["academic_year"])] = float(row["percent"]) / 100
    return found


def yearly(measure: str, group: str, academic_year: int) -> float:
    """A yearly rate, as a share of one."""
    return _years()[measure, group][min(max(academic_year, FIRST_YEAR), LAST_YEAR)]


@cache
def white_british() -> dict[str, float]:
    """Share of White British pupils by authority number; ``london`` and ``rest`` for those not listed."""
    return {row["authority"]: float(row["white_british"]) / 100 for row in _rows("authorities.csv")}


def in_london(authority: str) -> bool:
    """Whether an authority is one of the 33 of London (numbers 201 to 213 and 301 to 320)."""
    return 201 <= int(authority) <= 213 or 301 <= int(authority) <= 320
