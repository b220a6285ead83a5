"""Days and numbers that notices are held to: data, each with its why."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class CorrectionLimits:
    """The numbers of ``data/limits.toml``, by name."""

    acknowledge_days: int
    remind_days: int
    overseer_days: int
    refuse_days: int
    erased_days: int
    lines_most: int
    affected_percent: int


@cache
def correction_limits() -> CorrectionLimits:
    """The numbers in force."""
    held = tomllib.loads((files(__package__) / "data" / "limits.toml").read_text(encoding="utf-8"))
    return CorrectionLimits(**{one.name: int(held[one.name]["value"]) for one in fields(CorrectionLimits)})
