"""Whether a value has a published shape: the part of JSON Schema 2020-12 that our schema uses, and no more.

A keyword it does not know is an error, so that nothing in the schema goes unchecked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "integer": (int,), "number": (int, float),
    "boolean": (bool,), "null": (type(None),),
}  # fmt: skip
_SAID = frozenset({"$schema", "$id", "$defs", "title", "description", "format"})


def faults(value: Any, schema: Mapping[str, Any], whole: Mapping[str, Any], at: str = "") -> list[str]:
    """Every place at which the value has another shape."""
    if "$ref" in schema:
        return faults(value, whole["$defs"][str(schema["$ref"]).removeprefix("#/$defs/")], whole, at)
    found = []
    for keyword, wanted in schema.items():
        if keyword in _SAID:
            continue
        found += _CHECKS[keyword](value, wanted, schema, whole, at)
    return found


def _type(value: Any, wanted: Any, *rest: Any) -> list[str]:
    names = wanted if isinstance(wanted, list) else [wanted]
    fits = any(isinstance(value, _TYPES[name]) and (not isinstance(value, bool) or name == "boolean") for name in names)
    return [] if fits else [f"{rest[-1]}: {type(value).__name__} is not {wanted}"]


def _required(value: Any, wanted: Any, schema: Any, whole: Any, at: str) -> list[str]:
    return [f"{at}.{name}: missing" for name in wanted if isinstance(value, dict) and name not in value]


def _properties(value: Any, wanted: Any, schema: Any, whole: Any, at: str) -> list[str]:
    if not isinstance(value, dict):
        return []
    return [
        one
        for name, part in wanted.items()
        if name in value
        for one in faults(value[name], part, whole, f"{at}.{name}")
    ]


def _additional(value: Any, wanted: Any, schema: Any, whole: Any, at: str) -> list[str]:
    if not isinstance(value, dict):
        return []
    more = [name for name in value if name not in schema.get("properties", {})]
    if wanted is False:
        return [f"{at}.{name}: not in the schema" for name in more]
    return [one for name in more for one in faults(value[name], wanted, whole, f"{at}.{name}")]


def _items(value: Any, wanted: Any, schema: Any, whole: Any, at: str) -> list[str]:
    if not isinstance(value, list):
        return []
    return [one for number, part in enumerate(value) for one in faults(part, wanted, whole, f"{at}[{number}]")]


def _pattern(value: Any, wanted: Any, schema: Any, whole: Any, at: str) -> list[str]:
    return [f"{at}: does not fit {wanted}"] if isinstance(value, str) and not re.search(wanted, value) else []


_CHECKS = {
    "type": _type,
    "required": _required,
    "properties": _properties,
    "additionalProperties": _additional,
    "items": _items,
    "pattern": _pattern,
    "const": lambda value, wanted, *rest: [] if value == wanted else [f"{rest[-1]}: is not {wanted}"],
    "enum": lambda value, wanted, *rest: [] if value in wanted else [f"{rest[-1]}: is none of {wanted}"],
}
