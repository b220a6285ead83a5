"""Following a topic: only after a yes from the letter box, left with one click, and nobody is told who follows what."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail

from schoolgate import post
from schoolgate.clock import FixedClock
from schoolgate.errors import SchoolgateError
from schoolgate.post.following import ASKED_OF_ONE, forget_unconfirmed
from schoolgate.post.letters import send_due
from schoolgate.post.models import Subscription

pytestmark = pytest.mark.django_db

ADDRESS = "synthetic.reader@example.org"
TOPIC = "register?organisation=O-1"


def _letter(clock: FixedClock) -> str:
    """The one letter that waits, sent."""
    mail.outbox.clear()
    send_due(clock)
    (sent,) = mail.outbox
    return str(sent.body)


def _token(letter: str, kind: str) -> str:
    found = re.search(rf"/letters/{kind}/([A-Za-z0-9_-]+)/", letter)
    assert found is not None
    return found.group(1)


def _follow(clock: FixedClock, topic: str = TOPIC, address: str = ADDRESS) -> None:
    post.subscribe(topic, address, clock=clock, says="all of one organisation")
    assert post.confirm(_token(_letter(clock), "confirm"), clock) is not None


def test_nobody_is_written_to_before_they_said_yes(clock: FixedClock) -> None:
    assert post.subscribe(TOPIC, ADDRESS, clock=clock, says="all of one organisation").taken
    asked = _letter(clock)
    assert "all of one organisation" in asked
    assert post.tell(TOPIC, "News", "An agreement was signed.", clock=clock) == 0
    token = _token(asked, "confirm")
    assert post.followed(token, clock) == post.Following(TOPIC, "all of one organisation")
    assert post.tell(TOPIC, "News", "An agreement was signed.", clock=clock) == 0  # looking is not saying yes
    assert post.confirm(token, clock) == post.Following(TOPIC, "all of one organisation")
    assert post.topics("register?") == (TOPIC,)
    assert post.tell(TOPIC, "News", "An agreement was signed.", clock=clock) == 1
    assert "An agreement was signed." in _letter(clock)


def test_a_letter_can_be_stopped_with_one_click_and_the_address_is_forgotten(clock: FixedClock) -> None:
    _follow(clock)
    post.tell(TOPIC, "News", "Something.", clock=clock)
    token = _token(_letter(clock), "leave")
    (sent,) = mail.outbox
    assert sent.message()["List-Unsubscribe"] == f"<{post.site_address()}/letters/leave/{token}/>"
    assert sent.message()["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert post.followed(token, clock) == post.Following(TOPIC, "all of one organisation")
    assert post.leave(token, clock)
    assert post.leave(token, clock)  # a mail program may ask twice
    assert not Subscription.objects.exists()
    assert post.tell(TOPIC, "News", "Something.", clock=clock) == 0


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "é", "/../", "A" * 5000])
def test_a_token_that_is_none_does_nothing(token: str, clock: FixedClock) -> None:
    _follow(clock)
    assert post.confirm(token, clock) is None
    assert not post.leave(token, clock)
    assert post.followed(token, clock) is None
    assert Subscription.objects.count() == 1


def test_a_confirming_token_ends_after_two_days_and_the_address_is_forgotten(clock: FixedClock) -> None:
    post.subscribe(TOPIC, ADDRESS, clock=clock)
    token = _token(_letter(clock), "confirm")
    late = FixedClock(clock.now() + timedelta(days=2, seconds=1))
    assert post.confirm(token, late) is None
    assert forget_unconfirmed(late) == 1
    assert not Subscription.objects.exists()


def test_a_token_is_not_kept_as_it_is(clock: FixedClock) -> None:
    post.subscribe(TOPIC, ADDRESS, clock=clock, token=lambda size: "a-token-of-the-test")
    assert Subscription.objects.get().token_hash not in ("", "a-token-of-the-test")
    assert _token(_letter(clock), "confirm") == "a-token-of-the-test"


def test_whoever_asks_learns_nothing_about_an_address(clock: FixedClock) -> None:
    first = post.subscribe(TOPIC, ADDRESS, clock=clock)
    post.confirm(_token(_letter(clock), "confirm"), clock)
    assert post.subscribe(TOPIC, ADDRESS.upper(), clock=clock) == first
    assert "already" in _letter(clock)
    for _ in range(ASKED_OF_ONE):
        assert post.subscribe("register?", ADDRESS, clock=clock) == first


def test_a_letter_box_is_not_filled_by_somebody_else(clock: FixedClock) -> None:
    for number in range(ASKED_OF_ONE + 5):
        post.subscribe(f"register?words=w{number}", ADDRESS, clock=clock)
    assert post.outgoing().waiting == ASKED_OF_ONE
    tomorrow = FixedClock(clock.now() + timedelta(days=1))
    post.subscribe("register?words=later", ADDRESS, clock=tomorrow)
    assert post.outgoing().waiting == ASKED_OF_ONE + 1


def test_a_flood_of_askings_ends_and_says_so(clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schoolgate.post.following.ASKED_OF_ALL", 3)
    taken = [post.subscribe(TOPIC, f"synthetic{n}@example.org", clock=clock).taken for n in range(5)]
    assert taken == [True, True, True, False, False]
    assert post.outgoing().waiting == 3


def test_a_subscription_of_another_is_not_left_with_ones_own_token(clock: FixedClock) -> None:
    _follow(clock)
    _follow(clock, address="synthetic.other@example.org")
    post.tell(TOPIC, "News", "Something.", clock=clock)
    mail.outbox.clear()
    send_due(clock)
    tokens = {str(one.to[0]): _token(str(one.body), "leave") for one in mail.outbox}
    assert post.leave(tokens[ADDRESS], clock)
    assert post.tell(TOPIC, "News", "Something.", clock=clock) == 1
    forged = tokens["synthetic.other@example.org"][:-3] + "AAA"
    assert not post.leave(forged, clock)


def test_a_topic_is_short_and_is_one(clock: FixedClock) -> None:
    for topic in ("", "x" * 401):
        with pytest.raises(SchoolgateError, match="cannot be followed"):
            post.subscribe(topic, ADDRESS, clock=clock)
