"""The steps of a request. Each is one transaction: the new state, who and why, and the register event."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction

from schoolgate import dictionary, people
from schoolgate.clock import Clock
from schoolgate.errors import Refusal
from schoolgate.requests.check import Known, not_accredited, problems
from schoolgate.requests.conditions import Condition
from schoolgate.requests.found import request_row
from schoolgate.requests.lifecycle import LIFECYCLE
from schoolgate.requests.models import Request
from schoolgate.requests.panel import (
    condition_problems,
    panel_problems,
    reasons_problems,
    room_problems,
)
from schoolgate.requests.steps import custodians_day, next_number, signed_payload, spans, take_step
from schoolgate.requests.stored import agreement_of, application_of, from_json, to_json
from schoolgate.requests.terms import Agreement, Application, ApplicationSpec, Refused


def _known(spec: ApplicationSpec, applicant: people.PersonView, today: date) -> Known:
    def find(person_id: str) -> people.PersonView | None:
        try:
            return people.person(person_id)
        except people.UnknownPerson:
            return None

    try:
        organisation = people.find_organisation(spec.organisation)
    except people.UnknownOrganisation:
        organisation = None
    columns = [(column.item_id, column) for table in dictionary.lake_tables() for column in table.columns]
    return Known(
        organisation=organisation,
        persons={person_id: find(person_id) for person_id in spec.people},
        kinds={item: column.kind for item, column in columns},
        types={item: column.type for item, column in columns},
        purposes=frozenset(purpose.id for purpose in dictionary.purposes()),
        today=today,
        applicant=applicant,
    )


def submit_application(spec: ApplicationSpec, actor: str, clock: Clock) -> Application | Refused:
    """Take in an application.

    Args:
        spec: what is asked for.
        actor: person id of the researcher who submits it.
        clock: the time.

    Returns:
        The application, submitted; or every reason why it cannot be taken in.

    Raises:
        people.UnknownPerson: no such actor.
    """
    person = people.person(actor)
    move = LIFECYCLE.move(LIFECYCLE.start, "submit", person.role)
    known = _known(spec, person, custodians_day(clock))
    found = problems(spec, known)
    if isinstance(move, Refusal):
        return Refused((move, *found))
    if found or known.organisation is None:
        return Refused(found)
    with transaction.atomic():
        row = Request(
            application_id=next_number(f"APP-{custodians_day(clock).year}"),
            organisation_id=known.organisation.id,
            spec=to_json(spec),
        )
        payload = {
            "organisation": known.organisation.name,
            "kind": known.organisation.kind,
            "purpose": spec.purpose,
            "purpose_plain": spec.purpose_plain,
            "items": sorted(set(spec.items)),
            "years": spans(spec.years),
        }
        take_step(
            row,
            move,
            actors=[actor],
            role=person.role,
            reason="",
            subject=row.application_id,
            payload=payload,
            clock=clock,
        )
    return application_of(row)


def decide(
    application_id: str,
    approve: bool,
    reasons: Sequence[str],
    conditions: Sequence[Condition | str],
    panel: Sequence[str],
    clock: Clock,
) -> Application | Refused:
    """Record the panel's decision.

    `reasons` are in plain words, at least one, and public. `conditions` are those of an approval; a text is
    read by `Condition.parse`. `panel` names at least two panel members, none of the applicant's organisation.

    Returns:
        The application, decided; or every reason why the decision does not count.
    """
    set_out = tuple(c if isinstance(c, Condition) else Condition.parse(c) for c in conditions)
    event = "approve" if approve else "refuse"
    with transaction.atomic():
        row = request_row(application_id, locked=True)
        move = LIFECYCLE.move(row.state, event, "panel")
        found = [
            *([move] if isinstance(move, Refusal) else []),
            *panel_problems(row.organisation_id, event, panel),
            *reasons_problems(reasons, "reasons"),
            *condition_problems(from_json(row.spec), approve, set_out),
            *room_problems([*reasons, *(condition.plain for condition in set_out)]),
        ]
        if found or isinstance(move, Refusal):
            return Refused(tuple(found))
        row.reasons = [reason.strip() for reason in reasons]
        row.conditions = [[condition.kind, condition.detail] for condition in set_out]
        plain = [condition.plain for condition in set_out]
        payload = {"outcome": move.target, "reasons": row.reasons, "conditions": plain}
        take_step(
            row,
            move,
            actors=list(dict.fromkeys(panel)),
            role="panel",
            reason="\n".join(row.reasons),
            subject=row.application_id,
            payload=payload,
            clock=clock,
        )
    return application_of(row)


def _own(row: Request, person: people.PersonView) -> list[Refusal]:
    if person.role == "researcher" and person.organisation_id != row.organisation_id:
        return [Refusal("not-your-organisation", "This is another organisation's agreement.", where="actor")]
    return []


def _act(
    request_id: str,
    event: str,
    actor: str,
    *,
    reason: str,
    clock: Clock,
    check: Callable[[Request, people.PersonView], list[Refusal]],
    payload: Callable[[Request], Mapping[str, Any]],
) -> Request | Refused:
    person = people.person(actor)
    with transaction.atomic():
        row = request_row(request_id, locked=True)
        move = LIFECYCLE.move(row.state, event, person.role)
        found = [*([move] if isinstance(move, Refusal) else []), *check(row, person)]
        if row.built_in:
            found.append(Refusal("built-in", "This agreement is built in.", provision="UK GDPR Article 15"))
        if found or isinstance(move, Refusal):
            return Refused(tuple(found))
        made = payload(row)
        take_step(
            row,
            move,
            actors=[actor],
            role=person.role,
            reason=reason,
            subject=row.agreement_id or row.application_id,
            payload=made,
            clock=clock,
        )
    return row


def sign(application_id: str, actor: str, clock: Clock) -> Agreement | Refused:
    """Sign the agreement that the panel approved; from then on the gate lets the named persons read.

    Args:
        application_id: an approved application.
        actor: person id of the custodian's signatory.
        clock: the time.
    """
    today = custodians_day(clock)

    def check(row: Request, person: people.PersonView) -> list[Refusal]:
        spec = from_json(row.spec)
        named = [people.person(person_id) for person_id in spec.people]
        found = [
            not_accredited(p, f"people, number {n}") for n, p in enumerate(named, start=1) if not p.accredited_on(today)
        ]
        if spec.valid_until is not None and spec.valid_until < today:
            found.append(Refusal("already-over", "The last day of use is past.", where="valid_until"))
        return found

    def number(row: Request) -> Mapping[str, Any]:
        row.agreement_id = next_number(f"A-{today.year}")
        return signed_payload(agreement_of(row))

    outcome = _act(application_id, "sign", actor, reason="", clock=clock, check=check, payload=number)
    return outcome if isinstance(outcome, Refused) else agreement_of(outcome)


def end(agreement_id: str, reason: str, actor: str, clock: Clock) -> Agreement | Refused:
    """End an agreement at once; the next read under it is refused.

    Args:
        agreement_id: an active agreement.
        reason: why, in plain words; it is public.
        actor: person id: the custodian's, or a researcher's of the organisation.
        clock: the time.
    """
    outcome = _act(
        agreement_id,
        "end",
        actor,
        reason=reason.strip(),
        clock=clock,
        check=lambda row, person: [*_own(row, person), *reasons_problems([reason], "reason")],
        payload=lambda row: {"reason": reason.strip()},
    )
    return outcome if isinstance(outcome, Refused) else agreement_of(outcome)


def certify_destruction(agreement_id: str, method: str, actor: str, witness: str, clock: Clock) -> Agreement | Refused:
    """Certify that what was handed over is destroyed.

    Args:
        agreement_id: an ended agreement.
        method: how, in plain words; it is public.
        actor: person id of who certifies: a researcher of the organisation, or the custodian's.
        witness: person id of another person, of the custodian, who witnessed it.
        clock: the time.
    """
    seen = people.person(witness)

    def check(row: Request, person: people.PersonView) -> list[Refusal]:
        found = [*_own(row, person), *reasons_problems([method], "method")]
        if seen.role != "custodian" or seen.id == person.id:
            found.append(Refusal("witness", "The witness must be another person, of the custodian.", where="witness"))
        return found

    outcome = _act(
        agreement_id,
        "certify_destruction",
        actor,
        reason=f"{method.strip()} Witness: {witness}.",
        clock=clock,
        check=check,
        payload=lambda row: {
            "agreement": row.agreement_id,
            "method": method.strip(),
            "witnessed_by": seen.role,
        },
    )
    return outcome if isinstance(outcome, Refused) else agreement_of(outcome)
