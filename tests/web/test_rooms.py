"""The stand-in rooms are held to the real ones: what the pages call and read is what the rooms offer."""

from __future__ import annotations

import dataclasses
import inspect
from typing import Any

import pytest

from schoolgate import desk, dictionary, people, register, requests, rights

CALLS: list[tuple[Any, str, tuple[Any, ...], dict[str, Any]]] = [
    (register, "events", (), {"type": None, "subject": None, "before": None, "limit": 1}),
    (register, "events_from", (0, 1), {}),
    (register, "event", (0,), {}),
    (register, "receipt_proof", (0,), {}),
    (register, "log_size", (), {}),
    (register, "totals", (), {}),
    (register, "verifier_key", (None,), {}),
    (register, "canonical", ({},), {}),
    (register, "leaf_hash", (b"",), {}),
    (requests, "get", ("A-1",), {}),
    (requests, "agreements", (), {}),
    (dictionary, "open_dictionary", (None,), {}),
    (dictionary, "purposes", (), {}),
    (dictionary, "lake_tables", (), {}),
    (people, "create_account", ("a@example.org", "password"), {}),
    (rights, "children", (1,), {}),
    (desk, "for_family", ("code-redeem", 1, 0), {"config": None, "clock": None, "code": "code"}),
    (rights, "lines_for", (None,), {}),
    (desk, "for_family", ("object", 1, 1), {"config": None, "clock": None, "of": "all", "target": ""}),
    (rights, "helped_for", (None,), {}),
    (rights, "my_record", (None,), {"config": None, "clock": None}),
    (rights, "proof_file", (None, "R1"), {"config": None}),
]


@pytest.mark.parametrize(
    ("room", "name", "args", "kwargs"), CALLS, ids=lambda value: getattr(value, "__name__", str(value))
)
def test_the_room_offers_what_the_pages_call(
    room: Any, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    inspect.signature(getattr(room, name)).bind(*args, **kwargs)


READ: list[tuple[Any, str, set[str]]] = [
    (register, "Event", {"index", "body"}),
    (dictionary, "Purpose", {"id", "name", "plain", "statutory_override", "provision"}),
    (
        dictionary,
        "Item",
        {"id", "collection", "name", "description", "why", "may_decline", "decline_code", "identifiability"}
        | {"sensitivity", "years", "codes"},
    ),
    (
        requests,
        "Agreement",
        {"id", "application_id", "organisation_name", "purpose", "purpose_plain", "lawful_basis", "gateway"}
        | {"special_category_basis", "items", "conditions", "valid_from", "valid_until", "processed_at"}
        | {"country", "state", "authorities", "regions", "schools", "notice_days", "notice_published", "additions"},
    ),
    (requests, "Addition", {"items", "people", "notice_days", "notice_published"}),
    (rights, "ChildLink", {"id", "since"}),
    (
        rights,
        "Line",
        {"release_id", "organisation", "purpose_plain", "lawful_basis", "items", "at", "since", "until"}
        | {"processed_at", "country", "state", "log_index"},
    ),
]


@pytest.mark.parametrize(("room", "name", "fields"), READ, ids=lambda value: getattr(value, "__name__", str(value)))
def test_the_rooms_answers_have_what_the_pages_read(room: Any, name: str, fields: set[str]) -> None:
    offered = {field.name for field in dataclasses.fields(getattr(room, name))}
    assert fields <= offered
