"""How long the custodian's own store keeps what, by a rule for each item, and what is held longer than its rule says.

UK GDPR Article 5(1)(e), and Article 30(1)(f): "the envisaged time limits for erasure of the different categories". The
rules are data (``data/retention.toml``). What is past its day is named in public from that day on, until two people
have agreed that it goes and it is destroyed (`gate/erasing`); the log's entry says which rule and which year.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from schoolgate import dictionary
from schoolgate.errors import SchoolgateError

FACTS, IDENTITY, PAPER = "facts", "identity", "paper"
"""Where the store keeps things: the pupil lake, the sealed vault, returns as they came."""


class NoRule(SchoolgateError):
    """An item falls under no rule, or under several: its time limit is not known."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One rule.

    Attributes:
        holds: what falls under it, in words.
        place: one of `FACTS`, `IDENTITY`, `PAPER`.
        sensitivity: of facts; empty where all of the place falls under it.
        years: full calendar years after the census's year.
        why: the reason for this number.
        source: the Act, or who decided it.
    """

    id: str
    holds: str
    place: str
    sensitivity: tuple[str, ...]
    years: int
    why: str
    source: str

    def last_day(self, census: int) -> date:
        """The last day on which what a census of a year brought is kept."""
        return date(census + self.years, 12, 31)

    @property
    def in_words(self) -> str:
        """The rule as a sentence, with its reason and source."""
        return f"{self.holds}: {self.years} full years after the census. {self.why} ({self.source})"


@dataclass(frozen=True, slots=True)
class HeldTooLong:
    """Something that the store holds longer than its rule says.

    Attributes:
        census: the year of the censuses it came with.
        holds: what, in words.
        last_day: when it should have gone.
    """

    census: int
    rule: str
    holds: str
    last_day: date


@cache
def rules() -> tuple[Kept, ...]:
    """Every rule, the shortest first."""
    text = (files(__package__) / "data" / "retention.toml").read_text(encoding="utf-8")
    found = (Kept(**{**one, "sensitivity": tuple(one.get("sensitivity", ()))}) for one in tomllib.loads(text)["rule"])
    return tuple(sorted(found, key=lambda one: (one.years, one.id)))


def rule_of(place: str, sensitivity: str = "", item: str = "") -> Kept:
    """The rule something falls under.

    Args:
        place: where it is kept.
        sensitivity: the dictionary's, A to E.
        item: its id, for the message.

    Raises:
        NoRule: none, or several.
    """
    found = [one for one in rules() if one.place == place and sensitivity in (one.sensitivity or (sensitivity,))]
    if len(found) != 1:
        raise NoRule(f"{item or place} falls under {len(found)} retention rules.", code="retention-rule")
    return found[0]


@cache
def kept_until() -> Mapping[str, Kept]:
    """Item -> its rule, for each item that the store keeps: facts, identity, and what only a return as it came has."""
    found = {
        column.item_id: rule_of(FACTS, column.sensitivity, column.item_id)
        for table in dictionary.lake_tables()
        for column in table.columns
        if column.kind == "item"
    }
    found |= {one.id: rule_of(IDENTITY, item=one.id) for one in dictionary.identity_items()}
    found |= {f"return.{one.id}": rule_of(PAPER, item=one.id) for one in dictionary.asked_facts()}
    return MappingProxyType(found)


def held_too_long(
    censuses: Iterable[int], today: date, destroyed: Collection[tuple[str, int]] = ()
) -> tuple[HeldTooLong, ...]:
    """What should have gone by a day, the longest overdue first.

    Args:
        censuses: years of the censuses that were loaded.
        today: the custodian's day.
        destroyed: (rule, year) of what was destroyed since.
    """
    found = [
        HeldTooLong(year, rule.id, rule.holds, rule.last_day(year))
        for year in sorted(set(censuses))
        for rule in rules()
        if today > rule.last_day(year) and (rule.id, year) not in destroyed
    ]
    return tuple(sorted(found, key=lambda one: (one.last_day, one.census, one.rule)))


def retention_table() -> str:
    """The rules as a Markdown table, for docs/oversight.md."""
    counts: dict[str, int] = {}
    for rule in kept_until().values():
        counts[rule.id] = counts.get(rule.id, 0) + 1
    lines = ["| what | items | full years after the census | why | who says so |", "|---|---|---|---|---|"]
    lines += [f"| {one.holds} | {counts[one.id]} | {one.years} | {one.why} | {one.source} |" for one in rules()]
    return "\n".join(lines)
