"""A family is told that something new is in its list: only if it wants, only that, and never sooner than its page."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail

from schoolgate import gate, people, post, rights
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import Refused, SchoolgateError
from schoolgate.post.letters import send_due
from schoolgate.rights import digests
from schoolgate.rights.digests.models import Digest
from tests.rights.packs.test_pack import linked
from tests.world import CHILDREN, URN, another, build

pytestmark = pytest.mark.django_db(transaction=True)

TOPIC = "a-token-that-names-nobody"


class Box:
    """A letter box: what lies in it now."""

    def __init__(self, clock: FixedClock) -> None:
        self.clock = clock

    def letters(self) -> list[Any]:
        mail.outbox.clear()
        send_due(self.clock)
        return list(mail.outbox)


def test_a_letter_comes_when_there_is_something_new_says_nothing_more_and_stops_when_told(
    home: Config, clock: FixedClock, settings: Any
) -> None:
    settings.CONFIG, settings.CLOCK = home, clock
    world = build(home, clock)
    link = linked("parent@example.org", home, clock)
    box = Box(clock)
    question = "SELECT sex, count(*) AS n FROM census_pupil GROUP BY sex"

    def read(agreement: str) -> None:
        answer = gate.read(agreement, world.person, question, config=home, clock=box.clock)
        assert isinstance(answer, gate.Handover), answer
        gate.settle_pending(home, box.clock)

    def send(**later: float) -> list[Any]:
        box.clock = settings.CLOCK = replace(box.clock, moment=box.clock.moment + timedelta(**later))
        digests.send_digests(config=home, clock=box.clock)
        return box.letters()

    # Nobody who did not ask is written to; whoever asked says yes from the letter box first.
    read(world.agreement)
    assert digests.digest_of(link) == digests.DigestView("none", False)
    assert send(days=8) == []
    chosen = digests.set_digest(link, "weekly", config=home, clock=box.clock, token=lambda size: TOPIC)
    assert chosen == digests.DigestView("weekly", False)
    (asking,) = box.letters()
    read(world.agreement)
    assert send(days=7, minutes=1) == [], "no yes, no letter"
    (token,) = re.findall(r"/letters/confirm/([^/]+)/", asking.body)
    digests.set_digest(link, "weekly", config=home, clock=box.clock)
    again = box.letters()
    (token,) = re.findall(r"/letters/confirm/([^/]+)/", again[0].body)
    assert post.confirm(token, box.clock) is not None
    assert digests.digest_of(link).confirmed

    # Nothing new, no letter; something new, one letter however much it is, and not before the week is over.
    assert send(days=7, minutes=1) == []
    read(world.agreement)
    read(world.agreement)
    assert send(days=1) == []
    (letter,) = send(days=7)
    assert send(days=7, minutes=1) == []
    told = (letter.subject + letter.body + asking.body).lower()
    school = rights.school_in_words(URN).lower()
    for word in (
        CHILDREN[1].surname,
        CHILDREN[1].forename,
        "university",
        "education",
        world.agreement,
        school,
        "child",
    ):
        assert word.lower() not in told, word
    assert "/family/" in letter.body

    # A look of this account's own is nothing new; somebody else's is.
    rights.my_record(link, clock=box.clock, config=home)
    assert send(days=7, minutes=1) == []
    other = linked("other@example.org", home, box.clock)
    assert len(send(days=7, minutes=1)) == 1, "the school looked the child up for another code"
    rights.my_record(other, clock=box.clock, config=home)
    assert len(send(days=7, minutes=1)) == 1

    # A use that a law lets us tell later: no letter until the page has it, and then one.
    custodian = next(one.id for one in people.persons() if one.role == "custodian")
    later = another(world, box.clock, title="A second question")
    until = box.clock.moment.date() + timedelta(days=10)
    delayed = gate.set_delay(
        CHILDREN[1].upn, later, until, "Data Protection Act 2018 sch. 2", "An inquiry into a crime is open.",
        custodian, config=home, clock=box.clock,
    )  # fmt: skip
    assert not isinstance(delayed, Refused), delayed
    read(later)
    assert send(days=7, minutes=1) == []
    assert len(send(days=7, minutes=1)) == 1

    # Leaving: with the link in a letter, or on the page.
    (leave,) = re.findall(r"/letters/leave/([^/]+)/", letter.body)
    assert post.leave(leave, box.clock)
    read(world.agreement)
    assert send(days=7, minutes=1) == []
    assert not digests.digest_of(link).confirmed
    digests.set_digest(link, "none", config=home, clock=box.clock)
    assert not Digest.objects.exists()

    # A link that ended is forgotten with its topic; a word that is no choice changes nothing.
    with pytest.raises(SchoolgateError, match="no such choice"):
        digests.set_digest(link, "hourly", config=home, clock=box.clock)
    digests.set_digest(link, "daily", config=home, clock=box.clock)
    assert len(box.letters()) == 1, "it asks for a yes again"
    rights.end_link(link, clock=box.clock)
    assert send(days=1, minutes=1) == []
    assert not Digest.objects.exists()
    assert post.topics("list?") == ()


def test_how_often_is_counted_in_days() -> None:
    assert {every: time.days for every, time in digests.EVERY.items()} == {"weekly": 7, "daily": 1, "monthly": 30}
    assert next(iter(digests.EVERY)) == "weekly", "what is offered first"
    assert date(2026, 9, 1) + digests.EVERY["weekly"] == date(2026, 9, 8)


def test_an_account_without_an_address_is_written_to_at_the_one_it_gives_and_any_other_at_its_own(
    home: Config, clock: FixedClock, settings: Any
) -> None:
    """Who came by a government's sign-in has no address; who holds a session of another leads no letter elsewhere."""
    settings.CONFIG, settings.CLOCK = home, clock
    build(home, clock)
    without, other = linked("0123456789abcdef@no-sign-in.invalid", home, clock), linked("own@example.org", home, clock)
    box = Box(clock)
    with pytest.raises(SchoolgateError) as missing:
        digests.set_digest(without, "weekly", config=home, clock=clock)
    assert missing.value.code == "digest-address"
    with pytest.raises(SchoolgateError):
        digests.set_digest(without, "weekly", config=home, clock=clock, address="no address")
    assert digests.digest_of(without) == digests.DigestView("none", False)
    digests.set_digest(without, "weekly", config=home, clock=clock, address="typed@example.org")
    digests.set_digest(other, "weekly", config=home, clock=clock, address="elsewhere@example.org")
    assert [letter.to for letter in box.letters()] == [["typed@example.org"], ["own@example.org"]]
