"""Places: the regions of England by local authority, and the countries data may go to without further safeguards."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from schoolgate.dictionary.establishments import authorities

HOME = "United Kingdom"


@dataclass(frozen=True, slots=True)
class Region:
    """A region of England.

    Attributes:
        id: its statistical code, e.g. ``E12000007``.
        authorities: three-digit numbers, those of reorganised authorities included.
    """

    id: str
    name: str
    authorities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Country:
    """A country pupil data may be processed in.

    Attributes:
        covered: ``home``; ``all`` when adequacy regulations cover every recipient there; ``some`` when they cover
            only recipients of a certain kind, so that an agreement must say why its own is one.
        source: the regulations.
    """

    name: str
    covered: str
    source: str


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = (files(__package__) / "data" / name).read_text(encoding="utf-8")
    yield from csv.DictReader(text.splitlines())


@cache
def regions() -> tuple[Region, ...]:
    """The nine regions; every authority of the list lies in exactly one."""
    return tuple(Region(row["region"], row["name"], tuple(row["authorities"].split())) for row in _rows("regions.csv"))


@cache
def countries() -> tuple[Country, ...]:
    """The countries that UK adequacy regulations cover, the United Kingdom first."""
    return tuple(Country(row["country"], row["covered"], row["source"]) for row in _rows("countries.csv"))


_ALSO_CALLED = {
    **dict.fromkeys(("uk", "great britain", "england", "wales", "scotland", "northern ireland"), HOME),
    "united kingdom of great britain and northern ireland": HOME,
    **dict.fromkeys(("usa", "us", "united states", "the united states"), "United States of America"),
    "south korea": "Republic of Korea",
    "the netherlands": "Netherlands",
    "czech republic": "Czechia",
    "republic of ireland": "Ireland",
}


def country(name: str) -> Country | None:
    """The country of this name, or None when no adequacy regulations cover it."""
    wanted = " ".join(name.split()).casefold()
    wanted = _ALSO_CALLED.get(wanted, wanted).casefold()
    return next((found for found in countries() if found.name.casefold() == wanted), None)


def same_country(one: str, other: str) -> bool:
    """Whether two names mean one country."""
    found = [country(name) for name in (one, other)]
    names = [
        (known.name if known else name).strip().casefold() for known, name in zip(found, (one, other), strict=True)
    ]
    return names[0] == names[1]


def authority_name(number: str) -> str:
    """A local authority's name; "" when there is none of this number."""
    return authorities().get(number, "")


def find_region(text: str) -> Region | None:
    """The region of this code or name, or None."""
    wanted = text.strip().casefold()
    return next((found for found in regions() if wanted in (found.id.casefold(), found.name.casefold())), None)


@dataclass(frozen=True, slots=True)
class ConsentOnly:
    """An item that may be read only of pupils whose family said yes to that purpose and recipient.

    Attributes:
        item: lake item id.
        why: in plain words.
        source: what it rests on.
    """

    item: str
    why: str
    source: str


@cache
def consent_only_items() -> tuple[ConsentOnly, ...]:
    """The items that need a yes, in order of id."""
    return tuple(ConsentOnly(row["item"], row["why"], row["source"]) for row in _rows("consent_only.csv"))
