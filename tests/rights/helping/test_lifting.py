"""A restriction ends after everybody who acts for the child was written to, in time (UK GDPR Article 18(3))."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from schoolgate import consent, gate, people, requests, rights
from schoolgate.clock import FixedClock
from schoolgate.errors import Refused, insist
from schoolgate.post.letters import keys
from schoolgate.post.models import Letter
from schoolgate.rights.helping.models import PaperLetter
from tests.rights.test_standing import UPN, Home, home_of
from tests.world import CHILDREN

__all__ = ["home_of"]

pytestmark = pytest.mark.django_db

WHAT = {"upn": UPN, "reason": "legal-claim"}


def code(outcome: Any) -> str:
    assert isinstance(outcome, Refused), outcome
    return outcome.reasons[0].code


def on(home: Home, day: date) -> None:
    home.clock = FixedClock(datetime(day.year, day.month, day.day, 9, 0, tzinfo=home.clock.now().tzinfo))


def mails() -> list[str]:
    return [keys().unseal("post", bytes(one.sealed), one.uid.bytes).decode() for one in Letter.objects.all()]


def test_everybody_who_acts_for_the_child_is_written_to_and_paper_leaves_in_time(home_of: Home) -> None:
    home_of.link(0)
    ended = home_of.link(1)
    rights.end_link(ended, clock=home_of.clock)  # who acts no more is told nothing
    held = home_of.confirmed(way="held").link_id
    assert code(home_of.at_desk("lifting-announce", **WHAT, lifts_on=date(2026, 9, 20))) == "no-restriction"
    assert not PaperLetter.objects.exists()
    assert not mails()
    assert insist(home_of.at_desk("restrict", **WHAT))
    assert code(home_of.at_desk("lift", **WHAT)) == "lift-untold"
    assert code(home_of.at_desk("lifting-announce", **WHAT, lifts_on=date(2026, 9, 7))) == "lift-too-soon"
    assert not mails()
    first = date(2026, 9, 10)
    announced = insist(home_of.at_desk("lifting-announce", **WHAT, lifts_on=first))
    assert (announced.by_mail, announced.on_paper) == (1, 1)
    (mail,) = mails()
    assert "parent0@example.org" in mail
    assert "From 10 September 2026 on it can be used again." in mail
    (paper,) = PaperLetter.objects.all()
    assert paper.link is not None
    assert paper.link.public_id == held
    text = insist(home_of.at_desk("behalf-letter", letter=paper.public_id))
    lines = " ".join(one.text for one in requests.read(text))
    assert "From 10 September 2026 on it can be used again." in lines
    assert "If you do not agree" in lines
    for secret in (CHILDREN[1].forename, CHILDREN[1].surname, UPN, "legal"):
        assert secret not in mail
    for secret in (CHILDREN[1].forename, CHILDREN[1].surname, UPN):
        assert secret not in text
    # The paper letter has not left: the restriction stays, also on the day.
    on(home_of, first)
    assert code(home_of.at_desk("lift", **WHAT)) == "lift-untold"
    # It leaves too late: it stays. A later day is announced; what had not left of the earlier is not sent any more.
    second = first + timedelta(days=10)
    insist(home_of.at_desk("lifting-announce", **WHAT, lifts_on=second))
    (paper,) = PaperLetter.objects.all()
    on(home_of, second - timedelta(days=3))
    assert insist(home_of.at_desk("behalf-posted", letter=paper.public_id))
    on(home_of, second)
    assert code(home_of.at_desk("lift", **WHAT)) == "lift-untold"
    third = second + timedelta(days=10)
    insist(home_of.at_desk("lifting-announce", **WHAT, lifts_on=third))
    waits = PaperLetter.objects.get(posted_at=None)
    assert insist(home_of.at_desk("behalf-posted", letter=waits.public_id))
    assert code(home_of.at_desk("lift", **WHAT)) == "lift-untold"  # the day has not come
    assert consent.restricted_pupils() == [home_of.pupil]
    assert consent.restriction_figures(home_of.clock).due == 0
    on(home_of, third)
    assert consent.restriction_figures(home_of.clock).due == 1
    assert insist(home_of.at_desk("lift", **WHAT)) is True
    assert consent.restricted_pupils() == []
    assert home_of.at_desk("lift", **WHAT) is False


def test_where_nobody_of_the_family_is_known_a_letter_waits_all_the_same(home_of: Home) -> None:
    outside = people.create_held_account("0" * 32)  # an account without an address is written to on paper
    assert outside.email.endswith(".invalid")
    insist(home_of.at_desk("restrict", **WHAT))
    announced = insist(home_of.at_desk("lifting-announce", **WHAT, lifts_on=date(2026, 9, 15)))
    assert (announced.by_mail, announced.on_paper) == (0, 1)
    (line,) = insist(home_of.at_desk("behalf-letters"))
    assert (line.kind, line.link) == ("lifting", 0)
    assert code(home_of.at_desk("restrictions-show", upn="A000000000000")) == "pupil-unclear"
    (shown,) = insist(home_of.at_desk("restrictions-show", upn=UPN))
    assert shown.lifts_on == date(2026, 9, 15)


def test_there_is_no_way_to_end_what_staff_placed_but_by_the_desk() -> None:
    """The gate offers none; of the room's own functions the desk's act is the one that asks for letters first."""
    assert not {"lift_restriction", "tell_of_lifting"} & set(gate.__all__)
