"""Taking an application in, again, and back: every problem at once, then a number and a public entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from django.db import transaction

from schoolgate import dictionary, people
from schoolgate.clock import Clock, custodians_day
from schoolgate.errors import Refusal
from schoolgate.machine import Move
from schoolgate.requests.drafting.check import Known, problems
from schoolgate.requests.drafting.filetype import ENDINGS
from schoolgate.requests.drafting.found import as_attachment, draft_row, spec_now, state_of
from schoolgate.requests.drafting.models import Draft, DraftVersion
from schoolgate.requests.drafting.reach import questions, reach_of
from schoolgate.requests.drafting.shown import differences
from schoolgate.requests.drafting.write import make, touch, writer_problems
from schoolgate.requests.found import request_row
from schoolgate.requests.lifecycle import LIFECYCLE
from schoolgate.requests.models import Request
from schoolgate.requests.panel.cases import stop_cases
from schoolgate.requests.panel.rules import reasons_problems
from schoolgate.requests.steps import next_number, spans, take_step
from schoolgate.requests.stored import application_of, from_json, to_json
from schoolgate.requests.terms import Application, ApplicationSpec, Refused


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
    columns = dictionary.lake_columns()
    return Known(
        organisation=organisation,
        persons={person_id: find(person_id) for person_id in spec.people},
        kinds={item: column.kind for item, column in columns.items()},
        types={item: column.type for item, column in columns.items()},
        purposes=frozenset(purpose.id for purpose in dictionary.purposes()),
        today=today,
        applicant=applicant,
        processors={one.organisation: _organisation(one.organisation) for one in spec.processors if one.organisation},
        alike={one.name: people.look_alikes(one.name) for one in spec.processors if not one.organisation},
    )


def _organisation(organisation_id: str) -> people.OrganisationView | None:
    try:
        return people.organisation(organisation_id)
    except people.UnknownOrganisation:
        return None


def _payload(spec: ApplicationSpec, organisation: people.OrganisationView) -> dict[str, Any]:
    """What the register says of an application that comes in: who, what and why, never a person."""
    far = reach_of(spec)
    return {
        "organisation": organisation.name,
        "purpose": spec.purpose,
        "purpose_plain": spec.purpose_plain,
        "items": sorted(set(spec.items)),
        "years": spans(spec.years),
        "request_kind": spec.kind_of_request,
        "commercial_interest": ": ".join(part for part in (spec.commercial_interest, spec.commercial_detail) if part),
        "funders": list(spec.funders),
        "public_benefit": spec.public_benefit,
        "identifiability": far.identifiability,
        "sensitivity": far.sensitivity,
    }


def check_whole(
    spec: ApplicationSpec, person: people.PersonView, clock: Clock, attachments: Sequence[str] = ()
) -> tuple[Refusal, ...]:
    """Every reason why an application cannot be handed in as it stands, each with its field.

    Args:
        spec: as it stands.
        person: who would hand it in.
        clock: the time.
        attachments: names of the attached files; the impact assessment may be one.
    """
    found = problems(spec, _known(spec, person, custodians_day(clock)))
    # "Where is it?" is answered by a place, or by the name of a file; a file's name that is not there is a slip.
    ending = spec.dpia_reference.rpartition(".")[2].lower()
    if ending in ENDINGS and " " not in spec.dpia_reference and spec.dpia_reference not in attachments:
        slip = Refusal("file-unknown", "No attachment has this name.", remedy="Attach it.", where="dpia_reference")
        return (*found, slip)
    return found


def _tidied(spec: ApplicationSpec) -> ApplicationSpec:
    """Without reasons for items that are no longer asked for, and answers to questions that no longer arise."""
    asked = {question.id for question in questions(spec)}
    return replace(
        spec,
        item_reasons=tuple(one for one in spec.item_reasons if one.item in spec.items),
        answers=tuple(one for one in spec.answers if one.question in asked),
    )


def _attached(row: Draft) -> list[dict[str, Any]]:
    kept = row.attachments.select_related("content").filter(removed_at=None).order_by("pk")
    return [asdict(as_attachment(one)) for one in kept]


def _changed(before: ApplicationSpec, after: ApplicationSpec, moved: bool) -> list[str]:
    return [*(["Your organisation"] if moved else []), *(one.label for one in differences(before, after))]


def _hand_in(
    draft: Draft, request: Request, move: Move, spec: ApplicationSpec, person: people.PersonView, clock: Clock
) -> None:
    """Take the step and keep the version; inside the caller's transaction."""
    organisation = people.successor(draft.organisation_id)
    moved = organisation.id != request.organisation_id  # what became part of another asks as that other from now on
    draft.organisation_id = request.organisation_id = organisation.id
    payload = _payload(spec, organisation)
    number = draft.versions.count() + 1
    payload["kind"] = organisation.kind  # who became part of a company asks as that company
    if number > 1:
        before = from_json(draft.versions.get(number=number - 1).spec)
        payload |= {"version": number, "changed": _changed(before, spec, moved)}
    request.spec = to_json(spec)
    index = take_step(
        request,
        move,
        actors=[person.id],
        role=person.role,
        reason="",
        subject=request.application_id,
        payload=payload,
        clock=clock,
    )
    DraftVersion.objects.create(
        draft=draft,
        number=number,
        spec=to_json(spec),
        attachments=_attached(draft),
        by=person.id,
        at=clock.now(),
        log_index=index,
    )
    draft.application_id = request.application_id
    draft.spec = to_json(spec)
    touch(draft, clock)


def submit_application(spec: ApplicationSpec, actor: str, clock: Clock) -> Application | Refused:
    """Take in an application that was written elsewhere.

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
    found = check_whole(spec, person, clock)
    if isinstance(move, Refusal):
        return Refused((move, *found))
    if found or known.organisation is None:
        return Refused(found)
    with transaction.atomic():
        draft = make(known.organisation.id, spec, actor, clock)
        row = _new_request(known.organisation.id, clock)
        _hand_in(draft, row, move, spec, person, clock)
    return application_of(row)


def _new_request(organisation_id: str, clock: Clock) -> Request:
    number = next_number(f"APP-{custodians_day(clock).year}")
    return Request(application_id=number, organisation_id=organisation_id)


def _changed_since(row: Draft, revision: int) -> list[Refusal]:
    if row.revision == revision:
        return []
    return [
        Refusal(
            "saved-meanwhile",
            "Somebody changed the draft after you checked it.",
            remedy="Look at your answers again, then hand it in.",
            where="revision",
        )
    ]


def _unsettled(row: Draft, spec: ApplicationSpec, person: people.PersonView, clock: Clock) -> list[Refusal]:
    names = [one["name"] for one in _attached(row)]
    return [*writer_problems(row, person), *check_whole(spec, person, clock, names)]


def submit_draft(reference: str, revision: int, actor: str, clock: Clock) -> Application | Refused:
    """Hand in a draft.

    Args:
        reference: the draft.
        revision: of the draft as it was checked.
        actor: an author.
        clock: the time.

    Raises:
        UnknownDraft: there is none, or it is not the actor's to see.
    """
    person = people.person(actor)
    with transaction.atomic():
        draft = draft_row(reference, person, locked=True)
        spec = _tidied(spec_now(draft))
        move = LIFECYCLE.move(state_of(draft), "submit", person.role)
        found = [*_changed_since(draft, revision), *_unsettled(draft, spec, person, clock)]
        if isinstance(move, Refusal):
            return Refused((move, *found))
        if found:
            return Refused(tuple(found))
        row = _new_request(draft.organisation_id, clock)
        _hand_in(draft, row, move, spec, person, clock)
    return application_of(row)


def resubmit_draft(application_id: str, revision: int, actor: str, clock: Clock) -> Application | Refused:
    """Hand in the new version of an application that was returned.

    Args:
        application_id: the application.
        revision: of its draft as it was checked.
        actor: an author.
        clock: the time.

    Raises:
        UnknownDraft: there is none, or it is not the actor's to see.
    """
    person = people.person(actor)
    with transaction.atomic():
        draft = draft_row(application_id, person, locked=True)
        if draft.application_id is None:
            return Refused((Refusal("not-possible-now", "This draft was not handed in yet.", where="application"),))
        row = request_row(draft.application_id, locked=True)
        return _again(draft, row, _tidied(spec_now(draft)), _changed_since(draft, revision), person, clock)


def resubmit_application(application_id: str, spec: ApplicationSpec, actor: str, clock: Clock) -> Application | Refused:
    """Hand in a new version that was written elsewhere.

    Raises:
        UnknownDraft: there is no such application, or it is not the actor's to see.
    """
    person = people.person(actor)
    with transaction.atomic():
        draft = draft_row(application_id, person, locked=True)
        if draft.application_id is None:
            return Refused((Refusal("not-possible-now", "This draft was not handed in yet.", where="application"),))
        row = request_row(draft.application_id, locked=True)
        return _again(draft, row, spec, [], person, clock)


def _again(
    draft: Draft,
    row: Request,
    spec: ApplicationSpec,
    found: list[Refusal],
    person: people.PersonView,
    clock: Clock,
) -> Application | Refused:
    move = LIFECYCLE.move(row.state, "resubmit", person.role)
    wrong = [*found, *_unsettled(draft, spec, person, clock)]
    if _other_organisation(spec, draft):
        wrong.append(
            Refusal(
                "not-your-organisation",
                "An application stays with the organisation that made it.",
                where="organisation",
            )
        )
    if isinstance(move, Refusal):
        return Refused((move, *wrong))
    if wrong:
        return Refused(tuple(wrong))
    _hand_in(draft, row, move, spec, person, clock)
    return application_of(row)


def _other_organisation(spec: ApplicationSpec, draft: Draft) -> bool:
    try:
        return people.find_organisation(spec.organisation).id != people.successor(draft.organisation_id).id
    except people.UnknownOrganisation:
        return False  # said already by the rules


def withdraw(application_id: str, reason: str, actor: str, clock: Clock) -> Application | Refused:
    """Take an application back before both sides have signed; that it was made stays public.

    Args:
        application_id: the application.
        reason: why, in plain words; public.
        actor: one of its authors.
        clock: the time.

    Raises:
        UnknownDraft: there is no such application, or it is not the actor's to see.
    """
    person = people.person(actor)
    with transaction.atomic():
        draft = draft_row(application_id, person, locked=True)
        if draft.application_id is None:
            return Refused((Refusal("not-possible-now", "This draft was not handed in yet.", where="application"),))
        row = request_row(draft.application_id, locked=True)
        move = LIFECYCLE.move(row.state, "withdraw", person.role)
        found = reasons_problems([reason], "reason")
        if not isinstance(move, Refusal) and not draft.authors.filter(person=actor).exists():
            found.append(Refusal("not-an-author", "Only an author can take an application back.", where="actor"))
        if isinstance(move, Refusal) or found:
            return Refused((*([move] if isinstance(move, Refusal) else []), *found))
        stop_cases(row)
        take_step(
            row,
            move,
            actors=[actor],
            role=person.role,
            reason=reason.strip(),
            subject=row.application_id,
            payload={"organisation": people.organisation(row.organisation_id).name, "reason": reason.strip()},
            clock=clock,
        )
        touch(draft, clock)
    return application_of(row)
