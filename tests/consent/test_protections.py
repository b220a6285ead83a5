"""A family's yes, a child who must not be found, a death: what is kept, and that the public hears of none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from schoolgate import consent, people, register
from schoolgate.clock import FixedClock
from schoolgate.consent.models import Consent, Shield
from schoolgate.errors import Refusal, SchoolgateError
from schoolgate.ids import Pmr

pytestmark = pytest.mark.django_db

PUPIL = Pmr(7_654_321)
PLAA = "census_pupil.plaa"
RESEARCH = "education-research"


@pytest.fixture
def university() -> str:
    return people.add_organisation("University of Example (synthetic)", "university").id


@pytest.fixture
def staff() -> list[str]:
    """Two people of the custodian."""
    office = people.add_organisation("Ministry (synthetic)", "custodian").id
    return [people.add_person(office, "custodian").id for _ in range(2)]


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


def code(answer: bool | Refusal) -> str:
    """Why not."""
    assert isinstance(answer, Refusal), answer
    return answer.code


def figures(clock: FixedClock) -> dict[str, int]:
    """What the overseer counts, but for what is nought."""
    return {name: n for name, n in asdict(consent.protection_figures(timedelta(days=91), clock)).items() if n}


def test_one_person_places_a_shield_at_once_and_two_lift_it(clock: FixedClock, staff: list[str]) -> None:
    assert consent.shielded_pupils() == []
    assert code(consent.unshield(PUPIL, actor=staff[0], clock=clock)) == "not-shielded"
    assert [consent.shield(PUPIL, actor=staff[0], clock=clock) for _ in range(2)] == [True, False]
    assert consent.shielded_pupils() == [PUPIL]
    assert consent.unshield(PUPIL, actor=staff[0], clock=clock) is False
    assert code(consent.unshield(PUPIL, actor=staff[0], clock=clock)) == "same-person"
    assert (consent.shielded_pupils(), figures(clock)) == ([PUPIL], {"lifting": 1})
    assert consent.unshield(PUPIL, actor=staff[1], clock=clock) is True
    assert (consent.shielded_pupils(), figures(clock)) == ([], {"lifted": 1})


def test_one_human_being_with_two_numbers_is_one_person(clock: FixedClock, staff: list[str]) -> None:
    account = people.create_account("official@example.org", "correct horse battery", role="custodian").id
    for person in staff:
        people.hold_person(person, account)
    consent.shield(PUPIL, actor=staff[0], clock=clock)
    assert consent.unshield(PUPIL, actor=staff[0], clock=clock) is False
    assert code(consent.unshield(PUPIL, actor=staff[1], clock=clock)) == "same-person"
    assert consent.record_death(PUPIL, date(2026, 8, 1), actor=staff[0], clock=clock) is False
    assert code(consent.record_death(PUPIL, date(2026, 8, 1), actor=staff[1], clock=clock)) == "same-person"
    assert (consent.shielded_pupils(), consent.deceased_pupils()) == ([PUPIL], [])


def test_who_does_not_agree_that_a_shield_is_lifted_places_it_again(clock: FixedClock, staff: list[str]) -> None:
    consent.shield(PUPIL, actor=staff[0], clock=clock)
    assert consent.unshield(PUPIL, actor=staff[0], clock=clock) is False
    assert consent.shield(PUPIL, actor=staff[1], clock=clock) is True
    assert consent.unshield(PUPIL, actor=staff[1], clock=clock) is False
    assert consent.shielded_pupils() == [PUPIL]


def test_a_first_word_waits_for_a_month_and_no_longer(clock: FixedClock, staff: list[str]) -> None:
    consent.shield(PUPIL, actor=staff[0], clock=clock)
    assert consent.unshield(PUPIL, actor=staff[0], clock=clock) is False
    assert consent.record_death(PUPIL, date(2026, 8, 1), actor=staff[0], clock=clock) is False
    late = FixedClock(clock.now() + consent.FIRST_WORD_STANDS)
    assert figures(late) == {}
    assert consent.unshield(PUPIL, actor=staff[1], clock=late) is False
    assert consent.record_death(PUPIL, date(2026, 8, 1), actor=staff[1], clock=late) is False
    assert (consent.shielded_pupils(), consent.deceased_pupils()) == ([PUPIL], [])
    assert figures(late) == {"lifting": 1, "dying": 1}
    assert consent.unshield(PUPIL, actor=staff[0], clock=late) is True
    assert consent.record_death(PUPIL, date(2026, 8, 1), actor=staff[0], clock=late) is True


def test_a_death_has_one_day_takes_two_people_and_can_be_an_error(clock: FixedClock, staff: list[str]) -> None:
    one, two = staff
    first, second = date(2026, 8, 1), date(2026, 8, 2)

    def said(day: date, who: str, at: FixedClock = clock) -> bool | Refusal:
        return consent.record_death(PUPIL, day, actor=who, clock=at)

    assert said(first, one) is False
    assert code(said(first, one)) == "same-person"
    assert (consent.death_of(PUPIL), consent.deceased_pupils()) == (None, [])  # nobody's page has closed yet
    assert said(second, two) is False  # two who differ on the day have not decided
    assert figures(clock) == {"dying": 1}
    assert said(second, one) is True
    assert (consent.death_of(PUPIL), consent.deceased_pupils()) == (second, [PUPIL])
    assert code(said(second, one)) == "death-recorded"
    assert [said(first, one), said(first, two)] == [False, True]  # another day, by two again
    assert consent.death_of(PUPIL) == first
    assert consent.correct_death(PUPIL, actor=one, clock=clock) is False
    assert code(consent.correct_death(PUPIL, actor=one, clock=clock)) == "same-person"
    assert consent.deceased_pupils() == [PUPIL]
    assert figures(clock) == {"died": 2, "returning": 1}
    assert consent.correct_death(PUPIL, actor=two, clock=clock) is True
    assert (consent.death_of(PUPIL), consent.deceased_pupils()) == (None, [])
    assert figures(clock) == {"died": 2, "returned": 1}
    assert code(consent.correct_death(PUPIL, actor=two, clock=clock)) == "no-death"
    with pytest.raises(SchoolgateError):
        said(date(2026, 9, 2), one)
    # In British Summer Time it is tomorrow already.
    late = FixedClock(clock.now() + timedelta(hours=14, minutes=30))
    assert said(date(2026, 9, 2), one, late) is False


def test_a_death_that_one_person_spoke_of_is_taken_back_by_anybody_at_once(clock: FixedClock, staff: list[str]) -> None:
    assert consent.record_death(PUPIL, date(2026, 8, 1), actor=staff[0], clock=clock) is False
    assert consent.correct_death(PUPIL, actor=staff[0], clock=clock) is True
    assert consent.record_death(PUPIL, date(2026, 8, 1), actor=staff[1], clock=clock) is False
    assert (consent.deceased_pupils(), figures(clock)) == ([], {"dying": 1})


def test_the_public_hears_of_none_of_it_and_a_read_notices_each(
    clock: FixedClock, university: str, staff: list[str]
) -> None:
    before = register.log_size()
    changes: list[Callable[[], object]] = [
        lambda: say_yes(clock, university),
        lambda: consent.withdraw_consent(
            PUPIL, item=PLAA, purpose_id=RESEARCH, recipient=university, actor="account:1", clock=clock
        ),
        lambda: consent.shield(PUPIL, actor=staff[0], clock=clock),
        *(partial(consent.unshield, PUPIL, actor=who, clock=clock) for who in staff),
        *(partial(consent.record_death, PUPIL, date(2026, 8, 1), actor=who, clock=clock) for who in staff),
        *(partial(consent.correct_death, PUPIL, actor=who, clock=clock) for who in staff),
    ]
    for change in changes:
        seen = consent.revision()
        change()
        assert consent.revision() > seen
        assert consent.hold_revision() == consent.revision()
    assert register.log_size() == before
