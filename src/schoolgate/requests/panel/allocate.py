"""Before the vote: is it complete, what goes back, who decides."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from django.db import transaction

from schoolgate import people
from schoolgate.clock import Clock
from schoolgate.errors import Refusal
from schoolgate.machine import Move
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
    stop_cases,
    triage_of,
)
from schoolgate.requests.panel.conflict import conflicts_of, human_of
from schoolgate.requests.panel.models import Case, CaseMember, Completeness
from schoolgate.requests.panel.quorum import Member, allocation_gaps, rules
from schoolgate.requests.panel.rules import reasons_problems, room_problems
from schoolgate.requests.steps import take_step
from schoolgate.requests.terms import Refused


@cache
def checklist() -> Mapping[str, tuple[str, str]]:
    """Line of the check-list -> (what the custodian asks, what the applicant is told when it is missing)."""
    text = (files("schoolgate.requests.panel") / "data" / "checklist.toml").read_text(encoding="utf-8")
    return MappingProxyType({one["id"]: (one["asks"], one["missing"]) for one in tomllib.loads(text)["line"]})


def _only_custodian(person: people.PersonView, what: str) -> list[Refusal]:
    if person.role == "custodian":
        return []
    return [Refusal("not-your-decision", f"A {person.role} may not {what}; custodian may.", where="actor")]


def _submission(request: Request) -> int:
    """The register entry of what was last handed in."""
    step = request.steps.filter(event__in=("submit", "resubmit")).order_by("-log_index").first()
    return -1 if step is None else step.log_index


def checked(request: Request) -> Completeness | None:
    """The custodian's last look at what was last handed in; None when nobody looked."""
    return Completeness.objects.filter(request=request, log_index=_submission(request)).order_by("-pk").first()


def check_completeness(request_id: str, missing: Sequence[str], actor: str, clock: Clock) -> str | Refused:
    """Note whether an application is complete.

    Args:
        request_id: a submitted application.
        missing: lines of `checklist` that are not met; none when it is complete.
        actor: the custodian's.
        clock: the time.

    Returns:
        The application's id.
    """
    person = people.person(actor)
    with transaction.atomic():
        row = request_row(request_id, locked=True)
        found = _only_custodian(person, "check an application")
        if row.state != "submitted":
            found.append(Refusal("not-possible-now", "Only what has just come in is checked."))
        found += [
            Refusal("line-unknown", "The check-list has no such line.", where=f"missing, number {number}")
            for number, one in enumerate(missing, start=1)
            if one not in checklist()
        ]
        if found:
            return Refused(tuple(found))
        lines = [one for one in checklist() if one in missing]
        Completeness.objects.create(
            request=row, missing=lines, person=actor, at=clock.now(), log_index=_submission(row)
        )
    return row.application_id


def return_application(request_id: str, reasons: Sequence[str], actor: str, clock: Clock) -> str | Refused:
    """Send an application back; the applicant may hand in a new version.

    Args:
        request_id: an application that is not decided.
        reasons: what is missing, in plain words; public. What the check-list found missing is added.
        actor: the custodian's, or a member who was named to decide it.
        clock: the time.

    Returns:
        The application's id.
    """
    person = people.person(actor)
    with transaction.atomic():
        row = request_row(request_id, locked=True)
        move = LIFECYCLE.move(row.state, "return", person.role)
        look = checked(row)
        told = [checklist()[one][1] for one in (look.missing if look is not None else ()) if one in checklist()]
        why = [*told, *(reason.strip() for reason in reasons if reason.strip())]
        found = [*reasons_problems(why, "reasons"), *room_problems(why)]
        if isinstance(move, Refusal):
            found.append(move)
        elif person.role == "panel" and not _named(row, person.id):
            found.append(Refusal("not-named", "You were not named to decide this.", where="actor"))
        if isinstance(move, Refusal) or found:
            return Refused(tuple(found))
        send_back(row, move, why, [actor], person.role, clock)
    return row.application_id


def send_back(row: Request, move: Move, why: Sequence[str], actors: Sequence[str], role: str, clock: Clock) -> int:
    """Take the step; what was before the panel is not any more."""
    stop_cases(row)
    return take_step(
        row,
        move,
        actors=actors,
        role=role,
        reason="\n".join(why),
        subject=row.application_id,
        payload={"reasons": list(why), "by": role},
        clock=clock,
    )


def _named(row: Request, person_id: str) -> bool:
    return CaseMember.objects.filter(case__request=row, case__state="deciding", person=person_id, out="").exists()


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
    found: list[Refusal] = []
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
            payload={
                "members": _seats(named),
                "risk": risk.risk,
                "risk_reasons": list(risk.why),
                "quorum": rules()[kind, risk.risk].plain,
                **({"appeal": "yes"} if kind == "appeal" else {}),
            },
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

    Args:
        request_id: a submitted application.
        members: at least two panel members, one of them independent.
        why: why it cannot wait; public when it is approved.
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
        found += [*_only_custodian(person, "name members"), *reasons_problems([why], "why")]
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
    return case.public_id


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
    return case_id


def change_members(
    case_id: str, added: Sequence[str], removed: Sequence[str], chair: str, actor: str, clock: Clock
) -> str | Refused:
    """Name further members, take members out, or let another member lead.

    Whoever is out stays out: their vote no longer counts, and they cannot be named again for this case.

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
        found = [*_only_custodian(person, "name members"), *live_problems(row, case)]
        members = {one.person: one for one in members_of(case)}
        gone = {one for one in removed if one in members and not members[one].out}
        if strangers := [one for one in removed if one not in gone]:
            found.append(Refusal("not-named", f"{', '.join(strangers)} takes no part in this.", where="removed"))
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
    return case_id
