"""The API's description as an OpenAPI 3.1 document, made from the tables the answers are made from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schoolgate import published
from schoolgate.web.public.shapes import CASE, ITEM, ORGANISATION, RELEASE, schema

_FRESH = {
    "log_entries_read": {"type": "integer", "minimum": 0, "description": "Log entries this answer rests on."},
    "log_entries_behind": {"type": "integer", "minimum": 0, "description": "Log entries not taken in yet."},
}
_COUNTS = {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}}
_WHERE = {"type": "string", "format": "uri"}
_NEXT = {"type": ["string", "null"], "description": "Where the rest is; null when there is no more."}


def _object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(properties),
        "additionalProperties": False,
        "properties": properties,
    }


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _list(name: str) -> dict[str, Any]:
    return {"type": "array", "items": _ref(name)}


def _entry(**more: Any) -> dict[str, Any]:
    return _object(
        index={"type": "integer", "minimum": 0}, type={"type": "string"}, at={"type": "string"}, page=_WHERE,
        proof=_WHERE, says={"type": "string", "description": "The entry in one sentence."}, **more,
    )  # fmt: skip


def _schemas() -> dict[str, Any]:
    recipient = schema(ITEM)
    more = {
        "case": {"type": "string"}, "organisation": {"type": "string"}, "organisation_id": {"type": "string"},
        "status": {"type": "string", "enum": list(published.STATUSES)}, "witnessed": {"type": "boolean"},
    }  # fmt: skip
    recipient["properties"] |= more
    recipient["required"] = [*recipient["required"], *more]
    number = _object(label={"type": "string"}, number={"type": "integer", "minimum": 0})
    return {
        "Case": schema(CASE),
        "Item": schema(ITEM),
        "Release": schema(RELEASE),
        "Organisation": schema(ORGANISATION),
        "Recipient": recipient,
        "Entry": _entry(),
        "WholeEntry": _entry(body={"type": "object", "description": "The entry, as it stands in the log."}),
        "Problem": _object(type={"type": "string"}, title={"type": "string"}, status={"type": "integer"}),
        "Cases": _object(
            **_FRESH, total={"type": "integer", "minimum": 0}, page={"type": "integer", "minimum": 1},
            size={"type": "integer", "minimum": 1}, by_status=_COUNTS, next=_NEXT,
            cases=_list("Case"),
        ),
        "WholeCase": _object(
            **_FRESH, case=_ref("Case"), items=_list("Item"), releases=_list("Release"), releases_next=_NEXT,
            entries=_list("Entry"), entries_next=_NEXT, page=_WHERE,
        ),
        "Releases": _object(
            **_FRESH, total={"type": "integer", "minimum": 0}, releases=_list("Release"), releases_next=_NEXT
        ),
        "Organisations": _object(
            **_FRESH, next=_NEXT,
            organisations={"type": "array", "items": _object(id={"type": "string"}, name={"type": "string"})},
        ),
        "WholeOrganisation": _object(
            **_FRESH, organisation=_ref("Organisation"), total={"type": "integer", "minimum": 0}, by_status=_COUNTS,
            cases=_WHERE, page=_WHERE,
        ),
        "Recipients": _object(**_FRESH, item={"type": "string"}, next=_NEXT, recipients=_list("Recipient")),
        "Entries": _object(**_FRESH, next=_NEXT, entries=_list("WholeEntry")),
        "Numbers": _object(
            **_FRESH, counts=_COUNTS,
            pictures={"type": "object", "additionalProperties": {"type": "array", "items": number}},
        ),
    }  # fmt: skip


def _parameter(name: str, says: str, shape: Mapping[str, Any], where: str = "query") -> dict[str, Any]:
    return {"name": name, "in": where, "required": where == "path", "description": says, "schema": dict(shape)}


_TEXT: Mapping[str, Any] = {"type": "string", "maxLength": 200}


def _search() -> list[dict[str, Any]]:
    statuses = [*published.STATUSES, *published.MARKS]
    return [
        _parameter("words", "Every one must begin a word of the case.", _TEXT),
        _parameter("case", "An agreement's, application's or share's id: that one alone.", _TEXT),
        _parameter("organisation", "An organisation's id.", _TEXT),
        _parameter("purpose", "A purpose's id.", _TEXT),
        _parameter("item", "A dictionary item's id.", _TEXT),
        _parameter("kind", "A kind of recipient.", _TEXT),
        _parameter("status", "Where it stands, or a mark.", {"type": "string", "enum": statuses}),
        _parameter("area", "Whose pupils: 'authority 202', 'region E12000007' or 'school 100008'.", _TEXT),
        _parameter("year", "A year in which the log tells of it.", {"type": "string", "pattern": "^[0-9]{4}$"}),
        _parameter("imported", "'yes': shares from old lists instead.", {"type": "string", "enum": ["yes"]}),
        _parameter(
            "sort",
            "In which order; 'first' stays as it is while the register grows.",
            {"type": "string", "enum": list(published.SORTS)},
        ),
        _parameter("page", "From 1.", {"type": "integer", "minimum": 1, "maximum": 2000}),
        _parameter("size", "Cases a page.", {"type": "integer", "minimum": 1, "maximum": 100}),
    ]


PATHS: Mapping[str, tuple[str, str, str]] = {
    "/cases": ("api-cases", "Cases", "Requests, agreements and shares from old lists that fit a search."),
    "/cases/{name}": ("api-case", "WholeCase", "One of them, with its items, reads and log entries."),
    "/cases/{name}/releases": ("api-releases", "Releases", "Reads under one of them, the latest first."),
    "/organisations": ("api-organisations", "Organisations", "Organisations by name."),
    "/organisations/{slug}": ("api-organisation", "WholeOrganisation", "One organisation and how its requests stand."),
    "/items/{item_id}/recipients": ("api-recipients", "Recipients", "Who asked for an item, may use or was given it."),
    "/entries": ("api-entries", "Entries", "Log entries, newest first, as they stand in the log."),
    "/numbers": ("api-numbers", "Numbers", "The numbers of the pictures."),
}
"""Path -> name of the address, schema of the answer, what it is."""

_PAGE = _parameter("page", "From 1.", {"type": "integer", "minimum": 1})

_OF_PATH: Mapping[str, list[dict[str, Any]]] = {
    "/cases/{name}": [_parameter("name", "An agreement's, application's or share's id.", _TEXT, "path")],
    "/cases/{name}/releases": [
        _parameter("name", "An agreement's id.", _TEXT, "path"),
        _parameter("before", "Only smaller log indexes.", {"type": "integer", "minimum": 0}),
    ],
    "/organisations": [_parameter("words", "Words of its name.", _TEXT), _PAGE],
    "/organisations/{slug}": [_parameter("slug", "Its id.", _TEXT, "path")],
    "/items/{item_id}/recipients": [_parameter("item_id", "The item's id.", _TEXT, "path"), _PAGE],
    "/entries": [
        _parameter("types", "Event types, with commas between.", {"type": "string", "maxLength": 500}),
        _parameter("case", "An agreement's, application's or share's id.", _TEXT),
        _parameter("before", "Only smaller indexes.", {"type": "integer", "minimum": 0}),
    ],
}


def _answers(name: str) -> dict[str, Any]:
    problem = {"application/problem+json": {"schema": _ref("Problem")}}
    return {
        "200": {"description": "The answer.", "content": {"application/json": {"schema": _ref(name)}}},
        "304": {"description": "Nothing has changed since the answer with this ETag."},
        "400": {"description": "A value is none of its kind, or a parameter is not known here.", "content": problem},
        "404": {"description": "There is no such thing.", "content": problem},
        "429": {"description": "Asked too often; see Retry-After.", "content": problem},
    }


def document(site: str) -> dict[str, Any]:
    """The whole document, for a site at this address."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "The public register of who uses pupil data",
            "version": "1",
            "description": "Made from the public log alone. No key is needed. At most 600 requests in ten minutes.",
        },
        "servers": [{"url": f"{site}/api/v1/register"}],
        "paths": {
            path: {
                "get": {
                    "operationId": name.removeprefix("api-"),
                    "summary": says,
                    "parameters": _search() if path == "/cases" else _OF_PATH.get(path, []),
                    "responses": _answers(shape),
                }
            }
            for path, (name, shape, says) in PATHS.items()
        },
        "components": {"schemas": _schemas()},
    }
