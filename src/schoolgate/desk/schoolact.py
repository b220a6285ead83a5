"""What a line of the table of schools' acts is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from schoolgate.clock import Clock
from schoolgate.config import Config


@dataclass(frozen=True, slots=True)
class SchoolDoing:
    """One act being done.

    Attributes:
        urn: the school that the custodian set for the account; looked up anew.
        args: the arguments, of the types the table says.
    """

    urn: int
    args: Mapping[str, Any]
    clock: Clock
    config: Config

    @property
    def actor(self) -> str:
        """Who acts, without a name."""
        return f"school:{self.urn}"


@dataclass(frozen=True, slots=True)
class SchoolAct:
    """One line of the table.

    Attributes:
        says: what it does, in a few words: "answer for what it sent".
        takes: argument -> type; only what crosses the gate's socket (plain values, dates, frozen values of them).
        gives: type of what comes of it; None when nothing is given back.
        run: does it; a `Refused` says why not.
    """

    says: str
    takes: Mapping[str, Any]
    gives: Any
    run: Callable[[SchoolDoing], object]
