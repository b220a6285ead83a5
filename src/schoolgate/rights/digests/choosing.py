"""Choosing how often to be told, and looking whether there is something to tell.

What counts is what the family's own page shows: a use that a law lets us tell later is not counted until the page has
it, so that neither a letter nor its absence says that there is one.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from schoolgate import gate, people, post
from schoolgate.clock import Clock
from schoolgate.config import Config, gate_only
from schoolgate.errors import SchoolgateError
from schoolgate.rights.claims import UnknownLink, child, pupil_of
from schoolgate.rights.digests.models import Digest
from schoolgate.rights.digests.views import EVERY, NEVER, DigestView
from schoolgate.rights.models import ChildLink as LinkRow
from schoolgate.rights.views import ChildLink

SUBJECT = noop("Something new is in your list")
TEXT = noop(
    "You asked us to tell you when something new is in your list.\n\n"
    "Something new is there. To see it, sign in here:\n{site}/family/\n\n"
    "This letter says no more, so that nobody else learns anything from it.\n"
)
SAYS = noop("Something new in your own list")


def _in_list(link: ChildLink, config: Config) -> int:
    """How many times are in the list for certain, without this account's own looks."""
    own = link.actor
    return sum(
        one.exposure.settled_index is not None and one.looked != own
        for one in gate.exposures_of(pupil_of(link), config=config)
    )


def _followed(topic: str) -> bool:
    return post.followed_since(topic) is not None


def digest_of(link: ChildLink) -> DigestView:
    """How often the account is told.

    Raises:
        UnknownLink: the account has no such child.
    """
    pupil_of(link)
    row = Digest.objects.filter(link_id=link.id, account_id=link.account_id).first()
    return DigestView(NEVER, False) if row is None else DigestView(row.every, _followed(row.topic))


def has_address(account_id: int) -> bool:
    """Whether the account itself has an e-mail address."""
    return people.account(account_id).has_address


def set_digest(
    link: ChildLink,
    every: str,
    *,
    config: Config,
    clock: Clock,
    address: str = "",
    token: Callable[[int], str] = secrets.token_urlsafe,
) -> DigestView:
    """Choose how often to be told. The first time a letter asks the address for its yes.

    Args:
        link: of the account to the child.
        every: a key of `EVERY`, or `NEVER`.
        config: the installation.
        clock: the time.
        address: where to, for an account that has no address itself; of any other it is not looked at, so that who
            holds a session leads no letters to another letter box.
        token: gives the random part of a topic.

    Raises:
        UnknownLink: the account has no such child.
        SchoolgateError: there is no such choice; the account has no address and none is given, or it is none.
    """
    if every != NEVER and every not in EVERY:
        raise SchoolgateError(
            "There is no such choice.", hint=f"Choose one of: {', '.join((*EVERY, NEVER))}.", code="digest"
        )
    seen, now = _in_list(link, config), clock.now()
    with transaction.atomic():
        row = Digest.objects.select_for_update().filter(link_id=link.id, account_id=link.account_id).first()
        if every == NEVER:
            if row is not None:
                _forget(row)
            return DigestView(NEVER, False)
        if row is None:
            row = Digest(account_id=link.account_id, link_id=link.id, topic=f"list?{token(24)}")
        row.every, row.seen, row.next_at = every, seen, now + EVERY[every]
        row.save()
        if not _followed(row.topic):
            post.subscribe(row.topic, _address(link.account_id, address), clock=clock, says=_(SAYS))
    return DigestView(every, _followed(row.topic))


def _address(account_id: int, typed: str) -> str:
    if has_address(account_id):
        return people.account(account_id).email
    if not typed.strip():
        raise SchoolgateError("This account has no e-mail address.", hint="Enter one.", code="digest-address")
    return typed


def _forget(row: Digest) -> None:
    post.end_topic(row.topic)
    row.delete()


def send_digests(*, config: Config, clock: Clock) -> int:
    """Write to everybody who is due and has something new; how many letters.

    Raises:
        SchoolgateError: this is not the gate's process.
    """
    if config.gate is not None:
        raise gate_only("looks whether there is something new for a family")
    now, letters = clock.now(), 0
    for key in list(Digest.objects.filter(next_at__lte=now).order_by("pk").values_list("pk", flat=True)):
        letters += _send(key, now, config, clock)
    return letters


def _send(key: int, now: datetime, config: Config, clock: Clock) -> int:
    with transaction.atomic():
        # Whoever takes the row writes: a second worker finds that it is not due any more.
        row = Digest.objects.select_for_update(skip_locked=True).filter(pk=key, next_at__lte=now).first()
        if row is None:
            return 0
        if not LinkRow.objects.filter(public_id=row.link_id, account_id=row.account_id, ended_at=None).exists():
            _forget(row)
            return 0
        try:
            there = _in_list(child(row.account_id, row.link_id, config=config, clock=clock), config)
        except UnknownLink:  # closed for now, and perhaps open again: nothing is told meanwhile
            there = row.seen
        is_new, row.seen, row.next_at = there > row.seen, there, now + EVERY[row.every]
        row.save(update_fields=["seen", "next_at"])
        text = _(TEXT).format(site=post.site_address())
        return post.tell(row.topic, _(SUBJECT), text, clock=clock) if is_new else 0
