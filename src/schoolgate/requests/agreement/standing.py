"""Stopping the use of an agreement and letting it go on: suspended, re-opened, resumed, reaffirmed.

Each takes effect with its commit: the gate reads the state anew when it records a read, so that a query that is
running under an agreement that was stopped meanwhile is not handed over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from schoolgate import people
from schoolgate.clock import Clock, custodians_day
from schoolgate.errors import Refusal
from schoolgate.requests.agreement.overdue import overdue_problems
from schoolgate.requests.agreement.parties import built_in, gone, who_it_is
from schoolgate.requests.agreement.text import text_hash
from schoolgate.requests.agreement.versions import REAFFIRMED, keep_version, next_text
from schoolgate.requests.found import request_row
from schoolgate.requests.lifecycle import LIFECYCLE
from schoolgate.requests.models import Request
from schoolgate.requests.panel.rules import panel_problems, reasons_problems, room_problems
from schoolgate.requests.steps import take_step
from schoolgate.requests.stored import agreement_of
from schoolgate.requests.terms import Agreement, Refused


def suspend(agreement_id: str, reason: str, actor: str, clock: Clock) -> Agreement | Refused:
    """Stop the use of an agreement at once; the very next read is refused.

    Args:
        agreement_id: an active agreement.
        reason: why, in plain words; public.
        actor: person id of the custodian's.
        clock: the time.
    """
    person = people.person(actor)
    with transaction.atomic():
        row = request_row(agreement_id, locked=True)
        move = LIFECYCLE.move(row.state, "suspend", person.role)
        found = [
            *([move] if isinstance(move, Refusal) else []),
            *gone(person),
            *reasons_problems([reason], "reason"),
            *built_in(row),
        ]
        if found or isinstance(move, Refusal):
            return Refused(tuple(found))
        take_step(
            row,
            move,
            actors=[actor],
            role=person.role,
            reason=reason.strip(),
            subject=agreement_id,
            payload={"reason": reason.strip()},
            clock=clock,
        )
    return agreement_of(row)


def resume(agreement_id: str, *, reasons: Sequence[str], panel: Sequence[str], clock: Clock) -> Agreement | Refused:
    """Let the use of a suspended agreement go on: the panel's, so that nobody stops and starts it alone.

    Args:
        agreement_id: a suspended agreement.
        reasons: why, in plain words; public.
        panel: at least two panel members, none of the recipient's organisation.
        clock: the time.
    """
    return _by_panel(agreement_id, "resume", reasons, panel, clock)


def reaffirm(agreement_id: str, *, reasons: Sequence[str], panel: Sequence[str], clock: Clock) -> Agreement | Refused:
    """Decide that a re-opened agreement goes on with the organisation as it is now, when both sides have signed that.

    The decision is a new version of the text, which names the organisation as it is; until both have signed it nobody
    reads. Another change that waited for signatures is replaced by it: the panel decides on that anew.

    Args:
        agreement_id: a re-opened agreement.
        reasons: why, in plain words; public.
        panel: at least two panel members, none of the recipient's organisation.
        clock: the time.
    """
    return _by_panel(agreement_id, "reaffirm", reasons, panel, clock)


def _by_panel(
    agreement_id: str, event: str, reasons: Sequence[str], panel: Sequence[str], clock: Clock
) -> Agreement | Refused:
    with transaction.atomic():
        row = request_row(agreement_id, locked=True)
        move = LIFECYCLE.move(row.state, event, "panel")
        found = [
            *([move] if isinstance(move, Refusal) else []),
            *panel_problems(row.organisation_id, "approve", panel),
            *reasons_problems(reasons, "reasons"),
            *room_problems(reasons),
            *built_in(row),
            *overdue_problems(row.organisation_id, custodians_day(clock)),
        ]
        if event == "reaffirm" and (gone := people.organisation(row.organisation_id).merged_into):
            what = f"The organisation became part of {gone}, so there is nobody to go on with."
            found.append(Refusal("organisation-gone", what, remedy="The other organisation applies anew."))
        elif event == "reaffirm":
            found += who_it_is(row.organisation_id, custodians_day(clock))
        if found or isinstance(move, Refusal):
            return Refused(tuple(found))
        why = [reason.strip() for reason in reasons]
        number, text = next_text(row) if event == "reaffirm" else (0, "")
        name = people.organisation(row.organisation_id).name
        terms = {"organisation": name, "version": number, "text_hash": text_hash(text)}
        row.changed = row.changed or event == "reaffirm"
        index = take_step(
            row,
            move,
            actors=list(dict.fromkeys(panel)),
            role="panel",
            reason="\n".join(why),
            subject=agreement_id,
            payload={"reasons": why, **(terms if event == "reaffirm" else {})},
            clock=clock,
        )
        if event == "reaffirm":
            keep_version(row, number, REAFFIRMED, text, index, clock)
    return agreement_of(row)


@dataclass(frozen=True, slots=True)
class OrganisationChanged:
    """What became of an organisation's change.

    Attributes:
        changed: what was recorded.
        reopened: numbers of the agreements that were re-opened, and of applications that were approved and not signed.
    """

    changed: people.OrganisationChange
    reopened: tuple[str, ...]


def organisation_changed(
    organisation_id: str,
    changes: Mapping[str, str],
    reason: str,
    actor: str,
    clock: Clock,
    *,
    alike_is_another: bool = False,
) -> OrganisationChanged | Refused:
    """Record that an organisation changed, and re-open its agreements where it is no longer the one decided on.

    One transaction: there is no moment at which the name is new and an agreement still in use.

    Args:
        organisation_id: which.
        changes: fact -> its new value, as `people.change_organisation` takes them.
        reason: why; public.
        actor: person id of the custodian's.
        clock: the time.
        alike_is_another: whether somebody looked at the names that look like a new name.

    Raises:
        SchoolgateError: what `people.change_organisation` says of the values.
    """
    person = people.person(actor)
    if refused := _not_custodian(person):
        return refused
    with transaction.atomic():
        changed = people.change_organisation(
            organisation_id,
            changes=changes,
            reason=reason,
            actor=actor,
            clock=clock,
            alike_is_another=alike_is_another,
        )
        return _reopened(changed, reason, person, clock)


def organisation_merged(
    organisation_id: str, into: str, reason: str, actor: str, clock: Clock
) -> OrganisationChanged | Refused:
    """Record that an organisation became part of another, and re-open its agreements.

    Args:
        organisation_id: which is no more.
        into: which it became part of.
        reason: why; public.
        actor: person id of the custodian's.
        clock: the time.

    Raises:
        SchoolgateError: what `people.merge_organisations` says.
    """
    person = people.person(actor)
    if refused := _not_custodian(person):
        return refused
    with transaction.atomic():
        changed = people.merge_organisations(organisation_id, into, reason=reason, actor=actor, clock=clock)
        return _reopened(changed, reason, person, clock)


def _not_custodian(person: people.PersonView) -> Refused | None:
    move = LIFECYCLE.move("active", "reopen", person.role)
    return Refused((move,)) if isinstance(move, Refusal) else None


def _reopened(
    changed: people.OrganisationChange, reason: str, actor: people.PersonView, clock: Clock
) -> OrganisationChanged:
    if not changed.reopens:
        return OrganisationChanged(changed, ())
    facts = [people.FACTS.get(one.fact, "became part of another organisation") for one in changed.what]
    return OrganisationChanged(changed, _reopen_all(changed.organisation, facts, reason, actor, clock))


def _reopen_all(
    organisation: people.OrganisationView, changes: Sequence[str], reason: str, actor: people.PersonView, clock: Clock
) -> tuple[str, ...]:
    """Re-open every agreement that may be in use, and what was approved and not signed; in the caller's transaction."""
    rows = Request.objects.select_for_update().filter(organisation_id=organisation.id, built_in=False)
    reopened = []
    for row in rows.order_by("pk"):
        move = LIFECYCLE.move(row.state, "reopen", actor.role)
        if isinstance(move, Refusal):
            continue  # not decided yet, or over
        if move.target == "submitted":
            row.review_due = None  # the approval it came of, in an emergency or not, is no more
        take_step(
            row,
            move,
            actors=[actor.id],
            role=actor.role,
            reason=reason.strip(),
            subject=row.agreement_id or row.application_id,
            payload={"organisation": organisation.name, "changes": list(changes), "reason": reason.strip()},
            clock=clock,
        )
        reopened.append(row.agreement_id or row.application_id)
    return tuple(reopened)
