"""What a type of event is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EventType:
    """One type of event.

    Attributes:
        title: in plain words, for a page.
        keys: payload keys; a key ending in "?" may be left out.
        says: a sentence with ``{key}`` places.
    """

    title: str
    keys: tuple[str, ...]
    says: str
