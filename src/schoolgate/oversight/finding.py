"""What audits found, and what is done about it: in public, each action with an owner and a day.

In 2020 a compulsory audit of the national pupil database made 139 recommendations, and its full report was never
published. A finding is entered here in the words of the report, and stays.
"""

from __future__ import annotations

from datetime import date

from django.db import transaction

from schoolgate import people, register
from schoolgate.clock import Clock, custodians_day
from schoolgate.errors import Refusal, Refused
from schoolgate.oversight.models import Action, Finding
from schoolgate.oversight.views import OWNERS, URGENCIES, ActionView, FindingView
from schoolgate.oversight.words import number, words_problems


def _action(row: Action) -> ActionView:
    return ActionView(
        number=row.number,
        finding=row.finding.number,
        action=row.action,
        owner=row.owner,
        due=row.due,
        log_index=row.log_index,
        done=row.done,
        done_on=row.done_on,
        done_index=row.done_index,
    )


def _finding(row: Finding) -> FindingView:
    return FindingView(
        number=row.number,
        source=row.source,
        finding=row.finding,
        urgency=row.urgency,
        recorded_on=row.recorded_on,
        log_index=row.log_index,
        actions=tuple(_action(one) for one in row.actions.order_by("pk")),
    )


def findings() -> tuple[FindingView, ...]:
    """Every finding with its actions, newest first."""
    return tuple(_finding(row) for row in Finding.objects.prefetch_related("actions").order_by("-pk"))


def overdue_actions(day: date) -> tuple[ActionView, ...]:
    """What should have been done before a day and is not, the oldest first."""
    rows = Action.objects.select_related("finding").filter(done_on=None, due__lt=day).order_by("due", "pk")
    return tuple(_action(row) for row in rows)


def _custodian(actor: str) -> list[Refusal]:
    if people.person(actor).role == "custodian":
        return []
    return [
        Refusal("not-your-decision", "Only a person of the custodian may enter this.", provision="docs/oversight.md")
    ]


def _custodian_or_overseer(actor: str) -> list[Refusal]:
    """Who may enter a finding: if the custodian alone could, a report would stay unpublished as long as it liked."""
    return [] if people.person(actor).role == "overseer" else _custodian(actor)


def _one_of(value: str, allowed: tuple[str, ...], where: str) -> list[Refusal]:
    return [] if value in allowed else [Refusal("unknown", f"This is one of: {', '.join(allowed)}.", where=where)]


def _refused(problem: register.EventRefused, where: str) -> Refused:
    return Refused((Refusal(problem.code, problem.what, remedy=problem.hint, where=where),))


def record_finding(source: str, finding: str, urgency: str, actor: str, clock: Clock) -> FindingView | Refused:
    """Enter what an audit found, in the report's own words.

    Args:
        source: which audit: by whom, when, and the paragraph.
        finding: what it found.
        urgency: one of `URGENCIES`.
        actor: person id of the custodian's, or an overseer's.
        clock: the time.
    """
    found = [
        *_custodian_or_overseer(actor),
        *words_problems(source, "source"),
        *words_problems(finding, "finding"),
        *_one_of(urgency, URGENCIES, "urgency"),
    ]
    if found:
        return Refused(tuple(found))
    today = custodians_day(clock)
    payload = {"source": source.strip(), "finding": finding.strip(), "urgency": urgency}
    try:
        with transaction.atomic():
            register.hold_log()
            made = number("F", today.year, Finding.objects.filter(recorded_on__year=today.year).count())
            index = register.append_event("finding.recorded", made, payload, clock.now())
            row = Finding.objects.create(
                number=made, source=source.strip(), finding=finding.strip(), urgency=urgency, recorded_by=actor,
                recorded_on=today, log_index=index,
            )  # fmt: skip
    except register.EventRefused as problem:
        return _refused(problem, "finding")
    return _finding(row)


def set_action(finding: str, action: str, owner: str, due: date, actor: str, clock: Clock) -> ActionView | Refused:
    """Say what is to be done about a finding, who owns it, and until when.

    A later day is another action: what was promised first stays, and is overdue in public.

    Args:
        finding: its number.
        action: what is to be done.
        owner: one of `OWNERS`.
        due: the last day.
        actor: a custodian's person id.
        clock: the time.
    """
    today = custodians_day(clock)
    found = [*_custodian(actor), *words_problems(action, "action"), *_one_of(owner, OWNERS, "owner")]
    if due <= today:
        found.append(Refusal("due", "The day is in the past, or today.", where="due"))
    of = Finding.objects.filter(number=finding).first()
    if of is None:
        found.append(Refusal("finding-unknown", "There is no such finding.", where="finding"))
    if found or of is None:
        return Refused(tuple(found))
    payload = {"finding": finding, "action": action.strip(), "owner": owner, "due": due.isoformat()}
    try:
        with transaction.atomic():
            register.hold_log()
            count = Action.objects.filter(number__startswith=f"AC-{today.year}-").count()
            made = number("AC", today.year, count)
            index = register.append_event("action.due", made, payload, clock.now())
            row = Action.objects.create(
                number=made, finding=of, action=action.strip(), owner=owner, due=due, log_index=index
            )
    except register.EventRefused as problem:
        return _refused(problem, "action")
    return _action(row)


def finish_action(action: str, done: str, actor: str, clock: Clock) -> ActionView | Refused:
    """Say that something was done, and what.

    Args:
        action: its number.
        done: what was done, and where that can be seen.
        actor: a custodian's person id.
        clock: the time.
    """
    found = [*_custodian(actor), *words_problems(done, "done")]
    try:
        with transaction.atomic():
            row = Action.objects.select_for_update().select_related("finding").filter(number=action).first()
            if row is None:
                found.append(Refusal("action-unknown", "There is no such action.", where="action"))
            elif row.done_on is not None:
                found.append(Refusal("already-done", "This was done already.", where="action"))
            if found or row is None:
                return Refused(tuple(found))
            payload = {"finding": row.finding.number, "done": done.strip()}
            row.done_index = register.append_event("action.done", action, payload, clock.now())
            row.done, row.done_by, row.done_on = done.strip(), actor, custodians_day(clock)
            row.save()
    except register.EventRefused as problem:
        return _refused(problem, "done")
    return _action(row)
