"""Returns by their ids: which school sent what a row came from, and when."""

from __future__ import annotations

from collections.abc import Collection

from schoolgate.collect.models import Return
from schoolgate.collect.service import ReturnRef
from schoolgate.ids import Laestab, Term, Urn


def returns_named(return_ids: Collection[str]) -> tuple[ReturnRef, ...]:
    """The returns with these ids, whatever became of them, in the order of the censuses."""
    rows = Return.objects.filter(return_id__in=return_ids).order_by("year", "received_at", "pk")
    return tuple(
        ReturnRef(row.return_id, Urn(row.urn), Laestab(row.laestab), row.year, Term(row.term), row.received_at)
        for row in rows
    )
