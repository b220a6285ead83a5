"""What was read under an agreement, for its budget."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Case, Count, F, Sum, Value, When

from schoolgate.ledger.models import Release


@dataclass(frozen=True, slots=True)
class Spent:
    """Reads that ran, those that failed included (docs/decisions/0005), and the rows they gave.

    A read that gave no row counts as one: that there is none, or that there were too many, is an answer too, and could
    be asked for again and again without any of the rows being used up.
    """

    queries: int
    rows: int


def spent(agreement_id: str) -> Spent:
    """What was read under an agreement so far. Refusals read nothing, and are not counted."""
    found = Release.objects.filter(agreement_id=agreement_id).aggregate(
        queries=Count("pk"), rows=Sum(Case(When(rows__gt=0, then=F("rows")), default=Value(1)))
    )
    return Spent(int(found["queries"]), int(found["rows"] or 0))
