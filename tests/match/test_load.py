"""Whose record is this: sure where the rules are sure, a clerk where they are not, never merged in silence."""

from __future__ import annotations

import pytest

from schoolgate import match, register
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.ids import Pmr, Term
from schoolgate.records.read import NoData, current_snapshot
from schoolgate.records.vault import Vault
from tests.collect.paper import pupil
from tests.match.school import ADDRESS, autumn, load, other_school, rows, send, upn

pytestmark = pytest.mark.django_db(transaction=True)


def test_new_pupils_get_dense_references_and_known_ones_keep_theirs(home: Config, clock: FixedClock) -> None:
    send(home, clock, pupil(UPN=upn(1)), pupil(UPN=upn(2), Forename="Two"), **autumn())
    first = load(home, clock, 2025, Term.AUTUMN)
    assert (first.new, first.matched, first.queued) == (2, 0, 0)
    send(home, clock, pupil(UPN=upn(1)), pupil(UPN=upn(3), Forename="Three"))
    second = load(home, clock)
    assert (second.new, second.matched) == (1, 1)
    assert sorted((row["term"], row["pupil"]) for row in rows(home)) == [("AUT", 0), ("AUT", 1), ("SPR", 0), ("SPR", 2)]


@pytest.mark.parametrize(
    "change",
    [
        {"DOB": "2015-03-04"},
        {"Surname": "Elsesynth", "Forename": "Another"},
        {"Forename": "Other"},
        {"Forename": "Tamsin"},
    ],
)
def test_the_same_upn_with_another_birth_date_or_name_goes_to_a_clerk(
    change: dict[str, str], home: Config, clock: FixedClock
) -> None:
    send(home, clock, pupil(UPN=upn(1)), **autumn())
    load(home, clock, 2025, Term.AUTUMN)
    send(home, clock, pupil(UPN=upn(1), **change), pupil(UPN=upn(2), Forename="Two"))
    report = load(home, clock)
    assert report.queued == 1
    assert [row["pupil"] for row in rows(home) if row["term"] == "SPR"] == [1]
    (case,) = match.queue()
    assert (case.candidate, case.return_row) == (Pmr(0), 1)
    assert Vault(home).identity(Pmr(0)).forename == "Testforename"


@pytest.mark.parametrize(("decision", "expected"), [("same", 0), ("different", 1)])
def test_a_clerks_decision_takes_effect_with_the_next_load_and_is_not_asked_again(
    decision: str, expected: int, home: Config, clock: FixedClock
) -> None:
    send(home, clock, pupil(UPN=upn(1)), **autumn())
    load(home, clock, 2025, Term.AUTUMN)
    send(home, clock, pupil(UPN=upn(1), DOB="2015-03-04"))
    load(home, clock)
    (case,) = match.queue()
    match.resolve(case.case_id, decision, "P-1", clock)
    for _ in range(2):
        report = load(home, clock)
        assert (report.queued, match.queue()) == (0, ())
        assert [row["pupil"] for row in rows(home) if row["term"] == "SPR"] == [expected]
    assert Vault(home).find(upn(1)) == Pmr(0)


def test_a_changed_surname_is_the_same_child_and_the_old_name_is_kept(home: Config, clock: FixedClock) -> None:
    send(home, clock, pupil(UPN=upn(1)), **autumn())
    load(home, clock, 2025, Term.AUTUMN)
    send(home, clock, pupil(UPN=upn(1), Surname="Newsynth"))
    assert load(home, clock).changed == 1
    held = Vault(home).identity(Pmr(0))
    assert (held.surname, held.former_surname) == ("Newsynth", "Canarysynth")


def test_a_temporary_upn_replaced_by_a_permanent_one_stays_one_child(home: Config, clock: FixedClock) -> None:
    send(home, clock, pupil(UPN="T20110001804V"), **autumn())
    load(home, clock, 2025, Term.AUTUMN)
    send(home, clock, pupil(UPN=upn(1), FormerUPN="T20110001804V"))
    report = load(home, clock)
    assert (report.new, report.matched) == (0, 1)
    vault = Vault(home)
    assert vault.find(upn(1)) == vault.find("T20110001804V") == Pmr(0)


def test_a_former_upn_of_another_child_goes_to_a_clerk(home: Config, clock: FixedClock) -> None:
    send(home, clock, pupil(UPN=upn(1)), **autumn())
    load(home, clock, 2025, Term.AUTUMN)
    send(home, clock, pupil(UPN=upn(2), FormerUPN=upn(1), DOB="2015-05-05"))
    assert load(home, clock).queued == 1


def test_another_upn_for_the_same_name_birth_date_and_address_is_asked_about_but_twins_are_not(
    home: Config, clock: FixedClock
) -> None:
    send(home, clock, pupil(UPN=upn(1), extra=ADDRESS), **autumn())
    load(home, clock, 2025, Term.AUTUMN)
    send(home, clock, pupil(UPN=upn(2), extra=ADDRESS), pupil(UPN=upn(3), Forename="Twin", extra=ADDRESS))
    report = load(home, clock)
    assert (report.queued, report.new) == (1, 1)


def test_a_child_at_two_schools_is_one_pupil_with_one_main_record(home: Config, clock: FixedClock) -> None:
    send(home, clock, pupil(UPN=upn(1), EnrolStatus="S"))
    send(home, clock, pupil(UPN=upn(1), EnrolStatus="M"), **other_school())
    report = load(home, clock)
    assert (report.new, report.matched) == (1, 1)
    assert sorted((row["pupil"], row["urn"], row["recordstatus"]) for row in rows(home)) == [
        (0, 100008, 103),
        (0, 100009, 3),
    ]


def test_derived_items_follow_from_the_return(home: Config, clock: FixedClock) -> None:
    extra = (
        "<FSMperiods><FSMperiod><FSMstartDate>2024-01-01</FSMstartDate></FSMperiod></FSMperiods><Attendance>"
        "<TermlyAttendance><SessionsPossible>120</SessionsPossible><SessionDetails><SessionDetail><AttendanceReason>I"
        "</AttendanceReason><AbsenceSessions>4</AbsenceSessions></SessionDetail><SessionDetail><AttendanceReason>O"
        "</AttendanceReason><AbsenceSessions>3</AbsenceSessions></SessionDetail></SessionDetails></TermlyAttendance>"
        "</Attendance>"
    )
    send(home, clock, pupil(UPN=upn(1), DOB="2016-08-31", extra=extra))
    load(home, clock)
    (row,) = rows(home)
    assert (row["age"], row["yearofbirth"], row["monthofbirth"]) == (9, 2016, 8)
    assert (row["fsmeligible"], row["sessionspossible"]) == (True, 120)
    assert (row["sessionsauthorised"], row["sessionsunauthorised"]) == (4, 3)
    assert sorted((r["attendancereason"], r["sessions"]) for r in rows(home, "census_absence")) == [("I", 4), ("O", 3)]


def test_no_identity_reaches_the_lake(home: Config, clock: FixedClock) -> None:
    send(home, clock, pupil(UPN=upn(1), extra=ADDRESS))
    load(home, clock)
    stored = b"".join(path.read_bytes() for path in home.lake.rglob("*") if path.is_file())
    for value in ("Canarysynth", "Testforename", upn(1), "2016-03-04", "ZZ1 1ZZ"):
        assert value.encode() not in stored
        assert value not in repr(rows(home))


def test_a_return_sent_again_after_the_load_replaces_its_rows(home: Config, clock: FixedClock) -> None:
    send(home, clock, pupil(UPN=upn(1)), pupil(UPN=upn(2), Forename="Two"))
    load(home, clock)
    send(home, clock, pupil(UPN=upn(1), NCyearActual="5"))
    load(home, clock)
    assert [(row["pupil"], row["ncyearactual"]) for row in rows(home)] == [(0, "5")]


def test_a_term_without_accepted_returns_is_not_loaded(home: Config, clock: FixedClock) -> None:
    with pytest.raises(match.NothingToLoad, match="No return has been accepted"):
        load(home, clock)


class _PowerCut(Exception):
    """Stands for the process ending at a step."""


@pytest.mark.parametrize("at", ["matched schools", "spooled", "committed census_pupil", "committed census_absence"])
def test_a_load_cut_short_leaves_no_rows_and_a_retry_gives_the_same_references(
    at: str, home: Config, clock: FixedClock
) -> None:
    send(home, clock, pupil(UPN=upn(1)), pupil(UPN=upn(2), Forename="Two"))

    def cut(step: str) -> None:
        if step == at:
            raise _PowerCut

    with pytest.raises(_PowerCut):
        match.load_term(2026, Term.SPRING, clock=clock, config=home, step=cut)
    with pytest.raises(NoData):
        current_snapshot(home)
    assert register.events("term.loaded") == ()
    load(home, clock)
    assert sorted(row["pupil"] for row in rows(home)) == [0, 1]
    assert len(register.events("term.loaded")) == 1


def test_a_case_is_decided_once_and_in_known_words(home: Config, clock: FixedClock) -> None:
    with pytest.raises(SchoolgateError, match="decided 'same' or 'different'"):
        match.resolve("C-1", "maybe", "P-1", clock)
    with pytest.raises(SchoolgateError, match="no such open case"):
        match.resolve("C-1", "same", "P-1", clock)
