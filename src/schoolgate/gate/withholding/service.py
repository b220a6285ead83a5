"""Proposing, deciding, looking at it again, ending: the steps of the state table, each by a person of the custodian."""

from __future__ import annotations

import json
from datetime import date

from django.db import IntegrityError, transaction

from schoolgate import dictionary, people, register, statutory
from schoolgate.clock import Clock, custodians_day
from schoolgate.config import Config
from schoolgate.errors import Refusal, Refused
from schoolgate.gate.protect import find_to_protect
from schoolgate.gate.withholding.models import Withholding
from schoolgate.gate.withholding.states import WITHHOLDING
from schoolgate.gate.withholding.terms import the_terms
from schoolgate.gate.withholding.views import WithholdingFigures, WithholdingView

_PURPOSE = "withholding"
_SOON = 10
"""Working days before a review is due from which it counts as about to be late: two weeks to find the professional."""
_LONGEST_NAME, _LONGEST_REASON = 200, 4_000


def _no(code: str, reason: str, remedy: str = "", where: str = "", provision: str = "") -> Refused:
    return Refused((Refusal(code, reason, provision=provision, remedy=remedy, where=where),))


def propose_withholding(
    upn: str,
    rule: str,
    item: str,
    professional: str,
    reason: str,
    until: date,
    *,
    actor: str,
    config: Config,
    clock: Clock,
) -> str | Refused:
    """Propose that one item of one child is held back from its family. Finding the child is a look, on record.

    Args:
        upn: the child's.
        rule: id of the rule: the law. Whoever calls has made sure that it is one of those that persons decide by.
        item: ``table.column``, or ``identity.name``.
        professional: name and profession of who says that seeing it would be likely to cause serious harm.
        reason: what they say.
        until: last day.
        actor: who proposes, a person of the custodian.
        config: the installation.
        clock: the time.

    Returns:
        Its number; or every reason why not.
    """
    today, terms, found = custodians_day(clock), the_terms(), []
    if item not in dictionary.lake_columns() and item not in {one.id for one in dictionary.identity_items()}:
        found.append(Refusal("item-unknown", "The record has no such fact.", where="item"))
    if not professional.strip() or len(professional) > _LONGEST_NAME:
        found.append(Refusal("professional-missing", "Say who says so: name and profession.", where="professional"))
    if len(reason.strip()) < 20 or len(reason) > _LONGEST_REASON:
        found.append(Refusal("reason-missing", "Say in a few sentences what they say, and why.", where="reason"))
    if not today < until <= today + terms.longest:
        words = f"It has a last day, and that is at most {terms.longest.days} days from today."
        found.append(Refusal("until", words, provision="Data Protection Act 2018 Schedule 3", where="until"))
    if found:
        return Refused(tuple(found))
    pupil = find_to_protect(upn, actor, config=config, clock=clock)
    if isinstance(pupil, Refusal):
        return Refused((pupil,))
    try:
        with transaction.atomic():
            register.hold_log()  # two proposals at once do not get one number
            last = Withholding.objects.order_by("-pk").first()
            number = f"W-{(int(last.number[2:]) if last else 0) + 1:04}"
            said = json.dumps({"professional": professional.strip(), "reason": reason.strip()}).encode()
            Withholding.objects.create(
                number=number, pupil=pupil, rule=rule, item=item, state=WITHHOLDING.start, until=until,
                sealed=config.keyring().seal(_PURPOSE, said, number.encode()),
                review_on=min(until, today + terms.review), proposed_by=actor, proposed_at=clock.now(),
            )  # fmt: skip
    except IntegrityError:
        return _no("held-already", "This fact of this child is proposed or held back already.", where="item")
    return number


def _step(number: str, event: str, actor: str) -> Withholding | Refused:
    """The row in its new state, locked; in the caller's transaction."""
    row = Withholding.objects.select_for_update().filter(number=number).first()
    if row is None:
        return _no("withholding-unknown", "There is none of this number.")
    move = WITHHOLDING.move(row.state, event, people.person(actor).role)
    if isinstance(move, Refusal):
        return Refused((move,))
    row.state = move.target
    return row


def decide_withholding(number: str, agree: bool, *, actor: str, clock: Clock) -> bool | Refused:
    """The second person decides; nobody decides what they proposed.

    Returns:
        True; or why it is not decided.
    """
    with transaction.atomic():
        row = _step(number, "agree" if agree else "refuse", actor)
        if isinstance(row, Refused):
            return row
        if people.same_human(row.proposed_by, actor):
            return _no("same-person", "Two people hold a fact back; you proposed it.", "Ask a colleague.")
        row.decided_by, row.decided_at = actor, clock.now()
        row.save()
    return True


def review_withholding(number: str, *, actor: str, clock: Clock) -> bool | Refused:
    """Somebody looked again, with the professional: it is still so. It never gets a later last day.

    Returns:
        True; or why not.
    """
    with transaction.atomic():
        row = _step(number, "review", actor)
        if isinstance(row, Refused):
            return row
        row.review_on = min(row.until, custodians_day(clock) + the_terms().review)
        row.reviewed_by, row.reviewed_at = actor, clock.now()
        row.save()
    return True


def end_withholding(number: str, *, actor: str, clock: Clock) -> bool | Refused:
    """It is not so any more, or is not proposed any more: the family is shown the fact from now on.

    Returns:
        True; or why not.
    """
    with transaction.atomic():
        waits = Withholding.objects.filter(number=number, state="proposed").exists()
        row = _step(number, "withdraw" if waits else "end", actor)
        if isinstance(row, Refused):
            return row
        row.ended_by, row.ended_at = actor, clock.now()
        row.save()
    return True


def withholdings(actor: str, *, config: Config, clock: Clock) -> tuple[WithholdingView, ...]:
    """Those that wait for a second person, and those in force, oldest first."""
    today = custodians_day(clock)
    rows = Withholding.objects.filter(state__in=("proposed", "in_force"), until__gte=today).order_by("pk")
    return tuple(_view(row, actor, today, config) for row in rows)


def _view(row: Withholding, actor: str, today: date, config: Config) -> WithholdingView:
    said = json.loads(config.keyring().unseal(_PURPOSE, bytes(row.sealed), row.number.encode()))
    own = people.same_human(row.proposed_by, actor)
    events = (move.event for move in WITHHOLDING.moves if move.source == row.state)
    return WithholdingView(
        number=row.number,
        rule=row.rule,
        item=row.item,
        state=row.state,
        professional=said["professional"],
        reason=said["reason"],
        until=row.until,
        review_on=row.review_on,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        decided_by=row.decided_by,
        is_over=row.until < today,
        review_late=row.state == "in_force" and row.review_on < today,
        review_soon=row.state == "in_force" and _is_soon(row.review_on, today),
        may=tuple(event for event in events if not (own and event in ("agree", "refuse"))),
    )


def _is_soon(day: date, today: date) -> bool:
    return today <= day <= statutory.working_days_after(today, _SOON)


def withholding_figures(clock: Clock) -> WithholdingFigures:
    """How withholdings stand, for the overseer."""
    today = custodians_day(clock)
    rows = Withholding.objects.all()
    reviews = list(rows.filter(state="in_force", until__gte=today).values_list("review_on", flat=True))
    return WithholdingFigures(
        waiting=rows.filter(state="proposed").count(),
        in_force=len(reviews),
        review_soon=sum(_is_soon(day, today) for day in reviews),
        review_late=sum(day < today for day in reviews),
        refused=rows.filter(state="refused").count(),
    )
