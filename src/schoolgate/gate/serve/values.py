"""Frozen values of the house as JSON and back, by their own type hints: nothing is built but what a type names."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from typing import Any, NewType, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from schoolgate.gate.serve.frames import Malformed

_T = TypeVar("_T")
_PLAIN = (str, int, float, bool)


def to_json(value: object) -> Any:
    """A value as JSON."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_json(part) for key, part in value.items()}
    if isinstance(value, frozenset):
        return sorted(to_json(part) for part in value)
    if isinstance(value, tuple | list):
        return [to_json(part) for part in value]
    if isinstance(value, date):  # a datetime is one
        return value.isoformat()
    if value is None or isinstance(value, _PLAIN):
        return value
    raise Malformed("A value of this kind does not cross the gate's socket.", code="not-a-value")


def from_json(kind: type[_T], value: Any) -> _T:
    """The value of a type that JSON stands for.

    Raises:
        Malformed: it does not fit the type.
    """
    return cast(_T, _read(kind, value))


def _wrong() -> Malformed:
    return Malformed("A value does not fit its type.", code="not-a-value")


def _read(kind: Any, value: Any) -> Any:
    if isinstance(kind, NewType):
        return _read(kind.__supertype__, value)
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _one_of(get_args(kind), value)
    if origin is not None:
        return _many(origin, get_args(kind), value)
    if kind is Any:
        return value
    if kind is type(None) or kind is None:
        if value is None:
            return None
        raise _wrong()
    if kind in _PLAIN:
        if type(value) is kind or (kind is float and type(value) is int):
            return kind(value)
        raise _wrong()
    if kind in (date, datetime):
        return _moment(kind, value)
    if is_dataclass(kind):
        return _dataclass(kind, value)
    raise _wrong()


def _one_of(kinds: tuple[Any, ...], value: Any) -> Any:
    for kind in kinds:
        try:
            return _read(kind, value)
        except Malformed:
            continue
    raise _wrong()


def _many(origin: Any, kinds: tuple[Any, ...], value: Any) -> Any:
    if issubclass(origin, Mapping):
        if not isinstance(value, dict):
            raise _wrong()
        return {_read(kinds[0], key): _read(kinds[1], part) for key, part in value.items()}
    if not isinstance(value, list):
        raise _wrong()
    if origin is tuple and not (len(kinds) == 2 and kinds[1] is Ellipsis):
        if len(kinds) != len(value):
            raise _wrong()
        return tuple(_read(kind, part) for kind, part in zip(kinds, value, strict=True))
    if origin in (tuple, frozenset, list):
        return origin(_read(kinds[0], part) for part in value)
    raise _wrong()


def _moment(kind: Any, value: Any) -> Any:
    try:
        return kind.fromisoformat(value)
    except (TypeError, ValueError):
        raise _wrong() from None


def _dataclass(kind: Any, value: Any) -> Any:
    hints = get_type_hints(kind)
    if not isinstance(value, dict) or set(value) - {field.name for field in fields(kind)}:
        raise _wrong()
    try:
        return kind(**{name: _read(hints[name], part) for name, part in value.items()})
    except TypeError:  # a field is missing
        raise _wrong() from None
