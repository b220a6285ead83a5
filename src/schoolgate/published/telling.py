"""Writing to people who follow the register: one letter for each search that is followed, with what is new in it.

A topic is ``register?`` and the search's own address, so that what is followed is what is seen on that page.
"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qsl

from django.db import transaction

from schoolgate import post, register
from schoolgate.clock import Clock
from schoolgate.published.fold import STATUSES
from schoolgate.published.models import Entry, Told
from schoolgate.published.searching import MARKS, entries_of
from schoolgate.published.values import LONGEST_WORDS, SORTS, Query

TOPIC = "register?"
MOST = 50
"""Entries of one letter; the rest is a link away."""

EVERY = timedelta(hours=20)
"""At most a letter a day for one search, at about the same hour."""

QUIET = ("release.delivered", "release.settled", "key.changed", "witnesses.changed")
"""Entries that say nothing new to somebody who follows: they belong to one that was told."""


def topic_of(query: Query) -> str:
    """What following a search is called."""
    return f"{TOPIC}{query.address}"


def query_of(pairs: dict[str, str]) -> Query | None:
    """The query of an address; None when a value is none of its kind."""
    year = pairs.get("year", "")
    if year and not (year.isascii() and year.isdigit() and len(year) == 4):
        return None
    sort, status = pairs.get("sort", "") or "newest", pairs.get("status", "")
    if sort not in SORTS or (status and status not in (*STATUSES, *MARKS)):
        return None
    if any(len(value) > LONGEST_WORDS for value in pairs.values()):
        return None
    return Query(
        words=" ".join(pairs.get("words", "").split()),
        organisation=pairs.get("organisation", ""),
        purpose=pairs.get("purpose", ""),
        item=pairs.get("item", ""),
        kind=pairs.get("kind", ""),
        status=status,
        area=pairs.get("area", ""),
        year=int(year) if year else None,
        imported=pairs.get("imported", "") == "yes",
        sort=sort,
    )


def tell_followers(clock: Clock) -> int:
    """Write to whoever follows a search in which there is something new; how many letters."""
    return sum(_tell(topic, clock) for topic in post.topics(TOPIC))


def _tell(topic: str, clock: Clock) -> int:
    query = query_of(dict(parse_qsl(topic.removeprefix(TOPIC))))
    if query is None:
        return 0
    with transaction.atomic():
        newest = Entry.objects.order_by("-id").values_list("id", flat=True).first()
        told, made = Told.objects.select_for_update().get_or_create(
            topic=topic, defaults={"index": -1 if newest is None else newest, "at": clock.now()}
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


def _text(events: list[register.Event], query: Query, more: bool) -> str:
    site = post.site_address()
    lines = ["New in the register of who uses pupil data:", ""]
    for one in events:
        lines += [f"{one.body['at'][:10]}: {register.describe(one.body)}", f"  {site}/register/{one.index}/", ""]
    if more:
        lines += ["There is more than fits in one letter.", ""]
    lines.append(f"All of it: {site}/register/search/{'?' + query.address if query.address else ''}")
    return "\n".join(lines)
