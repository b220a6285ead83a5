"""One child under two references, once a person said so: what protects it under one protects it under the other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from schoolgate import consent, people
from schoolgate.clock import FixedClock
from schoolgate.ids import Pmr
from tests.consent.test_protections import PLAA

pytestmark = pytest.mark.django_db

HERE, THERE, STRANGER = Pmr(7), Pmr(11), Pmr(13)
USE = consent.Use(("education-research",))
CASE = "RC-2222-2222"


def stopped(pupil: Pmr, clock: FixedClock) -> None:
    consent.restrict(pupil, reason="legal-claim", actor="account:1", clock=clock)


def said_no(pupil: Pmr, clock: FixedClock) -> None:
    consent.lodge_objection(pupil, "education-research", actor="account:1", clock=clock)


def upheld(pupil: Pmr, clock: FixedClock) -> None:
    consent.uphold_objection(pupil, ["education-research"], actor="account:1", case="RC-3333-3333", clock=clock)


def hidden(pupil: Pmr, clock: FixedClock) -> None:
    consent.shield(pupil, actor="P-1", clock=clock)


def died(pupil: Pmr, clock: FixedClock) -> None:
    home = people.add_organisation("Ministry (synthetic)", "custodian").id
    for _ in range(2):
        official = people.add_person(home, "custodian").id
        consent.record_death(pupil, date(2026, 8, 1), actor=official, clock=clock)


def join(clock: FixedClock, case: str = CASE) -> bool:
    return consent.join_references(HERE, THERE, case=case, actor="P-1", clock=clock)


def left_out() -> set[int]:
    return set(consent.left_out_pupils(USE, deceased=False))


@pytest.mark.parametrize("said_of", [HERE, THERE])
@pytest.mark.parametrize("protects", [stopped, said_no, upheld, hidden, died])
def test_what_leaves_a_child_out_leaves_it_out_under_both_until_they_are_parted(
    protects: Callable[[Pmr, FixedClock], None], said_of: Pmr, clock: FixedClock
) -> None:
    protects(said_of, clock)
    assert left_out() == {said_of}
    before = consent.revision()
    assert join(clock) is True
    assert consent.revision() > before  # a read that runs now is not recorded without it
    assert left_out() == {HERE, THERE}
    assert consent.part_references(CASE, actor="clock", clock=clock) is True
    assert left_out() == {said_of}


def test_what_is_said_and_taken_back_later_counts_for_both_as_well(clock: FixedClock) -> None:
    join(clock)
    assert left_out() == set()
    said_no(HERE, clock)
    hidden(STRANGER, clock)
    assert left_out() == {HERE, THERE, STRANGER}
    consent.withdraw_objection(HERE, "education-research", actor="account:1", clock=clock)
    assert left_out() == {STRANGER}


def test_an_item_in_dispute_is_left_out_of_both(clock: FixedClock) -> None:
    join(clock)
    consent.dispute_item(THERE, "census_pupil.sex", case="RC-4444-4444", actor="account:1", clock=clock)
    consent.dispute_item(STRANGER, "census_pupil.sex", case="RC-5555-5555", actor="account:1", clock=clock)
    found = consent.disputing_pupils(["census_pupil.sex", "census_pupil.ethnicity"])
    assert {item: set(pupils) for item, pupils in found.items()} == {"census_pupil.sex": {HERE, THERE, STRANGER}}
    consent.part_references(CASE, actor="clock", clock=clock)
    assert set(consent.disputing_pupils(["census_pupil.sex"])["census_pupil.sex"]) == {THERE, STRANGER}


def test_a_shield_hides_the_child_under_both_and_counts_from_the_last_of_two(clock: FixedClock) -> None:
    hidden(THERE, clock)
    assert consent.shielded_since(HERE) is None
    join(clock)
    assert consent.shielded_pupils() == [HERE, THERE]
    assert consent.shielded_since(HERE) == consent.shielded_since(THERE) == clock.now()
    later = FixedClock(clock.now().replace(year=2027))
    hidden(HERE, later)
    # Whoever was confirmed between the two shields was not confirmed since.
    assert consent.shielded_since(THERE) == later.now()
    assert consent.shielded_since(STRANGER) is None


def test_a_yes_counts_where_it_was_said(clock: FixedClock) -> None:
    join(clock)
    organisation = people.add_organisation("University (synthetic)", "university").id
    item, last = PLAA, date(2027, 1, 1)
    consent.give_consent(
        HERE, item=item, purpose_id="education-research", recipient=organisation, last_day=last, actor="account:1",
        clock=clock,
    )  # fmt: skip
    found = consent.consenting_pupils(item, "education-research", organisation, date(2026, 9, 2))
    assert list(found) == [HERE]


def test_two_cases_join_the_same_and_both_have_to_part_them(clock: FixedClock) -> None:
    assert join(clock) is True
    assert join(clock) is False
    assert join(clock, "RC-6666-6666") is True
    assert consent.other_references(HERE) == (THERE,)
    assert consent.joined_pupils() == {HERE: (THERE,), THERE: (HERE,)}
    consent.part_references(CASE, actor="clock", clock=clock)
    assert consent.other_references(THERE) == (HERE,)
    consent.part_references("RC-6666-6666", actor="clock", clock=clock)
    assert consent.part_references(CASE, actor="clock", clock=clock) is False
    assert (consent.other_references(HERE), consent.joined_pupils()) == ((), {})
    assert join(clock) is True  # again


def test_a_reference_is_not_joined_to_itself(clock: FixedClock) -> None:
    assert consent.join_references(HERE, HERE, case=CASE, actor="P-1", clock=clock) is False
    assert consent.other_references(HERE) == ()
