"""Between rows and frozen values: published notices as pages and commands see them."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from schoolgate.errors import SchoolgateError
from schoolgate.notices.audiences import Audience
from schoolgate.notices.models import Notice, NoticeText, Telling
from schoolgate.notices.picture import Picture, from_dict


class UnknownNotice(SchoolgateError):
    """No notice has this number."""


@dataclass(frozen=True, slots=True)
class Published:
    """One published notice.

    Attributes:
        number: ``N-2026-0001``.
        title: what it is about, in plain words.
        days: between the telling and the first use of what waits for it.
        published_at: when it was published.
        told_day: the custodian's day on which the last letter was written; None while people are being told.
        agreements: those it told of.
        picture_sha256: fingerprint of what it was made from.
        texts: (audience's key, language, fingerprint) of each kept text.
        log_index: its register entry.
        schools_told, followers_told: how many were written to, rounded; empty while they are being told.
        told_at: when the last letter was written.
    """

    number: str
    title: str
    days: int
    published_at: datetime
    told_day: date | None
    agreements: tuple[str, ...]
    picture_sha256: str
    texts: tuple[tuple[str, str, str], ...]
    log_index: int
    schools_told: str = ""
    followers_told: str = ""
    told_at: datetime | None = None

    @property
    def first_use(self) -> date | None:
        """The first day on which what waited for it may be used; None while people are being told."""
        return None if self.told_day is None else self.told_day + timedelta(days=self.days + 1)


@dataclass(frozen=True, slots=True)
class ToldView:
    """Somebody who was told; for the custodian alone.

    Attributes:
        whom: ``school``, or ``topic`` for everybody who follows one.
        reference: the account's id, or the topic.
        letters: how many letters were written; 0 when no letter reaches the address.
        how: ``e-mail``, or ``page`` when no letter was possible.
        at: when.
    """

    whom: str
    reference: str
    letters: int
    how: str
    at: datetime


def squeezed(data: bytes) -> bytes:
    """Compressed for keeping."""
    return zlib.compress(data, 6)


def opened(data: bytes | memoryview[int]) -> bytes:
    """What `squeezed` kept."""
    return zlib.decompress(bytes(data))


def published_of(row: Notice) -> Published:
    """The row as a frozen value."""
    return Published(
        number=row.number,
        title=row.title,
        days=row.days,
        published_at=row.published_at,
        told_day=row.told_day,
        agreements=tuple(sorted(one.agreement_id for one in row.covered.all())),
        picture_sha256=row.picture_sha256,
        texts=tuple(sorted((one.audience, one.language, one.sha256) for one in row.texts.defer("text"))),
        log_index=row.log_index,
        schools_told=row.schools_told,
        followers_told=row.followers_told,
        told_at=row.told_at,
    )


def row_of(number: str) -> Notice:
    """The row of a notice.

    Raises:
        UnknownNotice: there is none of this number.
    """
    row = Notice.objects.filter(number=number).first()
    if row is None:
        raise UnknownNotice("There is no such notice.", hint="See `notices list`.", code="notice-unknown")
    return row


def notices(limit: int = 1000) -> tuple[Published, ...]:
    """Every published notice, the newest first."""
    rows = Notice.objects.defer("picture").prefetch_related("covered").order_by("-pk")[:limit]
    return tuple(published_of(row) for row in rows)


def notice(number: str) -> Published:
    """One published notice.

    Raises:
        UnknownNotice: there is none of this number.
    """
    return published_of(row_of(number))


def picture_of(number: str) -> Picture:
    """What a notice was made from.

    Raises:
        UnknownNotice: there is none of this number.
    """
    return _picture(row_of(number))


def _picture(row: Notice) -> Picture:
    return from_dict(json.loads(opened(row.picture)))


def latest() -> tuple[Published, Picture] | None:
    """The newest published notice and what it was made from; None before the first."""
    row = Notice.objects.order_by("-pk").first()
    return (published_of(row), _picture(row)) if row is not None else None


def before(number: str) -> Published | None:
    """The notice that was published before another."""
    row = Notice.objects.filter(pk__lt=row_of(number).pk).order_by("-pk").first()
    return published_of(row) if row is not None else None


def kept_text(number: str, whom: Audience, language: str) -> str | None:
    """The text as it was published; None for an audience whose text is made from the kept picture (a school's)."""
    found = NoticeText.objects.filter(notice=row_of(number), audience=whom.key, language=language).first()
    return opened(found.text).decode() if found is not None else None


def tellings(number: str) -> tuple[ToldView, ...]:
    """Who was told of a notice, one by one, in the order of telling; for the custodian alone.

    Raises:
        UnknownNotice: there is none of this number.
    """
    rows = Telling.objects.filter(notice=row_of(number)).order_by("pk")
    return tuple(ToldView(one.whom, one.reference, one.letters, one.how, one.at) for one in rows)
