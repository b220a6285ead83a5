"""Who may not decide on what, and declaring it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from django.db import transaction

from schoolgate import people, register
from schoolgate.clock import Clock
from schoolgate.errors import Refusal
from schoolgate.requests.drafting.models import DraftAuthor
from schoolgate.requests.models import Request
from schoolgate.requests.panel.cases import live_problems, locked_case, subject_of
from schoolgate.requests.panel.models import Conflict
from schoolgate.requests.panel.quorum import Member
from schoolgate.requests.stored import from_json
from schoolgate.requests.terms import Refused

CONFLICT_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "works-there": "works, worked or will work for who asks or its owner",
        "works-together": "works or publishes with somebody named in it",
        "family-or-friend": "is close to somebody named in it",
        "money": "gains or loses money by it",
        "said-publicly": "has taken a public stand on it",
        "other": "another reason",
    }
)
"""What a member may declare -> in words; no detail is asked for or kept, because it would be about persons."""


def human_of(person: people.PersonView) -> str:
    """Which human being a person is: the account, or the person itself while nobody signs in as it."""
    return person.id if person.account_id is None else f"account {person.account_id}"


def conflicts_of(person: people.PersonView, request: Request) -> tuple[str, ...]:
    """Why a person may not decide on a request, in words; empty when nothing is known."""
    # What ties to the organisation, its owner, whoever it merged with, and interests declared: people's to know.
    found = list(people.conflicts(person.id, request.organisation_id))
    if _had_a_hand_in(person, request):
        found.append("is named in the application, or wrote it")
    if person.left_on is not None:
        found.append("has left")
    return tuple(found)


def official_problems(person: people.PersonView, request: Request) -> list[Refusal]:
    """Why somebody of the custodian's does not handle a request: the same human being is tied to who asks.

    Whoever names the members or signs for the custodian is not the applicant in another of their persons. A request
    of the custodian's own is handled by its own people, but not by who wrote it.
    """
    if person.role != "custodian":
        return []
    own = person.organisation_id == request.organisation_id
    why = [] if own else list(people.conflicts(person.id, request.organisation_id))
    if _had_a_hand_in(person, request):
        why.append("is named in the application, or wrote it")
    return [
        Refusal(
            "conflict",
            f"{person.id} {one}, so somebody else of the custodian does this.",
            provision="who asks does not handle the request for the custodian",
            where="actor",
        )
        for one in why[:1]
    ]


def _had_a_hand_in(person: people.PersonView, request: Request) -> bool:
    """Whether a human being is named in a request, wrote it or handed it in, in whichever of their persons."""
    same = people.held_persons(person.account_id) if person.account_id is not None else (person,)
    ids = {person.id, *(one.id for one in same)}
    authors = DraftAuthor.objects.filter(draft__application_id=request.application_id).values_list("person", flat=True)
    wrote = {*authors, *_submitters(request)}
    named = [people.person(one) for one in dict.fromkeys((*from_json(request.spec).people, *sorted(wrote)))]
    return any(one.id in ids or (one.account_id is not None and one.account_id == person.account_id) for one in named)


def _submitters(request: Request) -> set[str]:
    return {actor for step in request.steps.filter(event__in=("submit", "resubmit", "appeal")) for actor in step.actors}


def declare_conflict(case_id: str, kind: str, actor: str, clock: Clock) -> str | Refused:
    """A member says that they have a conflict: from then on they are out, and a vote they gave does not count.

    Args:
        case_id: a case that the member was named for and that is not decided.
        kind: one of `CONFLICT_KINDS`.
        actor: the member.
        clock: the time.

    Returns:
        The case's id.
    """
    with transaction.atomic():
        request, case = locked_case(case_id)
        found = live_problems(request, case)
        member = case.members.filter(person=actor).first()
        if member is None:
            found.append(not_a_member())
        elif member.out:
            found.append(Refusal("out-already", "You are out of this already.", where="actor"))
        if kind not in CONFLICT_KINDS:
            known = ", ".join(CONFLICT_KINDS)
            found.append(Refusal("kind", f"This kind of conflict is not known; known: {known}.", where="kind"))
        if found or member is None:
            return Refused(tuple(found))
        member.out, member.out_at = "conflict", clock.now()
        member.save(update_fields=["out", "out_at"])
        # The seat alone: what ties a member to an applicant is theirs (and would tell who it is).
        index = register.append_event(
            "conflict.declared", subject_of(request), {"seat": member.seat, "about": case.kind}, clock.now()
        )
        Conflict.objects.create(case=case, person=actor, seat=member.seat, kind=kind, at=clock.now(), log_index=index)
    return case_id


def pool(request: Request) -> tuple[Member, ...]:
    """Every panel member who could be named for a request: nothing known speaks against them."""
    return tuple(
        Member(person.id, person.seat, human_of(person))
        for person in people.persons()
        if person.role == "panel" and not conflicts_of(person, request)
    )


def not_a_member() -> Refusal:
    """Somebody who was not named for a case."""
    return Refusal("not-named", "You were not named to decide this.", "only who is named sees and votes", where="actor")
