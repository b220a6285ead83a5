"""Stand-ins for the rooms a face speaks to, so that each page can be shown any answer a room may give.

`test_rooms.py` holds their signatures to the real surfaces.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from schoolgate import notices
from schoolgate.dictionary import Code, Dictionary, Item
from schoolgate.errors import Refusal, Refused, SchoolgateError
from schoolgate.rights import Choices, SaidNo, UnknownLink

HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>'
AGREEMENT = "A-2026-0001"
LANGUAGE = "census_pupil.language"
REFUSAL = Refusal("code", "This code does not work.", remedy="Ask the school for a new one.")


@dataclass
class Log:
    """A register in memory."""

    written: list[SimpleNamespace] = field(default_factory=list)

    def write(self, kind: str, subject: str, **payload: Any) -> int:
        number = len(self.written)
        at = f"2026-09-01T09:{number % 60:02d}:00Z"
        body = {"v": 1, "type": kind, "at": at, "subject": subject, **payload}
        self.written.append(SimpleNamespace(index=number, type=kind, subject=subject, body=body))
        return number

    def events(
        self, type: str | None = None, subject: str | None = None, before: int | None = None, limit: int = 50
    ) -> list[SimpleNamespace]:
        return [
            entry
            for entry in reversed(self.written)
            if (type is None or entry.body["type"] == type)
            and (subject is None or entry.body["subject"] == subject)
            and (before is None or entry.index < before)
        ][:limit]

    def events_from(self, first: int, limit: int) -> list[SimpleNamespace]:
        return self.written[first : first + limit]

    def event(self, index: int) -> SimpleNamespace:
        if index >= len(self.written):
            raise SchoolgateError("There is no such entry.", code="unknown-entry")
        return self.written[index]

    def receipt_proof(self, index: int) -> str:
        self.event(index)
        return f"c2sp.org/tlog-proof@v1\nindex {index}\n"

    def log_size(self) -> int:
        return len(self.written)

    def totals(self) -> dict[str, int]:
        return dict(Counter(entry.body["type"] for entry in self.written))


def canonical(event: Any) -> bytes:
    return json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\0" + data).digest()


def an_agreement(**changes: Any) -> SimpleNamespace:
    facts: dict[str, Any] = {
        "id": AGREEMENT,
        "application_id": "APP-1",
        "organisation_name": "A university",
        "purpose": "education-research",
        "purpose_plain": "To learn about reading.",
        "lawful_basis": "UK GDPR Article 6(1)(e)",
        "special_category_basis": "",
        "gateway": "",
        "items": frozenset({LANGUAGE}),
        "conditions": (),
        "valid_from": date(2026, 9, 1),
        "valid_until": date(2027, 8, 31),
        "processed_at": "Leeds",
        "country": "United Kingdom",
        "state": "active",
        "authorities": (),
        "regions": (),
        "schools": (),
        "notice_days": 0,
        "notice_published": None,
        "additions": (),
    }
    return SimpleNamespace(**{**facts, **changes})


def begins(agreement: SimpleNamespace, clock: Any) -> notices.Begins:
    """From when it may be used, by its own days alone: what the notices' room itself says needs a real agreement."""

    def day(days: int, told: date | None) -> date | None:
        return told + timedelta(days=days + 1) if told is not None and days else None

    added = tuple(day(one.notice_days, one.notice_published) for one in agreement.additions)
    return notices.Begins(agreement.notice_days > 0, day(agreement.notice_days, agreement.notice_published), added)


class Items(Dictionary):
    """A dictionary of one item."""

    def __init__(self, **changes: Any) -> None:
        facts: dict[str, Any] = {
            "id": LANGUAGE,
            "collection": "School Census",
            "table": "census_pupil",
            "name": "First language",
            "description": "The language heard first at home.",
            "why": "To fund English teaching.",
            "law": "Education Act 1996 section 537A",
            "may_decline": True,
            "decline_code": "REFU",
            "identifiability": 4,
            "sensitivity": "D",
            "years": "2007 on",
            "codes": (Code("POL", "Polish"), Code("XYZ", "XYZ")),
        }
        super().__init__("test", (Item(**{**facts, **changes}),))


PURPOSES = (
    SimpleNamespace(
        id="education-research",
        name="Research about education",
        plain="Studies.",
        statutory_override=False,
        provision="",
        dpv="",
    ),
    SimpleNamespace(
        id="school-funding",
        name="Money for schools",
        plain="Counting.",
        statutory_override=True,
        provision="Education Act 1996, section 537A",
        dpv="",
    ),
)


@dataclass
class Families:
    """A rights room in memory: account -> its links; what was said no to; what was asked of it."""

    links: dict[int, tuple[SimpleNamespace, ...]] = field(default_factory=dict)
    said_no: dict[tuple[str, str], SaidNo] = field(default_factory=dict)
    lines: list[SimpleNamespace] = field(default_factory=list)
    looked: int = 0

    def link(self, account_id: int, number: int) -> SimpleNamespace:
        may = frozenset({"see", "choose", "correct", "complain"})  # as a parent
        link = SimpleNamespace(id=number, since=datetime(2026, 9, 1, tzinfo=UTC), may=may)
        self.links[account_id] = (*self.links.get(account_id, ()), link)
        return link

    def children(self, account_id: int) -> tuple[SimpleNamespace, ...]:
        return self.links.get(account_id, ())

    def child(self, account_id: int, link_id: int) -> SimpleNamespace:
        for link in self.links.get(account_id, ()):
            if link.id == link_id:
                return link
        raise UnknownLink("This account has no such child.", code="link-unknown")

    def lines_for(self, link: Any) -> list[SimpleNamespace]:
        return self.lines

    def for_family(self, act: str, account_id: int, link_id: int, *, config: Any, clock: Any, **given: Any) -> Any:
        """The desk's acts on choices; a use that a law lets go on is `school-funding` alone."""
        if act == "code-redeem":
            return self.link(account_id, 7) if given["code"].strip() == "GOOD" else Refused((REFUSAL,))
        if act == "choices-show":
            return Choices(tuple(self.said_no.values()), (), (), ())
        to = (given["of"], given["target"])
        if act == "object":
            law = "A law" if to == ("purpose", "school-funding") else ""
            self.said_no[to] = SaidNo(*to, "", clock.now(), "you", bool(law), law)
        return self.said_no.pop(to, None) is not None if act == "object-no-more" else None

    def my_record(self, link: Any, *, config: Any, clock: Any) -> SimpleNamespace:
        self.looked += 1
        row = {"year": 2026, "term": "SPR", "language": "POL"}
        return SimpleNamespace(
            identity={"surname": HOSTILE, "forename": "Child"}, tables={"census_pupil": [row]}, tokens={}, sources={}
        )

    def changed(self, link: Any, record: Any, *, items: Any, config: Any) -> tuple[Any, ...]:
        return ()

    def helped_for(self, link: Any) -> tuple[SimpleNamespace, ...]:
        return ()

    def proof_file(self, link: Any, release_id: str, *, config: Any) -> dict[str, Any]:
        if release_id != "R1":
            raise SchoolgateError("There is no such line.", code="unknown-line")
        return {"schoolgate": "family-proof/1", "member_index": 3}


def a_line(**changes: Any) -> SimpleNamespace:
    facts: dict[str, Any] = {
        "release_id": "R1",
        "organisation": "A university",
        "purpose": "education-research",
        "purpose_plain": "To learn about reading.",
        "lawful_basis": "UK GDPR Article 6(1)(e)",
        "items": (LANGUAGE,),
        "at": datetime(2026, 9, 1, 9, tzinfo=UTC),
        "since": date(2026, 9, 1),
        "agreement_id": AGREEMENT,
        "first_at": datetime(2026, 9, 1, 9, tzinfo=UTC),
        "last_at": datetime(2026, 9, 1, 9, tzinfo=UTC),
        "purpose_id": "education-research",
        "until": date(2027, 8, 31),
        "ended_on": None,
        "gone": None,
        "taken_away": (),
        "corrections": (),
        "processors": (),
        "linked_with": (),
        "safeguard": "",
        "processed_at": "Leeds",
        "country": "United Kingdom",
        "standing": "in force",
        "conditions": ("Numbers of pupils below 10 may not be published.",),
        "state": "settled",
        "log_index": 0,
    }
    facts.update(changes)
    release = {name: facts[name] for name in ("release_id", "at", "state", "log_index", "items")}
    facts.setdefault("releases", (SimpleNamespace(**release, way="", can_prove=facts["state"] == "settled"),))
    return SimpleNamespace(**facts)
