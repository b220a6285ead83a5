"""What can be written in the public register: events held to their types (`event_types`), and their words for a page.

An event never carries an identity, nor a hash of one; counts are rounded. The keys are a closed list, so that
nothing else can slip in.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import rfc8785

from schoolgate.errors import SchoolgateError
from schoolgate.register.event_type import EventType
from schoolgate.register.event_types import EVENT_TYPES


class EventRefused(SchoolgateError):
    """An event that does not fit its type; nothing was written."""


_COUNTS = frozenset(
    {
        "pupils", "rows", "members_count", "objecting", "restricted", "people_asked", "people_found", "misses",
        "pupils_left", "delayed", "delays_set", "cases_open", "cases_late", "cases_decided", "cases_refused",
        "cases_appealed", "corrections",
    }
)  # fmt: skip
"""Keys that count pupils or rows about them: only what `round_count` gives may stand there."""

_NEVER = frozenset({"bitmap_hash"})
"""Keys that once were meant for a hash of the pupils themselves: a hash of a small set is found by trying."""

_ROUNDED = re.compile(r"fewer than 10|[1-9][0-9]{0,2}(?:,[0-9]{3})*")
_UPN = re.compile(r"(?<![0-9A-Za-z])[A-Z][0-9]{11}[0-9A-Z](?![0-9A-Za-z])")
"""The shape of a unique pupil number, whatever its check letter: a reason typed by hand might hold one."""


def canonical(event: Mapping[str, Any]) -> bytes:
    """The bytes of an event that are hashed: canonical JSON (RFC 8785)."""
    return rfc8785.dumps(dict(event))


def _plain(value: object) -> bool:
    if value is None or isinstance(value, str | bool):
        return True
    if isinstance(value, int):
        return abs(value) < 2**53  # what a JSON number carries exactly (RFC 8785 section 3.2.2.3)
    return isinstance(value, list) and all(_plain(part) and not isinstance(part, list) for part in value)


def _rounded(value: object) -> bool:
    if value is None:
        return True
    if not isinstance(value, str) or _ROUNDED.fullmatch(value) is None:
        return False
    return value == "fewer than 10" or (int(value.replace(",", "")) >= 10 and value[-1] in "05")


def _texts(value: object) -> list[str]:
    return [part for part in (value if isinstance(value, list) else [value]) if isinstance(part, str)]


def _check_value(shape: EventType, key: str, value: object) -> None:
    if not _plain(value):
        raise EventRefused(f"{shape.title}: {key} is not a plain value.", code="event-value")
    if key in _COUNTS and not _rounded(value):
        raise EventRefused(
            f"{shape.title}: {key} is an exact count.", hint="Round it with round_count.", code="event-count"
        )
    if key in _NEVER and value is not None:
        raise EventRefused(f"{shape.title}: {key} stays empty.", code="event-identity")
    if any(_UPN.search(text) for text in _texts(value)):
        raise EventRefused(
            f"{shape.title}: {key} holds what looks like a pupil's number.",
            hint="The register is public for ever: take it out.",
            code="event-identity",
        )


def event_body(type_: str, subject: str, payload: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """An event's body, checked against its type.

    Raises:
        EventRefused: unknown type, a key missing or not on the list, a value that is not plain, an exact
            count, or a pupil's number.
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
    for key, value in {"subject": subject, **values}.items():
        _check_value(shape, key, value)
    moment = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"v": 1, "type": type_, "at": moment, "subject": subject, **values}


def result_hash(nonce: bytes, receipt: Mapping[str, Any]) -> str:
    """What binds a receipt's own fields to its event: SHA-256 of the receipt's nonce and of those fields.

    The nonce stays in the receipt, so that nobody can find a small result by trying.

    Args:
        nonce: the 16 bytes of the receipt's ``query_nonce``.
        receipt: ``result_sha256`` and ``rows``, and ``files`` (name -> SHA-256) when the result left as files.
    """
    bound = {key: receipt[key] for key in ("files", "result_sha256", "rows") if key in receipt}
    return hashlib.sha256(nonce + rfc8785.dumps(bound)).hexdigest()


def describe(body: Mapping[str, Any]) -> str:
    """One sentence about an event, for the public page."""
    shape = EVENT_TYPES.get(str(body.get("type")))
    if shape is None:
        return "An event of a kind this page does not know."
    if body.get("outcome") == "failed":  # a query that ran and gave no result counts as a read all the same
        return f"A query of {body.get('organisation')} under agreement {body.get('agreement')} ran and gave no result."
    return shape.says.format_map({key.rstrip("?"): body.get(key.rstrip("?")) or "not stated" for key in shape.keys})


def title(type_: str) -> str:
    """The words for a type of event."""
    return EVENT_TYPES[type_].title if type_ in EVENT_TYPES else type_


def round_count(count: int) -> str:
    """A count as the public sees it: rounded to 5, and under 10 not told apart."""
    return "fewer than 10" if count < 10 else f"{5 * round(count / 5):,}"
