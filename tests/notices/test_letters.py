"""What schools and families are written: what is new, for the school they follow, and where to say no."""

from __future__ import annotations

import pytest
from django.core import mail

from schoolgate import notices, people, post
from schoolgate.config import Config
from schoolgate.post.letters import send_due
from tests.notices.scene import Moving, agreed, publish
from tests.world import World, build

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(home: Config, clock: Moving) -> World:
    return build(home, clock)


def follow(clock: Moving, topic: str, address: str) -> None:
    post.subscribe(topic, address, clock=clock, token=lambda size, topic=topic: f"{topic}-{size}")
    assert post.confirm(f"{topic}-32", clock) is not None


def letters(clock: Moving) -> dict[str, str]:
    """The letters that wait, sent: address -> text."""
    mail.outbox.clear()
    send_due(clock)
    return {str(one.to[0]): str(one.body) for one in mail.outbox}


def test_a_letter_says_what_is_new_and_to_a_school_s_families_what_is_about_its_pupils(
    world: World, home: Config, clock: Moving
) -> None:
    people.create_account("office@school.example", "correct horse battery", role="school")
    follow(clock, notices.TOPIC, "all@home.example")
    follow(clock, notices.school_topic(100008), "camden@home.example")  # authority 202
    follow(clock, notices.school_topic(100500), "chelsea@home.example")  # authority 207
    letters(clock)
    publish(clock, "The first notice")
    first = letters(clock)
    assert len(first) == 4
    assert all("It tells of everything as it stands." in text for text in first.values())

    agreed(world, clock, kind="charity", authorities=("207",))
    told = publish(clock, "A charity")
    sent = letters(clock)
    new = "* For the first time it is used by a charity."
    assert new in sent["all@home.example"]
    assert new in sent["chelsea@home.example"]
    assert new not in sent["camden@home.example"]
    assert "Nothing that changed is about pupils of Argyle Primary School." in sent["camden@home.example"]
    assert "Please tell your families" in sent["office@school.example"]
    assert new in sent["office@school.example"]
    for address, page in (("camden@home.example", "/notices/school-100008/"), ("all@home.example", "/notices/")):
        assert f"{page}\n" in sent[address]
        assert f"/notices/versions/{told.number}/" in sent[address]
        assert "waits 31 full days after the last of these letters" in sent[address]
        assert "/family/" in sent[address]
