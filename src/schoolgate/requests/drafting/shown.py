"""An application's fields as lines of text for people to read, and what differs between two of them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from types import MappingProxyType
from typing import Any

from schoolgate.clock import plain_day
from schoolgate.dictionary import find_purpose, lake_columns
from schoolgate.requests.drafting.reach import all_questions, kinds
from schoolgate.requests.drafting.sections import COMMERCIAL, FIELDS, TERMS
from schoolgate.requests.steps import column_title, spans
from schoolgate.requests.terms import ApplicationSpec


@dataclass(frozen=True, slots=True)
class Difference:
    """One field in which two versions differ.

    Attributes:
        field: its name.
        label: what the form calls it.
        before, after: its lines, as `lines` gives them; empty: nothing stood there.
    """

    field: str
    label: str
    before: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def removed(self) -> tuple[str, ...]:
        """Lines that are gone."""
        return tuple(line for line in self.before if line not in self.after)

    @property
    def added(self) -> tuple[str, ...]:
        """Lines that are new."""
        return tuple(line for line in self.after if line not in self.before)


def item_words(item: str) -> str:
    """An item's title with its id; the id alone when there is no such item."""
    found = lake_columns().get(item)
    return f"{found.title} ({item})" if found and found.title else item


def _column(column: str) -> str:
    title = column_title(column)
    return column if title == column else f"{title} ({column})"


def _purpose(value: str) -> str:
    found = find_purpose(value)
    return found.name if found else value


def _kind(value: str) -> str:
    return kinds()[value].name if value in kinds() else value


def _question(question_id: str) -> str:
    return next((one.words for one in all_questions() if one.id == question_id), question_id)


def _reason(reason: Any) -> str:
    return f"{item_words(reason.item)}: {reason.why}\nWhy less will not do: {reason.why_not_less}"


def _joined(row: Any) -> str:
    return "; ".join(text for text in (getattr(row, field.name) for field in fields(row)) if text)


_AS: Mapping[str, Callable[[Any], tuple[str, ...]]] = MappingProxyType(
    {
        "purpose": lambda value: (_purpose(value),),
        "kind_of_request": lambda value: (_kind(value),),
        "commercial_interest": lambda value: (COMMERCIAL.get(value, value),),
        "items": lambda value: tuple(item_words(item) for item in value),
        "item_reasons": lambda value: tuple(_reason(one) for one in value),
        "years": lambda value: tuple(spans(value)),
        "terms": lambda value: tuple(TERMS.get(term, term) for term in value),
        "cohort": lambda value: tuple(f"{_column(one.column)}: {', '.join(one.values)}" for one in value),
        "linkage": lambda value: tuple(_joined(one) for one in value),
        "processors": lambda value: tuple(_joined(one) for one in value),
        "answers": lambda value: tuple(f"{_question(one.question)}\n{one.text}" for one in value),
    }
)


def lines(name: str, spec: ApplicationSpec) -> tuple[str, ...]:
    """What stands in a field, one line a thing; nothing when it is empty."""
    value = getattr(spec, name)
    if isinstance(value, bool):
        return ("yes" if value else "no",)
    if value is None or value in ("", ()):
        return ()
    if isinstance(value, date):
        return (plain_day(value),)
    if name in _AS:
        return _AS[name](value)
    return tuple(value) if isinstance(value, tuple) else (str(value),)


def differences(before: ApplicationSpec, after: ApplicationSpec) -> tuple[Difference, ...]:
    """The fields in which two applications differ, in the form's order."""
    return tuple(
        Difference(name, field.label, lines(name, before), lines(name, after))
        for name, field in FIELDS.items()
        if getattr(before, name) != getattr(after, name)
    )
