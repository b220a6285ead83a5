"""Before the vote: who decides, and what changes of the members are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction

from schoolgate import people, register
from schoolgate.clock import Clock
from schoolgate.errors import Refusal
from schoolgate.requests.found import request_row
from schoolgate.requests.lifecycle import LIFECYCLE
from schoolgate.requests.models import Request
from schoolgate.requests.panel.appeal import appeal_problems
from schoolgate.requests.panel.cases import (
    CASES,
    EVENTS,
    live_problems,
    locked_case,
    members_of,
    rule_of,
    standing,
    stop_cases,
    subject_of,
    triage_of,
    votes_of,
)
from schoolgate.requests.panel.complete import checked, only_custodian
from schoolgate.requests.panel.conflict import conflicts_of, human_of, official_problems
from schoolgate.requests.panel.models import Case, CaseMember
from schoolgate.requests.panel.quorum import KINDS, Member, allocation_gaps, rules
from schoolgate.requests.panel.rules import reasons_problems
from schoolgate.requests.steps import take_step
from schoolgate.requests.terms import Refused


def _members(
    request: Request,
    ids: Sequence[str],
    chair: str,
    kind: str,
    risk: str,
    by: Sequence[people.PersonView],
    kept: Sequence[Member] = (),
) -> tuple[list[Member], list[Refusal]]:
    """The members as they would be named, and everything that is wrong with them; `by` name them, or proposed it."""
    found = [problem for one in by for problem in official_problems(one, request)]
    named = [*kept]
    asking = {human_of(one) for one in by}
    for number, person_id in enumerate(ids, start=1):
        where = f"members, number {number}"
        person = people.person(person_id)
        if person.role != "panel":
            found.append(
                Refusal("not-your-decision", f"{person.id} is a {person.role}; only panel members decide.", where=where)
            )
        for why in conflicts_of(person, request):
            found.append(
                Refusal(
                    "own-organisation" if person.organisation_id == request.organisation_id else "conflict",
                    f"{person.id} {why}, and may not decide.",
                    provision="who has a conflict is not named",
                    where=where,
                )
            )
        human = human_of(person)
        if human in asking:
            what = f"{person.id} is the same human being as who names the members, or who proposes it."
            found.append(Refusal("conflict", what, "who asks or names does not decide", where=where))
        if any(human == one.human for one in named if not one.out) or any(person.id == one.person for one in named):
            found.append(
                Refusal("member-twice", f"{person.id} is named already, or is the same human being.", where=where)
            )
        named.append(Member(person.id, person.seat, human, chair=person.id == chair))
    if chair and chair not in {one.person for one in named}:
        found.append(Refusal("chair", "Who leads must be among the members.", where="chair"))
    gaps = allocation_gaps(rules()[kind, risk], named)
    found += [
        Refusal("panel-too-small", f"{gap} Nobody decides alone.", "quorum rules", where="members") for gap in gaps
    ]
    return named, found


def _keep(case: Case, members: Sequence[Member], clock: Clock) -> None:
    CaseMember.objects.bulk_create(
        CaseMember(case=case, person=one.person, seat=one.seat, human=one.human, chair=one.chair, named_at=clock.now())
        for one in members
    )


def _seats(members: Sequence[Member]) -> str:
    counts = Counter(one.seat for one in members if not one.out)
    return ", ".join(f"{counts[seat]} {seat}" for seat in people.SEATS if counts[seat])


def allocate(request_id: str, members: Sequence[str], chair: str, actor: str, clock: Clock) -> str | Refused:
    """Name the members who decide an application, or look at an appeal.

    Args:
        request_id: an application that is submitted and complete, or appealed.
        members: person ids of panel members, enough for the quorum of its class of risk.
        chair: who leads, one of them.
        actor: the custodian's.
        clock: the time.

    Returns:
        The case's id, ``C-0001``.
    """
    person = people.person(actor)
    with transaction.atomic():
        row = request_row(request_id, locked=True)
        move = LIFECYCLE.move(row.state, "allocate", person.role)
        if isinstance(move, Refusal):
            return Refused((move,))
        kind = "appeal" if row.state == "appealed" else "application"
        risk = triage_of(row)
        named, found = _members(row, members, chair, kind, risk.risk, [person])
        if kind == "appeal":
            found += appeal_problems(row, named, rules()[kind, risk.risk])
        else:
            found += _incomplete(row)
        if found:
            return Refused(tuple(found))
        stop_cases(row)
        case = Case.objects.create(
            request=row,
            kind=kind,
            state="deciding",
            risk=risk.risk,
            risk_why=list(risk.why),
            opened_by=actor,
            opened_at=clock.now(),
        )
        _keep(case, named, clock)
        take_step(
            row,
            move,
            actors=[actor],
            role=person.role,
            reason="",
            subject=row.application_id,
            payload={**_told(case, named), **({"appeal": "yes"} if kind == "appeal" else {})},
            clock=clock,
        )
    return case.public_id


def _incomplete(row: Request) -> list[Refusal]:
    look = checked(row)
    if look is None:
        return [Refusal("not-checked", "Nobody has checked whether it is complete.", "check-list")]
    if look.missing:
        return [Refusal("incomplete", "The check-list found something missing.", "check-list", "Send it back.")]
    return []


def allocate_in_emergency(request_id: str, members: Sequence[str], why: str, actor: str, clock: Clock) -> str | Refused:
    """Put an application before a few members at once; it stays submitted until they have approved it.

    Once for what was handed in: whoever does not like what these members say does not look for others who say yes.

    Args:
        request_id: a submitted application.
        members: at least two panel members, one of them independent.
        why: why it cannot wait; public at once.
        actor: the custodian's.
        clock: the time.

    Returns:
        The case's id.
    """
    person = people.person(actor)
    with transaction.atomic():
        row = request_row(request_id, locked=True)
        move = LIFECYCLE.move(row.state, EVENTS["emergency"], "panel")
        risk = triage_of(row)
        named, found = _members(row, members, "", "emergency", risk.risk, [person])
        found += [*only_custodian(person, "name members"), *reasons_problems([why], "why"), *_hurried_before(row)]
        if isinstance(move, Refusal):
            found.append(move)
        if found:
            return Refused(tuple(found))
        stop_cases(row)
        case = Case.objects.create(
            request=row,
            kind="emergency",
            state="deciding",
            risk=risk.risk,
            risk_why=list(risk.why),
            reasons=[why.strip()],
            opened_by=actor,
            opened_at=clock.now(),
        )
        _keep(case, named, clock)
        register.append_event(
            "emergency.allocated", row.application_id, {**_told(case, named), "emergency": why.strip()}, clock.now()
        )
    return case.public_id


def _told(case: Case, named: Sequence[Member]) -> dict[str, object]:
    """What the register is told when members were named: their seats and never who they are."""
    return {
        "members": _seats(named),
        "risk": case.risk,
        "risk_reasons": list(case.risk_why),
        "quorum": rule_of(case).plain,
    }


def _hurried_before(row: Request) -> list[Refusal]:
    """The refusal for a second try in a hurry at what was handed in once."""
    last = row.steps.filter(event__in=("submit", "resubmit")).order_by("-log_index").first()
    tried = row.panel_cases.filter(kind="emergency")
    if last is not None:
        tried = tried.filter(opened_at__gte=last.at)
    if not tried.exists():
        return []
    what = "This was put before a few members in a hurry already."
    remedy = "Change its members while they have not decided; after that it takes the ordinary road."
    return [Refusal("hurried-once", what, "one try in a hurry", remedy)]


def allocate_proposal(case_id: str, members: Sequence[str], chair: str, actor: str, clock: Clock) -> str | Refused:
    """Name the members who decide a proposal about an agreement.

    Returns:
        The case's id.
    """
    person = people.person(actor)
    with transaction.atomic():
        row, case = locked_case(case_id)
        move = CASES.move(case.state, "allocate", person.role)
        possible = LIFECYCLE.move(row.state, EVENTS[case.kind], "panel")
        by = [person, people.person(case.opened_by)]
        named, found = _members(row, members, chair, case.kind, case.risk, by)
        found += [one for one in (move, possible) if isinstance(one, Refusal)]
        if isinstance(move, Refusal) or found:
            return Refused(tuple(found))
        case.state = move.target
        case.save(update_fields=["state"])
        _keep(case, named, clock)
        agreement_id = subject_of(row)
        told = {"agreement": agreement_id, "change": KINDS[case.kind], **_told(case, named)}
        register.append_event(move.register_event, agreement_id, told, clock.now())
    return case_id


def change_members(
    case_id: str, added: Sequence[str], removed: Sequence[str], chair: str, actor: str, clock: Clock
) -> str | Refused:
    """Name further members, take members out, or let another member lead.

    Whoever is out stays out: they cannot be named again for this case. Nobody chooses a panel by its votes: who has
    voted is taken out only for a conflict or because they left; once the votes are shown a member joins only in the
    place of another, and once they are enough nobody is added.

    Args:
        case_id: a case that is not decided.
        added: person ids of further members.
        removed: person ids of members who no longer take part.
        chair: who leads from now on; empty: as it is.
        actor: the custodian's.
        clock: the time.

    Returns:
        The case's id.
    """
    person = people.person(actor)
    with transaction.atomic():
        row, case = locked_case(case_id)
        found = [*only_custodian(person, "name members"), *live_problems(row, case)]
        members = {one.person: one for one in members_of(case)}
        gone = {one for one in removed if one in members and not members[one].out}
        if strangers := [one for one in removed if one not in gone]:
            found.append(Refusal("not-named", f"{', '.join(strangers)} takes no part in this.", where="removed"))
        found += _chosen_by_votes(row, case, added, sorted(gone))
        leads = chair or next((one.person for one in members.values() if one.chair), "")
        kept = [
            Member(one.person, one.seat, one.human, one.person == leads, "removed" if one.person in gone else one.out)
            for one in members.values()
        ]
        by = [person, people.person(case.opened_by)]
        named, wrong = _members(row, added, leads, case.kind, case.risk, by, kept)
        found += wrong
        if case.kind == "appeal":
            found += appeal_problems(row, named, rules()[case.kind, case.risk])
        if found:
            return Refused(tuple(found))
        case.members.filter(person__in=gone).update(out="removed", out_at=clock.now())
        _keep(case, named[len(kept) :], clock)
        case.members.exclude(person=leads).update(chair=False)
        case.members.filter(person=leads, out="").update(chair=True)
        register.append_event(
            "members.changed",
            subject_of(row),
            {
                "about": KINDS[case.kind],
                "members": _seats(named),
                **({"members_added": seats} if (seats := _seats(named[len(kept) :])) else {}),
                **({"members_out": seats} if (seats := _seats(_as_named(kept, gone))) else {}),
            },
            clock.now(),
        )
    return case_id


def _as_named(members: Sequence[Member], those: set[str]) -> list[Member]:
    return [replace(one, out="") for one in members if one.person in those]


def _chosen_by_votes(row: Request, case: Case, added: Sequence[str], gone: Sequence[str]) -> list[Refusal]:
    """Why a change of the members would choose them by how they vote."""
    voted = {one.person for one in votes_of(case)}
    found = [
        Refusal(
            "has-voted",
            f"{one} has voted, and no conflict is known.",
            "nobody is taken out for how they vote",
            "A member who has a conflict declares it.",
            "removed",
        )
        for one in gone
        if one in voted and not conflicts_of(people.person(one), row)
    ]
    tied = any(not one.out and conflicts_of(people.person(one.person), row) for one in members_of(case))
    if added and not tied and standing(case, row).result != "not-yet":
        what = "The votes are enough for a decision, so nobody is added."
        found.append(Refusal("votes-are-there", what, "quorum rules", "Write the decision down.", "added"))
    elif added and case.shown_at is not None:
        there = sum(not one.out and one.person not in gone for one in members_of(case)) + len(added)
        if there > case.members.filter(named_at__lte=case.shown_at).count():
            what = "The votes are shown, so a member joins only in the place of one who is out."
            found.append(Refusal("votes-are-shown", what, "nobody is added to turn votes", where="added"))
    return found
