"""How far a request reaches: the most identifying and most sensitive thing asked for, and what must then be asked.

Pure. Levels and letters are the dictionary's (1 is a name, 5 says little; A is most sensitive, E least). Asking for
one more item never lowers either, and never takes a question away.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from schoolgate.dictionary import HOME, country, lake_tables
from schoolgate.errors import SchoolgateError
from schoolgate.requests.terms import ApplicationSpec

LEAST = 5, "E"
"""What little is asked for when nothing is."""

_DATA = files(__package__) / "data"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of request.

    Attributes:
        purposes: purpose ids it can have; empty: any.
        identifies: how identifying the request is in itself.
    """

    id: str
    name: str
    words: str
    purposes: tuple[str, ...] = ()
    identifies: int = 5


@dataclass(frozen=True, slots=True)
class Question:
    """A further question.

    Attributes:
        words: what is asked.
        why: why it is asked.
        provision: what it rests on.
        when: what makes it asked; every line must hold.
    """

    id: str
    words: str
    why: str
    provision: str
    when: Mapping[str, Any] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Alternative:
    """Something less identifying than an item.

    Attributes:
        item: the item it stands in for.
        other: an item of the dictionary; empty when it is a coarser form.
        coarser: the coarser form, as the panel may impose it; empty when it is another item.
        words: what it is.
        why: what the item tells that it does not.
    """

    item: str
    other: str
    coarser: str
    words: str
    why: str


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a request reaches.

    Attributes:
        identifiability: the lowest level asked for.
        identifying: the items of that level.
        sensitivity: the earliest letter asked for.
        sensitive: the items of that letter.
    """

    identifiability: int
    identifying: tuple[str, ...]
    sensitivity: str
    sensitive: tuple[str, ...]


@cache
def kinds() -> Mapping[str, Kind]:
    """Every kind of request by its id, in the order shown."""
    listed = tomllib.loads((_DATA / "kinds.toml").read_text(encoding="utf-8"))["kind"]
    return MappingProxyType({one["id"]: Kind(**{**one, "purposes": tuple(one.get("purposes", ()))}) for one in listed})


@cache
def all_questions() -> tuple[Question, ...]:
    """Every further question there is.

    Raises:
        SchoolgateError: the shipped file has a condition that is not known.
    """
    listed = tomllib.loads((_DATA / "questions.toml").read_text(encoding="utf-8"))["question"]
    for one in listed:
        if unknown := sorted(set(one["when"]) - set(_HOLDS)):
            raise SchoolgateError(f"A question has unknown conditions: {', '.join(unknown)}.", code="questions")
    return tuple(Question(**{**one, "when": MappingProxyType(one["when"])}) for one in listed)


@cache
def alternatives() -> Mapping[str, tuple[Alternative, ...]]:
    """The least identifying alternatives of each item, the best first."""
    found: dict[str, list[Alternative]] = {}
    for row in csv.DictReader((_DATA / "alternatives.csv").read_text(encoding="utf-8").splitlines()):
        one = Alternative(row["item"], row["alternative"], row["coarser"], row["words"], row["why"])
        found.setdefault(one.item, []).append(one)
    return MappingProxyType({item: tuple(rows) for item, rows in found.items()})


@cache
def tiers() -> Mapping[str, tuple[int, str]]:
    """Lake item -> level and letter. An item without a tier in the dictionary counts as a name would: nobody looked."""
    return MappingProxyType(
        {
            column.item_id: (column.identifiability or 1, column.sensitivity or "A")
            for table in lake_tables()
            for column in table.columns
            if column.kind == "item"
        }
    )


def reach(items: Sequence[str], kind: str = "") -> Reach:
    """How far a request of this kind for these items reaches; what the dictionary does not know is left out."""
    known = {item: tiers()[item] for item in dict.fromkeys(items) if item in tiers()}
    own = kinds()[kind].identifies if kind in kinds() else LEAST[0]
    level = min([own, *(level for level, _ in known.values())])
    letter = min([LEAST[1], *(letter for _, letter in known.values())])
    return Reach(
        identifiability=level,
        identifying=tuple(sorted(item for item, tier in known.items() if tier[0] == level)),
        sensitivity=letter,
        sensitive=tuple(sorted(item for item, tier in known.items() if tier[1] == letter)),
    )


def asked(spec: ApplicationSpec) -> tuple[str, ...]:
    """What an application learns about each pupil: its items, and the columns its pupils are chosen by.

    Who asks for young carers only, and for nothing but their school, knows of each row that it is a young carer.
    """
    chosen = (f"census_pupil.{one.column}" for one in spec.cohort)
    return tuple(dict.fromkeys((*spec.items, *(item for item in chosen if item in tiers()))))


def reach_of(spec: ApplicationSpec) -> Reach:
    """How far an application reaches, with what its pupils are chosen by."""
    return reach(asked(spec), spec.kind_of_request)


def years_asked(spec: ApplicationSpec) -> int:
    """How many different years are asked for."""
    return len({year for first, last in spec.years for year in range(first, min(last, first + 200) + 1)})


def is_abroad(place: str) -> bool:
    """Whether a country that was named is another than the United Kingdom."""
    found = country(place)
    return bool(place.strip()) and (found is None or found.name != HOME)


_HOLDS: Mapping[str, Any] = MappingProxyType(
    {
        "kinds": lambda spec, named: spec.kind_of_request in named,
        "commercial": lambda spec, named: spec.commercial_interest in named,
        "identifiability": lambda spec, named: reach_of(spec).identifiability <= named,
        "sensitivity": lambda spec, named: reach_of(spec).sensitivity <= named,
        "items": lambda spec, named: not set(named).isdisjoint(asked(spec)),
        "items_together": lambda spec, named: all(not set(part).isdisjoint(asked(spec)) for part in named),
        "items_at_least": lambda spec, named: len(set(spec.items)) >= named,
        "years_at_least": lambda spec, named: years_asked(spec) >= named,
        "linkage": lambda spec, named: bool(spec.linkage) is named,
        "processors": lambda spec, named: bool(spec.processors) is named,
        "abroad": lambda spec, named: (
            any(map(is_abroad, (spec.country, *(one.country for one in spec.processors)))) is named
        ),
        "deceased": lambda spec, named: spec.deceased is named,
    }
)
"""Condition of a question -> whether it holds of an application."""


def questions(spec: ApplicationSpec) -> tuple[Question, ...]:
    """The further questions this application has to answer, in the file's order."""
    return tuple(
        question
        for question in all_questions()
        if all(_HOLDS[name](spec, named) for name, named in question.when.items())
    )
