"""Cases: the questions put to the panel, their states, and between their rows and frozen values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from schoolgate import people
from schoolgate.errors import Refusal, SchoolgateError
from schoolgate.machine import Move, StateTable
from schoolgate.requests.drafting.reach import reach_of
from schoolgate.requests.found import request_row
from schoolgate.requests.lifecycle import LIFECYCLE
from schoolgate.requests.models import Request
from schoolgate.requests.panel.models import Case, CaseMember, CaseVote
from schoolgate.requests.panel.quorum import ItemVote, Member, Outcome, Rule, Vote, outcome, rules
from schoolgate.requests.panel.triage import Triage, facts_of, triage
from schoolgate.requests.stored import from_json

CASES = StateTable(
    name="case of the panel",
    start="proposed",
    moves=(
        # Of applications the request's own steps tell; what is listed here is told of proposals about an agreement.
        Move(
            "proposed",
            "allocate",
            "deciding",
            ("custodian",),
            "proposal.allocated",
            "Members are named before they vote, so that a conflict is seen first.",
        ),
        Move(
            "proposed",
            "stop",
            "stopped",
            ("custodian", "researcher"),
            "proposal.withdrawn",
            "Whoever proposed it no longer wants it; that it was proposed stays public.",
        ),
        Move(
            "deciding",
            "conclude",
            "decided",
            ("panel", "custodian"),
            "proposal.refused",
            "The quorum rules say what the votes are; of a yes the request's own step tells.",
        ),
        Move(
            "deciding",
            "stop",
            "stopped",
            ("custodian", "panel", "researcher"),
            "proposal.withdrawn",
            "Whoever asked takes it back before the votes are enough, or the request went elsewhere.",
        ),
    ),
)
"""The states of a case; that one is begun is told by ``proposal.made``, or by the step of the application."""

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


def standing(case: Case, request: Request) -> Outcome:
    """What the votes given so far come to."""
    return outcome(
        rule_of(case), votes_of(case), members_of(case), items_of(request, case), opened=case.shown_at is not None
    )


def triage_of(request: Request, added: Sequence[str] = ()) -> Triage:
    """How much is at risk in a request, and why: with every item that was added to it, and those to be added."""
    spec = from_json(request.spec)
    signed = request.versions.filter(signed_index__isnull=False)
    items = sorted({*spec.items, *(item for one in signed for item in one.items), *added})
    spec = replace(spec, items=tuple(items))
    found = reach_of(spec)
    kind = people.organisation(request.organisation_id).kind
    return triage(facts_of(spec, kind, (found.identifiability, found.sensitivity)))


def stop_cases(request: Request, *, kinds: tuple[str, ...] = ("application", "appeal", "emergency")) -> int:
    """Stop what is still before the panel about a request; how many there were."""
    return request.panel_cases.filter(kind__in=kinds, state__in=("proposed", "deciding")).update(state="stopped")


def subject_of(request: Request) -> str:
    """The id under which the register speaks of a request."""
    return request.agreement_id or request.application_id
