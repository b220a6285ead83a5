"""What matching holds about one pupil: the questions that a clerk was asked, for the family's own copy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from schoolgate.ids import Pmr, Term
from schoolgate.match.identity import REASONS, Verdict
from schoolgate.match.models import MatchCase


@dataclass(frozen=True, slots=True)
class Asked:
    """One question whether a row of a return belongs to the pupil, and what came of it; never who decided.

    Attributes:
        reason: why a machine must not decide, in words.
        state: ``open``, ``same``, ``different`` or ``withdrawn``.
        decided_at: None while it is open.
    """

    year: int
    term: Term
    reason: str
    state: str
    opened_at: datetime
    decided_at: datetime | None


def asked_about(pupil: Pmr) -> tuple[Asked, ...]:
    """Every question a clerk was asked about this pupil, oldest first.

    Those in which the pupil was the record that a row might belong to, and those that ended with the row being given
    to the pupil.
    """
    rows = MatchCase.objects.filter(Q(candidate=pupil) | Q(pmr=pupil)).order_by("opened_at", "pk")
    return tuple(
        Asked(row.year, Term(row.term), REASONS[Verdict(row.reason)], row.state, row.opened_at, row.decided_at)
        for row in rows
    )
