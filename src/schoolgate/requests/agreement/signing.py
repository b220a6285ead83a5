"""Both sides sign a version's text, each over its hash; then it is in effect.

Whoever signs says the hash of the text that was shown to them: when the terms changed meanwhile, or somebody altered
what was sent, it is another hash, and nothing is signed.
"""

from __future__ import annotations

from django.db import transaction

from schoolgate import people
from schoolgate.clock import Clock, custodians_day
from schoolgate.errors import Refusal
from schoolgate.machine import Move
from schoolgate.requests.agreement.overdue import overdue_problems
from schoolgate.requests.agreement.parties import (
    built_in,
    gone,
    own_organisation,
    same_hand,
    sits_on_panel,
    voted,
    who_it_is,
)
from schoolgate.requests.agreement.text import text_hash
from schoolgate.requests.agreement.versions import (
    CHANGING,
    CUSTODIAN,
    ORGANISATION,
    REAFFIRMED,
    VersionView,
    first_notice_days,
    keep_signature,
    keep_version,
    text_now,
    view_of,
    waiting_version,
)
from schoolgate.requests.drafting.check import not_accredited
from schoolgate.requests.found import request_row
from schoolgate.requests.lifecycle import LIFECYCLE
from schoolgate.requests.models import Request, Version
from schoolgate.requests.panel.conflict import official_problems
from schoolgate.requests.steps import next_number, signed_payload, take_step
from schoolgate.requests.stored import agreement_of, from_json
from schoolgate.requests.terms import Agreement, Refused


def _move(row: Request, first: str, later: str, person: people.PersonView) -> Move | Refusal:
    """The move for a signature: another one for a change of an agreement in force."""
    move = LIFECYCLE.move(row.state, later if row.state in CHANGING else first, person.role)
    if isinstance(move, Move) and row.state in CHANGING and waiting_version(row) is None:
        return Refusal("not-possible-now", "No version waits for a signature.", provision="state table request")
    return move


def _other_text(shown: str, text: str) -> list[Refusal]:
    if shown == text_hash(text):
        return []
    return [
        Refusal(
            "text-changed",
            "This is not the hash of the text that waits for a signature: the terms changed since it was shown to"
            " you, or it was altered on the way.",
            remedy="Read the text again, and sign that.",
            where="text_hash",
        )
    ]


def accept(request_id: str, actor: str, shown: str, clock: Clock) -> VersionView | Refused:
    """Sign for the organisation: an approved application's first text, or a change of its agreement.

    Args:
        request_id: an approved application, or an agreement with a version that waits.
        actor: person id of a researcher of the organisation who does not sit on the panel.
        shown: the hash of the text that was shown to them.
        clock: the time.

    Returns:
        The version, signed by one side.
    """
    person = people.person(actor)
    with transaction.atomic():
        row = request_row(request_id, locked=True)
        move = _move(row, "accept", "accept_version", person)
        found = [
            *([move] if isinstance(move, Refusal) else []),
            *gone(person),
            *own_organisation(row, person),
            *sits_on_panel(person),
            *built_in(row),
            *overdue_problems(row.organisation_id, custodians_day(clock)),
        ]
        if found or isinstance(move, Refusal):
            return Refused(tuple(found))
        number, text = text_now(row)
        waits = waiting_version(row)
        version = waits if waits is not None and waits.number == number else None
        found = [*_other_text(shown, text), *_altered(version, text)]
        if version is not None and version.signatures.filter(side=ORGANISATION).exists():
            found.append(Refusal("signed-already", "Your organisation signed this text already."))
        if found:
            return Refused(tuple(found))
        index = take_step(
            row,
            move,
            actors=[actor],
            role=person.role,
            reason="",
            subject=row.agreement_id or row.application_id,
            payload={
                "organisation": people.organisation(row.organisation_id).name,
                "version": number,
                "text_hash": text_hash(text),
            },
            clock=clock,
        )
        if version is None:
            decided = row.steps.filter(event__startswith="approve").order_by("log_index").last()
            version = keep_version(
                row, number, "agreement", text, index if decided is None else decided.log_index, clock
            )
        keep_signature(version, ORGANISATION, person, index, clock)
        return view_of(version, row, number)


def _altered(version: Version | None, text: str) -> list[Refusal]:
    """A kept text that is no longer what its terms make: the tables were changed past the steps."""
    if version is None or text_hash(text) == version.text_hash == text_hash(version.text):
        return []
    what = "The terms changed since this version was made."
    return [Refusal("text-changed", what, remedy="The panel makes a new version.", where="text_hash")]


def _may_begin(row: Request, clock: Clock) -> list[Refusal]:
    """What may have passed between the decision and the signature."""
    today, spec = custodians_day(clock), from_json(row.spec)
    named = [people.person(person_id) for person_id in spec.people]
    found = [
        not_accredited(one, f"people, number {n}")
        for n, one in enumerate(named, start=1)
        if not one.accredited_on(today)
    ]
    if spec.valid_until is not None and spec.valid_until < today:
        found.append(Refusal("already-over", "The last day of use is past.", where="valid_until"))
    return [*found, *who_it_is(row.organisation_id, today)]


def sign(request_id: str, actor: str, shown: str, clock: Clock) -> Agreement | Refused:
    """Sign for the custodian what the organisation signed; from then on the version is in effect.

    Args:
        request_id: an accepted application, or an agreement with a version that the organisation signed.
        actor: person id of the custodian's signatory, who did not vote on it.
        shown: the hash of the text that was shown to them.
        clock: the time.
    """
    person = people.person(actor)
    with transaction.atomic():
        row = request_row(request_id, locked=True)
        move = _move(row, "sign", "sign_version", person)
        found = [
            *([move] if isinstance(move, Refusal) else []),
            *gone(person),
            *official_problems(person, row),
            *voted(row, person),
            *built_in(row),
            *overdue_problems(row.organisation_id, custodians_day(clock)),
        ]
        if isinstance(move, Refusal):
            return Refused(tuple(found))
        number, text = text_now(row)
        version = waiting_version(row)
        found += [*_other_text(shown, text), *_not_by_both(version, number, text, person)]
        if row.agreement_id is None:
            found += _may_begin(row, clock)
        elif version is not None and version.kind == REAFFIRMED:
            found += who_it_is(row.organisation_id, custodians_day(clock))
        if found or version is None:
            return Refused(tuple(found))
        _in_effect(row, version, move, person, clock)
    return agreement_of(row)


def _not_by_both(version: Version | None, number: int, text: str, person: people.PersonView) -> list[Refusal]:
    """Why the custodian cannot sign yet: the organisation has not, or signed another text."""
    signed = [] if version is None else list(version.signatures.filter(side=ORGANISATION))
    if version is None or not signed:
        what = "The organisation has not signed this version yet."
        return [Refusal("not-accepted", what, remedy="Ask it to sign first.", where="text_hash")]
    if version.number != number:
        what = "The terms changed since the organisation signed."
        return [Refusal("text-changed", what, remedy="Ask it to sign the text as it is now.", where="text_hash")]
    return [*_altered(version, text), *same_hand(tuple(one.account_id for one in signed), person)]


def _in_effect(row: Request, version: Version, move: Move, person: people.PersonView, clock: Clock) -> None:
    """Both have signed: number the agreement when it is its first text, and tell the register the terms as they are."""
    if row.agreement_id is None:
        row.agreement_id = next_number(f"A-{custodians_day(clock).year}")
        row.notice_days = first_notice_days(row)
    version.signed_index = 0  # set below; the terms are told with this version among the signed ones
    version.save(update_fields=["signed_index"])
    agreed = agreement_of(row)
    added = [one for one in agreed.additions if one.signed]
    payload = {
        **signed_payload(agreed),
        "items": sorted(agreed.items.union(*(one.items for one in added))),
        "people_count": len({*agreed.people, *(who for one in added for who in one.people)}),
        "version": version.number,
        "text_hash": version.text_hash,
    }
    if version.notice_days:
        payload["notice_days"] = version.notice_days
    index = take_step(
        row,
        move,
        actors=[person.id],
        role=person.role,
        reason="",
        subject=row.agreement_id,
        payload=payload,
        clock=clock,
    )
    version.signed_index = index
    version.save(update_fields=["signed_index"])
    keep_signature(version, CUSTODIAN, person, index, clock)
