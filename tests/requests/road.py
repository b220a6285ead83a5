"""The road from a submitted application to an agreement in force, for tests whose subject is something else.

`decide` and `amend` walk every step of the panel: complete, allocated, everybody votes, concluded. When a step is
refused the whole walk is taken back, so that a test finds what it had before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.db import transaction

from schoolgate import people, requests
from schoolgate.clock import Clock, custodians_day

T = TypeVar("T")
NEEDED = {"independent": 2, "lay": 1}
MEMBERS = 5
"""Enough for every class of risk."""


def _walk(walk: Callable[[], T | requests.Refused]) -> T | requests.Refused:
    with transaction.atomic():
        outcome = walk()
        if isinstance(outcome, requests.Refused):
            transaction.set_rollback(True)
    return outcome


def custodian() -> str:
    """Somebody of the custodian's."""
    found = next((one.id for one in people.persons() if one.role == "custodian"), None)
    return found or people.add_person(_organisation("Office (synthetic)", "custodian"), "custodian").id


def _organisation(name: str, kind: str) -> str:
    try:
        return people.find_organisation(name).id
    except people.UnknownOrganisation:
        return people.add_organisation(name, kind).id


def bench(panel: Sequence[str], avoid: Sequence[str] = ()) -> tuple[str, ...]:
    """The members given, with further ones until every quorum could be reached; the second value leads.

    Further members are those of an organisation of their own; they are entered when they are first needed.
    """
    home = _organisation("Panel (synthetic)", "charity")
    members = [people.person(one) for one in panel]
    spare = [one for one in people.persons(home) if one.role == "panel" and one.id not in {*panel, *avoid}]

    def seat_one(seat: str) -> None:
        ready = next((one for one in spare if one.seat == seat), None)
        if ready is None:
            ready = people.add_person(home, "panel", seat=seat)
        else:
            spare.remove(ready)
        members.append(ready)

    for seat, least in NEEDED.items():
        for _ in range(least - sum(one.seat == seat for one in members)):
            seat_one(seat)
    for _ in range(MEMBERS - len(members)):
        seat_one("lay")
    return tuple(one.id for one in members)


def leader(members: Sequence[str]) -> str:
    """The first independent member."""
    return next(one for one in members if people.person(one).seat == "independent")


def allocated(application_id: str, panel: Sequence[str], clock: Clock) -> str | requests.Refused:
    """Complete, and members named; gives the case's id."""
    office, members = custodian(), bench(panel)
    if requests.application(application_id).state == "submitted":
        checked = requests.check_completeness(application_id, [], office, clock)
        if isinstance(checked, requests.Refused):
            return checked
    return requests.allocate(application_id, members, leader(members), office, clock)


def voted(
    case_id: str,
    choice: str,
    reasons: Sequence[str],
    conditions: Sequence[requests.Condition | str],
    clock: Clock,
) -> str | requests.Refused:
    """Everybody who was named votes alike; then it is concluded. Gives what came of it."""
    office = custodian()
    texts = [one if isinstance(one, str) else f"{one.kind}: {one.detail}" for one in conditions]
    view = requests.case(case_id, people.person(office))
    for member in view.members:
        outcome = requests.vote(case_id, choice, reasons, (), texts, member.person, clock)
        if isinstance(outcome, requests.Refused):
            return outcome
    return requests.conclude(case_id, office, clock)


def decide(
    application_id: str,
    approve: bool,
    reasons: Sequence[str],
    conditions: Sequence[requests.Condition | str],
    panel: Sequence[str],
    clock: Clock,
) -> requests.Application | requests.Refused:
    """The panel's decision, with every step that comes before it."""

    def walk() -> requests.Application | requests.Refused:
        case = allocated(application_id, panel, clock)
        if isinstance(case, requests.Refused):
            return case
        done = voted(case, "approve" if approve else "refuse", reasons, conditions, clock)
        return done if isinstance(done, requests.Refused) else requests.application(application_id)

    return _walk(walk)


def carried(case_id: str | requests.Refused, reasons: Sequence[str], panel: Sequence[str], clock: Clock) -> object:
    """Members are named for a proposal, and all approve it."""
    if isinstance(case_id, requests.Refused):
        return case_id
    members = bench(panel)
    named = requests.allocate_proposal(case_id, members, leader(members), custodian(), clock)
    return named if isinstance(named, requests.Refused) else voted(case_id, "approve", reasons, (), clock)


def amend(
    agreement_id: str,
    *,
    items: Sequence[str] = (),
    added: Sequence[str] = (),
    reasons: Sequence[str],
    panel: Sequence[str],
    clock: Clock,
) -> requests.Agreement | requests.Refused:
    """More items or people, proposed by the custodian, approved by the panel, and signed by both sides."""

    def walk() -> requests.Agreement | requests.Refused:
        case = requests.propose(
            agreement_id, "amend", items=items, added=added, reasons=reasons, actor=custodian(), clock=clock
        )
        done = carried(case, reasons, panel, clock)
        return done if isinstance(done, requests.Refused) else sign(agreement_id, custodian(), clock)

    return _walk(walk)


def accept(request_id: str, clock: Clock) -> requests.VersionView | requests.Refused:
    """The organisation's signature under what waits for one, by the first person named."""
    made_sure(request_id, clock)
    return requests.accept(request_id, requests.application(request_id).spec.people[0], shown(request_id), clock)


def made_sure(request_id: str, clock: Clock) -> None:
    """The custodian made sure of who the organisation is, unless it did before."""
    organisation = requests.application(request_id).organisation_id
    if not people.is_verified(organisation, custodians_day(clock)):
        people.verify_organisation(organisation, "Looked up (synthetic)", actor=custodian(), clock=clock)


def shown(request_id: str) -> str:
    """The hash of the text that waits for a signature; empty when none does."""
    waits = requests.to_sign(request_id)
    return waits.text_hash if waits is not None else ""


def sign(request_id: str, actor: str, clock: Clock) -> requests.Agreement | requests.Refused:
    """Both signatures under an approved application, or under a change of an agreement; `actor` is the custodian's."""

    def walk() -> requests.Agreement | requests.Refused:
        accepted = accept(request_id, clock)
        if isinstance(accepted, requests.Refused):
            return accepted
        return requests.sign(request_id, actor, accepted.text_hash, clock)

    return _walk(walk)


def destroyed(
    agreement_id: str, words: str, actor: str, witness: str, clock: Clock, **given: Any
) -> requests.Agreement | requests.Refused:
    """Stated to be destroyed, and the witness says that they saw it."""

    def walk() -> requests.Agreement | requests.Refused:
        stated = requests.state_destruction(agreement_id, words, actor, witness, clock, **given)
        if isinstance(stated, requests.Refused):
            return stated
        return requests.witness_destruction(agreement_id, True, witness, clock)

    return _walk(walk)
