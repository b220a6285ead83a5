"""Between rows and frozen values."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from functools import lru_cache
from typing import Any

from django.db.models import F, TextField
from django.db.models.functions import Cast

from schoolgate import people
from schoolgate.clock import day_of
from schoolgate.errors import SchoolgateError
from schoolgate.requests.asked import Answer, ItemReason, Linkage, Processor
from schoolgate.requests.conditions import Condition
from schoolgate.requests.models import Notice, Request, RequestStep, Version
from schoolgate.requests.terms import Addition, Agreement, Application, ApplicationSpec, CohortCondition, Step

_DATES = ("valid_from", "valid_until", "retention_until", "ethics_date", "dpia_date")
_ROWS: Mapping[str, Callable[..., Any]] = {
    "item_reasons": ItemReason,
    "linkage": Linkage,
    "processors": Processor,
    "answers": Answer,
}


def to_json(spec: ApplicationSpec) -> dict[str, Any]:
    """An application as JSON values, complete or not; what could not be read of its form is left out."""
    kept = asdict(spec)
    del kept["unread"]
    for field in _DATES:
        kept[field] = kept[field].isoformat() if kept[field] else None
    return kept


def from_json(kept: Mapping[str, Any]) -> ApplicationSpec:
    """The application again. What an earlier release did not ask for is empty, as it was not said."""
    read: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()}
    read["years"] = tuple((first, last) for first, last in kept.get("years", ()))
    read["cohort"] = tuple(CohortCondition(c["column"], tuple(c["values"])) for c in kept.get("cohort", ()))
    for name in _DATES:
        read[name] = date.fromisoformat(kept[name]) if kept.get(name) else None
    for name, row in _ROWS.items():
        read[name] = tuple(row(**part) for part in kept.get(name, ()))
    return ApplicationSpec(**read)


AS_TEXT = Cast(F("spec"), TextField())
"""A row's application as the text that is kept: `as_read` reads each text once."""


@lru_cache(maxsize=2_048)
def as_read(text: str) -> ApplicationSpec:
    """The application of such a text. It is frozen, and the same text is the same application: it is read once.

    A child's page names two dozen agreements, and reading them was half of the time of finding its lines.
    """
    return from_json(json.loads(text))


def conditions_of(row: Request) -> tuple[Condition, ...]:
    """The panel's conditions."""
    return tuple(Condition(kind, detail) for kind, detail in row.conditions)


def approved_items(spec: ApplicationSpec, conditions: tuple[Condition, ...]) -> frozenset[str]:
    """What was asked for without what the panel took out, and with what it put in its place."""
    coarser = [one.parts for one in conditions if one.kind == "coarser-item" and not one.problem]
    taken_out = {one.detail for one in conditions if one.kind == "without-item"} | {asked for asked, _ in coarser}
    put_in = {given for asked, given in coarser if asked in spec.items}
    return frozenset((set(spec.items) - taken_out) | put_in)


def application_of(row: Request, home: people.OrganisationView | None = None) -> Application:
    """The row as an application; `home` is its organisation, when the caller has it at hand: for lists of thousands."""
    organisation = home or people.organisation(row.organisation_id)
    return Application(
        id=row.application_id,
        organisation_id=organisation.id,
        organisation_name=organisation.name,
        organisation_kind=organisation.kind,
        spec=from_json(row.spec),
        state=row.state,
        reasons=tuple(row.reasons),
        conditions=conditions_of(row),
        agreement_id=row.agreement_id or "",
    )


def _in_order(rows: Iterable[Notice]) -> list[Notice]:
    return sorted(rows, key=lambda row: row.log_index)


def _told_after(notices: Sequence[Notice], index: int | None) -> date | None:
    """The day of the first notice that came after a register entry: it tells of everything agreed by then."""
    for notice in notices:
        if index is not None and notice.log_index > index:
            return day_of(notice.published_at)
    return None


def agreement_of(
    row: Request, home: people.OrganisationView | None = None, spec: ApplicationSpec | None = None
) -> Agreement:
    """The row as an agreement.

    Args:
        row: the row.
        home: its organisation, when the caller has it at hand: for lists of thousands.
        spec: what was applied for, likewise.

    Raises:
        SchoolgateError: nothing was signed.
    """
    spec, conditions = spec or from_json(row.spec), conditions_of(row)
    if row.agreement_id is None or spec.valid_from is None or spec.valid_until is None:
        raise SchoolgateError("Nothing was signed for this application.", code="agreement-unknown")
    organisation = home or people.organisation(row.organisation_id)
    # A read asks for its agreement: most have one version and no notice, and nothing is looked for.
    notices = _in_order(row.notices.all()) if row.changed else []
    later = _later(row) if row.changed else []
    in_force = [one for one in later if one.signed_index is not None]
    return Agreement(
        id=row.agreement_id,
        application_id="" if row.built_in else row.application_id,
        organisation_id=organisation.id,
        organisation_name=organisation.name,
        people=spec.people,
        purpose=spec.purpose,
        purpose_plain=spec.purpose_plain,
        lawful_basis=spec.lawful_basis,
        special_category_basis=spec.special_category_basis,
        gateway=spec.gateway,
        items=approved_items(spec, conditions),
        years=spec.years,
        terms=spec.terms,
        cohort=spec.cohort,
        valid_from=spec.valid_from,
        valid_until=max([spec.valid_until, *(one.valid_until for one in in_force if one.valid_until is not None)]),
        processed_at=spec.processed_at,
        country=spec.country,
        conditions=tuple(condition.plain for condition in conditions),
        structured_conditions=conditions,
        publish_queries=spec.publish_queries,
        state=row.state,
        built_in=row.built_in,
        authorities=spec.authorities,
        regions=spec.regions,
        schools=spec.schools,
        transfer_safeguard=spec.transfer_safeguard,
        deceased=spec.deceased,
        notice_days=row.notice_days,
        notice_published=_told_after(notices, -1),
        additions=tuple(
            Addition(
                tuple(one.items),
                tuple(one.people),
                one.notice_days,
                _told_after(notices, one.log_index),
                signed=one.signed_index is not None,
                version=one.number,
            )
            for one in later
            if one.kind == "amendment"
        ),
        review_due=row.review_due,
        ended_on=row.ended_on,
        processors=spec.processors,
        linkage=spec.linkage,
    )


def _later(row: Request) -> list[Version]:
    """The changes of an agreement: every one that was signed, and the last when it waits for signatures."""
    found = sorted(row.versions.all(), key=lambda one: one.number)
    return [one for one in found if one.kind != "agreement" and (one.signed_index is not None or one is found[-1])]


def step_of(row: RequestStep) -> Step:
    """The row as a step."""
    return Step(
        event=row.event,
        source=row.source,
        target=row.target,
        actors=tuple(row.actors),
        role=row.role,
        reason=row.reason,
        at=row.at,
        log_index=row.log_index,
    )
