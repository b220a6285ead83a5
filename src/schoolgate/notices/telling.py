"""Telling: schools and everybody who follows notices are written to, in portions; after the last letter the days begin.

Each portion is one transaction and notes whom it told, so that a portion done twice tells nobody twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction

from schoolgate import people, post, register, work
from schoolgate.clock import Clock, day_of
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.notices import letter
from schoolgate.notices.models import Notice, Telling

PORTION = 200
"""Letters to schools written in one transaction."""

TOPICS = 20
"""Topics told in one transaction: `post.tell` writes to all who follow one."""

TOPIC = "notices"
"""What everybody follows who asked to hear of every notice; of one school: ``notices/school/100008``."""


def school_topic(urn: int) -> str:
    """The topic of one school's notices."""
    return f"{TOPIC}/school/{urn}"


def begin_telling(row: Notice, clock: Clock) -> None:
    """Tell the first portion at once, in the caller's transaction; the worker tells the others."""
    _portion(row, clock)


@work.job
def tell_notices(*, config: Config, clock: Clock) -> None:
    """Tell schools and followers of the notices that are being told."""
    while True:
        with transaction.atomic():
            row = Notice.objects.select_for_update().filter(told_day=None).order_by("pk").first()
            if row is None:
                break
            _portion(row, clock)
    register.publish(clock, config)


def _somebody_waits(config: Config) -> bool:
    """A worker of another user than the gate's may not change notices: the gate's own does it."""
    return config.gate is None and Notice.objects.filter(told_day=None).exists()


work.every(timedelta(minutes=1), tell_notices, _somebody_waits)


def _portion(row: Notice, clock: Clock) -> bool:
    """Write the next letters; True when everybody was told, which is then on record."""
    told = set(Telling.objects.filter(notice=row).values_list("whom", "reference"))
    made = letter.contents(row)
    schools = [one for one in people.accounts_of("school") if ("school", str(one.id)) not in told]
    if schools:
        _to_schools(row, made, schools[:PORTION], clock)
        if len(schools) > PORTION:
            return False
    topics = [one for one in post.topics(TOPIC) if ("topic", one) not in told]
    for topic in topics[:TOPICS]:
        letters = post.tell(topic, letter.subject(made), letter.text(made, urn=_urn_of(topic)), clock=clock)
        Telling.objects.create(notice=row, whom="topic", reference=topic, letters=letters, how="e-mail", at=clock.now())
    if len(topics) > TOPICS:
        return False
    _finish(row, clock)
    return True


def _to_schools(row: Notice, made: letter.Contents, accounts: Sequence[people.AccountView], clock: Clock) -> None:
    """The same letter for each: an account does not say which school it is of."""
    subject, text = letter.subject(made), letter.text(made, to_school=True)
    for account in accounts:
        try:
            post.write(account.email, subject, text, clock=clock)
            letters, how = 1, "e-mail"
        except SchoolgateError:  # an address that no letter reaches: noted, and told on its page alone
            letters, how = 0, "page"
        Telling.objects.create(
            notice=row, whom="school", reference=str(account.id), letters=letters, how=how, at=clock.now()
        )


def _urn_of(topic: str) -> int | None:
    """The school of a topic; None for all notices."""
    urn = topic.removeprefix(f"{TOPIC}/school/")
    return int(urn) if urn.isdigit() else None


def _finish(row: Notice, clock: Clock) -> None:
    """The last letter is written: the days of the notice begin tomorrow."""
    counts = dict.fromkeys(("school", "topic"), 0)
    for whom, letters in Telling.objects.filter(notice=row).values_list("whom", "letters"):
        counts[whom] += letters
    row.schools_told = register.round_count(counts["school"])
    row.followers_told = register.round_count(counts["topic"])
    register.append_event(
        "notice.told",
        row.number,
        {
            "notice": row.number,
            "schools_told": row.schools_told,
            "followers_told": row.followers_told,
            "how": "by e-mail, and on the public pages",
        },
        clock.now(),
    )
    row.told_day, row.told_at = day_of(clock.now()), clock.now()
    row.save(update_fields=["told_day", "told_at", "schools_told", "followers_told"])
