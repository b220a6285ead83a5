"""Letters about releases: what waits for a person, and what became of an order. Nothing of the data is in one, and
nobody's reason.

Every turn that whoever ordered must know of has its letter: nobody finds out by an empty page that a file is gone.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction

from schoolgate import people, post
from schoolgate.clock import Clock
from schoolgate.gate.releases.limits import limits
from schoolgate.gate.releases.models import ExtractOrder

_WHERE = " See Extracts and look-ups on the site, or: schoolgate extract list"

READY = (
    "Your extract can be fetched",
    "An extract that you ordered was let go and is ready, sealed to your key. It can be fetched for some days, and must"
    " be signed for." + _WHERE,
)
DECLINED = (
    "Your extract was declined",
    "An extract that you ordered was declined. The data can be used in the safe setting. The reason is public."
    + _WHERE,
)
FAILED = (
    "No file was made of your extract",
    "An extract that you ordered was let go, and no file could be made. The page of the order says why. You can order"
    " a new one." + _WHERE,
)
EXPIRED = (
    "Your extract can no longer be fetched",
    "The last day to fetch an extract that you ordered is past, and the file was deleted. If you still need it, order a"
    " new one. If you fetched it, you must still sign for it." + _WHERE,
)
UNSIGNED = (
    "An extract was not signed for",
    "You fetched an extract and did not sign for it in time. Until you sign for it, or report what became of it,"
    " nothing more can be read under its agreement." + _WHERE,
)
REPORTED = (
    "An extract that you let go was reported",
    "The recipient of an extract that you let go did not sign for it, and reported instead what became of it: perhaps"
    " it was lost, or others have it. Read the report and decide whether use may go on." + _WHERE,
)
_FETCH_SOON = (
    "Fetch your extract soon",
    "An extract that you ordered waits for you. In a few days it can no longer be fetched and is deleted." + _WHERE,
)
_SIGN_SOON = (
    "Sign for your extract soon",
    "You fetched an extract and have not signed for it. In a few days nothing more can be read under its agreement,"
    " and the public is told." + _WHERE,
)


def write_to(person_ids: Iterable[str], subject: str, text: str, *, clock: Clock) -> int:
    """Put a letter to each of these persons' accounts into the box, in the caller's transaction; how many.

    A person as whom nobody signs in gets none; two persons of one account get one.
    """
    accounts = {one for person_id in person_ids if (one := people.person(person_id).account_id) is not None}
    for account_id in sorted(accounts):
        post.write(people.account(account_id).email, subject, text, clock=clock)
    return len(accounts)


def remind(today: date, clock: Clock) -> None:
    """Write of what has to be done in the next days: to fetch a file, to sign for one. Once each."""
    near = today + timedelta(days=limits().remind_days)
    waits = ExtractOrder.objects.filter(state="ready", first_fetched_at=None, until__gte=today, until__lte=near)
    owes = ExtractOrder.objects.filter(state__in=("ready", "expired"), sign_by__gte=today, sign_by__lte=near)
    for rows, field, letter in (
        (waits, "reminded_to_fetch", _FETCH_SOON),
        (owes, "reminded_to_sign", _SIGN_SOON),
    ):
        for pk, person_id in list(rows.filter(**{field: False}).values_list("pk", "person_id")):
            with transaction.atomic():
                # Whoever changes the row writes: of two workers the second finds it changed.
                if rows.filter(pk=pk, **{field: False}).update(**{field: True}):
                    write_to([person_id], *letter, clock=clock)
