"""Between rows and frozen values."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from schoolgate import people
from schoolgate.errors import SchoolgateError
from schoolgate.requests.conditions import Condition
from schoolgate.requests.models import Request, RequestStep
from schoolgate.requests.terms import Agreement, Application, ApplicationSpec, CohortCondition, Step


def to_json(spec: ApplicationSpec) -> dict[str, Any]:
    """A complete application as JSON values."""
    kept = asdict(spec)
    del kept["unread"]
    for field in ("valid_from", "valid_until"):
        kept[field] = kept[field].isoformat()
    return kept


def from_json(kept: dict[str, Any]) -> ApplicationSpec:
    """The application again."""
    return ApplicationSpec(
        **{
            **kept,
            "people": tuple(kept["people"]),
            "items": tuple(kept["items"]),
            "years": tuple((first, last) for first, last in kept["years"]),
            "terms": tuple(kept["terms"]),
            "cohort": tuple(CohortCondition(c["column"], tuple(c["values"])) for c in kept["cohort"]),
            "valid_from": date.fromisoformat(kept["valid_from"]),
            "valid_until": date.fromisoformat(kept["valid_until"]),
        }
    )


def conditions_of(row: Request) -> tuple[Condition, ...]:
    """The panel's conditions."""
    return tuple(Condition(kind, detail) for kind, detail in row.conditions)


def approved_items(spec: ApplicationSpec, conditions: tuple[Condition, ...]) -> frozenset[str]:
    """What was asked for without what the panel took out."""
    return frozenset(spec.items) - {c.detail for c in conditions if c.kind == "without-item"}


def application_of(row: Request) -> Application:
    """The row as an application."""
    organisation = people.organisation(row.organisation_id)
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


def agreement_of(row: Request) -> Agreement:
    """The row as an agreement.

    Raises:
        SchoolgateError: nothing was signed.
    """
    spec, conditions = from_json(row.spec), conditions_of(row)
    if row.agreement_id is None or spec.valid_from is None or spec.valid_until is None:
        raise SchoolgateError("Nothing was signed for this application.", code="agreement-unknown")
    organisation = people.organisation(row.organisation_id)
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
        valid_until=spec.valid_until,
        processed_at=spec.processed_at,
        country=spec.country,
        conditions=tuple(condition.plain for condition in conditions),
        structured_conditions=conditions,
        publish_queries=spec.publish_queries,
        state=row.state,
        built_in=row.built_in,
    )


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
