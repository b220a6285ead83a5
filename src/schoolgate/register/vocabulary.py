"""What can be written in the public register: each type of event, its keys, and its words for the public page.

An event never carries an identity, nor a hash of one; counts are rounded. The keys are a closed list, so that
nothing else can slip in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import rfc8785

from schoolgate.errors import SchoolgateError


class EventRefused(SchoolgateError):
    """An event that does not fit its type; nothing was written."""


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


_TERMS = (
    "application", "organisation", "purpose", "purpose_plain", "lawful_basis", "gateway", "items", "years", "terms",
    "valid_from", "valid_until", "processed_at", "country", "conditions", "people_count",
)  # fmt: skip

EVENT_TYPES: dict[str, EventType] = {
    "application.received": EventType(
        "Application received",
        ("organisation", "kind", "purpose", "purpose_plain", "items", "years"),
        "{organisation} asked for pupil data: {purpose_plain}",
    ),
    "application.decided": EventType(
        "Panel decision", ("outcome", "reasons", "conditions"), "The data-sharing panel decided: {outcome}."
    ),
    "agreement.signed": EventType("Agreement signed", _TERMS, "An agreement with {organisation} was signed."),
    "agreement.amended": EventType(
        "Agreement amended", tuple(f"{key}?" for key in _TERMS), "The agreement was amended."
    ),
    "agreement.ended": EventType("Agreement ended", ("reason",), "The agreement ended: {reason}"),
    "release.begun": EventType(
        "Release",
        (
            "agreement",
            "organisation",
            "purpose",
            "lawful_basis",
            "query",
            "query_hash",
            "items",
            "snapshot",
            "definition_hash",
            "pupils",
            "engine?",
        ),
        "{organisation} was given data under agreement {agreement}.",
    ),
    "release.delivered": EventType("Release handed over", ("rows",), "The result left: {rows} rows."),
    "release.settled": EventType(
        "Release settled",
        ("release", "pupils", "members_root", "members_count", "bitmap_hash"),
        "Release {release} held items of {pupils} pupils.",
    ),
    "query.refused": EventType(
        "Query refused", ("agreement", "query_hash", "reasons"), "A query under {agreement} was refused."
    ),
    "destruction.certified": EventType(
        "Destruction certified",
        ("agreement", "method", "witnessed_by"),
        "The data of {agreement} were destroyed.",
    ),
    "objection.totals": EventType(
        "Objections", ("purpose", "objecting"), "Pupils kept out of {purpose} by an objection: {objecting}."
    ),
    "restriction.totals": EventType("Restrictions", ("restricted",), "Pupils under restriction: {restricted}."),
    "notice.published": EventType("Notice published", ("title",), "A notice to families: {title}"),
    "dictionary.loaded": EventType("Dictionary", ("version", "items"), "The data dictionary now has {items} items."),
    "term.loaded": EventType(
        "Census loaded",
        ("year", "term", "schools", "snapshot"),
        "The {term} {year} census of {schools} schools.",
    ),
    "key.changed": EventType("Key changed", ("key", "reason"), "The log's key changed: {reason}"),
}

Plain = str | int | bool | None | list[str] | list[int]


def canonical(event: Mapping[str, Any]) -> bytes:
    """The bytes of an event that are hashed: canonical JSON (RFC 8785)."""
    return rfc8785.dumps(dict(event))


def _plain(value: object) -> bool:
    if value is None or isinstance(value, str | bool):
        return True
    if isinstance(value, int):
        return abs(value) < 2**53  # what a JSON number carries exactly (RFC 8785 section 3.2.2.3)
    return isinstance(value, list) and all(_plain(part) and not isinstance(part, list) for part in value)


def event_body(type_: str, subject: str, payload: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """An event's body, checked against its type.

    Raises:
        EventRefused: unknown type, a key missing or not on the list, or a value that is not plain.
    """
    shape = EVENT_TYPES.get(type_)
    if shape is None:
        raise EventRefused("The register knows no such event.", code="event-type")
    known = {key.rstrip("?") for key in shape.keys}
    needed = {key for key in shape.keys if not key.endswith("?")}
    if set(payload) - known or needed - set(payload):
        wrong = sorted(set(payload) - known) + sorted(needed - set(payload))
        raise EventRefused(f"{shape.title}: these keys do not fit: {', '.join(wrong)}.", code="event-keys")
    values = {key: list(value) if isinstance(value, tuple) else value for key, value in payload.items()}
    for key, value in values.items():
        if not _plain(value):
            raise EventRefused(f"{shape.title}: {key} is not a plain value.", code="event-value")
    moment = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"v": 1, "type": type_, "at": moment, "subject": subject, **values}


def describe(body: Mapping[str, Any]) -> str:
    """One sentence about an event, for the public page."""
    shape = EVENT_TYPES.get(str(body.get("type")))
    if shape is None:
        return "An event of a kind this page does not know."
    return shape.says.format_map({key.rstrip("?"): body.get(key.rstrip("?")) or "not stated" for key in shape.keys})


def title(type_: str) -> str:
    """The words for a type of event."""
    return EVENT_TYPES[type_].title if type_ in EVENT_TYPES else type_


def round_count(count: int) -> str:
    """A count as the public sees it: rounded to 5, and under 10 not told apart."""
    return "fewer than 10" if count < 10 else f"{5 * round(count / 5):,}"
