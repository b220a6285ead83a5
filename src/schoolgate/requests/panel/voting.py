"""Voting: each member alone first; a changed vote is a new row."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from schoolgate import dictionary
from schoolgate.clock import Clock
from schoolgate.errors import Refusal
from schoolgate.requests.conditions import Condition
from schoolgate.requests.drafting.check import items_problems
from schoolgate.requests.drafting.reach import alternatives
from schoolgate.requests.models import Request
from schoolgate.requests.panel.cases import items_of, live_problems, locked_case
from schoolgate.requests.panel.conflict import not_a_member
from schoolgate.requests.panel.models import Case, CaseVote
from schoolgate.requests.panel.quorum import CHOICES, ITEM_CHOICES, ItemVote
from schoolgate.requests.panel.rules import condition_problems, lawful_problems, reasons_problems, room_problems
from schoolgate.requests.stored import from_json
from schoolgate.requests.terms import ApplicationSpec, Refused

OF_APPLICATIONS = ("application", "appeal", "emergency")


def vote(
    case_id: str,
    choice: str,
    reasons: Sequence[str],
    items: Sequence[ItemVote],
    conditions: Sequence[str],
    actor: str,
    clock: Clock,
) -> str | Refused:
    """Give a vote, or another one in place of an earlier.

    Args:
        case_id: a case that the member was named for and that is not decided.
        choice: one of `quorum.CHOICES`.
        reasons: why, in plain words; those of the side that carries it become the decision's, and public.
        items: what is said of single items; only with ``approve``.
        conditions: under which alone it is an approval; each as `Condition.parse` reads it.
        actor: the member.
        clock: the time.

    Returns:
        The case's id; or every reason why the vote does not count.
    """
    with transaction.atomic():
        row, case = locked_case(case_id)
        found = live_problems(row, case)
        member = case.members.filter(person=actor).first()
        if member is None:
            found.append(not_a_member())
        elif member.out:
            found.append(Refusal("out", "You no longer take part in this.", where="actor"))
        if choice == "changes" and case.kind not in OF_APPLICATIONS:
            what = "A change of an agreement is approved or refused; what is proposed anew is another proposal."
            found.append(Refusal("choice", what, where="choice"))
        if choice not in CHOICES:
            found.append(Refusal("choice", f"Vote one of: {', '.join(CHOICES)}.", where="choice"))
        set_out = tuple(Condition.parse(text) for text in conditions)
        found += reasons_problems(reasons, "reasons")
        found += room_problems([*reasons, *(condition.plain for condition in set_out)])
        found += _choice_problems(row, case, choice, items, set_out)
        if found or member is None:
            return Refused(tuple(found))
        CaseVote.objects.create(
            member=member,
            choice=choice,
            reasons=[reason.strip() for reason in reasons],
            items=[[one.item, one.decision, one.instead] for one in items],
            conditions=[_text(condition) for condition in set_out],
            at=clock.now(),
        )
    return case_id


def _text(condition: Condition) -> str:
    if condition.kind == "other":
        return condition.detail
    return f"{condition.kind}: {condition.detail}" if condition.detail else condition.kind


def _choice_problems(
    row: Request, case: Case, choice: str, items: Sequence[ItemVote], conditions: Sequence[Condition]
) -> list[Refusal]:
    if choice != "approve":
        found = []
        if conditions:
            found.append(Refusal("condition", "Only an approval has conditions.", where="conditions"))
        if items:
            found.append(Refusal("item", "Only who approves says which items.", where="items"))
        return found
    if case.kind not in OF_APPLICATIONS:
        found = _item_problems(items, items_of(row, case), from_json(row.spec))
        if conditions:
            what = "A change is approved or not; conditions are those of the agreement."
            found.append(Refusal("condition", what, where="conditions"))
        return found
    spec = from_json(row.spec)
    # Said at the vote and not only at the end: nobody should vote for what no panel can approve.
    return [
        *_item_problems(items, spec.items, spec),
        *condition_problems(spec, True, conditions),
        *lawful_problems(spec, conditions),
    ]


def _item_problems(items: Sequence[ItemVote], asked: Sequence[str], spec: ApplicationSpec) -> list[Refusal]:
    kinds = {item: column.kind for item, column in dictionary.lake_columns().items()}
    found = []
    for number, one in enumerate(items, start=1):
        where = f"items, number {number}"
        known = {alternative.other or alternative.coarser for alternative in alternatives().get(one.item, ())}
        if one.item not in asked:
            found.append(Refusal("item", "This item was not asked for.", where=where))
        elif one.decision not in ITEM_CHOICES:
            found.append(Refusal("item", f"Say one of: {', '.join(ITEM_CHOICES)}.", where=where))
        elif one.item in {other.item for other in items[: number - 1]}:
            found.append(Refusal("item", "This item is named twice.", where=where))
        elif one.decision == "coarser" and one.instead not in known:
            what = f"In place of this item the list has: {', '.join(sorted(known)) or 'nothing'}."
            found.append(Refusal("alternative", what, "list of least identifying alternatives", where=where))
        elif one.decision == "coarser" and one.instead in kinds:
            found += [
                Refusal(wrong.code, wrong.reason, wrong.provision, wrong.remedy, where)
                for wrong in items_problems([one.instead], kinds, spec.special_category_basis)
            ]
        elif one.decision != "coarser" and one.instead:
            found.append(Refusal("alternative", "Only “coarser” names something in its place.", where=where))
    return found
