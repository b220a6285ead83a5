"""A young person's leave for an adult who has only a code; an account's own words for its children."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from schoolgate import desk, rights
from schoolgate.clock import FixedClock
from schoolgate.errors import Refusal, Refused
from schoolgate.rights.models import ChildLink
from tests.rights.test_standing import Home, home_of

pytestmark = pytest.mark.django_db
__all__ = ["home_of"]

YOUNG = "2012-03-11"
"""Fourteen in the small world."""


def act(home: Home, who: int, link: rights.ChildLink, name: str, /, **given: Any) -> Any:
    return desk.for_family(name, home.accounts[who], link.id, config=home.config, clock=home.clock, **given)


def test_a_new_adults_code_fits_once_the_young_person_lets_them_look_and_ends_as_easily(home_of: Home) -> None:
    home_of.born(YOUNG)
    own, code = home_of.link(2, "pupil"), home_of.code()
    closed = rights.redeem_code(home_of.accounts[0], code, home_of.clock, config=home_of.config)
    assert isinstance(closed, Refusal)
    assert closed.code == "code-does-not-fit"
    (waiting,) = rights.others(own)
    assert (waiting.standing, waiting.leave, waiting.id < 0) == ("parental-responsibility", False, True)
    assert waiting.until is not None
    for given in (True, False, True):
        assert act(home_of, 2, own, "leave-give", other=waiting.id, given=given) is None
        assert rights.others(own)[0].leave is given
    link = rights.redeem_code(home_of.accounts[0], code, home_of.clock, config=home_of.config)
    assert isinstance(link, rights.ChildLink)
    assert link.may == {"see"}
    (adult,) = rights.others(own)
    assert (adult.id, adult.leave, adult.until) == (link.id, True, None)
    act(home_of, 2, own, "leave-give", other=link.id, given=False)
    assert rights.children(home_of.accounts[0]) == ()


def test_who_is_only_let_look_reads_their_earlier_case_and_says_asks_and_adds_nothing(home_of: Home) -> None:
    home_of.born(YOUNG)
    adult = home_of.link(0)
    asked = act(home_of, 0, adult, "case-open", kind="access-question", text="Who has it?")
    assert isinstance(asked, str)
    own = home_of.link(2, "pupil")
    act(home_of, 2, own, "leave-give", other=adult.id, given=True)
    assert act(home_of, 0, adult, "case-show", reference=asked).line.reference == asked
    piece = {"reference": asked, "number": 0, "data": ""}
    for refused in (
        *(act(home_of, 0, adult, "case-open", kind=kind, text="Who?") for kind in rights.cases.KINDS),
        act(home_of, 0, adult, "case-say", reference=asked, event="withdraw", text=""),
        act(home_of, 0, adult, "case-file-piece", **piece),
        act(home_of, 0, adult, "case-file-add", reference=asked, name="a.txt", sha256="0" * 64),
    ):
        assert isinstance(refused, Refused)
        assert {one.code for one in refused.reasons} == {"standing"}
    assert act(home_of, 0, adult, "case-show", reference=asked).line.state == "received"
    assert isinstance(act(home_of, 2, own, "case-open", kind="access-question", text="Who has mine?"), str)


def test_leave_for_a_code_of_another_child_one_that_ended_or_ones_own_is_not_given(home_of: Home) -> None:
    home_of.born(YOUNG)
    own = home_of.link(2, "pupil")
    home_of.code()
    (waiting,) = rights.others(own)
    for other in (waiting.id - 1, -(2**62), 0):
        refused = act(home_of, 2, own, "leave-give", other=other, given=True)
        assert isinstance(refused, Refused)
        assert refused.reasons[0].code == "adult-unknown"
    home_of.clock = FixedClock(home_of.clock.now() + timedelta(days=15))
    assert isinstance(act(home_of, 2, own, "leave-give", other=waiting.id, given=True), Refused)


def test_an_account_calls_a_child_something_that_it_alone_sees_and_the_database_does_not(home_of: Home) -> None:
    mine, theirs = home_of.link(0), home_of.link(1)
    assert mine.label == ""
    assert act(home_of, 0, mine, "link-label", label="  the older\n one\u202e ") == "the older one"
    assert [one.label for one in rights.children(home_of.accounts[0])] == ["the older one"]
    assert [one.label for one in rights.children(home_of.accounts[1])] == [""]
    row = ChildLink.objects.get(public_id=mine.id)
    assert b"older" not in bytes(row.label or b"")
    assert "older" not in repr(rights.children(home_of.accounts[0]))
    # Sealed for this link: laid on another it opens nothing.
    ChildLink.objects.filter(public_id=theirs.id).update(label=row.label)
    assert rights.children(home_of.accounts[1])[0].label == ""
    assert act(home_of, 0, mine, "link-label", label="x" * 100) == "x" * 40
    assert act(home_of, 0, mine, "link-label", label=" ") == ""
    assert ChildLink.objects.get(public_id=mine.id).label is None


def test_what_a_child_was_called_goes_with_the_link(home_of: Home) -> None:
    mine = home_of.link(0)
    act(home_of, 0, mine, "link-label", label="the older one")
    act(home_of, 0, mine, "link-end")
    assert ChildLink.objects.get(public_id=mine.id).label is None
