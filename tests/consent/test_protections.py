"""A family's yes, a child who must not be found, a death: what is kept, and that the public hears of none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from schoolgate import consent, people, register
from schoolgate.clock import FixedClock
from schoolgate.consent.models import Consent, Shield
from schoolgate.errors import SchoolgateError
from schoolgate.ids import Pmr

pytestmark = pytest.mark.django_db

PUPIL = Pmr(7_654_321)
PLAA = "census_pupil.plaa"
RESEARCH = "education-research"


@pytest.fixture
def university() -> str:
    return people.add_organisation("University of Example (synthetic)", "university").id


def say_yes(clock: FixedClock, to: str, **changes: Any) -> consent.Yes:
    given: dict[str, Any] = {
        "item": PLAA, "purpose_id": RESEARCH, "recipient": to, "last_day": date(2027, 9, 1),
        "actor": "account:1", "clock": clock,
    }  # fmt: skip
    return consent.give_consent(PUPIL, **{**given, **changes})


def who(recipient: str, today: date = date(2026, 9, 1), item: str = PLAA, purpose: str = RESEARCH) -> list[int]:
    return consent.consenting_pupils(item, purpose, recipient, today)


def test_nobody_has_said_yes_until_somebody_does(clock: FixedClock, university: str) -> None:
    assert who(university) == []
    yes = say_yes(clock, university)
    assert (yes.item, yes.recipient, yes.last_day) == (PLAA, university, date(2027, 9, 1))
    assert consent.consents_of(PUPIL) == (yes,)
    assert who(university) == [PUPIL]


def test_a_yes_is_to_one_item_one_purpose_one_recipient_until_a_day(clock: FixedClock, university: str) -> None:
    other = people.add_organisation("Another one (synthetic)", "university").id
    say_yes(clock, university)
    assert (
        who(other) == who(university, purpose="official-statistics") == who(university, item="census_pupil.sex") == []
    )
    assert who(university, date(2027, 9, 1)) == [PUPIL]
    assert who(university, date(2027, 9, 2)) == []


@pytest.mark.parametrize(
    "last_day", [date(2026, 8, 31), date(2028, 9, 2), date(9999, 12, 31)], ids=["past", "over two years", "for ever"]
)
def test_no_yes_is_open_ended(last_day: date, clock: FixedClock, university: str) -> None:
    with pytest.raises(SchoolgateError) as refused:
        say_yes(clock, university, last_day=last_day)
    assert refused.value.code == "consent-not-possible"
    assert not Consent.objects.exists()
    assert say_yes(clock, university, last_day=date(2026, 9, 1))
    assert say_yes(clock, university, last_day=date(2028, 9, 1))


def test_there_is_no_yes_to_everything(clock: FixedClock, university: str) -> None:
    for changes in (
        {"item": "census_pupil.sex"},
        {"item": "*"},
        {"item": ""},
        {"purpose_id": "anything"},
        {"to": ""},
    ):
        with pytest.raises(SchoolgateError):
            say_yes(clock, **{"to": university, **changes})
    assert not Consent.objects.exists()


def test_a_yes_given_again_takes_the_place_of_the_first_and_can_be_taken_back(
    clock: FixedClock, university: str
) -> None:
    say_yes(clock, university)
    say_yes(clock, university, last_day=date(2026, 10, 1))
    assert [yes.last_day for yes in consent.consents_of(PUPIL)] == [date(2026, 10, 1)]
    assert Consent.objects.count() == 2
    back: dict[str, Any] = {
        "item": PLAA,
        "purpose_id": RESEARCH,
        "recipient": university,
        "actor": "account:1",
        "clock": clock,
    }
    assert consent.withdraw_consent(PUPIL, **back) is True
    assert consent.withdraw_consent(PUPIL, **back) is False
    assert who(university) == []
    assert Consent.objects.count() == 2


def test_the_database_itself_holds_one_yes_and_one_shield_in_force(clock: FixedClock, university: str) -> None:
    say_yes(clock, university)
    consent.shield(PUPIL, actor="P-1", clock=clock)
    for again in (
        lambda: Consent.objects.create(
            pupil=PUPIL, item=PLAA, purpose_id=RESEARCH, recipient=university, given_at=clock.now(), given_by="x",
            last_day=date(2027, 1, 1),
        ),
        lambda: Shield.objects.create(pupil=PUPIL, placed_at=clock.now(), placed_by="x"),
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            again()


def test_a_shield_is_placed_once_and_lifted_once(clock: FixedClock) -> None:
    assert consent.shielded_pupils() == []
    assert [consent.shield(PUPIL, actor="P-1", clock=clock) for _ in range(2)] == [True, False]
    assert consent.shielded_pupils() == [PUPIL]
    assert [consent.unshield(PUPIL, actor="P-1", clock=clock) for _ in range(2)] == [True, False]
    assert consent.shielded_pupils() == []


def test_a_death_has_one_day_and_can_be_an_error(clock: FixedClock) -> None:
    assert consent.record_death(PUPIL, date(2026, 8, 1), actor="P-1", clock=clock) is True
    assert consent.record_death(PUPIL, date(2026, 8, 1), actor="P-1", clock=clock) is False
    assert consent.record_death(PUPIL, date(2026, 8, 2), actor="P-1", clock=clock) is True
    assert consent.death_of(PUPIL) == date(2026, 8, 2)
    assert consent.deceased_pupils() == [PUPIL]
    assert consent.correct_death(PUPIL, actor="P-1", clock=clock) is True
    assert (consent.death_of(PUPIL), consent.deceased_pupils()) == (None, [])
    with pytest.raises(SchoolgateError):
        consent.record_death(PUPIL, date(2026, 9, 2), actor="P-1", clock=clock)
    # In British Summer Time it is tomorrow already.
    late = FixedClock(clock.now() + timedelta(hours=14, minutes=30))
    assert consent.record_death(PUPIL, date(2026, 9, 2), actor="P-1", clock=late) is True


def test_the_public_hears_of_none_of_it_and_a_read_notices_each(clock: FixedClock, university: str) -> None:
    before = register.log_size()
    changes: list[Callable[[], object]] = [
        lambda: say_yes(clock, university),
        lambda: consent.withdraw_consent(
            PUPIL, item=PLAA, purpose_id=RESEARCH, recipient=university, actor="account:1", clock=clock
        ),
        lambda: consent.shield(PUPIL, actor="P-1", clock=clock),
        lambda: consent.unshield(PUPIL, actor="P-1", clock=clock),
        lambda: consent.record_death(PUPIL, date(2026, 8, 1), actor="P-1", clock=clock),
        lambda: consent.correct_death(PUPIL, actor="P-1", clock=clock),
    ]
    for change in changes:
        seen = consent.revision()
        change()
        assert consent.revision() > seen
        assert consent.hold_revision() == consent.revision()
    assert register.log_size() == before
