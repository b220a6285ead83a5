"""A family's "no": when it counts, when a law overrides it, and what the public learns of it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from schoolgate import consent, dictionary, register
from schoolgate.clock import FixedClock
from schoolgate.consent.models import Objection as ObjectionRow
from schoolgate.consent.restrictions import read_lifting
from schoolgate.errors import SchoolgateError
from schoolgate.ids import Pmr

pytestmark = pytest.mark.django_db

RESEARCH = "education-research"
PUPIL = Pmr(7_654_321)


def overriding() -> dictionary.Purpose:
    """A purpose whose law overrides objections."""
    return next(purpose for purpose in dictionary.purposes() if purpose.statutory_override)


def totals() -> list[dict[str, str]]:
    """What the register was told, newest first."""
    return [
        {key: event.body[key] for key in ("purpose", "objecting")}
        for event in register.events(type="objection.totals", limit=1000)
    ]


def test_an_objection_leaves_the_child_out_from_the_next_read_on(clock: FixedClock) -> None:
    assert consent.objecting_pupils(consent.Use((RESEARCH,))) == []
    lodged = consent.lodge_objection(PUPIL, RESEARCH, actor="account:1", clock=clock)
    assert (lodged.purpose_id, lodged.overridden, lodged.provision) == (RESEARCH, False, "")
    assert lodged.lodged_at == clock.now()
    assert consent.objecting_pupils(consent.Use((RESEARCH,))) == [PUPIL]


def test_an_objection_is_to_one_purpose_and_no_other(clock: FixedClock) -> None:
    consent.lodge_objection(PUPIL, RESEARCH, actor="account:1", clock=clock)
    assert consent.objecting_pupils(consent.Use(("commercial-product",))) == []
    assert consent.objecting_pupils(consent.Use(())) == []
    assert consent.objecting_pupils(
        consent.Use(
            (
                "commercial-product",
                RESEARCH,
            )
        )
    ) == [PUPIL]


def test_it_is_withdrawn_as_easily_and_can_be_lodged_again(clock: FixedClock) -> None:
    consent.lodge_objection(PUPIL, RESEARCH, actor="account:1", clock=clock)
    assert consent.withdraw_objection(PUPIL, RESEARCH, actor="account:1", clock=clock) is True
    assert consent.objecting_pupils(consent.Use((RESEARCH,))) == []
    assert consent.objections_of(PUPIL) == ()
    assert consent.withdraw_objection(PUPIL, RESEARCH, actor="account:1", clock=clock) is False
    later = FixedClock(clock.now() + timedelta(days=1))
    assert consent.lodge_objection(PUPIL, RESEARCH, actor="account:2", clock=later).lodged_at == later.now()
    assert ObjectionRow.objects.count() == 2


def test_lodging_it_twice_is_one_objection_and_one_event(clock: FixedClock) -> None:
    before = len(totals())
    first = consent.lodge_objection(PUPIL, RESEARCH, actor="account:1", clock=clock)
    second = consent.lodge_objection(
        PUPIL, RESEARCH, actor="account:1", clock=FixedClock(clock.now() + timedelta(hours=1))
    )
    assert second == first
    assert ObjectionRow.objects.count() == 1
    assert len(totals()) == before + 1


def test_the_database_itself_holds_one_objection_in_force(clock: FixedClock) -> None:
    from django.db import IntegrityError

    consent.lodge_objection(PUPIL, RESEARCH, actor="account:1", clock=clock)
    with pytest.raises(IntegrityError), transaction.atomic():
        ObjectionRow.objects.create(pupil=PUPIL, target=RESEARCH, lodged_at=clock.now(), lodged_by="account:1")


def test_where_a_law_overrides_it_the_objection_is_recorded_and_says_so(clock: FixedClock) -> None:
    purpose = overriding()
    lodged = consent.lodge_objection(PUPIL, purpose.id, actor="account:1", clock=clock)
    assert lodged.overridden
    assert lodged.provision == purpose.provision != ""
    assert consent.objections_of(PUPIL) == (lodged,)
    assert consent.objecting_pupils(consent.Use((purpose.id,))) == []
    assert (
        consent.objecting_pupils(
            consent.Use(
                (
                    purpose.id,
                    RESEARCH,
                )
            )
        )
        == []
    )


def test_an_unknown_purpose_is_refused_and_nothing_is_recorded(clock: FixedClock) -> None:
    before = len(totals())
    for act in (consent.lodge_objection, consent.withdraw_objection):
        with pytest.raises(consent.UnknownPurpose):
            act(PUPIL, "world-domination", actor="account:1", clock=clock)
    assert not ObjectionRow.objects.exists()
    assert len(totals()) == before


def test_each_change_tells_the_register_the_rounded_total_of_its_purpose(clock: FixedClock) -> None:
    for pupil in range(13):
        consent.lodge_objection(Pmr(pupil), RESEARCH, actor="account:1", clock=clock)
    assert len(totals()) == 13
    assert totals()[0] == {"purpose": RESEARCH, "objecting": register.round_count(13)}
    consent.withdraw_objection(Pmr(1), RESEARCH, actor="account:1", clock=clock)
    assert len(totals()) == 14


def test_a_single_objection_and_its_withdrawal_look_alike_in_public(clock: FixedClock) -> None:
    """The event says when somebody used the site; it must not say what they chose."""
    consent.lodge_objection(PUPIL, RESEARCH, actor="account:1", clock=clock)
    consent.withdraw_objection(PUPIL, RESEARCH, actor="account:1", clock=clock)
    withdrawn, lodged = totals()
    assert withdrawn == lodged == {"purpose": RESEARCH, "objecting": "fewer than 10"}


def test_an_event_that_cannot_be_written_leaves_no_objection(
    clock: FixedClock,
) -> None:
    class Broken:
        """A clock whose moment the register cannot write."""

        def __init__(self) -> None:
            self.asked = 0

        def now(self) -> object:
            self.asked += 1
            return clock.now() if self.asked == 1 else None

    with pytest.raises(AttributeError):
        consent.lodge_objection(PUPIL, RESEARCH, actor="account:1", clock=Broken())  # type: ignore[arg-type]
    assert consent.objections_of(PUPIL) == ()
    assert totals() == []


def test_the_register_learns_no_pupil_and_no_account(clock: FixedClock) -> None:
    consent.lodge_objection(PUPIL, RESEARCH, actor="account:4711", clock=clock)
    (event, *_) = register.events(type="objection.totals", limit=1)
    text = json.dumps(dict(event.body))
    assert str(PUPIL) not in text
    assert "4711" not in text


def lift(reason: str, clock: FixedClock) -> bool:
    """Tell the family, wait for the day, lift."""
    told = FixedClock(clock.now())
    lifts_on = clock.now().date() + consent.NOTICE_BEFORE_LIFTING
    consent.tell_of_lifting(PUPIL, reason=reason, lifts_on=lifts_on, tell=list, actor="custodian", clock=told)
    on_the_day = FixedClock(clock.now() + consent.NOTICE_BEFORE_LIFTING)
    return consent.lift_restriction(PUPIL, reason=reason, actor="custodian", clock=on_the_day)


def test_a_restriction_leaves_the_child_out_of_every_read_until_it_is_lifted(clock: FixedClock) -> None:
    placed = consent.restrict(PUPIL, reason="accuracy-contested", actor="custodian", clock=clock)
    consent.restrict(PUPIL, reason="accuracy-contested", actor="custodian", clock=clock)
    consent.restrict(PUPIL, reason="legal-claim", actor="custodian", clock=clock)
    assert consent.restrictions_of(PUPIL)[0] == placed
    assert consent.restricted_pupils() == [PUPIL]
    assert lift("accuracy-contested", clock)
    assert consent.restricted_pupils() == [PUPIL]
    assert lift("legal-claim", clock)
    assert consent.restricted_pupils() == []
    assert not lift("legal-claim", clock)


def test_no_restriction_is_lifted_before_the_day_that_the_family_was_told_of(clock: FixedClock) -> None:
    """UK GDPR Article 18(3): the person is informed before the restriction is lifted."""
    consent.restrict(PUPIL, reason="accuracy-contested", actor="account:1", clock=clock)

    def try_to_lift(after: timedelta) -> bool:
        later = FixedClock(clock.now() + after)
        return consent.lift_restriction(PUPIL, reason="accuracy-contested", actor="custodian", clock=later)

    with pytest.raises(SchoolgateError) as untold:
        try_to_lift(timedelta(days=400))
    assert untold.value.code == "lift-untold"
    week = clock.now().date() + consent.NOTICE_BEFORE_LIFTING
    wrote: list[str] = []
    tell: dict[str, Any] = {
        "reason": "accuracy-contested", "tell": lambda: wrote.append("letter"), "actor": "custodian", "clock": clock,
    }  # fmt: skip
    with pytest.raises(SchoolgateError) as too_soon:
        consent.tell_of_lifting(PUPIL, lifts_on=week - timedelta(days=1), **tell)
    assert too_soon.value.code == "lift-too-soon"
    assert consent.restrictions_of(PUPIL)[0].lifts_on is None
    assert wrote == []

    def cannot() -> None:
        raise SchoolgateError("The letter cannot be written.", code="letter")

    with pytest.raises(SchoolgateError):  # no day counts as told without its letters
        consent.tell_of_lifting(PUPIL, lifts_on=week, **{**tell, "tell": cannot})
    assert consent.restrictions_of(PUPIL)[0].lifts_on is None
    assert consent.tell_of_lifting(PUPIL, lifts_on=week, **tell)
    assert wrote == ["letter"]
    assert consent.restrictions_of(PUPIL)[0].lifts_on == week
    with pytest.raises(SchoolgateError):
        try_to_lift(consent.NOTICE_BEFORE_LIFTING - timedelta(days=1))
    assert consent.restricted_pupils() == [PUPIL]
    assert try_to_lift(consent.NOTICE_BEFORE_LIFTING)
    assert not consent.tell_of_lifting(PUPIL, lifts_on=week, **tell)
    assert wrote == ["letter"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not understood"),
        ("[lifting]\ndays = 7\nposted_days = 7", "not understood"),
        ("[lifting]\ndays = 0\nposted_days = 0\nsource = 'Article 18(3)'", "told before"),
        ("[lifting]\ndays = 7\nposted_days = 9\nsource = 'Article 18(3)'", "told before"),
        ("[lifting]\ndays = 7\nposted_days = 5\nsource = ' '", "name the source"),
    ],
)
def test_how_long_before_a_family_is_told_is_a_file_that_is_refused_when_it_is_not_whole(text: str, why: str) -> None:
    with pytest.raises(SchoolgateError) as refused:
        read_lifting(text)
    assert why in f"{refused.value.what} {refused.value.hint}"


def test_a_family_takes_back_what_it_asked_for_itself_and_nothing_else(clock: FixedClock) -> None:
    consent.restrict(PUPIL, reason="legal-claim", actor="account:2", clock=clock)
    consent.restrict(PUPIL, reason="unlawful-use", actor="P-0004", clock=clock)
    take_back: dict[str, Any] = {"actor": "account:2", "clock": clock}
    assert consent.withdraw_restriction(PUPIL, reason="legal-claim", **take_back)
    assert not consent.withdraw_restriction(PUPIL, reason="legal-claim", **take_back)
    assert not consent.withdraw_restriction(PUPIL, reason="unlawful-use", **take_back)
    assert [one.reason for one in consent.restrictions_of(PUPIL)] == ["unlawful-use"]


def test_a_restriction_tells_the_register_a_rounded_number_without_reasons(clock: FixedClock) -> None:
    consent.restrict(PUPIL, reason="legal-claim", actor="account:1", clock=clock)
    consent.restrict(PUPIL, reason="legal-claim", actor="account:1", clock=clock)
    consent.withdraw_restriction(PUPIL, reason="legal-claim", actor="account:1", clock=clock)
    told = register.events(type="restriction.totals", limit=10)
    assert [event.body["restricted"] for event in told] == ["fewer than 10"] * 2
    assert "legal" not in str([dict(event.body) for event in told])


def test_a_restriction_needs_a_reason_of_the_law(clock: FixedClock) -> None:
    with pytest.raises(SchoolgateError) as refused:
        consent.restrict(PUPIL, reason="because", actor="custodian", clock=clock)
    assert "accuracy-contested" in refused.value.hint
    assert consent.restricted_pupils() == []


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["lodge", "withdraw"]),
        st.integers(0, 4),
        st.sampled_from([RESEARCH, "commercial-product", "immigration-enforcement"]),
    ),
    max_size=12,
)


class WhatWasSaidLastCounts(TestCase):
    """Whatever families do in whatever order, a read leaves out exactly those whose last word was no."""

    @settings(max_examples=40, deadline=None)
    @given(acts=ACTS)
    def test_the_last_word_of_each_family_counts(self, acts: list[tuple[str, int, str]]) -> None:
        from datetime import UTC, datetime

        clock = FixedClock(datetime(2026, 9, 1, tzinfo=UTC))
        override = {purpose.id for purpose in dictionary.purposes() if purpose.statutory_override}
        said: dict[tuple[int, str], bool] = {}
        for act, pupil, purpose in acts:
            if act == "lodge":
                consent.lodge_objection(Pmr(pupil), purpose, actor="a", clock=clock)
            else:
                consent.withdraw_objection(Pmr(pupil), purpose, actor="a", clock=clock)
            said[pupil, purpose] = act == "lodge"
        for purpose in (RESEARCH, "commercial-product", "immigration-enforcement"):
            expected = sorted(p for (p, q), no in said.items() if no and q == purpose and q not in override)
            assert consent.objecting_pupils(consent.Use((purpose,))) == expected
