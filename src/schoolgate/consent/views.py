"""What the room gives out: frozen values about one child's choices, without the child."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

from schoolgate.consent.scopes import Scope

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
    """A "no" (UK GDPR Article 21), in force.

    Attributes:
        scope: what is said no to.
        lodged_at: when it was lodged.
        overridden: whether a law lets the whole of it go on all the same; only a purpose can be.
        provision: that law; empty when not overridden.
        lodged_by: who lodged it, without a name (``account:7``).
    """

    scope: Scope
    lodged_at: datetime
    overridden: bool
    provision: str
    lodged_by: str = ""

    @property
    def purpose_id(self) -> str:
        """The purpose it is to; empty when it is to something else."""
        return self.scope.target if self.scope.of == "purpose" else ""


ENDING_GROUNDS: Mapping[str, str] = MappingProxyType(
    {
        "court-order": "A court decided this question (Children Act 1989 s.8: specific issue or prohibited steps).",
        "responsibility-ended": "Who said no may no longer decide for the child (Children Act 1989 ss.4(2A) and 91).",
        "died": "Who said no has died, and those who may decide now do not hold to it.",
        "case-decided": "A case of the family's decided it (UK GDPR Article 21(1): whose grounds weigh more).",
    }
)
"""Ground on which two people of the custodian end a "no" that is another's -> in words, with its provision."""


@dataclass(frozen=True, slots=True)
class HeldNo:
    """A "no" in force as staff see it who may have to end it.

    Attributes:
        number: which one it is.
        scope: what is said no to.
        lodged_at: when.
        lodged_by: who lodged it, without a name (``account:7``).
        ground: on which one of them would end it, a key of `ENDING_GROUNDS`; empty while nobody has said so.
        first_by: who that was.
    """

    number: int
    scope: Scope
    lodged_at: datetime
    lodged_by: str
    ground: str = ""
    first_by: str = ""


@dataclass(frozen=True, slots=True)
class Restriction:
    """A record that may be stored and not used for now (UK GDPR Article 18), in force.

    Attributes:
        reason: one of `RESTRICTION_REASONS`.
        placed_at: since when.
        placed_by: who asked for it, without a name.
        lifts_on: the day the family was told that it will be lifted on; None as long as nothing was told.
    """

    reason: str
    placed_at: datetime
    placed_by: str = ""
    lifts_on: date | None = None


@dataclass(frozen=True, slots=True)
class ItemDispute:
    """An item that no query reads of the child, because a case looks at whether it is right.

    Attributes:
        item: its id.
        case: reference of the case.
        since: when the dispute began.
        opened_by: who said so, without a name.
    """

    item: str
    case: str
    since: datetime
    opened_by: str = ""


@dataclass(frozen=True, slots=True)
class Yes:
    """A family's yes to one item, for one purpose and one recipient, until a day (UK GDPR Article 7).

    Attributes:
        given_by: who said yes, without a name.
    """

    item: str
    purpose_id: str
    recipient: str
    given_at: datetime
    last_day: date
    given_by: str = ""
