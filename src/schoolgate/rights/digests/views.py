"""How often a family is told: what can be chosen, and what is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

NEVER = "none"
EVERY: Mapping[str, timedelta] = MappingProxyType(
    {"weekly": timedelta(days=7), "daily": timedelta(days=1), "monthly": timedelta(days=30)}
)
"""How often -> time between two letters. The first is what is offered first."""


@dataclass(frozen=True, slots=True)
class DigestView:
    """How often an account is told.

    Attributes:
        every: a key of `EVERY`, or `NEVER`.
        confirmed: whether somebody said yes from the letter box itself; until then nothing is written.
    """

    every: str
    confirmed: bool
