"""Reading the values of an application's fields, from a TOML file or from what a page sent. Pure.

What cannot be read is noted with its field, and the rest is read all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date, datetime
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from schoolgate.errors import Refusal
from schoolgate.requests.terms import Answer, ApplicationSpec, CohortCondition, ItemReason, Linkage, Processor

FIELDS = frozenset(field.name for field in fields(ApplicationSpec)) - {"unread"}
_FORM = "application form"


class Unreadable(Exception):
    """A value has another shape than its field; the text says what shape that is."""


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Unreadable("This must be a text in quotation marks.")
    # A page sends the ends of lines as CR LF (HTML standard, section 4.10.21.4); a form has LF.
    return value.replace("\r\n", "\n").strip()


def _texts(value: Any) -> tuple[str, ...]:
    if not (isinstance(value, list | tuple) and all(isinstance(part, str) for part in value)):
        raise Unreadable('This must be a list of texts, as in ["one", "two"].')
    return tuple(part.strip() for part in value)


def _day(value: Any) -> date | None:
    if value is None or value == "" or (isinstance(value, date) and not isinstance(value, datetime)):
        return value or None
    raise Unreadable("This must be a date without quotation marks, as in 2026-09-01.")


def _iso_day(value: Any) -> date | None:
    if isinstance(value, str) and value:
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise Unreadable("This must be a date, as in 2026-09-01.") from None
    return _day(value)


def _years(value: Any) -> tuple[tuple[int, int], ...]:
    if isinstance(value, list | tuple):
        spans = [list(part) if isinstance(part, list | tuple) else [part, part] for part in value]
        if all(len(s) == 2 and all(type(year) is int for year in s) for s in spans):
            return tuple((first, last) for first, last in spans)
    raise Unreadable("This must be a list of years or of [first, last], as in [[2024, 2026]].")


def _cohort(value: Any) -> tuple[CohortCondition, ...]:
    if isinstance(value, list | tuple) and all(_is_condition(part) for part in value):
        return tuple(CohortCondition(part["column"], tuple(part["values"])) for part in value)
    raise Unreadable("Each [[cohort]] needs column (a text) and values (a list of texts), no more.")


def _is_condition(part: object) -> bool:
    return (
        isinstance(part, Mapping)
        and set(part) == {"column", "values"}
        and isinstance(part["column"], str)
        and isinstance(part["values"], list | tuple)
        and all(isinstance(value, str) for value in part["values"])
    )


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Unreadable("This must be true or false.")
    return value


def _rows(kind: Callable[..., Any], name: str) -> Callable[[Any], tuple[Any, ...]]:
    known = [field.name for field in fields(kind)]  # type: ignore[arg-type]  # each is a dataclass

    def read(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple) or not all(_is_row(part, known) for part in value):
            raise Unreadable(f"Each [[{name}]] has texts called {', '.join(known)}, the first of them always, no more.")
        return tuple(kind(**{key: _text(text) for key, text in part.items()}) for part in value)

    return read


def _is_row(part: object, known: list[str]) -> bool:
    return (
        isinstance(part, Mapping)
        and set(part) <= set(known)
        and known[0] in part
        and all(isinstance(text, str) for text in part.values())
    )


def _answers(value: Any) -> tuple[Answer, ...]:
    if isinstance(value, Mapping) and all(isinstance(text, str) for text in value.values()):
        return tuple(Answer(str(question), _text(text)) for question, text in value.items())
    raise Unreadable('[answers] has a text for each question\'s name, as in power = "…".')


_OTHER: Mapping[str, Callable[[Any], Any]] = MappingProxyType(
    {
        **dict.fromkeys(("people", "items", "terms", "authorities", "regions", "schools", "funders"), _texts),
        **dict.fromkeys(("valid_from", "valid_until", "retention_until", "ethics_date", "dpia_date"), _day),
        **dict.fromkeys(("publish_queries", "deceased"), _flag),
        "years": _years,
        "cohort": _cohort,
        "item_reasons": _rows(ItemReason, "item_reasons"),
        "linkage": _rows(Linkage, "linkage"),
        "processors": _rows(Processor, "processors"),
        "answers": _answers,
    }
)
"""Field that is no text -> how it is read."""


def read_values(given: Mapping[str, Any], *, iso_dates: bool = False) -> tuple[dict[str, Any], tuple[Refusal, ...]]:
    """Read what was given of an application's fields.

    Args:
        given: field -> value, of the kinds TOML and JSON have.
        iso_dates: whether a date may come as a text, as JSON has it.

    Returns:
        The fields that could be read, each of `ApplicationSpec`'s type, and what is wrong with the others.
    """
    values: dict[str, Any] = {}
    wrong = [
        Refusal("form-field", "The form has no such field. " + _nearest(name), _FORM, where=name[:60])
        for name in sorted(set(given) - FIELDS)
    ]
    for field in fields(ApplicationSpec):
        if field.name not in given or field.name == "unread":
            continue
        read = _OTHER.get(field.name, _text)
        try:
            values[field.name] = (_iso_day if iso_dates and read is _day else read)(given[field.name])
        except Unreadable as shape:
            wrong.append(Refusal("form-field", str(shape), _FORM, where=field.name))

    return values, tuple(wrong)


def _nearest(name: str) -> str:
    near = get_close_matches(name, FIELDS, n=1)
    return f"Did you mean {near[0]}?" if near else ""
