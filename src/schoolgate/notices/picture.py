"""A picture: everything a notice is made from, at one moment. Frozen values with a fingerprint; pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

LIVE, PAUSED, HELD = "live", "paused", "held"
"""A use goes on; it is stopped for now; it is over, and what was handed over is not yet destroyed."""


@dataclass(frozen=True, slots=True)
class Use:
    """One agreement as families need to know it.

    Attributes:
        agreement: its number.
        who: the organisation.
        kind: of organisation, one of ``people.ORGANISATION_KINDS``.
        country: where the data is used.
        place: where there, in the agreement's words.
        purpose: purpose id.
        why: in the applicant's plain words.
        law: the power to share, with its provision.
        basis: the lawful basis.
        items: lake item ids in use, sorted.
        coming: lake item ids that were added and wait for a notice, sorted.
        years: inclusive (first, last) calendar years of census points.
        terms: term codes; empty means all.
        cohort: (column of census_pupil, values) that a pupil must meet.
        authorities, schools: whose pupils; both empty means all of England.
        until: last day of use, ISO.
        first_use: first day of use, ISO; "" when it is in use already; "waits" while no notice was given.
        standing: `LIVE`, `PAUSED` or `HELD`.
        awaits: whether it, or what was added to it, still needs a notice.
        processors: (name, country) of those who process for it.
    """

    agreement: str
    who: str
    kind: str
    country: str
    place: str
    purpose: str
    why: str
    law: str
    basis: str
    items: tuple[str, ...]
    coming: tuple[str, ...]
    years: tuple[tuple[int, int], ...]
    terms: tuple[str, ...]
    cohort: tuple[tuple[str, tuple[str, ...]], ...]
    authorities: tuple[str, ...]
    schools: tuple[str, ...]
    until: str
    first_use: str
    standing: str
    awaits: bool = False
    processors: tuple[tuple[str, str], ...] = ()

    @property
    def countries(self) -> tuple[str, ...]:
        """Where the data is used, its own country first, then those of its processors."""
        return tuple(dict.fromkeys((self.country, *(country for _name, country in self.processors))))

    @property
    def all_items(self) -> tuple[str, ...]:
        """What is in use and what will be."""
        return tuple(sorted({*self.items, *self.coming}))


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact that schools are, will be or were asked about each pupil.

    Attributes:
        id, name, why, law: as the dictionary has them.
        may_decline: whether a family may decline to give it.
        first: the first census that asked it, as in "autumn 2016"; "" when it was asked as far back as we know.
        last: the last one that asked it; "" while it is asked.
        terms: codes of the terms whose census asks it, in the order of the year; of a dropped one, those that did.
    """

    id: str
    name: str
    why: str
    law: str
    may_decline: bool
    first: str
    last: str
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything at one moment.

    Attributes:
        day: the custodian's day, ISO.
        uses: sorted by agreement.
        facts: in the dictionary's order.
    """

    day: str
    uses: tuple[Use, ...]
    facts: tuple[Fact, ...]

    @property
    def live(self) -> tuple[Use, ...]:
        """The uses that go on or are stopped for now."""
        return tuple(use for use in self.uses if use.standing != HELD)

    @property
    def asked(self) -> tuple[Fact, ...]:
        """The facts that schools are asked now, or will be at the next census."""
        return tuple(fact for fact in self.facts if not fact.last)

    @property
    def dropped(self) -> tuple[Fact, ...]:
        """The facts that schools are no longer asked."""
        return tuple(fact for fact in self.facts if fact.last)


def to_bytes(picture: Picture) -> bytes:
    """The picture as canonical JSON (RFC 8785): what its fingerprint is taken of.

    It holds texts, whole numbers and truth values under names of ASCII letters, for which sorted and compact JSON is
    the canonical form; a test holds it to an implementation of the RFC, which takes twenty times as long.
    """
    body = {
        "v": 1,
        "day": picture.day,
        "uses": [{name: getattr(use, name) for name in _USE} for use in picture.uses],
        "facts": [{name: getattr(fact, name) for name in _FACT} for fact in picture.facts],
    }
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


_USE = tuple(field.name for field in fields(Use))
_FACT = tuple(field.name for field in fields(Fact))


def fingerprint(picture: Picture) -> str:
    """SHA-256 of `to_bytes`. The day counts: what is asked and who may use what depends on it."""
    return hashlib.sha256(to_bytes(picture)).hexdigest()


def from_dict(kept: Mapping[str, Any]) -> Picture:
    """A picture again, from the JSON of `to_bytes`."""
    return Picture(
        kept["day"],
        tuple(
            Use(
                **{
                    **use,
                    **{name: tuple(use[name]) for name in _TUPLES},
                    "processors": tuple((name, country) for name, country in use.get("processors", ())),
                    "years": tuple((first, last) for first, last in use["years"]),
                    "cohort": tuple((column, tuple(values)) for column, values in use["cohort"]),
                }
            )
            for use in kept["uses"]
        ),
        tuple(Fact(**{**fact, "terms": tuple(fact["terms"])}) for fact in kept["facts"]),
    )


_TUPLES = ("items", "coming", "terms", "authorities", "schools")


def day_of(picture: Picture) -> date:
    """The picture's day."""
    return date.fromisoformat(picture.day)
