"""What a page's controls are called, and between their names and the values of an application's fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from schoolgate.requests import ApplicationSpec, drafting

T = TypeVar("T")

MORE_ROWS = 20


@dataclass(frozen=True, slots=True)
class RowShape:
    """A list whose entries have several columns.

    Attributes:
        columns: key -> label.
        heading: of one entry, with its number.
    """

    columns: Mapping[str, str]
    heading: str
    most: int = MORE_ROWS


ROW_SHAPES: Mapping[str, RowShape] = MappingProxyType(
    {
        "linkage": RowShape(
            {
                "with_what": gettext_noop("With what data, and whose is it?"),
                "how": gettext_noop("How: by which items or references?"),
                "by_whom": gettext_noop("Who joins them?"),
            },
            gettext_noop("Other data, number %(n)s"),
        ),
        "processors": RowShape(
            {
                "name": gettext_noop("Name"),
                "role": gettext_noop("What it does for you"),
                "place": gettext_noop("Place"),
                "country": gettext_noop("Country"),
                "organisation": gettext_noop("Its number in our list of organisations, like O-0007, if it is in it"),
            },
            gettext_noop("Processor, number %(n)s"),
        ),
    }
)


class Strange(Exception):
    """A page sent a name that is no control of it."""

    def __init__(self, name: str) -> None:
        super().__init__(name[:60])
        self.name = name[:60]


def stored(section: drafting.Section, spec: ApplicationSpec) -> dict[str, list[str]]:
    """What is stored, in the controls' names."""
    found: dict[str, list[str]] = {}
    for one in section.fields:
        value = getattr(spec, one.name)
        if one.shape == "date":
            for part, text in zip(("day", "month", "year"), _parts_of(value), strict=True):
                found[f"{one.name}-{part}"] = [text]
        elif one.shape == "yes":
            found[one.name] = ["yes"] if value else []
        elif one.shape == "reasons":
            for row in value:
                found[f"item_reasons:{row.item}:why"] = [row.why]
                found[f"item_reasons:{row.item}:why_not_less"] = [row.why_not_less]
        elif one.name in ROW_SHAPES:
            for number, row in enumerate(value, start=1):
                for key in ROW_SHAPES[one.name].columns:
                    found[f"{one.name}:{number}:{key}"] = [getattr(row, key)]
        elif one.shape == "answers":
            found |= {f"answers:{row.question}": [row.text] for row in value}
        elif one.shape in ("people", "items", "several"):
            found[one.name] = list(value)
        elif one.shape in ("lines", "years", "cohort"):
            found[one.name] = ["\n".join(_lines_of(one.name, spec))]
        else:
            found[one.name] = [value]
    return found


def _parts_of(value: date | None) -> tuple[str, str, str]:
    return (str(value.day), str(value.month), str(value.year)) if value else ("", "", "")


def _lines_of(name: str, spec: ApplicationSpec) -> list[str]:
    if name == "years":
        return [str(a) if a == b else f"{a} to {b}" for a, b in spec.years]
    if name == "cohort":
        return [f"{one.column}: {', '.join(one.values)}" for one in spec.cohort]
    return list(drafting.lines(name, spec))


class _Page:
    """What a page sent; notes which names were asked for, so that any other is noticed."""

    def __init__(self, draft: drafting.DraftView, posted: Mapping[str, list[str]]) -> None:
        self.draft, self.posted = draft, posted
        self.known = {"csrfmiddlewaretoken", "revision", "then"}
        self.errors: dict[str, str] = {}

    def one(self, name: str) -> str:
        self.known.add(name)
        return (self.posted.get(name) or [""])[-1]

    def several(self, name: str) -> list[str]:
        self.known.add(name)
        return list(self.posted.get(name) or [])

    def lines(self, name: str) -> list[str]:
        return [line.strip() for line in self.one(name).splitlines() if line.strip()]

    def day(self, name: str) -> str | None:
        return self._noted(name, _read_date(*(self.one(f"{name}-{part}") for part in ("day", "month", "year"))))

    def years(self, name: str) -> list[list[int]]:
        return self._noted(name, _read_years(self.one(name)))

    def cohort(self, name: str) -> list[dict[str, Any]]:
        return self._noted(name, _read_cohort(self.one(name)))

    def _noted(self, name: str, found: tuple[T, str]) -> T:
        if found[1]:
            self.errors[name] = found[1]
        return found[0]

    def reasons(self, name: str) -> list[dict[str, str]]:
        return [
            {"item": item, **{key: self.one(f"{name}:{item}:{key}") for key in ("why", "why_not_less")}}
            for item in dict.fromkeys(self.draft.spec.items)
        ]

    def rows(self, name: str) -> list[dict[str, str]]:
        shape = ROW_SHAPES[name]
        rows = [
            {key: self.one(f"{name}:{number}:{key}") for key in shape.columns} for number in range(1, shape.most + 1)
        ]
        return [row for row in rows if any(text.strip() for text in row.values())]

    def answers(self, name: str) -> dict[str, str]:
        kept = {row.question: row.text for row in self.draft.spec.answers}
        return kept | {one.id: self.one(f"{name}:{one.id}") for one in drafting.questions(self.draft.spec)}

    def yes(self, name: str) -> bool:
        return self.one(name) == "yes"


_READ: Mapping[str, Callable[[_Page, str], Any]] = MappingProxyType(
    {
        "date": _Page.day,
        "yes": _Page.yes,
        "people": _Page.several,
        "items": _Page.several,
        "several": _Page.several,
        "lines": _Page.lines,
        "years": _Page.years,
        "cohort": _Page.cohort,
        "reasons": _Page.reasons,
        "linkage": _Page.rows,
        "processors": _Page.rows,
        "answers": _Page.answers,
    }
)
"""Shape of a field -> how it is read; any other is one text."""


def read(
    section: drafting.Section, draft: drafting.DraftView, posted: Mapping[str, list[str]]
) -> tuple[dict[str, Any], dict[str, str]]:
    """What a page sent, as values of the application's fields.

    Returns:
        Field -> value, of the kinds JSON has; and where -> what could not be read, in words.

    Raises:
        Strange: a name that the page has no control for.
    """
    page = _Page(draft, posted)
    values = {field.name: _READ.get(field.shape, _Page.one)(page, field.name) for field in section.fields}
    for name in posted:
        if name not in page.known:
            raise Strange(name)
    return values, page.errors


def _read_date(day: str, month: str, year: str) -> tuple[str | None, str]:
    given = [part.strip() for part in (day, month, year)]
    if not any(given):
        return None, ""
    if all(re.fullmatch(r"[0-9]{1,2}", part) for part in given[:2]) and re.fullmatch(r"[0-9]{4}", given[2]):
        try:
            return date(int(given[2]), int(given[1]), int(given[0])).isoformat(), ""
        except ValueError:
            pass
    return None, _("Enter a real date with day, month and year, as in 31 3 2028.")


def _read_years(text: str) -> tuple[list[list[int]], str]:
    spans = []
    for line in text.splitlines():
        if not line.strip():
            continue
        found = re.fullmatch(r"\s*([0-9]{4})(?:\s*(?:to|-|–)\s*([0-9]{4}))?\s*", line)
        if found is None:
            return [], _("Enter a year or two years on each line, as in 2024 to 2026.")
        spans.append([int(found[1]), int(found[2] or found[1])])
    return spans, ""


def _read_cohort(text: str) -> tuple[list[dict[str, Any]], str]:
    conditions = []
    for line in text.splitlines():
        if not line.strip():
            continue
        column, colon, listed = line.partition(":")
        if not colon:
            return [], _("Enter one condition on each line, as in ncyearactual: 7, 8, 9.")
        conditions.append(
            {"column": column.strip(), "values": [part.strip() for part in listed.split(",") if part.strip()]}
        )
    return conditions, ""
