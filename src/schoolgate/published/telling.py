"""Writing to people who follow the register: one letter for each search that is followed, with what is new in it.

A topic is ``register?`` and the search's own address, so that what is followed is what is seen on that page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

from django.db import transaction

from schoolgate import post, register
from schoolgate.clock import Clock
from schoolgate.published.fold import STATUSES
from schoolgate.published.logged import entries_of
from schoolgate.published.models import Entry, Told
from schoolgate.published.searching import MARKS
from schoolgate.published.values import LONGEST_WORDS, SORTS, Query

TOPIC = "register?"
MOST = 50
"""Entries of one letter; the rest is a link away."""

LONGEST_LINE = 600
"""Of what an entry says in a letter: somebody's own words may be thousands of letters, and a page has them all."""

EVERY = timedelta(hours=20)
"""At most a letter a day for one search, at about the same hour."""

QUIET = ("release.delivered", "release.settled", "key.changed", "witnesses.changed")
"""Entries that say nothing new to somebody who follows: they belong to one that was told."""


def topic_of(query: Query) -> str:
    """What following a search is called; in which order it was looked through is no part of it."""
    return f"{TOPIC}{replace(query, sort=Query().sort).address}"


def query_of(pairs: dict[str, str]) -> Query | None:
    """The query of an address; None when a value is none of its kind."""
    year, imported = pairs.get("year", ""), pairs.get("imported", "") == "yes"
    if year and not (year.isascii() and year.isdigit() and len(year) == 4):
        return None
    sort, status = pairs.get("sort", "") or "newest", pairs.get("status", "")
    if sort not in SORTS or (status and status not in (*STATUSES, *MARKS)):
        return None
    if any(len(value) > LONGEST_WORDS for value in pairs.values()):
        return None
    if status == "imported":  # the same shares by another name
        status, imported = "", True
    return Query(
        words=" ".join(pairs.get("words", "").split()),
        case=pairs.get("case", ""),
        organisation=pairs.get("organisation", ""),
        purpose=pairs.get("purpose", ""),
        item=pairs.get("item", ""),
        kind=pairs.get("kind", ""),
        status=status,
        area=pairs.get("area", ""),
        year=int(year) if year else None,
        imported=imported,
        sort=sort,
    )


def tell_followers(clock: Clock) -> int:
    """Write to whoever follows a search in which there is something new; how many letters.

    A search that cannot be told of keeps nobody else waiting, and is raised at the end.
    """
    topics = post.topics(TOPIC)
    # Who follows again what nobody followed for a year does not want the year.
    Told.objects.filter(topic__startswith=TOPIC).exclude(topic__in=topics).delete()
    sent, problem = 0, None
    for topic in topics:
        try:
            sent += _tell(topic, clock)
        except Exception as found:  # noqa: BLE001 - whatever it was: the others are told
            problem = found
    if problem is not None:
        raise problem
    return sent


def _when_they_said_yes(topic: str, newest: int) -> int:
    """The newest entry that was there when the first follower said yes: they hear of what comes, and of all of it."""
    since = post.followed_since(topic)
    if since is None:
        return newest
    for start in range(newest, -1, -MOST):
        for one in reversed(register.events_from(max(0, start - MOST + 1), min(MOST, start + 1))):
            if datetime.fromisoformat(str(one.body["at"])) <= since:
                return one.index
    return -1


def _tell(topic: str, clock: Clock) -> int:
    query = query_of(dict(parse_qsl(topic.removeprefix(TOPIC))))
    if query is None:
        return 0
    with transaction.atomic():
        newest = Entry.objects.order_by("-id").values_list("id", flat=True).first()
        told, made = Told.objects.select_for_update().get_or_create(
            topic=topic,
            defaults={"index": -1 if newest is None else _when_they_said_yes(topic, newest), "at": clock.now()},
        )
        if made or newest is None or clock.now() - told.at < EVERY:
            return 0  # whoever begins to follow hears of what comes, not of what was
        new = entries_of(query, but_not=QUIET, after=told.index, limit=MOST + 1)
        worth = [register.event(index) for index in new[:MOST]]
        told.index, told.at = newest, clock.now()
        told.save(update_fields=["index", "at"])
        if not worth:
            return 0
        return post.tell(topic, "New in the public register", _text(worth, query, len(new) > MOST), clock=clock)


def _line(event: register.Event) -> str:
    said = " ".join(register.describe(event.body).split())
    if len(said) > LONGEST_LINE:
        said = f"{said[:LONGEST_LINE].rstrip()}…"
    return f"{event.body['at'][:10]}: {said}"


def _text(events: Sequence[register.Event], query: Query, more: bool) -> str:
    site = post.site_address()
    lines = ["New in the register of who uses pupil data:", ""]
    for one in events:
        lines += [_line(one), f"  {site}/register/{one.index}/", ""]
    if more:
        lines += ["There is more than fits in one letter.", ""]
    lines.append(f"All of it: {site}/register/search/{'?' + query.address if query.address else ''}")
    return "\n".join(lines)
