"""How hard a notice is to read: the Flesch-Kincaid grade of its first layer, against a limit for each audience."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from schoolgate import requests
from schoolgate.notices.text import Text

LIMITS: Mapping[str, float] = MappingProxyType({"5-7": 3.0, "8-11": 5.0, "12-15": 7.0, "16-18": 7.5, "": 7.5})
"""Age group ("" for parents) -> highest grade. A grade is five years younger than the age that reads it (a pupil of
grade 3 is eight); the text for the smallest is read to them. Parents: the ICO asks for plain words; names of schools,
laws and organisations are part of the text, and cost what they cost."""


def grade(text: Text) -> float:
    """The grade of the first layer; addresses are no words."""
    plain = "\n".join(" ".join(_without_addresses(line)) for line in text.short.splitlines())
    return requests.measure(plain).grade


def _without_addresses(line: str) -> list[str]:
    return [word for word in line.split() if "://" not in word and "/" not in word]
