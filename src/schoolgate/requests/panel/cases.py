"""Cases: the questions put to the panel, their states, and between their rows and frozen values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from schoolgate import people
from schoolgate.errors import Refusal, SchoolgateError
from schoolgate.machine import Move, StateTable
from schoolgate.requests.drafting.reach import reach
from schoolgate.requests.found import request_row
from schoolgate.requests.lifecycle import LIFECYCLE
from schoolgate.requests.models import Request
from schoolgate.requests.panel.models import Case, CaseMember, CaseVote
from schoolgate.requests.panel.quorum import ItemVote, Member, Rule, Vote, rules
from schoolgate.requests.panel.triage import Triage, facts_of, triage
from schoolgate.requests.stored import from_json

CASES = StateTable(
    name="case of the panel",
    start="proposed",
    moves=(
        # The register is told by the request's own step, or when the proposal is decided.
        Move("proposed", "allocate", "deciding", ("custodian",), "", "Members are named before they vote."),
        Move("proposed", "stop", "stopped", ("custodian",), "", "Whoever proposed it no longer wants it."),
        Move("deciding", "conclude", "decided", ("panel", "custodian"), "", "The quorum rules say what the votes are."),
        Move("deciding", "stop", "stopped", ("custodian", "panel", "researcher"), "", "The request went elsewhere."),
    ),
)
"""The states of a case."""

EVENTS: Mapping[str, str] = MappingProxyType(
    {
        "application": "approve",
        "appeal": "approve",
        "emergency": "approve_in_emergency",
        "amend": "amend",
        "extend": "extend",
        "resume": "resume",
        "reaffirm": "reaffirm",
        "review-emergency": "review_emergency",
    }
)
"""Kind of case -> the event of the request that a yes is."""

PROPOSALS = ("amend", "extend", "resume", "reaffirm", "review-emergency")
"""Kinds of case about an agreement that there is."""


class UnknownCase(SchoolgateError):
    """No case has this id."""


def case_row(case_id: str) -> Case:
    """A case's row.

    Raises:
        UnknownCase: none has this id.
    """
    match = re.fullmatch(r"C-([0-9]{4,18})", case_id)
    row = Case.objects.select_related("request").filter(pk=int(match[1])).first() if match else None
    if row is None:
        raise UnknownCase("The panel has no such case.", hint="See `request queue`.", code="case-unknown")
    return row


def locked_case(case_id: str) -> tuple[Request, Case]:
    """The request and the case, the request locked: whoever changes one of its cases waits for the others.

    Raises:
        UnknownCase: none has this id.
    """
    request = request_row(case_row(case_id).request.application_id, locked=True)
    return request, case_row(case_id)  # read again: it may have changed while the lock was waited for


def live_problems(request: Request, case: Case) -> list[Refusal]:
    """Why a case cannot be worked on: it is over, or its request has left the state in which it can be decided."""
    if case.state != "deciding":
        what = {
            "proposed": "Nobody has been named to decide this yet.",
            "decided": "The panel has decided this.",
            "stopped": "This is no longer before the panel.",
        }[case.state]
        return [Refusal("not-possible-now", what, provision=f"state table {CASES.name}")]
    move = LIFECYCLE.move(request.state, EVENTS[case.kind], "panel")
    return [move] if isinstance(move, Refusal) else []


def members_of(case: Case) -> tuple[Member, ...]:
    """Everybody who was named, in order."""
    return tuple(member_of(row) for row in case.members.order_by("pk"))


def member_of(row: CaseMember) -> Member:
    """The row as a member."""
    return Member(person=row.person, seat=row.seat, human=row.human, chair=row.chair, out=row.out)


def vote_of(row: CaseVote) -> Vote:
    """The row as a vote."""
    return Vote(
        person=row.member.person,
        choice=row.choice,
        reasons=tuple(row.reasons),
        items=tuple(ItemVote(item, decision, instead) for item, decision, instead in row.items),
        conditions=tuple(row.conditions),
    )


def votes_of(case: Case) -> tuple[Vote, ...]:
    """Each member's vote as it stands: the last of each."""
    last = {
        row.member_id: row for row in CaseVote.objects.filter(member__case=case).select_related("member").order_by("pk")
    }
    return tuple(vote_of(row) for row in last.values())


def items_of(request: Request, case: Case) -> tuple[str, ...]:
    """The items that a yes would give."""
    if case.kind in ("application", "appeal", "emergency"):
        return tuple(sorted(from_json(request.spec).items))
    return tuple(sorted(case.content.get("items", ())))


def rule_of(case: Case) -> Rule:
    """Who is needed to decide a case."""
    return rules()[case.kind, case.risk]


def triage_of(request: Request) -> Triage:
    """How much is at risk in a request, and why."""
    spec = from_json(request.spec)
    found = reach(spec.items, spec.kind_of_request)
    kind = people.organisation(request.organisation_id).kind
    return triage(facts_of(spec, kind, (found.identifiability, found.sensitivity)))


def stop_cases(request: Request, *, kinds: tuple[str, ...] = ("application", "appeal", "emergency")) -> int:
    """Stop what is still before the panel about a request; how many there were."""
    return request.panel_cases.filter(kind__in=kinds, state__in=("proposed", "deciding")).update(state="stopped")


def subject_of(request: Request) -> str:
    """The id under which the register speaks of a request."""
    return request.agreement_id or request.application_id
