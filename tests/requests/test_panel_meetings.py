"""Meetings: votes are shown, minutes are made from the record, approved by two who were there, published whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from schoolgate import people, register, requests
from schoolgate.clock import FixedClock
from schoolgate.requests.agreement.text import text_hash
from schoolgate.requests.panel.meeting import LONGEST_IN_ENTRY
from schoolgate.requests.panel.minutes import Point, Record, minutes_text
from schoolgate.requests.panel.models import Meeting
from schoolgate.requests.panel.reading import NotYours
from tests.requests.bench import Bench, all_vote, before, enter_bench
from tests.requests.cast import Cast, codes

pytestmark = pytest.mark.django_db
DAY = date(2026, 9, 1)


@pytest.fixture
def bench(db: None) -> Bench:
    return enter_bench()


def called(case: str, cast: Cast, clock: FixedClock) -> str:
    """Called in time for everybody to come."""
    early = FixedClock(clock.now() - timedelta(days=5))
    return requests.insist(requests.call_meeting(DAY, [case], cast.custodian, early))


def seen(meeting: str, person: str) -> requests.MeetingView:
    return requests.meeting(meeting, people.person(person))


def closed(bench: Bench, cast: Cast, clock: FixedClock) -> tuple[str, str]:
    """A meeting that decided one application: its id and the application's."""
    made, case = before(bench, cast, clock, bench.everybody)
    all_vote(case, bench.everybody[:-1], "approve", clock)
    meeting = called(case, cast, clock)
    requests.insist(requests.open_meeting(meeting, bench.everybody[:-1], cast.custodian, clock))
    requests.insist(requests.declare_conflict(case, "money", bench.lay[1], clock))
    all_vote(case, [bench.lay[0]], "refuse", clock)
    requests.insist(requests.conclude(case, cast.custodian, clock))
    requests.insist(requests.close_meeting(meeting, bench.independent[0], clock))
    return meeting, made


def test_opening_a_meeting_shows_the_votes_and_waits_for_nobody_who_is_away(
    bench: Bench, cast: Cast, clock: FixedClock
) -> None:
    _, case = before(bench, cast, clock, bench.everybody)
    present = bench.everybody[:3]
    all_vote(case, present, "approve", clock)
    assert codes(requests.conclude(case, cast.custodian, clock)) == {("not-decided", "")}
    meeting = called(case, cast, clock)
    assert requests.case(case, people.person(bench.official)).blind
    requests.insist(requests.open_meeting(meeting, present, cast.custodian, clock))
    shown = requests.case(case, people.person(bench.official))
    assert not shown.blind
    assert len(shown.votes) == 3
    assert requests.insist(requests.conclude(case, cast.custodian, clock)) == "approved"


def test_a_meeting_called_today_waits_for_everybody_who_has_not_voted(
    bench: Bench, cast: Cast, clock: FixedClock
) -> None:
    _, case = before(bench, cast, clock, bench.everybody)
    friends = bench.everybody[:3]
    all_vote(case, friends, "approve", clock)
    late = FixedClock(clock.now() - timedelta(days=4))
    meeting = requests.insist(requests.call_meeting(DAY, [case], cast.custodian, late))
    refused = requests.open_meeting(meeting, friends, cast.custodian, clock)
    assert codes(refused) == {("short-notice", "present")}, "else who calls it chooses who decides"
    assert requests.case(case, people.person(bench.official)).blind
    all_vote(case, [bench.lay[1]], "refuse", clock)
    requests.insist(requests.open_meeting(meeting, [*friends, bench.official], cast.custodian, clock))


def test_nobody_opens_a_meeting_before_its_day_to_see_the_votes(bench: Bench, cast: Cast, clock: FixedClock) -> None:
    _, case = before(bench, cast, clock)
    tomorrow = DAY + timedelta(days=1)
    meeting = requests.insist(requests.call_meeting(tomorrow, [case], cast.custodian, clock))
    assert codes(requests.open_meeting(meeting, bench.three, bench.three[0], clock)) == {("too-early", "day")}
    assert requests.case(case, people.person(bench.three[0])).blind
    late = FixedClock(clock.now() + timedelta(days=1))
    requests.insist(requests.open_meeting(meeting, bench.three, bench.three[0], late))


def test_the_minutes_say_what_was_recorded_with_seats_and_no_person(
    bench: Bench, cast: Cast, clock: FixedClock
) -> None:
    meeting, made = closed(bench, cast, clock)
    text = seen(meeting, cast.custodian).text
    assert text.splitlines() == [
        "Minutes of the data-sharing panel’s meeting of 1 September 2026",
        "",
        "Present: 2 independent, 2 lay.",
        "",
        f"{made}: Absence and free school meals",
        "Who asks: University of Example (synthetic).",
        "What was before the panel: an application.",
        "Risk: standard.",
        "A conflict was declared by: 1 lay. They took no part.",
        "Votes at first, each member alone: approve: 2 independent, 1 lay.",
        "Votes: approve: 2 independent; refuse: 1 lay.",
        "Decision: Approved.",
        "Reason: approve because.",
    ]
    assert not any(member in text for member in bench.everybody)


def test_the_same_record_gives_the_same_minutes_and_every_fact_is_in_them() -> None:
    point = Point(
        "APP-1", "T", "O", "appeal", "high", ("Why.",), ("lay",), ("approve: 1 lay",), ("refuse: 1 lay",), "refused",
        ("R.",), ("C.",), ("a.b: not given",),
    )  # fmt: skip
    record = Record(DAY, ("lay", "official"), (point,))
    text = minutes_text(record)
    assert text == minutes_text(replace(record))
    for word in (
        "APP-1",
        "an appeal",
        "high. Why.",
        "1 lay. They took no part",
        "Refused.",
        "R.",
        "C.",
        "a.b: not given",
    ):
        assert word in text
    undecided = minutes_text(replace(record, points=(replace(point, outcome="", conflicts=()),)))
    assert "Decision: None yet." in undecided
    assert "No conflict was declared." in undecided


def test_the_minutes_say_that_the_custodian_changed_the_members(bench: Bench, cast: Cast, clock: FixedClock) -> None:
    _, case = before(bench, cast, clock)
    later = FixedClock(clock.now() + timedelta(hours=1))
    requests.insist(requests.change_members(case, [bench.lay[1]], [bench.official], "", cast.custodian, later))
    meeting = called(case, cast, later)
    requests.insist(requests.open_meeting(meeting, bench.three[:2], cast.custodian, later))
    requests.insist(requests.close_meeting(meeting, cast.custodian, later))
    text = seen(meeting, cast.custodian).text
    assert "Taken out by the custodian: 1 official.\nNamed later: 1 lay.\n" in text


def test_two_who_were_there_approve_and_the_text_is_published_whole(
    bench: Bench, cast: Cast, clock: FixedClock
) -> None:
    meeting, made = closed(bench, cast, clock)
    first, second = bench.independent
    shown = seen(meeting, first)
    assert requests.insist(requests.approve_minutes(meeting, shown.text_hash, first, clock)) == "approved"
    assert codes(requests.approve_minutes(meeting, shown.text_hash, first, clock)) == {("approved-already", "actor")}
    assert not register.events("minutes.published")
    assert requests.published_minutes(meeting) is None
    assert requests.insist(requests.approve_minutes(meeting, shown.text_hash, second, clock)) == "published"
    event = register.events("minutes.published")[0].body
    assert event["text"] == shown.text
    assert event["text_hash"] == text_hash(shown.text)
    assert (event["day"], event["requests"], event["subject"]) == ("2026-09-01", [made], meeting)
    found = requests.published_minutes(meeting)
    assert found is not None
    assert found.text == shown.text
    late = requests.correct_minutes(meeting, "Too late.", cast.custodian, clock)
    assert codes(late) == {("not-possible-now", "")}


def test_a_note_asks_for_every_approval_anew_and_stands_under_the_minutes(
    bench: Bench, cast: Cast, clock: FixedClock
) -> None:
    meeting, _ = closed(bench, cast, clock)
    first, second = bench.independent
    old = seen(meeting, first)
    requests.insist(requests.approve_minutes(meeting, old.text_hash, first, clock))
    requests.insist(requests.correct_minutes(meeting, "The vote was at ten.", second, clock))
    new = seen(meeting, first)
    assert new.text == old.text + "\nNote of 1 September 2026: The vote was at ten.\n"
    assert new.approvals == 0
    stale = requests.approve_minutes(meeting, old.text_hash, second, clock)
    assert codes(stale) == {("changed-meanwhile", "shown_hash")}
    for member in (second, first):
        done = requests.insist(requests.approve_minutes(meeting, new.text_hash, member, clock))
    assert done == "published"
    assert Meeting.objects.get().minutes == old.text, "the minutes stay as they were made"


def test_who_was_not_there_neither_approves_nor_sees_what_they_took_no_part_in(
    bench: Bench, cast: Cast, clock: FixedClock
) -> None:
    meeting, _ = closed(bench, cast, clock)
    shown = seen(meeting, cast.custodian).text_hash
    assert codes(requests.approve_minutes(meeting, shown, bench.official, clock)) == {("not-present", "")}
    assert codes(requests.approve_minutes(meeting, shown, cast.custodian, clock)) >= {("not-your-decision", "")}
    stranger = people.add_person(bench.home, "panel").id
    with pytest.raises(NotYours):
        seen(meeting, stranger)
    assert requests.meetings(people.person(stranger)) == ()
    assert [one.id for one in requests.meetings(people.person(bench.official))] == [meeting]
    with pytest.raises(requests.UnknownMeeting):
        seen("M-9999", cast.custodian)


def test_a_meeting_is_called_and_opened_by_who_may_about_what_is_before_the_panel(
    bench: Bench, cast: Cast, clock: FixedClock
) -> None:
    _, case = before(bench, cast, clock)
    assert codes(requests.call_meeting(DAY, [case], bench.official, clock)) == {("not-your-decision", "")}
    assert codes(requests.call_meeting(DAY, [], cast.custodian, clock)) == {("nothing-to-decide", "cases")}
    meeting = called(case, cast, clock)
    alone = requests.open_meeting(meeting, [bench.official], cast.custodian, clock)
    assert codes(alone) == {("panel-too-small", "present")}
    stranger = requests.open_meeting(meeting, [bench.official, bench.lay[1]], cast.custodian, clock)
    assert codes(stranger) == {("not-named", "present")}
    assert codes(requests.open_meeting(meeting, bench.three, bench.lay[1], clock)) == {("not-named", "actor")}
    assert codes(requests.close_meeting(meeting, cast.custodian, clock)) == {("not-possible-now", "")}
    requests.insist(requests.open_meeting(meeting, bench.three, bench.official, clock))
    all_vote(case, bench.three, "refuse", clock)
    requests.insist(requests.conclude(case, cast.custodian, clock))
    assert codes(requests.call_meeting(DAY, [case], cast.custodian, clock)) == {("not-possible-now", "cases")}


def test_minutes_too_long_for_an_entry_are_there_by_their_hash(bench: Bench, cast: Cast, clock: FixedClock) -> None:
    meeting, _ = closed(bench, cast, clock)
    for _ in range(LONGEST_IN_ENTRY // 1_900 + 1):
        requests.insist(requests.correct_minutes(meeting, "x" * 1_900, cast.custodian, clock))
    shown = seen(meeting, cast.custodian)
    for member in bench.independent:
        requests.insist(requests.approve_minutes(meeting, shown.text_hash, member, clock))
    event = register.events("minutes.published")[0].body
    assert "text" not in event
    assert event["text_hash"] == shown.text_hash


def test_html_and_formulas_in_what_members_write_stay_text(bench: Bench, cast: Cast, clock: FixedClock) -> None:
    _, case = before(bench, cast, clock)
    evil = "=HYPERLINK(1) <script>alert(1)</script> {0.__class__} %s"
    for member in bench.three:
        requests.insist(requests.vote(case, "refuse", [evil], (), (), member, clock))
    meeting = called(case, cast, clock)
    requests.insist(requests.open_meeting(meeting, bench.three, cast.custodian, clock))
    requests.insist(requests.conclude(case, cast.custodian, clock))
    requests.insist(requests.close_meeting(meeting, cast.custodian, FixedClock(clock.now() + timedelta(hours=1))))
    assert f"Reason: {evil}" in seen(meeting, cast.custodian).text
