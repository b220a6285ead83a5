"""What a copy of a record leaves out by law, from rules that are data (``data/withheld.toml``). Pure.

The right to a copy must not harm the rights of others (UK GDPR Article 15(4)); the exemptions are those of the Data
Protection Act 2018. Each redaction says that something is missing and under which provision, unless saying so would
itself do the harm that the provision is about.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files

from schoolgate.errors import SchoolgateError

ALWAYS, SHIELDED, DECIDED, ANNOUNCED = "always", "shielded", "decided", "announced"

Rows = Mapping[str, tuple[Mapping[str, object], ...]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the rules; the file says what each part means."""

    id: str
    when: str
    items: tuple[str, ...]
    words: str
    tell: bool
    instead: str
    provision: str

    def covers(self, item: str) -> bool:
        """Whether an item is named by the rule."""
        return any(item == one or (one.endswith("*") and item.startswith(one[:-1])) for one in self.items)


@dataclass(frozen=True, slots=True, repr=False)
class Decision:
    """That a person decided to hold back one item of this child. Its repr is hidden.

    Attributes:
        rule: id of the rule.
        item: the item, ``table.column``.
    """

    rule: str
    item: str


@dataclass(frozen=True, slots=True, repr=False)
class Facts:
    """What the rules ask of one child, today.

    Attributes:
        shielded: whether the child is kept from being found.
        decided: what persons decided for this child.
        announced: beginning of an item's id, without its star -> the day its results became public.
        today: the custodian's day.
    """

    today: date
    shielded: bool = False
    decided: tuple[Decision, ...] = ()
    announced: Mapping[str, date] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Withheld:
    """One thing the family is told is missing.

    Attributes:
        instead: what the family can still do.
    """

    rule: str
    words: str
    provision: str
    instead: str


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule, in the file's order.

    Raises:
        SchoolgateError: a rule has no provision, an unknown occasion, or tells without words.
    """
    text = (files(__package__) / "data" / "withheld.toml").read_text(encoding="utf-8")
    return read_rules(text)


def read_rules(text: str) -> tuple[Rule, ...]:
    """Rules from TOML.

    Raises:
        SchoolgateError: as `rules`.
    """
    found = tuple(Rule(**{**one, "items": tuple(one["items"])}) for one in tomllib.loads(text)["rule"])
    for one in found:
        if one.when not in (ALWAYS, SHIELDED, DECIDED, ANNOUNCED) or not one.provision.strip():
            raise SchoolgateError(
                f"A rule on what is withheld has no provision or an unknown occasion: {one.id}.", code="withheld-rule"
            )
        if one.tell != bool(one.words):
            raise SchoolgateError(f"A rule that tells needs words, and one that does not, none: {one.id}.", code="rule")
    return found


def decidable() -> Mapping[str, str]:
    """The rules by which persons decide for one child and one item: id -> the law."""
    return {one.id: one.provision for one in rules() if one.when == DECIDED}


def _in_force(rule: Rule, item: str, facts: Facts) -> bool:
    if rule.when == DECIDED:
        return Decision(rule.id, item) in facts.decided
    if not rule.covers(item):
        return False
    if rule.when == ANNOUNCED:
        days = [day for start, day in facts.announced.items() if item.startswith(start)]
        return not any(day <= facts.today for day in days)
    return rule.when == ALWAYS or facts.shielded


def is_withheld(item: str, facts: Facts) -> bool:
    """Whether an item is left out of a copy."""
    return any(_in_force(rule, item, facts) for rule in rules())


def without(tables: Rows, sources: Rows, facts: Facts) -> tuple[Rows, Rows]:
    """The rows, and where each came from, without what is withheld.

    A row of which nothing but its census is left goes, too: that it was there would tell of what it held.

    Args:
        tables: lake table -> rows.
        sources: lake table -> where each row came from, in the same order; of a table it may lack, none is known.
        facts: of the child.
    """
    kept: dict[str, tuple[Mapping[str, object], ...]] = {}
    known: dict[str, tuple[Mapping[str, object], ...]] = {}
    for table, rows in tables.items():
        origins = sources.get(table) or ({},) * len(rows)
        pairs = [
            (left, origin)
            for row, origin in zip(rows, origins, strict=True)
            for left in (_left_of(table, row, facts),)
            if len(left) == len(row) or _says(left)
        ]
        kept[table], known[table] = tuple(left for left, _ in pairs), tuple(origin for _, origin in pairs)
    return kept, known


def _left_of(table: str, row: Mapping[str, object], facts: Facts) -> Mapping[str, object]:
    return {name: row[name] for name in row if not is_withheld(f"{table}.{name}", facts)}


_OF_EVERY_ROW = frozenset({"year", "term", "urn"})


def _says(row: Mapping[str, object]) -> bool:
    return any(value is not None for name, value in row.items() if name not in _OF_EVERY_ROW)


def identity_without(identity: Mapping[str, str], facts: Facts) -> Mapping[str, str]:
    """Who the child is, without what is withheld."""
    return {name: value for name, value in identity.items() if not is_withheld(f"identity.{name}", facts)}


def told(facts: Facts, held: Iterable[str]) -> tuple[Withheld, ...]:
    """What the family is told is missing.

    Args:
        facts: of the child.
        held: items of which the record has a value.
    """
    items = tuple(held)
    found = []
    for rule in rules():
        # The rules for all are told to all: that an address or a name is missing says nothing of this child.
        standing = rule.when == ALWAYS and rule.tell
        shown = rule.when == SHIELDED and facts.shielded
        own = rule.when in (DECIDED, ANNOUNCED) and any(_in_force(rule, item, facts) for item in items)
        if rule.tell and (standing or shown or own):
            found.append(Withheld(rule.id, rule.words, rule.provision, rule.instead))
    return tuple(found)
