"""Letters: written in the caller's transaction, sent later by the worker, tried again when a try fails.

Sealed at rest (AES-256-GCM under a key of the site's, bound to the letter): who is written to, and what, is read by
the sender alone. A letter that was sent is gone from here.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, get_connection
from django.core.validators import validate_email
from django.db import transaction

from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.post.models import Letter
from schoolgate.seal import Keys

LONGEST_ADDRESS = 254
"""RFC 5321, 4.5.3.1.3: a path has 256 octets with its brackets."""

LONGEST_SUBJECT = 200
LONGEST_TEXT = 200_000
TRIES = 12
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=12)
"""Doubling from a minute to half a day: a letter is given up after some three days (RFC 5321, 4.5.4.1: 4 to 5)."""

_PURPOSE = "post"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """How the letter box stands: how many letters wait, and how many were given up."""

    waiting: int
    given_up: int


def keys() -> Keys:
    """The keys that seal addresses and letters: the site's, so that the page that takes an address can seal it."""
    config: Config = settings.CONFIG
    return config.site_keys()


def site_address() -> str:
    """Where the site is reached from outside, without a slash at its end: what links in letters begin with."""
    config: Config = settings.CONFIG
    return config.site


def checked_address(address: str) -> str:
    """The address, trimmed.

    Raises:
        SchoolgateError: it is not one; the words do not repeat it.
    """
    plain = address.strip()
    try:
        if len(plain) > LONGEST_ADDRESS:
            raise ValidationError("long")
        validate_email(plain)
    except ValidationError:
        raise SchoolgateError(
            "That is not an e-mail address.", hint="Write it like name@example.com.", code="address"
        ) from None
    return plain


def write(address: str, subject: str, text: str, *, clock: Clock) -> None:
    """Put one letter into the box; it leaves when the caller's transaction is there and the worker comes by.

    Args:
        address: an e-mail address.
        subject: one line; what would break a line is a space.
        text: plain text.
        clock: the time.

    Raises:
        SchoolgateError: not an address; a letter without subject or text, or too long.
    """
    letter_for(checked_address(address), subject, text, "", clock).save()


def letter_for(address: str, subject: str, text: str, leave: str, clock: Clock) -> Letter:
    """A letter's row, not yet saved; `leave` is the address that ends the subscription, empty when there is none."""
    line = " ".join(subject.split())
    if not line or not text.strip() or len(line) > LONGEST_SUBJECT or len(text) > LONGEST_TEXT:
        raise SchoolgateError("A letter needs a subject of one line and a text, neither too long.", code="letter")
    uid = uuid.uuid4()
    plain = json.dumps({"to": address, "subject": line, "text": text, "leave": leave}).encode()
    now = clock.now()
    return Letter(uid=uid, sealed=keys().seal(_PURPOSE, plain, uid.bytes), written_at=now, due_at=now)


def _message(letter: Letter) -> EmailMessage:
    held = json.loads(keys().unseal(_PURPOSE, bytes(letter.sealed), letter.uid.bytes))
    host = urlsplit(site_address()).hostname or "localhost"
    headers = {
        "Message-ID": f"<{letter.uid}@{host}>",
        "Auto-Submitted": "auto-generated",  # RFC 3834, 5: no out-of-office answers to it
    }
    if held["leave"]:
        # RFC 8058: one click in the mail program ends it; the address takes a POST without a session.
        headers["List-Unsubscribe"] = f"<{held['leave']}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return EmailMessage(held["subject"], held["text"], None, [held["to"]], headers=headers)


def any_due(now: datetime) -> bool:
    """Whether a letter may be sent now."""
    return Letter.objects.filter(given_up=False, due_at__lte=now).exists()


def send_due(clock: Clock, *, most: int = 500, stop: Callable[[], bool] = lambda: False) -> int:
    """Send the letters that are due, the oldest first, over one connection; how many left.

    Two workers never send the same at the same time. A crash after a letter left and before that is noted sends it
    again with the same Message-ID: rather twice than not at all.
    """
    now, sent = clock.now(), 0
    connection = get_connection()
    due = list(Letter.objects.filter(given_up=False, due_at__lte=now).order_by("due_at", "id")[:most])
    try:
        for found in due:
            if stop():
                break
            with transaction.atomic():
                letter = Letter.objects.select_for_update(skip_locked=True).filter(id=found.id, due_at__lte=now).first()
                if letter is None:
                    continue
                try:
                    message = _message(letter)
                    message.connection = connection
                    message.send()
                except Exception as problem:  # noqa: BLE001 - whatever it was; its text may hold the address
                    _failed(letter, type(problem).__name__, now)
                else:
                    letter.delete()
                    sent += 1
    finally:
        connection.close()
    return sent


def _failed(letter: Letter, kind: str, now: datetime) -> None:
    letter.tries += 1
    letter.problem = kind[:120]
    letter.given_up = letter.tries >= TRIES
    letter.due_at = now + min(FIRST_WAIT * 2 ** (letter.tries - 1), LONGEST_WAIT)
    letter.save(update_fields=["tries", "problem", "given_up", "due_at"])


def outgoing() -> Outgoing:
    """How the letter box stands."""
    return Outgoing(
        Letter.objects.filter(given_up=False).count(),
        Letter.objects.filter(given_up=True).count(),
    )
