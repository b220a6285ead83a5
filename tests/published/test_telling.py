"""Letters to people who follow the register: what is new in the search they follow, once, at most daily."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail

from schoolgate import post, published
from schoolgate.clock import FixedClock
from schoolgate.post.letters import send_due
from schoolgate.published import Query
from tests.published import logs

pytestmark = pytest.mark.django_db


def follow(query: Query, clock: FixedClock, *, look: bool = True) -> None:
    """Somebody follows a search."""
    post.subscribe(published.topic_of(query), "synthetic.reader@example.org", clock=clock, says="a search")
    send_due(clock)
    token = re.search(r"/letters/confirm/([A-Za-z0-9_-]+)/", str(mail.outbox[-1].body))
    assert token is not None
    assert post.confirm(token.group(1), clock) is not None
    if look:
        published.tell_followers(clock)
    mail.outbox.clear()


def test_who_follows_a_search_is_told_what_is_new_in_it_and_nothing_else(clock: FixedClock) -> None:
    logs.asked(1)
    published.refresh()
    follow(Query(kind="company"), clock)
    logs.asked(2)
    logs.asked(3, logs.COMPANY, kind="company")
    published.refresh()
    later = FixedClock(clock.now() + timedelta(days=1))
    assert published.tell_followers(later) == 1
    send_due(later)
    (letter,) = mail.outbox
    assert logs.COMPANY in letter.body
    assert logs.UNIVERSITY not in letter.body
    assert "/register/2/" in letter.body
    assert "/register/search/?kind=company" in letter.body
    assert "/letters/leave/" in letter.body
    assert published.tell_followers(FixedClock(later.now() + timedelta(days=1))) == 0


def test_a_search_that_was_told_of_today_waits_until_tomorrow(clock: FixedClock) -> None:
    follow(Query(), clock)
    logs.asked(1)
    published.refresh()
    assert published.tell_followers(FixedClock(clock.now() + timedelta(hours=2))) == 0
    assert published.tell_followers(FixedClock(clock.now() + timedelta(hours=21))) == 1
    assert published.tell_followers(FixedClock(clock.now() + timedelta(hours=22))) == 0


def test_following_everything_tells_of_a_release_once(clock: FixedClock) -> None:
    follow(Query(), clock)
    agreement = logs.signed(1, logs.asked(1))
    logs.read(agreement, "R-1")
    published.refresh()
    later = FixedClock(clock.now() + timedelta(days=1))
    assert published.tell_followers(later) == 1
    send_due(later)
    assert str(mail.outbox[0].body).count("/register/2/") == 1
    assert "/register/3/" not in mail.outbox[0].body  # handed over: it belongs to the release


def test_neither_families_looks_nor_the_ends_of_reads_bury_what_is_new(clock: FixedClock) -> None:
    follow(Query(), clock)
    logs.asked(1)
    agreement = logs.signed(1, "APP-2026-0001")
    for number in range(20):
        logs.read(agreement, f"R-{number}")
    own = logs.looks_of_families(*["2026-09-02T09:00:00Z"] * 60)
    published.refresh()
    later = FixedClock(clock.now() + timedelta(days=1))
    assert published.tell_followers(later) == 1
    send_due(later)
    body = str(mail.outbox[0].body)
    assert "/register/0/" in body
    assert "There is more than fits" not in body
    assert body.count("/register/") == 1 + 1 + 20 + 1 + 1  # asked, signed, read, the law's own, and the search
    assert len(published.entries_of(Query(), limit=200)) == 2 + 20 * 3 + 1
    assert len(published.entries_of(Query(kind="family"), limit=200)) == 61
    assert len(published.entries_of(Query(words=own), limit=200)) == 61
    assert len(published.entries_of(Query(item=logs.ETHNICITY), limit=200)) == 1 + 1 + 20 * 3 + 1


def test_what_happened_between_the_yes_and_the_first_look_is_told_too(clock: FixedClock) -> None:
    logs.asked(1, at="2020-01-01T09:00:00Z")
    published.refresh()
    follow(Query(), clock, look=False)
    for number in range(2, 80):
        logs.asked(number, at=(clock.now() + timedelta(minutes=20)).strftime("%Y-%m-%dT%H:%M:%SZ"))
    published.refresh()
    hour = FixedClock(clock.now() + timedelta(hours=1))
    assert published.tell_followers(hour) == 0
    day = FixedClock(hour.now() + timedelta(days=1))
    assert published.tell_followers(day) == 1
    send_due(day)
    body = str(mail.outbox[-1].body)
    assert body.count("asked for pupil data") == 50
    assert "There is more than fits" in body
    assert "2020-01-01" not in body


def test_who_follows_anew_what_nobody_followed_for_a_year_is_not_told_the_year(clock: FixedClock) -> None:
    follow(Query(), clock)
    assert post.leave(_leaving(clock), clock)
    published.tell_followers(clock)
    logs.asked(1, at=clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"))
    published.refresh()
    year = FixedClock(clock.now() + timedelta(days=365))
    follow(Query(), year)
    assert published.tell_followers(FixedClock(year.now() + timedelta(days=1))) == 0


def _leaving(clock: FixedClock) -> str:
    """The token that ends the one subscription there is."""
    post.tell("register?", "subject", "text", clock=clock)
    send_due(clock)
    found = re.search(r"/letters/leave/([A-Za-z0-9_-]+)/", str(mail.outbox.pop().body))
    assert found is not None
    return found.group(1)


def test_long_words_of_others_are_cut_in_a_letter_and_keep_nobody_waiting(
    clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow(Query(), clock)
    follow(Query(kind="company"), clock)
    for number in range(50):
        logs.asked(number, logs.COMPANY, kind="company", purpose_plain="We sell. " * 555)
    published.refresh()
    later = FixedClock(clock.now() + timedelta(days=1))
    assert published.tell_followers(later) == 2
    logs.asked(60, logs.COMPANY, kind="company")
    published.refresh()
    whole = post.tell

    def failing(topic: str, *parts: str, clock: FixedClock) -> int:
        if topic == "register?":
            raise RuntimeError("broken")
        return whole(topic, *parts, clock=clock)

    monkeypatch.setattr("schoolgate.post.tell", failing)
    send_due(later)
    mail.outbox.clear()
    last = FixedClock(later.now() + timedelta(days=1))
    with pytest.raises(RuntimeError, match="broken"):
        published.tell_followers(last)
    send_due(last)
    assert len(mail.outbox) == 1
