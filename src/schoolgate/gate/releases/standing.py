"""What came of earlier use under an agreement, as policy asks: signatures and answers owed, a stop that stands.

Asked of the database once at the beginning of a read, and again when it is recorded; the rules are policy's (`held`).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime

from django.db import connection

from schoolgate.clock import day_of
from schoolgate.gate.corrections.models import Notice
from schoolgate.gate.releases.models import ExtractOrder, UseStop
from schoolgate.policy import Holding

_HELD = f"""
SELECT 'stopped', CAST(stopped_at AS TEXT) FROM "{UseStop._meta.db_table}" WHERE agreement_id = %s AND lifted_at IS NULL
UNION ALL
SELECT 'sign by', CAST(sign_by AS TEXT) FROM "{ExtractOrder._meta.db_table}"
WHERE agreement_id = %s AND state IN ('ready', 'expired') AND sign_by IS NOT NULL
UNION ALL
SELECT 'answer by', CAST(refuse_after AS TEXT) FROM "{Notice._meta.db_table}"
WHERE agreement_id = %s AND state IN ('sent', 'fetched')
"""
"""In one statement: every read asks twice. The states are those of an extract perhaps fetched and not signed for, and
of a correction notice that was not answered for."""


_PORTION = 10_000
"""Releases named in one question: below SQLite's limit of 32,766 variables (SQLite, "Limits")."""


def _moment(text: str) -> datetime:
    """A time as the database writes it: SQLite's is in UTC, and does not say so."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def orders_of(releases: Collection[str]) -> dict[str, str]:
    """Release -> the extract that was made of it, of those of these releases whose answer was sealed into one."""
    found: dict[str, str] = {}
    numbers = sorted(releases)
    for start in range(0, len(numbers), _PORTION):
        rows = ExtractOrder.objects.filter(release_id__in=numbers[start : start + _PORTION])
        found.update(rows.values_list("release_id", "order_id"))
    return found


def holding_of(agreement_id: str) -> Holding:
    """What the database knows."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [agreement_id] * 3)
        rows = cursor.fetchall()
    stopped = [day_of(_moment(text)) for kind, text in rows if kind == "stopped"]
    return Holding(
        tuple(date.fromisoformat(text) for kind, text in rows if kind == "sign by"),
        stopped[0] if stopped else None,
        tuple(date.fromisoformat(text) for kind, text in rows if kind == "answer by"),
    )
