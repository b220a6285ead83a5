"""Following a topic by e-mail: asked for, said yes to from the letter box itself, and left with one click.

The answer to somebody who asks is the same whether the address follows already, was asked too often or is new, so
that nobody learns from it what another person follows.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from schoolgate.clock import Clock
from schoolgate.errors import SchoolgateError
from schoolgate.post.letters import checked_address, keys, letter_for, site_address
from schoolgate.post.models import Asking, Letter, Subscription

CONFIRM_WITHIN = timedelta(days=2)
A_DAY = timedelta(days=1)
ASKED_OF_ONE = 5
"""Letters that ask for a yes, to one address in a day."""
ASKED_OF_ALL = 2_000
"""The same to all together in a day: a flood of made-up addresses ends here, and says so."""

CONFIRM_AT = "/letters/confirm/{token}/"
LEAVE_AT = "/letters/leave/{token}/"

_BLIND, _ADDRESS, _LEAVE = "post-who", "post-address", "post-leave"
_MAC = 16
_PORTION = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody who asked is told.

    Attributes:
        taken: whether the asking was taken; False when all together ask too often now.
        words: what happens next.
    """

    taken: bool
    words: str


@dataclass(frozen=True, slots=True)
class Following:
    """What one subscription is about: its topic, and the same in words."""

    topic: str
    says: str


def _who(address: str) -> str:
    return keys().blind(_BLIND, address.lower()).hex()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def subscribe(
    topic: str,
    address: str,
    *,
    clock: Clock,
    says: str = "",
    asks: str = "",
    token: Callable[[int], str] = secrets.token_urlsafe,
) -> Asked:
    """Ask an address whether it wants to follow a topic: a letter with a link that works for two days.

    Args:
        topic: what `tell` names again, at most 400 characters, nothing of a person.
        address: an e-mail address.
        says: the topic in words, for the letters; the topic itself when empty.
        asks: the same for the letter that asks, which goes to somebody who may not have asked: without a word that
            whoever asks typed; `says` when empty.
        clock: the time.
        token: gives the random token of the link.

    Raises:
        SchoolgateError: not an address, or not a topic.
    """
    plain = checked_address(address)
    words = " ".join((says or topic).split())[:400]
    if not topic or len(topic) > 400:
        raise SchoolgateError("That cannot be followed.", code="topic")
    now = clock.now()
    who = _who(plain)
    with transaction.atomic():
        if Asking.objects.filter(at__gt=now - A_DAY).count() >= ASKED_OF_ALL:
            return Asked(False, "Too many people are asking just now. Please try again tomorrow.")
        asked = Asked(True, "We have sent you an e-mail. Follow the link in it to say yes.")
        if Asking.objects.filter(who=who, at__gt=now - A_DAY).count() >= ASKED_OF_ONE:
            return asked
        Asking.objects.create(who=who, at=now)
        uid = uuid.uuid4()
        Subscription.objects.bulk_create(
            [
                Subscription(
                    uid=uid, topic=topic, says=words, who=who, asked_at=now,
                    sealed=keys().seal(_ADDRESS, plain.encode(), uid.bytes),
                )
            ],
            ignore_conflicts=True,
        )  # fmt: skip
        row = Subscription.objects.select_for_update().get(topic=topic, who=who)
        if row.confirmed_at is not None:
            _already(row, plain, clock)
            return asked
        made = token(32)
        about = " ".join((asks or row.says).split())[:400]
        row.token_hash, row.token_until, row.asked_at = _hash(made), now + CONFIRM_WITHIN, now
        row.save(update_fields=["token_hash", "token_until", "asked_at"])
        text = (
            f"Somebody, we hope you, asked us to write to this address about: {about}\n\n"
            f"To say yes, open this page and press the button. The link works for two days:\n"
            f"{site_address()}{CONFIRM_AT.format(token=made)}\n\n"
            "If it was not you, do nothing: you will not hear from us again.\n"
        )
        letter_for(plain, "Do you want to hear from us?", text, "", clock).save()
    return asked


def _already(row: Subscription, address: str, clock: Clock) -> None:
    text = f"You follow this already: {row.says}\n\n{_how_to_leave(row)}"
    letter_for(address, "You follow this already", text, _leave_address(row), clock).save()


def confirm(token: str, clock: Clock) -> Following | None:
    """Say yes with the token of the letter; what is followed now, or None when the token is unknown or too old."""
    with transaction.atomic():
        row = (
            Subscription.objects.select_for_update()
            .filter(token_hash=_hash(token), token_until__gte=clock.now())
            .first()
        )
        if row is None:
            return None
        if row.confirmed_at is None:
            row.confirmed_at = clock.now()
            row.save(update_fields=["confirmed_at"])
    return Following(row.topic, row.says)


def followed(token: str, clock: Clock) -> Following | None:
    """What a confirming or a leaving token is about, without doing anything; None when it is neither, or is over."""
    uid = _left_by(token)
    rows = Subscription.objects.filter(uid=uid) if uid else Subscription.objects.filter(
        token_hash=_hash(token), token_until__gte=clock.now()
    )  # fmt: skip
    row = rows.first()
    return Following(row.topic, row.says) if row else None


def leave(token: str, clock: Clock) -> bool:
    """End a subscription with the token of any letter of it, and forget the address; False when it is no token.

    Leaving twice is leaving: a mail program may ask more than once (RFC 8058, 3.2).
    """
    uid = _left_by(token)
    if uid is None:
        return False
    Subscription.objects.filter(uid=uid).delete()
    return True


def _leave_token(row: Subscription) -> str:
    """Made from the row under a key, so that it is nowhere kept and every letter's works."""
    mac = keys().blind(_LEAVE, row.uid.hex)[:_MAC]
    return base64.urlsafe_b64encode(row.uid.bytes + mac).decode().rstrip("=")


def _left_by(token: str) -> uuid.UUID | None:
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(raw) != 16 + _MAC:
        return None
    uid = uuid.UUID(bytes=raw[:16])
    good = hmac.compare_digest(keys().blind(_LEAVE, uid.hex)[:_MAC], raw[16:])
    return uid if good else None


def _leave_address(row: Subscription) -> str:
    return f"{site_address()}{LEAVE_AT.format(token=_leave_token(row))}"


def _how_to_leave(row: Subscription) -> str:
    return f"You get this because you follow: {row.says}\nTo stop: {_leave_address(row)}\n"


def tell(topic: str, subject: str, text: str, *, clock: Clock) -> int:
    """Write to everybody who follows a topic; how many letters were put into the box.

    All or none, in the caller's transaction when there is one.
    """
    count = 0
    with transaction.atomic():
        rows = Subscription.objects.filter(topic=topic, confirmed_at__isnull=False).order_by("id")
        last = 0
        while portion := list(rows.filter(id__gt=last)[:_PORTION]):
            Letter.objects.bulk_create(
                [
                    letter_for(
                        keys().unseal(_ADDRESS, bytes(row.sealed), row.uid.bytes).decode(),
                        subject,
                        f"{text.rstrip()}\n\n-- \n{_how_to_leave(row)}",
                        _leave_address(row),
                        clock,
                    )
                    for row in portion
                ]
            )
            count, last = count + len(portion), portion[-1].pk
    return count


def topics(prefix: str) -> tuple[str, ...]:
    """The topics that begin so and have somebody who follows them."""
    rows = Subscription.objects.filter(topic__startswith=prefix, confirmed_at__isnull=False)
    return tuple(rows.order_by("topic").values_list("topic", flat=True).distinct())


def end_topic(topic: str) -> int:
    """Forget everybody who follows a topic, or was asked whether they want to; how many."""
    gone, _ = Subscription.objects.filter(topic=topic).delete()
    return gone


def followed_since(topic: str) -> datetime | None:
    """When the first of those who follow a topic now said yes; None when nobody follows it."""
    rows = Subscription.objects.filter(topic=topic, confirmed_at__isnull=False).order_by("confirmed_at")
    return rows.values_list("confirmed_at", flat=True).first()


def forget_unconfirmed(clock: Clock) -> int:
    """Forget addresses that never said yes, and yesterday's counts; how many addresses."""
    now = clock.now()
    Asking.objects.filter(at__lte=now - A_DAY).delete()
    gone, _ = Subscription.objects.filter(confirmed_at__isnull=True, token_until__lt=now).delete()
    return gone
