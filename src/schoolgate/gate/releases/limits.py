"""Days and numbers that releases are held to, and the reasons a look-up may have: data, each with its why."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from types import MappingProxyType

KINDS: Mapping[str, str] = MappingProxyType(
    {"matching": "a list of people is compared with the pupils", "verification": "a claim is answered yes or no"}
)
"""Kinds of look-up."""

PROVISION = re.compile(
    r"(?:[A-Z][A-Za-z,()’' -]{3,80} (?:Act|Regulations|Order|Rules) [12][0-9]{3}"
    r"(?: (?:s|reg|art|r|sch|para)\.? ?[0-9]{1,3}[A-Z]{0,2}(?:\([0-9a-zA-Z]{1,4}\)){0,4}){0,3}"
    r"|UK GDPR Article [0-9]{1,2}(?:\([0-9a-z]{1,2}\)){0,3})"
)
"""A law with its place: ``Children Act 1989 s.47(9)``. So much and no more, so that no case can be named in it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The numbers of ``data/limits.toml``, by name."""

    download_days: int
    downloads: int
    token_minutes: int
    sign_days: int
    remind_days: int
    list_most: int
    per_minute: int
    burst_factor: int
    burst_least: int
    newcomer_most: int
    miss_least: int
    miss_percent_claims: int
    miss_percent_lists: int
    same_child: int
    delay_days: int
    renew_days: int


@cache
def limits() -> Limits:
    """The numbers in force."""
    held = tomllib.loads((files(__package__) / "data" / "limits.toml").read_text(encoding="utf-8"))
    return Limits(**{one.name: int(held[one.name]["value"]) for one in fields(Limits)})


@cache
def lookup_reasons() -> Mapping[str, str]:
    """Reason of a look-up -> its words. A closed list: a sentence could name the case."""
    text = (files(__package__) / "data" / "lookup_reasons.csv").read_text(encoding="utf-8")
    return MappingProxyType({row["id"]: row["words"] for row in csv.DictReader(text.splitlines())})


def names_a_law(provision: str) -> bool:
    """Whether this is a law and its place, and nothing else."""
    return PROVISION.fullmatch(provision) is not None
