"""How much is at risk in a request, and why: pure. The rules are data (`data/risk.toml`)."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files

from schoolgate.dictionary import country
from schoolgate.errors import SchoolgateError
from schoolgate.requests.drafting.check import SPECIAL_CATEGORY
from schoolgate.requests.drafting.reach import asked
from schoolgate.requests.panel.quorum import RISKS
from schoolgate.requests.terms import ApplicationSpec


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules look at.

    Attributes:
        kind: the kind of request.
        organisation_kind: one of `people.ORGANISATION_KINDS`.
        commercial: ``none``, ``indirect`` or ``direct``.
        country: ``home``, ``covered`` (adequacy regulations cover everybody there) or ``not covered``; of several
            places the worst.
        identifiability: 1 (tells at once who it is) to 5, of the most revealing item.
        sensitivity: A (the most sensitive) to E, of the most sensitive item.
        special: ``yes`` when an item reveals ethnic origin or health.
        deceased: ``yes`` when children who have died are asked for.
        linked: ``yes`` when the data would be joined with other data.
    """

    kind: str = "research"
    organisation_kind: str = "university"
    commercial: str = "none"
    country: str = "home"
    identifiability: str = "5"
    sensitivity: str = "E"
    special: str = "no"
    deceased: str = "no"
    linked: str = "no"


@dataclass(frozen=True, slots=True)
class RiskRule:
    """One rule: a fact that is one of these values gives this class, because."""

    fact: str
    values: tuple[str, ...]
    risk: str
    why: str


@dataclass(frozen=True, slots=True)
class Triage:
    """The class and every reason for it, the gravest first; none when it is standard."""

    risk: str
    why: tuple[str, ...]


@cache
def risk_rules() -> tuple[RiskRule, ...]:
    """The rules.

    Raises:
        SchoolgateError: one names a fact or a class that is not.
    """
    text = (files("schoolgate.requests.panel") / "data" / "risk.toml").read_text(encoding="utf-8")
    known = {field.name for field in fields(Facts)}
    found = tuple(
        RiskRule(str(one["fact"]), tuple(one["is"]), str(one["risk"]), str(one["why"]))
        for one in tomllib.loads(text)["rule"]
    )
    if any(rule.fact not in known or rule.risk not in RISKS or not rule.why for rule in found):
        raise SchoolgateError("A rule of risk names a fact or a class that is not, or gives no reason.", code="risk")
    return found


def triage(facts: Facts, rules: Sequence[RiskRule] | None = None) -> Triage:
    """The class of a request: the highest that any rule gives."""
    known = risk_rules() if rules is None else rules
    held = [rule for rule in known if getattr(facts, rule.fact) in rule.values]
    held.sort(key=lambda rule: -RISKS.index(rule.risk))
    return Triage(held[0].risk if held else RISKS[0], tuple(rule.why for rule in held))


def _place(name: str) -> str:
    found = country(name)
    if found is None or found.covered == "some":
        return "not covered"
    return "home" if found.covered == "home" else "covered"


_PLACES = ("home", "covered", "not covered")


def facts_of(spec: ApplicationSpec, organisation_kind: str, tiers: tuple[int, str] = (5, "E")) -> Facts:
    """The facts of an application; `tiers` are the most revealing and the most sensitive of its items."""
    places = [spec.country, *(one.country for one in spec.processors)]
    return Facts(
        kind=spec.kind_of_request or "research",
        organisation_kind=organisation_kind,
        commercial=spec.commercial_interest or "none",
        country=max((_place(one) for one in places), key=_PLACES.index),
        identifiability=str(tiers[0]),
        sensitivity=tiers[1],
        special="yes" if set(asked(spec)) & set(SPECIAL_CATEGORY) else "no",
        deceased="yes" if spec.deceased else "no",
        linked="yes" if spec.linkage else "no",
    )
