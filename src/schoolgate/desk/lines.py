"""What the two tables share: their parts joined, one line found by name, its arguments held to what it takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Protocol, TypeVar

from schoolgate import gate
from schoolgate.errors import SchoolgateError


class Line(Protocol):
    """One line of a table."""

    @property
    def takes(self) -> Mapping[str, Any]:
        """Argument -> type."""


L = TypeVar("L", bound=Line)


def joined(parts: Iterable[Mapping[str, L]]) -> Mapping[str, L]:
    """Every line of every part by its name.

    Raises:
        SchoolgateError: two parts have an act of one name.
    """
    found: dict[str, L] = {}
    for own in parts:
        if twice := sorted(set(own) & set(found)):
            raise SchoolgateError(f"Two parts of the desk have an act of one name: {', '.join(twice)}.", code="acts")
        found |= own
    return MappingProxyType(found)


def line_of(lines: Mapping[str, L], name: str, given: Mapping[str, Any]) -> L:
    """The line of this name, when these are its arguments.

    Raises:
        SchoolgateError: there is none, or an argument is missing or unknown.
    """
    found = lines.get(name)
    if found is None:
        raise SchoolgateError("There is no such act.", code="act-unknown")
    if set(given) != set(found.takes):
        raise SchoolgateError(f"The arguments are not those of the act {name}.", code="act-arguments")
    return found


def as_values(line: Line, given: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments that came as JSON, as values of the types that the line takes."""
    return {key: gate.from_json(kind, given[key]) for key, kind in line.takes.items()}
