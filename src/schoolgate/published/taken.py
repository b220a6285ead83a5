"""An entry of the log as it is taken in: whatever stands in it is read as text, and no longer than its column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


def text_of(value: object, longest: int) -> str:
    """A value of an entry as text; empty where there is none. One rule for looking rows up and for writing them."""
    return "" if value is None or isinstance(value, list | Mapping) else str(value)[:longest]


@dataclass(frozen=True, slots=True)
class Told:
    """One entry to be taken in: its index, type, subject, moment and body."""

    index: int
    type: str
    subject: str
    at: str
    body: Mapping[str, Any]

    def text(self, key: str, longest: int = 300) -> str:
        """A key's value as text; empty when there is none."""
        return text_of(self.body.get(key), longest)

    def texts(self, key: str, longest: int = 200) -> list[str]:
        """A key's values as texts."""
        value = self.body.get(key)
        return [str(part)[:longest] for part in value] if isinstance(value, list | tuple) else []
