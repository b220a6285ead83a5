"""What every step is made of: a number, a state change with who and why, and its register event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from schoolgate import register
from schoolgate.clock import Clock
from schoolgate.dictionary import lake_columns
from schoolgate.machine import Move
from schoolgate.requests.models import Numbering, Request, RequestStep
from schoolgate.requests.terms import Agreement, CohortCondition

_MOST_VALUES = 40
"""Of one condition, in an entry: an entry has room for 65,535 bytes (C2SP tlog-tiles); the agreement has them all."""


def turn(series: str) -> Numbering:
    """A series' row, locked until the caller's transaction ends: whoever comes second waits."""
    Numbering.objects.get_or_create(series=series)
    return Numbering.objects.select_for_update().get(series=series)


def next_number(series: str) -> str:
    """The next number of a series, e.g. ``A-2026-0001``; inside the caller's transaction."""
    row = turn(series)
    row.last += 1
    row.save(update_fields=["last"])
    return f"{series}-{row.last:04d}"


def spans(years: Sequence[tuple[int, int]]) -> list[str]:
    """Years as the register writes them: ``2024-2026``, or ``2024`` for one."""
    return [str(first) if first == last else f"{first}-{last}" for first, last in years]


def signed_payload(agreement: Agreement) -> dict[str, Any]:
    """What the register says of a signed agreement."""
    return {
        "application": agreement.application_id or None,
        "organisation": agreement.organisation_name,
        "purpose": agreement.purpose,
        "purpose_plain": agreement.purpose_plain,
        "lawful_basis": agreement.lawful_basis,
        "gateway": agreement.gateway,
        "items": sorted(agreement.items),
        "years": spans(agreement.years),
        "terms": list(agreement.terms),
        "valid_from": agreement.valid_from.isoformat(),
        "valid_until": agreement.valid_until.isoformat(),
        "processed_at": agreement.processed_at,
        "country": agreement.country,
        "conditions": list(agreement.conditions),
        "people_count": len(agreement.people),
        **_further(agreement),
    }


def _further(agreement: Agreement) -> dict[str, Any]:
    """Terms that not every agreement has."""
    places = [*(f"authority {one}" for one in agreement.authorities)]
    places += [*(f"region {one}" for one in agreement.regions), *(f"school {one}" for one in agreement.schools)]
    terms = {
        "areas": places,
        "cohort": pupils(agreement.cohort),
        "transfer_safeguard": agreement.transfer_safeguard,
        "deceased": "yes" if agreement.deceased else "",
        "notice_days": agreement.notice_days,
    }
    return {key: value for key, value in terms.items() if value}


def column_title(column: str) -> str:
    """What a column is called by which pupils are chosen; its own name when it has no other."""
    found = lake_columns().get(f"census_pupil.{column}")
    return (found.title if found else "") or column


def pupils(cohort: Sequence[CohortCondition]) -> list[str]:
    """Which pupils, in plain words, a line each condition: ``Year group: 7, 8``; none when it is all of them."""
    found = []
    for one in cohort:
        more = len(one.values) - _MOST_VALUES
        values = [value[:100] for value in one.values[:_MOST_VALUES]] + ([f"and {more} more"] if more > 0 else [])
        found.append(f"{column_title(one.column)}: {', '.join(values)}")
    return found


def take_step(
    row: Request,
    move: Move,
    *,
    actors: Sequence[str],
    role: str,
    reason: str,
    subject: str,
    payload: Mapping[str, Any],
    clock: Clock,
) -> int:
    """Change the state, note who and why, and tell the register; inside the caller's transaction.

    Returns:
        The register entry's index.
    """
    row.state = move.target
    row.save()
    index = register.append_event(move.register_event, subject, payload, clock.now())
    RequestStep.objects.create(
        request=row,
        event=move.event,
        source=move.source,
        target=move.target,
        actors=list(actors),
        role=role,
        reason=reason,
        at=clock.now(),
        log_index=index,
    )
    return index
