"""What a clerk meets: questions that are asked once, follow the school's corrections, and are remembered."""

from __future__ import annotations

import pytest

from schoolgate import match
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.ids import Pmr, Term
from schoolgate.records.vault import Vault
from tests.collect.paper import pupil
from tests.match.school import ADDRESS, autumn, load, other_school, rows, send, upn

pytestmark = pytest.mark.django_db(transaction=True)


def spring_pupils(home: Config) -> list[int]:
    return sorted(row["pupil"] for row in rows(home) if row["term"] == "SPR")


def decide_all(decision: str, clock: FixedClock) -> None:
    for case in match.queue():
        match.resolve(case.case_id, decision, "P-1", clock)


def two_children_under_one_upn(home: Config, clock: FixedClock) -> None:
    """Upn 1 is the first child's; a clerk finds that a row with it, born another day, is another child."""
    send(home, clock, pupil(UPN=upn(1)), **autumn())
    load(home, clock, 2025, Term.AUTUMN)
    send(home, clock, pupil(UPN=upn(1), DOB="2015-03-04", Forename="Second", Surname="Othersynth"))
    load(home, clock)
    decide_all("different", clock)
    assert load(home, clock).queued == 0


def test_a_second_child_under_one_upn_is_known_again_under_a_new_name(home: Config, clock: FixedClock) -> None:
    two_children_under_one_upn(home, clock)
    send(home, clock, pupil(UPN=upn(1), DOB="2015-03-04", Forename="Second", Surname="Marriedsynth"))
    report = load(home, clock)
    assert (report.new, report.matched, report.queued) == (0, 1, 0)
    assert spring_pupils(home) == [1]


def test_a_second_child_under_one_upn_keeps_its_record_when_it_gets_a_upn_of_its_own(
    home: Config, clock: FixedClock
) -> None:
    two_children_under_one_upn(home, clock)
    child = {"DOB": "2015-03-04", "Forename": "Second", "Surname": "Othersynth"}
    send(home, clock, pupil(UPN=upn(2), FormerUPN=upn(1), **child))
    assert load(home, clock).new == 0
    send(home, clock, pupil(UPN=upn(2), **child))
    assert load(home, clock).new == 0
    assert spring_pupils(home) == [1]
    vault = Vault(home)
    assert (vault.find(upn(1)), vault.find(upn(2))) == (Pmr(0), Pmr(1))
    assert vault.holders([upn(1)]) == {upn(1): (Pmr(0), Pmr(1))}


def test_a_child_that_a_clerk_found_to_be_another_is_known_by_its_own_upn_from_then_on(
    home: Config, clock: FixedClock
) -> None:
    send(home, clock, pupil(UPN=upn(1), extra=ADDRESS), **autumn())
    load(home, clock, 2025, Term.AUTUMN)
    send(home, clock, pupil(UPN=upn(2), extra=ADDRESS))
    load(home, clock)
    decide_all("different", clock)
    load(home, clock)
    assert Vault(home).find(upn(2)) == Pmr(1)
    send(home, clock, pupil(UPN=upn(2), Surname="Newsynth", extra=ADDRESS))
    report = load(home, clock)
    assert (report.new, report.queued, spring_pupils(home)) == (0, 0, [1])


def test_a_former_upn_that_is_another_childs_is_never_taken_from_that_child(home: Config, clock: FixedClock) -> None:
    send(home, clock, pupil(UPN=upn(1)), pupil(UPN=upn(2), Forename="Two", DOB="2015-05-05"), **autumn())
    load(home, clock, 2025, Term.AUTUMN)
    send(home, clock, pupil(UPN=upn(1), FormerUPN=upn(2)), pupil(UPN=upn(2), Forename="Two", DOB="2015-05-05"))
    report = load(home, clock)
    assert (report.queued, spring_pupils(home)) == (0, [0, 1])
    vault = Vault(home)
    assert vault.holders([upn(1), upn(2)]) == {upn(1): (Pmr(0),), upn(2): (Pmr(1),)}
    assert vault.identity(Pmr(0)).former_upns == ()


def test_two_records_that_may_be_one_child_are_noted_and_the_row_is_not_held_back(
    home: Config, clock: FixedClock
) -> None:
    send(home, clock, pupil(UPN="T20110001804V"), **autumn())
    load(home, clock, 2025, Term.AUTUMN)
    send(home, clock, pupil(UPN=upn(1)))
    load(home, clock)
    send(home, clock, pupil(UPN=upn(1), FormerUPN="T20110001804V"))
    report = load(home, clock)
    assert (report.queued, spring_pupils(home)) == (0, [1])
    (case,) = match.queue()
    assert (case.candidate, case.reason) == (Pmr(0), match.REASONS[match.Verdict.TWO_RECORDS])
    decide_all("same", clock)
    load(home, clock)
    assert (match.queue(), spring_pupils(home)) == ((), [1])


def test_the_same_upn_for_two_children_in_one_load_is_never_merged(home: Config, clock: FixedClock) -> None:
    send(home, clock, pupil(UPN=upn(1)))
    send(home, clock, pupil(UPN=upn(1), DOB="2015-03-04", Forename="Second"), **other_school())
    report = load(home, clock)
    assert (report.new, report.queued) == (1, 1)
    assert spring_pupils(home) == [0]


def test_two_rows_of_one_load_with_the_same_name_birth_date_and_address_are_asked_about(
    home: Config, clock: FixedClock
) -> None:
    send(home, clock, pupil(UPN=upn(1), extra=ADDRESS))
    send(home, clock, pupil(UPN=upn(2), extra=ADDRESS), **other_school())
    report = load(home, clock)
    assert (report.new, report.queued) == (1, 1)


def test_twins_are_two_children_and_each_twins_upn_is_its_own(home: Config, clock: FixedClock) -> None:
    send(home, clock, pupil(UPN=upn(1), extra=ADDRESS), pupil(UPN=upn(2), Forename="Twin", extra=ADDRESS), **autumn())
    load(home, clock, 2025, Term.AUTUMN)
    # The school has mixed the two up: each row says the other's forename.
    send(home, clock, pupil(UPN=upn(2), extra=ADDRESS), pupil(UPN=upn(1), Forename="Twin", extra=ADDRESS))
    report = load(home, clock)
    assert (report.queued, spring_pupils(home)) == (2, [])


def test_a_question_goes_away_when_the_school_corrects_the_row_and_comes_back_with_the_mistake(
    home: Config, clock: FixedClock
) -> None:
    send(home, clock, pupil(UPN=upn(1)), **autumn())
    load(home, clock, 2025, Term.AUTUMN)
    send(home, clock, pupil(UPN=upn(1), DOB="2015-03-04"))
    load(home, clock)
    (asked,) = match.queue()
    send(home, clock, pupil(UPN=upn(1)))
    assert load(home, clock).queued == 0
    assert match.queue() == ()
    send(home, clock, pupil(UPN=upn(2), Forename="Two"), pupil(UPN=upn(1), DOB="2015-03-04"))
    load(home, clock)
    (again,) = match.queue()
    assert again.case_id == asked.case_id
    # The clerk is sent to the row as it stands in the return in force.
    assert (again.return_row, again.return_id != asked.return_id) == (2, True)


def test_a_question_of_one_census_is_not_withdrawn_by_the_load_of_another(home: Config, clock: FixedClock) -> None:
    send(home, clock, pupil(UPN=upn(1)), **autumn())
    load(home, clock, 2025, Term.AUTUMN)
    send(home, clock, pupil(UPN=upn(1), DOB="2015-03-04"))
    load(home, clock)
    load(home, clock, 2025, Term.AUTUMN)
    assert len(match.queue()) == 1


def test_a_clerk_who_says_same_corrects_the_record(home: Config, clock: FixedClock) -> None:
    send(home, clock, pupil(UPN=upn(1)), **autumn())
    load(home, clock, 2025, Term.AUTUMN)
    send(home, clock, pupil(UPN=upn(1), DOB="2015-03-04"))
    load(home, clock)
    decide_all("same", clock)
    load(home, clock)
    assert Vault(home).identity(Pmr(0)).dob == "2015-03-04"
    # The older census still says the first date: a question of its own, which changes nothing by itself.
    assert load(home, clock, 2025, Term.AUTUMN).queued == 1
    decide_all("same", clock)
    load(home, clock, 2025, Term.AUTUMN)
    assert Vault(home).identity(Pmr(0)).dob == "2015-03-04"
    assert match.queue() == ()


def test_an_earlier_census_loaded_again_does_not_bring_an_old_name_or_upn_back(home: Config, clock: FixedClock) -> None:
    send(home, clock, pupil(UPN="T20110001804V"), **autumn())
    load(home, clock, 2025, Term.AUTUMN)
    send(home, clock, pupil(UPN=upn(1), FormerUPN="T20110001804V", Surname="Newsynth"))
    load(home, clock)
    send(home, clock, pupil(UPN="T20110001804V", Language="OTH"), **autumn())
    report = load(home, clock, 2025, Term.AUTUMN)
    assert (report.matched, report.changed) == (1, 0)
    held = Vault(home).identity(Pmr(0))
    assert (held.upn, held.surname, held.former_surname) == (upn(1), "Newsynth", "Canarysynth")


def test_another_name_within_one_census_is_a_correction_not_a_former_name(home: Config, clock: FixedClock) -> None:
    send(home, clock, pupil(UPN=upn(1), Surname="Mistakesynth"))
    load(home, clock)
    send(home, clock, pupil(UPN=upn(1)))
    load(home, clock)
    held = Vault(home).identity(Pmr(0))
    assert (held.surname, held.former_surname) == ("Canarysynth", "")


def test_of_two_schools_in_one_census_the_main_one_is_believed_whichever_is_read_first(
    home: Config, clock: FixedClock
) -> None:
    send(home, clock, pupil(UPN=upn(1), EnrolStatus="M", Surname="Mainsynth"))
    send(home, clock, pupil(UPN=upn(1), EnrolStatus="S", Surname="Secondsynth"), **other_school())
    for _ in range(2):
        load(home, clock)
        assert Vault(home).identity(Pmr(0)).surname == "Mainsynth"


def test_references_stay_dense_over_terms_interruptions_and_reloads(home: Config, clock: FixedClock) -> None:
    class PowerCut(Exception):
        """Stands for the process ending."""

    def cut(step: str) -> None:
        if step == "committed census_pupil":
            raise PowerCut

    send(home, clock, *[pupil(UPN=upn(n), Forename=f"F{chr(97 + n)}") for n in range(5)], **autumn())
    with pytest.raises(PowerCut):
        match.load_term(2025, Term.AUTUMN, clock=clock, config=home, step=cut)
    load(home, clock, 2025, Term.AUTUMN)
    send(home, clock, *[pupil(UPN=upn(n), Forename=f"F{chr(97 + n)}") for n in range(3, 9)])
    for _ in range(2):
        load(home, clock)
    assert sorted({row["pupil"] for row in rows(home)}) == list(range(9))
