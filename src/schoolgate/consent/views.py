"""What the room gives out: frozen values about one child's choices, without the child."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

RESTRICTION_REASONS: Mapping[str, str] = MappingProxyType(
    {
        "accuracy-contested": "The family says something is wrong; it is being checked (Article 18(1)(a)).",
        "unlawful-use": "The use was unlawful; the family asks to restrict, not to erase (Article 18(1)(b)).",
        "legal-claim": "The family needs the data for a legal claim (Article 18(1)(c)).",
        "objection-pending": "The family objected; whose grounds weigh more is decided (Article 18(1)(d)).",
    }
)
"""Reason -> in words, with its provision of the UK GDPR."""


@dataclass(frozen=True, slots=True)
class Objection:
    """A "no" to one purpose (UK GDPR Article 21), in force.

    Attributes:
        purpose_id: purpose of the published taxonomy.
        lodged_at: when it was lodged.
        overridden: whether a law lets the use go on all the same.
        provision: that law; empty when not overridden.
    """

    purpose_id: str
    lodged_at: datetime
    overridden: bool
    provision: str


@dataclass(frozen=True, slots=True)
class Restriction:
    """A record that may be stored and not used for now (UK GDPR Article 18), in force.

    Attributes:
        reason: one of `RESTRICTION_REASONS`.
    """

    reason: str
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class Yes:
    """A family's yes to one item, for one purpose and one recipient, until a day (UK GDPR Article 7)."""

    item: str
    purpose_id: str
    recipient: str
    given_at: datetime
    last_day: date
