"""Reading an application from a TOML file. What cannot be read is noted and the rest is read all the same."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date, datetime
from importlib.resources import files
from typing import Any

from schoolgate.errors import Refusal, SchoolgateError
from schoolgate.requests.terms import ApplicationSpec, CohortCondition

MOST_BYTES = 200_000

_FIELDS = frozenset(field.name for field in fields(ApplicationSpec)) - {"unread"}


class _Reader:
    """Takes fields out of a table and collects what is wrong with them."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self.table = table
        self.problems: list[Refusal] = []

    def wrong(self, field: str, what: str) -> None:
        self.problems.append(Refusal("form-field", what, provision="application form", where=field))

    def text(self, field: str) -> str:
        value = self.table.get(field, "")
        if isinstance(value, str):
            return value.strip()
        self.wrong(field, "This must be a text in quotation marks.")
        return ""

    def texts(self, field: str) -> tuple[str, ...]:
        value = self.table.get(field, [])
        if isinstance(value, list) and all(isinstance(part, str) for part in value):
            return tuple(part.strip() for part in value)
        self.wrong(field, 'This must be a list of texts, as in ["one", "two"].')
        return ()

    def day(self, field: str) -> date | None:
        value = self.table.get(field)
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        self.wrong(field, "This must be a date without quotation marks, as in 2026-09-01.")
        return None

    def years(self) -> tuple[tuple[int, int], ...]:
        value = self.table.get("years", [])
        if isinstance(value, list):
            spans = [part if isinstance(part, list) else [part, part] for part in value]
            if all(len(s) == 2 and all(type(year) is int for year in s) for s in spans):
                return tuple((first, last) for first, last in spans)
        self.wrong("years", "This must be a list of years or of [first, last], as in [[2024, 2026]].")
        return ()

    def cohort(self) -> tuple[CohortCondition, ...]:
        value = self.table.get("cohort", [])
        if isinstance(value, list) and all(_is_condition(part) for part in value):
            return tuple(CohortCondition(p["column"], tuple(p["values"])) for p in value)
        self.wrong("cohort", "Each [[cohort]] needs column (a text) and values (a list of texts), no more.")
        return ()

    def flag(self, field: str, default: bool) -> bool:
        value = self.table.get(field, default)
        if isinstance(value, bool):
            return value
        self.wrong(field, "This must be true or false.")
        return default

    def spec(self) -> ApplicationSpec:
        for field in sorted(set(self.table) - _FIELDS):
            self.wrong(field[:60], "The form has no such field. " + _nearest(field))
        read = ApplicationSpec(
            title=self.text("title"),
            organisation=self.text("organisation"),
            people=self.texts("people"),
            purpose=self.text("purpose"),
            purpose_plain=self.text("purpose_plain"),
            lawful_basis=self.text("lawful_basis"),
            special_category_basis=self.text("special_category_basis"),
            gateway=self.text("gateway"),
            items=self.texts("items"),
            years=self.years(),
            terms=self.texts("terms"),
            cohort=self.cohort(),
            valid_from=self.day("valid_from"),
            valid_until=self.day("valid_until"),
            processed_at=self.text("processed_at"),
            country=self.text("country"),
            publish_queries=self.flag("publish_queries", True),
        )
        return replace(read, unread=tuple(self.problems))


def _is_condition(part: object) -> bool:
    return (
        isinstance(part, dict)
        and set(part) == {"column", "values"}
        and isinstance(part["column"], str)
        and isinstance(part["values"], list)
        and all(isinstance(value, str) for value in part["values"])
    )


def read_application(
    text: str, *, organisation: str | None = None, people: tuple[str, ...] | None = None
) -> ApplicationSpec:
    """Read an application form.

    Args:
        text: the TOML file's content; fields are described in the room's README.
        organisation: takes the place of the form's organisation.
        people: take the place of the form's people.

    Returns:
        What could be read; every field that could not is in `unread`, and submitting it says so.

    Raises:
        SchoolgateError: not TOML at all, or too long.
    """
    if len(text.encode()) > MOST_BYTES:
        raise SchoolgateError(f"An application form has at most {MOST_BYTES:,} bytes.", code="form-size")
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as problem:
        # The parser's words name line and column and quote nothing but the expected token.
        place = str(problem).rpartition("(")[2].rstrip(")")
        raise SchoolgateError(
            f"The application form is not valid TOML ({place}).",
            hint="Start from an example: schoolgate request example.",
            code="form-toml",
        ) from None
    spec = _Reader(table).spec()
    if organisation is not None:
        spec = replace(spec, organisation=organisation)
    return spec if people is None else replace(spec, people=people)


def _nearest(field: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(field, _FIELDS, n=1)
    return f"Did you mean {near[0]}?" if near else ""


def examples() -> tuple[str, ...]:
    """Names of the example forms that come with the room."""
    folder = files(__package__) / "data" / "examples"
    return tuple(sorted(path.name.removesuffix(".toml") for path in folder.iterdir() if path.name.endswith(".toml")))


def example(name: str) -> str:
    """An example form's text.

    Raises:
        SchoolgateError: no example has this name.
    """
    if name not in examples():
        raise SchoolgateError(
            "There is no such example.",
            hint="There are: " + ", ".join(examples()) + ".",
            code="example-unknown",
        )
    return (files(__package__) / "data" / "examples" / f"{name}.toml").read_text(encoding="utf-8")
