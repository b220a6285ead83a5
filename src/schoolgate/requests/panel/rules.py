"""The panel's rules: who may decide, what a reason and a condition must be."""

from __future__ import annotations

from collections.abc import Sequence

from schoolgate import people
from schoolgate.dictionary import basis_letter, country, find_purpose, gateway_reaches, same_country
from schoolgate.errors import Refusal
from schoolgate.requests.conditions import Condition, enforced
from schoolgate.requests.drafting.check import text_problem
from schoolgate.requests.drafting.reach import alternatives
from schoolgate.requests.lifecycle import LIFECYCLE
from schoolgate.requests.stored import approved_items
from schoolgate.requests.terms import ApplicationSpec

PANEL_QUORUM = 2
MOST_PUBLIC_BYTES = 10_000
"""Of a panel's reasons and conditions together: a register entry has room for 65,535 (C2SP tlog-tiles)."""


def reasons_problems(given: Sequence[str], where: str) -> list[Refusal]:
    """What is wrong with public reasons."""
    if not given or not all(text.strip() for text in given):
        return [Refusal("reason-missing", "A reason is needed, and it will be public.", where=where)]
    return [Refusal("text", p, where=where) for p in (text_problem(text) for text in given) if p]


def room_problems(texts: Sequence[str]) -> list[Refusal]:
    """Whether a decision fits into one entry of the log."""
    if sum(len(text.encode("utf-8", "replace")) for text in texts) <= MOST_PUBLIC_BYTES:
        return []
    what = f"Reasons and conditions together are longer than {MOST_PUBLIC_BYTES:,} bytes."
    return [Refusal("text", what, where="reasons")]


def panel_problems(applicant: str, event: str, panel: Sequence[str]) -> list[Refusal]:
    """Why these persons may not decide on an application of the organisation `applicant`."""
    found: list[Refusal] = []
    if len(set(panel)) < PANEL_QUORUM:
        found.append(
            Refusal(
                "panel-too-small",
                f"A decision needs {PANEL_QUORUM} different panel members; nobody decides alone.",
                where="panel",
            )
        )
    for number, person_id in enumerate(dict.fromkeys(panel), start=1):
        member = people.person(person_id)
        move = LIFECYCLE.move("in_review", event, member.role)
        where = f"panel, number {number}"
        if isinstance(move, Refusal):
            found.append(Refusal(move.code, move.reason, move.provision, where=where))
        if member.organisation_id == applicant:
            found.append(
                Refusal(
                    "own-organisation",
                    f"{member.id} belongs to the organisation that asks, and may not decide.",
                    provision="nobody decides on an application of their own organisation",
                    where=where,
                )
            )
    return found


def condition_problems(spec: ApplicationSpec, approve: bool, conditions: Sequence[Condition]) -> list[Refusal]:
    """What is wrong with the conditions of a decision."""
    if conditions and not approve:
        return [Refusal("condition", "A refusal has reasons, not conditions.", where="conditions")]
    found = []
    for number, condition in enumerate(conditions, start=1):
        problem = condition.problem or text_problem(condition.detail)
        if condition.kind == "without-item" and condition.detail not in spec.items:
            problem = "This item was not asked for, so it cannot be taken out."
        if condition.kind == "not-together" and not set(condition.parts) <= set(spec.items):
            problem = "Only items that were asked for can be kept apart."
        if condition.kind == "coarser-item" and not problem:
            problem = _coarser_problem(spec, *condition.parts)
        if problem:
            found.append(Refusal("condition", problem, where=f"conditions, number {number}"))
    if spec.items and not approved_items(spec, tuple(conditions)):
        found.append(Refusal("condition", "No item would be left: refuse instead.", where="conditions"))
    return found


def _coarser_problem(spec: ApplicationSpec, asked: str, given: str) -> str:
    if asked not in spec.items:
        return "This item was not asked for, so nothing can take its place."
    if given not in {one.other for one in alternatives().get(asked, ()) if one.other}:
        return "The list of alternatives does not have this one for that item."
    return ""


def _unprotected(spec: ApplicationSpec) -> list[Refusal]:
    """Countries in which nothing stated protects the data: the applicant's, and those of whoever processes it for them.

    A transfer to a processor is one like any other (UK GDPR Articles 44A and 46).
    """
    if spec.transfer_safeguard:
        return []
    places = [("country", spec.country), *(("processors", one.country) for one in spec.processors)]
    found = {}
    for where, stated in places:
        place = country(stated)
        if place is None or place.covered == "some":
            what = (
                "Nothing stated protects the data in this country."
                if where == "country"
                else "Nothing stated protects the data in the country of a processor."
            )
            remedy = "State the safeguard of the transfer (Article 46), or process it in the United Kingdom."
            found[where] = Refusal("country-unprotected", what, "UK GDPR Chapter V", remedy, where)
    return list(found.values())


def lawful_problems(spec: ApplicationSpec, conditions: Sequence[Condition]) -> list[Refusal]:
    """Why no panel can approve an application: nothing carries its purpose, or nothing protects the data.

    An application of this kind is taken in all the same, so that the public sees who asked for what.
    """
    found = []
    purpose = find_purpose(spec.purpose)
    if purpose is not None and basis_letter(spec.lawful_basis) not in purpose.bases:
        bases = " or ".join(f"Article 6(1)({letter})" for letter in purpose.bases) or "nothing"
        what = f"The stated lawful basis cannot carry this purpose; {bases} can."
        found.append(Refusal("basis-cannot-carry", what, "UK GDPR Article 6(1) and (3)", where="lawful_basis"))
    if purpose is not None and not gateway_reaches(purpose, spec.gateway):
        what = f"The stated power to share does not reach this purpose; known: {purpose.carried_by or 'none'}."
        found.append(Refusal("gateway-missing", what, "the power to share", where="gateway"))
    found += _unprotected(spec)
    allowed = enforced([one for one in conditions if not one.problem]).only_in
    if allowed and not any(same_country(spec.country, one) for one in allowed):
        what = "The conditions do not allow the country that was applied for."
        found.append(Refusal("country-not-allowed", what, "conditions", where="country"))
    elif allowed and not all(any(same_country(one.country, place) for place in allowed) for one in spec.processors):
        what = "The conditions do not allow the country of a processor."
        found.append(Refusal("country-not-allowed", what, "conditions", where="processors"))
    return found
