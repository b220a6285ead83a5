"""Proposals about an agreement: more items or people, more time, going on after a stop. The panel decides each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from schoolgate import people, register
from schoolgate.clock import Clock
from schoolgate.errors import Refusal
from schoolgate.requests.agreement.changes import addition_problems, amend, extend, later_day_problems
from schoolgate.requests.agreement.ending import end
from schoolgate.requests.agreement.standing import reaffirm, resume
from schoolgate.requests.agreement.versions import waiting_version
from schoolgate.requests.found import request_row
from schoolgate.requests.lifecycle import LIFECYCLE
from schoolgate.requests.models import Request
from schoolgate.requests.panel.cases import (
    CASES,
    EVENTS,
    PROPOSALS,
    UnknownCase,
    case_row,
    locked_case,
    standing,
    triage_of,
)
from schoolgate.requests.panel.conflict import official_problems
from schoolgate.requests.panel.models import Case
from schoolgate.requests.panel.quorum import KINDS, Outcome
from schoolgate.requests.panel.rules import reasons_problems, room_problems
from schoolgate.requests.steps import take_step
from schoolgate.requests.stored import agreement_of
from schoolgate.requests.terms import Refused

_CONTENT: Mapping[str, tuple[str, ...]] = {
    "amend": ("items", "people", "replaces"),
    "extend": ("valid_until", "replaces"),
}
"""Kind -> what is said in its content."""


def propose(
    agreement_id: str,
    kind: str,
    *,
    items: Sequence[str] = (),
    added: Sequence[str] = (),
    valid_until: date | None = None,
    reasons: Sequence[str],
    actor: str,
    clock: Clock,
    replacing: bool = False,
) -> str | Refused:
    """Put a change of an agreement before the panel; the custodian then names members.

    Args:
        agreement_id: an agreement in a state in which the change is possible.
        kind: one of `PROPOSALS`.
        items: item ids to add; only of ``amend``.
        added: person ids to add; only of ``amend``.
        valid_until: the last day of use asked for; only of ``extend``.
        reasons: why, in plain words; public at once.
        actor: the custodian's, or a researcher's of the organisation.
        clock: the time.
        replacing: put it in the place of a version that waits for signatures, which then is never in effect; only of
            ``amend`` and ``extend``.

    Returns:
        The case's id.
    """
    person = people.person(actor)
    given: dict[str, Any] = {}
    if items:
        given["items"] = sorted(set(items))
    if added:
        given["people"] = sorted(set(added))
    if valid_until is not None:
        given["valid_until"] = valid_until.isoformat()
    with transaction.atomic():
        row = request_row(agreement_id, locked=True)
        waits = waiting_version(row)
        if replacing and waits is not None:
            given["replaces"] = waits.number
        found = [
            *_waiting_problems(kind, waits is not None, replacing),
            *_who_problems(row, person),
            *official_problems(person, row),
            *_kind_problems(row, kind, given),
            *reasons_problems(reasons, "reasons"),
            *room_problems(reasons),
        ]
        # Looked at again when it is decided; said now, so that no panel votes on what cannot be.
        if not found and kind == "amend":
            found += addition_problems(row, items, added, clock)
        if not found and kind == "extend":
            found += _day_problems(row, valid_until)
        if found:
            return Refused(tuple(found))
        risk = triage_of(row, items)
        case = Case.objects.create(
            request=row,
            kind=kind,
            state=CASES.start,
            risk=risk.risk,
            risk_why=list(risk.why),
            content=given,
            reasons=[reason.strip() for reason in reasons],
            opened_by=actor,
            opened_at=clock.now(),
        )
        register.append_event("proposal.made", str(row.agreement_id), _made(row, case, person.role), clock.now())
    return case.public_id


def _made(row: Request, case: Case, by: str) -> dict[str, Any]:
    """What the register is told of a proposal: what is asked for, and never for whom by name."""
    content = case.content
    return {
        "agreement": row.agreement_id,
        "change": KINDS[case.kind],
        "by": by,
        "reasons": list(case.reasons),
        **{key: content[key] for key in ("items", "valid_until", "replaces") if key in content},
        **({"people_added": len(content["people"])} if "people" in content else {}),
    }


def _day_problems(row: Request, valid_until: date | None) -> list[Refusal]:
    if valid_until is None:
        return [Refusal("content", "Say the new last day of use.", where="valid_until")]
    return later_day_problems(agreement_of(row), valid_until)


def _waiting_problems(kind: str, waits: bool, replacing: bool) -> list[Refusal]:
    """Said before the panel votes, and not only after: one version waits at a time."""
    if replacing and not waits:
        what = "No version waits for a signature, so nothing is replaced."
        return [Refusal("nothing-to-replace", what, where="replacing")]
    if waits and not replacing and kind in ("amend", "extend"):
        what = "Another version waits for its signatures."
        return [Refusal("version-waits", what, remedy="Have it signed first, or say that this one takes its place.")]
    return []


def _who_problems(row: Request, person: people.PersonView) -> list[Refusal]:
    if row.built_in:
        return [Refusal("built-in", "This agreement is built in.", provision="UK GDPR Article 15")]
    if person.role not in ("custodian", "researcher"):
        what = f"A {person.role} may not propose a change; custodian or researcher may."
        return [Refusal("not-your-decision", what, where="actor")]
    if person.role == "researcher" and person.organisation_id != row.organisation_id:
        return [Refusal("not-your-organisation", "This is another organisation's agreement.", where="actor")]
    return []


def _kind_problems(row: Request, kind: str, given: Mapping[str, Any]) -> list[Refusal]:
    if kind not in PROPOSALS:
        return [Refusal("kind", f"Propose one of: {', '.join(PROPOSALS)}.", where="kind")]
    found = []
    if row.agreement_id is None:
        found.append(Refusal("not-possible-now", "Nothing was signed for this application."))
    move = LIFECYCLE.move(row.state, EVENTS[kind], "panel")
    if isinstance(move, Refusal):
        found.append(move)
    found += [
        Refusal("content", f"A proposal of this kind says nothing of {name}.", where=name)
        for name in given
        if name not in _CONTENT.get(kind, ())
    ]
    if kind == "review-emergency" and row.review_due is None:
        found.append(Refusal("nothing-to-review", "This was not approved in an emergency."))
    if row.panel_cases.filter(kind=kind, state__in=("proposed", "deciding")).exists():
        found.append(Refusal("proposed-already", "A proposal of this kind is before the panel already."))
    return found


@dataclass(frozen=True, slots=True)
class ProposalView:
    """A proposal that is not decided, as both sides of the agreement may see it.

    Attributes:
        change: what is to be changed, in words.
        opened_by: person id of who proposed it.
        is_before_panel: whether members were named.
    """

    case_id: str
    application_id: str
    change: str
    opened_by: str
    is_before_panel: bool


def proposals(request_id: str) -> tuple[ProposalView, ...]:
    """What is proposed about an agreement and not decided, oldest first.

    Raises:
        UnknownRequest: no application or agreement has this id.
    """
    row = request_row(request_id)
    cases = row.panel_cases.filter(kind__in=PROPOSALS, state__in=("proposed", "deciding")).order_by("pk")
    return tuple(
        ProposalView(one.public_id, row.application_id, KINDS[one.kind], one.opened_by, one.state == "deciding")
        for one in cases
    )


def own_proposal(case_id: str, person: people.PersonView) -> ProposalView | None:
    """A proposal of a person's own that is not decided; None when it is none."""
    try:
        about = case_row(case_id).request.application_id
    except UnknownCase:
        return None
    return next((one for one in proposals(about) if (one.case_id, one.opened_by) == (case_id, person.id)), None)


def withdraw_proposal(case_id: str, actor: str, clock: Clock) -> str | Refused:
    """Take a proposal back before it is decided: who proposed it, or the custodian.

    Returns:
        The case's id.
    """
    person = people.person(actor)
    with transaction.atomic():
        row, case = locked_case(case_id)
        move = CASES.move(case.state, "stop", person.role)
        found = [move] if isinstance(move, Refusal) else []
        if case.kind not in PROPOSALS:
            found.append(Refusal("kind", "An application is withdrawn by the organisation that made it."))
        if actor != case.opened_by and person.role != "custodian":
            found.append(
                Refusal("not-your-decision", "Who proposed it takes it back, or the custodian.", where="actor")
            )
        if case.state == "deciding" and standing(case, row).result not in ("not-yet", "approve"):
            # Else it is proposed again and again, until it comes before members who say what is wanted.
            what = "The panel’s votes are enough for a decision."
            found.append(Refusal("votes-are-there", what, "quorum rules", "Write the decision down."))
        if isinstance(move, Refusal) or found:
            return Refused(tuple(found))
        case.state, case.closed_at = move.target, clock.now()
        told = {"agreement": row.agreement_id, "change": KINDS[case.kind], "by": person.role}
        case.log_index = register.append_event(move.register_event, str(row.agreement_id), told, clock.now())
        case.save(update_fields=["state", "closed_at", "log_index"])
    return case_id


def settle_proposal(
    row: Request, case: Case, result: Outcome, why: tuple[str, ...], actor: people.PersonView, clock: Clock
) -> str | Refused:
    """Take the step that a decided proposal asks for; inside the caller's transaction.

    Returns:
        ``approved`` or ``refused``.
    """
    agreement_id = str(row.agreement_id)
    if case.kind == "review-emergency":
        return _review(row, case, result, why, actor, clock)
    if result.result == "approve":
        return _apply(agreement_id, case, result, why, clock)
    case.log_index = register.append_event(
        "proposal.refused",
        agreement_id,
        {
            "agreement": agreement_id,
            "change": KINDS[case.kind],
            "reasons": list(why),
            "votes": list(result.counts),
        },
        clock.now(),
    )
    return "refused"


def _apply(agreement_id: str, case: Case, result: Outcome, why: tuple[str, ...], clock: Clock) -> str | Refused:
    voters = result.voters
    waits = waiting_version(request_row(agreement_id))
    # Only the version that the panel was told of: another that was made meanwhile stays.
    replaces = waits is not None and waits.number == case.content.get("replaces")
    if case.kind == "amend":
        # What the panel gives less finely comes in as the less fine item; what it refuses does not come in.
        given = {one.item: one.instead if one.decision == "coarser" else one.item for one in result.items}
        refused = {one.item for one in result.items if one.decision == "refuse"}
        done = amend(
            agreement_id,
            items=sorted({given[item] for item in given if item not in refused}),
            added=case.content.get("people", ()),
            reasons=why,
            panel=voters,
            clock=clock,
            replacing=replaces,
        )
    elif case.kind == "extend":
        until = date.fromisoformat(case.content["valid_until"])
        done = extend(agreement_id, valid_until=until, reasons=why, panel=voters, clock=clock, replacing=replaces)
    else:
        act = {"resume": resume, "reaffirm": reaffirm}[case.kind]
        done = act(agreement_id, reasons=why, panel=voters, clock=clock)
    return done if isinstance(done, Refused) else "approved"


def _review(
    row: Request, case: Case, result: Outcome, why: tuple[str, ...], actor: people.PersonView, clock: Clock
) -> str | Refused:
    move = LIFECYCLE.move(row.state, "review_emergency", "panel")
    if isinstance(move, Refusal):
        return Refused((move,))
    confirmed = result.result == "approve"
    if not confirmed and actor.role != "custodian":
        what = "The agreement ends with this decision, so the custodian writes it down."
        return Refused((Refusal("not-your-decision", what, where="actor"),))
    row.review_due = None
    case.log_index = take_step(
        row,
        move,
        actors=list(result.voters),
        role="panel",
        reason="\n".join(why),
        subject=str(row.agreement_id),
        payload={
            "agreement": row.agreement_id,
            "outcome": "confirmed" if confirmed else "not confirmed, so it ends",
            "reasons": list(why),
            "votes": list(result.counts),
        },
        clock=clock,
    )
    if confirmed:
        return "approved"
    done = end(str(row.agreement_id), " ".join(why), actor.id, clock)
    return done if isinstance(done, Refused) else "refused"
