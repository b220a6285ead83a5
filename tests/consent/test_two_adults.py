"""Two adults who do not agree: what protects the child more counts, and who ends whose "no".

A "no" is its speaker's own. It ends by its speaker, by the young person, or by a decision of two people; not because its
speaker's access to the page ended, and not because they died.
"""

from __future__ import annotations

import pytest

from schoolgate import consent, people
from schoolgate.clock import FixedClock
from schoolgate.consent.models import Objection as ObjectionRow
from schoolgate.errors import Refusal
from schoolgate.ids import Pmr

pytestmark = pytest.mark.django_db

RESEARCH = "education-research"
PUPIL = Pmr(7_654_321)
USE = consent.Use((RESEARCH,))


@pytest.fixture
def staff() -> list[str]:
    """Three people of the custodian."""
    office = people.add_organisation("Ministry (synthetic)", "custodian").id
    return [people.add_person(office, "custodian").id for _ in range(3)]


def no_of(account: int, clock: FixedClock, to: consent.Scope | str = RESEARCH) -> None:
    consent.lodge_objection(PUPIL, to, actor=f"account:{account}", clock=clock)


def test_when_both_said_no_the_child_stays_out_until_both_took_it_back(clock: FixedClock) -> None:
    no_of(1, clock)
    no_of(2, clock)
    assert consent.withdraw_objection(PUPIL, RESEARCH, actor="account:1", clock=clock)
    assert consent.objecting_pupils(USE) == [PUPIL]
    assert PUPIL in consent.left_out_pupils(USE, deceased=False)
    assert consent.withdraw_objection(PUPIL, RESEARCH, actor="account:2", clock=clock)
    assert consent.objecting_pupils(USE) == []


def test_the_public_counts_a_child_once_however_many_say_no_for_it(clock: FixedClock) -> None:
    from schoolgate import register

    for pupil in range(9):
        consent.lodge_objection(Pmr(pupil), RESEARCH, actor="account:1", clock=clock)
    for account in range(2, 9):
        consent.lodge_objection(Pmr(0), RESEARCH, actor=f"account:{account}", clock=clock)
    (last,) = register.events(type="objection.totals", limit=1)
    assert last.body["objecting"] == "fewer than 10"


def test_the_young_person_takes_back_what_anybody_said(clock: FixedClock) -> None:
    no_of(1, clock)
    no_of(2, clock)
    assert consent.withdraw_objection(PUPIL, RESEARCH, actor="account:3", clock=clock, everybodys=True)
    assert consent.objections_of(PUPIL) == ()


def test_one_adults_stop_is_not_ended_by_the_other_and_both_must_have_been_told(clock: FixedClock) -> None:
    for account in (1, 2):
        consent.restrict(PUPIL, reason="legal-claim", actor=f"account:{account}", clock=clock)
    assert consent.withdraw_restriction(PUPIL, reason="legal-claim", actor="account:1", clock=clock)
    assert consent.restricted_pupils() == [PUPIL]
    assert not consent.withdraw_restriction(PUPIL, reason="legal-claim", actor="account:1", clock=clock)
    assert consent.withdraw_restriction(PUPIL, reason="legal-claim", actor="account:3", clock=clock, everybodys=True)
    assert consent.restricted_pupils() == []


def test_any_adults_word_ends_a_yes(clock: FixedClock) -> None:
    item = "census_pupil.plaa"
    whom = people.add_organisation("University (synthetic)", "university").id
    named = {"item": item, "purpose_id": RESEARCH, "recipient": whom}
    consent.give_consent(PUPIL, **named, last_day=clock.now().date(), actor="account:1", clock=clock)
    assert consent.withdraw_consent(PUPIL, **named, actor="account:2", clock=clock)
    assert consent.consents_of(PUPIL) == ()


def test_a_decision_ends_one_no_by_two_people_on_one_ground_and_says_why(clock: FixedClock, staff: list[str]) -> None:
    no_of(1, clock)
    no_of(2, clock)
    first = consent.nos_held(PUPIL)[0]
    said = {"ground": "court-order", "clock": clock}
    ended = [
        consent.end_no(PUPIL, first.number, reason="Order of 1 September.", actor=staff[0], **said),
        consent.end_no(PUPIL, first.number, reason="Seen.", actor=staff[1], **said),
    ]
    assert ended == [False, True]
    assert [one.lodged_by for one in consent.nos_held(PUPIL)] == ["account:2"]
    assert consent.objecting_pupils(USE) == [PUPIL]  # the other's stays
    row = ObjectionRow.objects.get(pk=first.number)
    assert (row.ended_ground, row.ended_reason) == ("court-order", "Order of 1 September. / Seen.")
    assert (row.first_by, row.withdrawn_by) == (staff[0], staff[1])


@pytest.mark.parametrize(
    ("ground", "reason", "code"),
    [("a-hunch", "Because.", "ground-unknown"), ("died", "  ", "reason-missing"), ("died", "Seen.", "no-unknown")],
)
def test_what_is_no_decision_ends_nothing(
    clock: FixedClock, staff: list[str], ground: str, reason: str, code: str
) -> None:
    no_of(1, clock)
    number = consent.nos_held(PUPIL)[0].number + (code == "no-unknown")
    refused = consent.end_no(PUPIL, number, ground=ground, reason=reason, actor=staff[0], clock=clock)
    assert isinstance(refused, Refusal)
    assert refused.code == code
    assert consent.objecting_pupils(USE) == [PUPIL]


def test_nobody_decides_alone_and_two_who_differ_have_not_decided(clock: FixedClock, staff: list[str]) -> None:
    no_of(1, clock)
    number = consent.nos_held(PUPIL)[0].number

    def says(who: int, ground: str) -> bool | Refusal:
        return consent.end_no(PUPIL, number, ground=ground, reason="Seen.", actor=staff[who], clock=clock)

    assert says(0, "died") is False
    alone = says(0, "died")
    assert isinstance(alone, Refusal)
    assert alone.code == "same-person"
    assert says(1, "court-order") is False
    assert says(2, "died") is False
    assert consent.objecting_pupils(USE) == [PUPIL]
    assert says(0, "died") is True
    assert consent.objecting_pupils(USE) == []
