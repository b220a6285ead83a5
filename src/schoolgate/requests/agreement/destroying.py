"""The destruction of what was handed over: stated by who did it, seen by somebody of the custodian, who says so.

A certificate needs both. Whoever states it names who saw it; until that person has said so themselves, signed in as
themselves, nothing is certified: a witness whom nobody asked is none.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from schoolgate import people, post
from schoolgate.clock import Clock, custodians_day, day_of, plain_day
from schoolgate.errors import Refusal
from schoolgate.machine import Move
from schoolgate.requests.agreement.clocks import methods
from schoolgate.requests.agreement.overdue import due_of
from schoolgate.requests.agreement.parties import built_in, gone, own_organisation
from schoolgate.requests.agreement.reminders import reached
from schoolgate.requests.found import request_row
from schoolgate.requests.lifecycle import LIFECYCLE
from schoolgate.requests.models import Certificate, Request
from schoolgate.requests.panel.rules import reasons_problems
from schoolgate.requests.steps import take_step
from schoolgate.requests.stored import agreement_of
from schoolgate.requests.terms import Agreement, Refused

_MOST_NAMED = 500


@dataclass(frozen=True, slots=True)
class CertificateView:
    """What was stated about a destruction.

    Attributes:
        method: in words.
        stated_by, witness: person ids; never in public.
        stated_on: the custodian's day on which it was stated.
        seen: whether the witness has said that they saw it.
    """

    agreement_id: str
    method: str
    destroyed_on: date
    stated_by: str
    stated_on: date
    witness: str
    seen: bool


def certificate(agreement_id: str) -> CertificateView | None:
    """What was stated about the destruction under an agreement; None when nothing was, or the witness denied it.

    Raises:
        UnknownRequest: no application or agreement has this id.
    """
    kept = Certificate.objects.select_related("request").filter(request=request_row(agreement_id)).first()
    return None if kept is None else _view(kept)


def certificates(agreements: Collection[str]) -> dict[str, CertificateView]:
    """The same of several agreements, of those of which something was stated."""
    rows = Certificate.objects.select_related("request").filter(request__agreement_id__in=agreements)
    return {str(kept.request.agreement_id): _view(kept) for kept in rows}


def to_witness(person_id: str) -> tuple[CertificateView, ...]:
    """What was stated and waits for this person to say whether they saw it; the longest waiting first."""
    rows = Certificate.objects.select_related("request").filter(witnessed_by=person_id, seen_index=None)
    return tuple(_view(kept) for kept in rows.order_by("log_index"))


def _view(kept: Certificate) -> CertificateView:
    return CertificateView(
        agreement_id=str(kept.request.agreement_id),
        method=_said(kept),
        destroyed_on=kept.destroyed_on,
        stated_by=kept.certified_by,
        stated_on=_stated_on(kept.request, kept),
        witness=kept.witnessed_by,
        seen=kept.seen_index is not None,
    )


def _stated_on(row: Request, kept: Certificate) -> date:
    return day_of(row.steps.get(log_index=kept.log_index).at)


def _said(kept: Certificate) -> str:
    return kept.words if kept.method == "otherwise" else f"{methods()[kept.method]} {kept.words}"


def state_destruction(
    agreement_id: str,
    words: str,
    actor: str,
    witness: str,
    clock: Clock,
    *,
    method: str = "otherwise",
    destroyed_on: date | None = None,
    releases: Sequence[str] = (),
    last_release: date | None = None,
) -> Agreement | Refused:
    """Say that what was handed over is destroyed; it is certified when the witness has said that they saw it.

    Args:
        agreement_id: an ended agreement.
        words: how, in plain words; public.
        actor: person id of who states it: a researcher of the organisation, or the custodian's.
        witness: person id of another person, of the custodian, who saw it and is tied to neither.
        clock: the time.
        method: one of `clocks.methods`.
        destroyed_on: the day it was done; today when left out.
        releases: numbers of the releases it covers; public.
        last_release: the day of the last of them: what was destroyed before it was handed over is not destroyed.
    """
    person, today = people.person(actor), custodians_day(clock)
    day = destroyed_on or today
    try:
        seen = people.person(witness)
    except people.UnknownPerson as unknown:
        return Refused((Refusal(unknown.code, unknown.what, where="witness"),))
    with transaction.atomic():
        row = request_row(agreement_id, locked=True)
        move = LIFECYCLE.move(row.state, "state_destruction", person.role)
        found = [
            *([move] if isinstance(move, Refusal) else []),
            *gone(person),
            *own_organisation(row, person, or_successor=True),
            *reasons_problems([words], "method"),
            *_witness_problems(row, person, seen),
            *_how_problems(method, day, today, last_release),
            *built_in(row),
        ]
        if found or isinstance(move, Refusal):
            return Refused(tuple(found))
        _state(row, move, person, seen, words.strip(), method, day, tuple(dict.fromkeys(releases)), clock)
    return agreement_of(row)


def _witness_problems(row: Request, person: people.PersonView, seen: people.PersonView) -> list[Refusal]:
    same = seen.id == person.id or (seen.account_id is not None and seen.account_id == person.account_id)
    if seen.role != "custodian" or seen.left_on is not None or same:
        return [Refusal("witness", "The witness must be another person, of the custodian.", where="witness")]
    own = seen.organisation_id == row.organisation_id
    if not own and people.conflicts(seen.id, row.organisation_id):
        return [Refusal("witness", "The witness is tied to the organisation that held the data.", where="witness")]
    return []


def _how_problems(method: str, day: date, today: date, last_release: date | None) -> list[Refusal]:
    found = []
    if method not in methods():
        known = ", ".join(methods())
        found.append(Refusal("method-unknown", "This is not a known way to destroy data.", remedy=f"Known: {known}."))
    if day > today:
        found.append(Refusal("in-the-future", "What is destroyed is certified afterwards.", where="destroyed_on"))
    if last_release is not None and day < last_release:
        what = f"Data was handed over as late as {plain_day(last_release)}, so it was not all destroyed before."
        found.append(Refusal("released-later", what, where="destroyed_on"))
    return found


def _state(
    row: Request,
    move: Move,
    person: people.PersonView,
    seen: people.PersonView,
    words: str,
    method: str,
    day: date,
    releases: tuple[str, ...],
    clock: Clock,
) -> None:
    said = words if method == "otherwise" else f"{methods()[method]} {words}"
    index = take_step(
        row,
        move,
        actors=[person.id],
        role=person.role,
        reason=f"{said} Witness: {seen.id}.",
        subject=str(row.agreement_id),
        payload={
            "agreement": row.agreement_id,
            "method": said,
            "destroyed_on": day.isoformat(),
            "due": due_of(row).isoformat(),
            "releases": _named(releases),
        },
        clock=clock,
    )
    # One that nobody has seen gives way to what is stated now; both stand in the register.
    Certificate.objects.filter(request=row, seen_index=None).delete()
    Certificate.objects.create(
        request=row,
        releases=list(releases),
        method=method,
        words=words,
        destroyed_on=day,
        certified_by=person.id,
        witnessed_by=seen.id,
        log_index=index,
    )
    _ask_witness(str(row.agreement_id), seen, clock)


def _ask_witness(agreement_id: str, seen: people.PersonView, clock: Clock) -> None:
    subject = f"Agreement {agreement_id}: did you see its data destroyed?"
    text = (
        f"Somebody states that the data of agreement {agreement_id} is destroyed, and names you as who saw it.\n\n"
        "Sign in and say whether you did. Until you have said so the destruction is not certified. If you did not see"
        " it, say that: then it counts as not destroyed.\n"
    )
    for address in reached([seen.account_id]):
        post.write(address, subject, text, clock=clock)


def _named(releases: tuple[str, ...]) -> list[str]:
    """The releases a certificate covers, as the register names them: an entry of the log has room for so many."""
    if len(releases) <= _MOST_NAMED:
        return list(releases)
    return [f"{releases[0]} to {releases[-1]}, every release under the agreement"]


def witness_destruction(
    agreement_id: str, saw: bool, actor: str, clock: Clock, *, reason: str = ""
) -> Agreement | Refused:
    """Say, as the witness who was named, whether one saw the destruction. A yes certifies it, a no takes it back.

    Args:
        agreement_id: an ended agreement whose destruction was stated.
        saw: whether the witness saw it.
        actor: person id of the witness.
        clock: the time.
        reason: of a no, in plain words; public.
    """
    person = people.person(actor)
    with transaction.atomic():
        row = request_row(agreement_id, locked=True)
        move = LIFECYCLE.move(row.state, "certify_destruction" if saw else "deny_destruction", person.role)
        kept = Certificate.objects.filter(request=row, seen_index=None).first()
        found = [*([move] if isinstance(move, Refusal) else []), *gone(person)]
        if kept is None:
            found.append(Refusal("not-stated", "Nobody has stated that the data is destroyed."))
        elif kept.witnessed_by != actor:
            found.append(Refusal("not-the-witness", "Somebody else was named as who saw it.", where="actor"))
        else:
            # What became known since they were named counts too.
            found += _witness_problems(row, people.person(kept.certified_by), person)
        if not saw:
            found += reasons_problems([reason], "reason")
        if found or isinstance(move, Refusal) or kept is None:
            return Refused(tuple(found))
        if saw:
            _certify(row, move, kept, person, clock)
        else:
            payload = {"agreement": row.agreement_id, "reason": reason.strip()}
            take_step(
                row,
                move,
                actors=[actor],
                role=person.role,
                reason=reason.strip(),
                subject=str(row.agreement_id),
                payload=payload,
                clock=clock,
            )
            kept.delete()
    return agreement_of(row)


def _certify(row: Request, move: Move, kept: Certificate, person: people.PersonView, clock: Clock) -> None:
    kept.seen_index = take_step(
        row,
        move,
        actors=[kept.certified_by, person.id],
        role=person.role,
        reason=f"{_said(kept)} Witness: {person.id}.",
        subject=str(row.agreement_id),
        payload={
            "agreement": row.agreement_id,
            "method": _said(kept),
            "witnessed_by": person.role,
            "destroyed_on": kept.destroyed_on.isoformat(),
            "due": due_of(row).isoformat(),
            "releases": _named(tuple(kept.releases)),
        },
        clock=clock,
    )
    kept.save(update_fields=["seen_index"])
