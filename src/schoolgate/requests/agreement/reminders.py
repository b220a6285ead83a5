"""Letters to the people of an agreement before its last day, and before and after its data must be gone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction

from schoolgate import people, post
from schoolgate.clock import Clock, custodians_day, plain_day
from schoolgate.errors import SchoolgateError
from schoolgate.requests.agreement.clocks import Nudge, nudge
from schoolgate.requests.agreement.hold import Ending
from schoolgate.requests.agreement.overdue import due_of
from schoolgate.requests.models import Certificate, Reminder, Request
from schoolgate.requests.stored import agreement_of

END, DESTRUCTION = "end", "destruction"
"""What a reminder is about."""

_FURTHEST = timedelta(days=61)


def send_reminders(clock: Clock) -> int:
    """Write every letter that is due today; how many reminders were given (a letter each to everybody named).

    A reminder is noted in the same transaction as its letters: none is sent twice, and none is lost.
    """
    today = custodians_day(clock)
    soon = (today + _FURTHEST).isoformat()
    live = Request.objects.filter(state__in=("active", "suspended", "reopened"), built_in=False)
    ended = Request.objects.filter(state="ended", built_in=False, ended_on__isnull=False)
    rows = [*live.filter(spec__valid_until__lte=soon), *ended]
    return sum(_remind(row.pk, clock) for row in rows if _wanted(row, today) is not None)


def _wanted(row: Request, today: date) -> tuple[str, Nudge] | None:
    """What a request's people are to be reminded of today, if anything."""
    about = DESTRUCTION if row.state == "ended" else END
    due = due_of(row) if about == DESTRUCTION else agreement_of(row).valid_until
    given = frozenset(row.reminders.filter(about=about, due=due).values_list("days", flat=True))
    if about == DESTRUCTION and Certificate.objects.filter(request=row, seen_index=None).exists():
        return None  # it is stated, and waits for who saw it
    found = nudge(due, today, given)
    return None if found is None or (about == END and found.days < 0) else (about, found)


def _remind(pk: int, clock: Clock) -> bool:
    today = custodians_day(clock)
    with transaction.atomic():
        row = Request.objects.select_for_update().get(pk=pk)
        wanted = _wanted(row, today) if row.state != "destroyed" else None
        if wanted is None:
            return False  # another worker was here, or it changed meanwhile
        about, found = wanted
        due = found.due
        Reminder.objects.create(request=row, about=about, due=due, days=found.days, at=clock.now())
        subject, text = letter(about, str(row.agreement_id), found, today)
        for address in _addresses(row):
            post.write(address, subject, text, clock=clock)
    return True


def letter(about: str, agreement_id: str, found: Nudge, today: date) -> tuple[str, str]:
    """A reminder's subject and text. Pure; nothing of what the data says, nor of any person, is in it."""
    day, left = plain_day(found.due), (found.due - today).days
    when = "today" if left == 0 else f"in {left} {'day' if left == 1 else 'days'}"
    if about == END:
        return (
            f"Agreement {agreement_id}: its last day is {day}",
            f"The last day of agreement {agreement_id} is {day}, {when}. From the day after, nobody can read under"
            " it.\n\nDo you need more time? Ask the panel for an extension now: it needs a decision and both"
            " signatures.\n\nIf not, make ready to destroy what you hold under it.\n",
        )
    if left >= 0:
        return (
            f"Agreement {agreement_id}: destroy the data by {day}",
            f"Agreement {agreement_id} has ended. What you hold under it, copies included, must be destroyed by"
            f" {day}, {when}.\n\nThen state it: what you destroyed, how and when, and who of the custodian saw"
            " it. It is certified when they have said so.\n",
        )
    return (
        f"Agreement {agreement_id}: destruction is overdue",
        f"What you hold under agreement {agreement_id} had to be destroyed by {day}, and nobody has certified it."
        "\n\nThis is in the public register, and the overseer sees it. Until it is certified nothing else is approved"
        " for or signed with your organisation.\n\nDestroy the data and certify it now.\n",
    )


def tell_overseers(late: Ending, clock: Clock) -> None:
    """Write to whoever oversees that a destruction is overdue; inside the caller's transaction."""
    subject = f"Agreement {late.agreement_id}: destruction is overdue"
    text = (
        f"{late.organisation_name} had to destroy the data of agreement {late.agreement_id} by {plain_day(late.due)},"
        " and nobody has certified it.\n\nThis is in the public register. Until it is certified nothing else is"
        " approved for or signed with this organisation.\n"
    )
    overseers = [one.account_id for one in people.persons() if one.role == "overseer" and one.left_on is None]
    for address in reached(overseers):
        post.write(address, subject, text, clock=clock)


def _addresses(row: Request) -> Iterable[str]:
    """Where the people named in an agreement are reached; who has no account, or a closed one, is left out."""
    agreed = agreement_of(row)
    named = dict.fromkeys([*agreed.people, *(who for one in agreed.additions for who in one.people)])
    return reached(people.person(person_id).account_id for person_id in named)


def reached(accounts: Iterable[int | None]) -> Iterable[str]:
    """The addresses of accounts, each once; no account and closed ones are left out."""
    found = []
    for account_id in accounts:
        if account_id is None:
            continue
        try:
            found.append(people.account(account_id).email)
        except SchoolgateError:
            continue
    return dict.fromkeys(found)
