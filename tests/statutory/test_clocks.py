"""The clocks, by published examples and by rules that hold for every day.

ICO, "How long do we have to comply?" (guide to the right of access, as of 2020 and of 8 December 2025): received on 3
September -> 3 October; on 1 January -> 1 February; on Monday 25 November -> Friday 27 December; on 31 January -> 28 or
29 February; when that is a weekend or a public holiday the next working day; identity: from the day the information is
received; extension: three months from the original start.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schoolgate.statutory import (
    RULES,
    Pause,
    Running,
    acknowledge_by,
    answer_by,
    is_working_day,
    may_extend,
    months_after,
    working_day_from,
)

DAY = timedelta(days=1)
DAYS = st.dates(date(2019, 1, 1), date(2040, 1, 1))


def day(text: str) -> date:
    return date.fromisoformat(text)


def last(running: Running) -> date:
    found = answer_by(running).last_day
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("received", "by"),
    [
        ("2019-09-03", "2019-10-03"),  # the ICO's first example
        ("2020-03-31", "2020-04-30"),  # its second: April has no 31st
        ("2022-03-31", "2022-05-03"),  # the same, 30 April 2022 being a Saturday and 2 May a bank holiday
        ("2020-09-21", "2020-10-21"),  # FSP Law on the ICO's guidance
        ("2020-08-31", "2020-09-30"),  # the same: no 31 September
        ("2019-08-01", "2019-09-02"),  # Lexology on the ICO's guidance: 1 September, which was a Sunday
        ("2019-01-30", "2019-02-28"),  # the same: 30 January, not a leap year
        ("2020-01-30", "2020-03-02"),  # a leap year: 29 February 2020 was a Saturday
        ("2023-01-01", "2023-02-01"),  # ICO, guidance of 8 December 2025: received on a bank holiday, 1 January
        ("2024-11-25", "2024-12-27"),  # the same: Monday 25 November, Christmas and Boxing Day lie at its end
        ("2022-01-31", "2022-02-28"),  # the same: no 31 February
        ("2024-01-31", "2024-02-29"),  # the same: a leap year
        ("2026-01-31", "2026-03-02"),  # the same: 28 February 2026 is a Saturday, so the next Monday
        ("2026-11-25", "2026-12-29"),  # Christmas on a Friday, its Monday taken by Boxing Day
    ],
)
def test_one_month_from_the_day_it_was_received(received: str, by: str) -> None:
    assert last(Running(day(received))) == day(by)


def test_a_request_received_on_a_sunday_is_received_on_that_day() -> None:
    assert day("2026-09-06").weekday() == 6
    assert last(Running(day("2026-09-06"))) == day("2026-10-06")


def test_the_month_begins_when_the_proof_of_identity_is_there() -> None:
    asked = Running(day("2026-09-01"), identity_asked=day("2026-09-02"))
    assert answer_by(asked).stands_still
    came = Running(day("2026-09-01"), day("2026-09-02"), identity_received=day("2026-09-22"))
    assert (last(came), answer_by(came).rule) == (day("2026-10-22"), "identity")


def test_the_days_of_a_clarification_do_not_count_both_included() -> None:
    open_ = Running(day("2026-09-01"), pauses=(Pause(day("2026-09-08")),))
    assert answer_by(open_).last_day is None
    assert last(Running(day("2026-09-01"), pauses=(Pause(day("2026-09-08"), day("2026-09-14")),))) == day("2026-10-08")


def test_days_in_two_clarifications_count_once_and_days_before_the_identity_not_at_all() -> None:
    twice = (Pause(day("2026-09-08"), day("2026-09-10")), Pause(day("2026-09-09"), day("2026-09-14")))
    assert last(Running(day("2026-09-01"), pauses=twice)) == day("2026-10-08")
    before = Running(
        day("2026-09-01"), day("2026-09-01"), day("2026-09-22"), (Pause(day("2026-09-02"), day("2026-09-05")),)
    )
    assert last(before) == day("2026-10-22")


def test_an_extension_is_two_further_months_from_the_start_when_told_within_the_first() -> None:
    told = Running(day("2026-09-01"), extended=day("2026-10-01"))
    assert (last(told), answer_by(told).rule) == (day("2026-12-01"), "extension")
    late = Running(day("2026-09-01"), extended=day("2026-10-02"))
    assert last(late) == day("2026-10-01")


def test_an_extension_cannot_be_told_late_nor_twice() -> None:
    running = Running(day("2026-09-01"))
    assert may_extend(running, day("2026-10-01")) is None
    no = may_extend(running, day("2026-10-02"))
    assert no is not None
    assert no.code == "too-late-to-extend"
    again = may_extend(Running(day("2026-09-01"), extended=day("2026-09-20")), day("2026-09-21"))
    assert again is not None
    assert again.code == "extended-already"


def test_who_is_late_already_is_not_in_time_again_by_asking_who_it_is_or_what_is_meant() -> None:
    """ICO, right of access: proof and clarification are asked for without delay; the clock ran out on 1 October."""
    identity = Running(day("2026-09-01"), identity_asked=day("2026-10-02"))
    assert (last(identity), answer_by(identity).is_late(day("2026-10-05"))) == (day("2026-10-01"), True)
    came = Running(day("2026-09-01"), day("2026-10-02"), day("2026-10-09"))
    assert last(came) == day("2026-10-01")
    asked = Running(day("2026-09-01"), pauses=(Pause(day("2026-10-02")),))
    assert last(asked) == day("2026-10-01")
    # On the last day itself there was still time.
    assert answer_by(Running(day("2026-09-01"), identity_asked=day("2026-10-01"))).stands_still
    # A clarification in time moves the day, and so the time to ask for proof.
    moved = (Pause(day("2026-09-08"), day("2026-09-14")),)
    assert answer_by(Running(day("2026-09-01"), day("2026-10-07"), pauses=moved)).rule == "identity"


def test_the_time_to_tell_an_extension_stands_still_too() -> None:
    waiting = Running(day("2026-09-01"), pauses=(Pause(day("2026-09-20"), day("2026-10-20")),))
    assert may_extend(waiting, day("2026-11-02")) is None


def test_what_is_late_is_seen_five_working_days_before() -> None:
    due = answer_by(Running(day("2026-11-25")))  # last day 29 December 2026
    assert not due.is_late_soon(day("2026-12-17"))
    assert due.is_late_soon(day("2026-12-18"))  # 21, 22, 23, 24, then 29: Christmas and Boxing Day lie between
    assert due.is_late_soon(day("2026-12-29"))
    assert not due.is_late(day("2026-12-29"))
    assert due.is_late(day("2026-12-30"))
    assert not due.is_late_soon(day("2026-12-30"))


def test_a_complaint_is_acknowledged_within_thirty_days_the_first_being_the_day_it_came() -> None:
    assert acknowledge_by(day("2026-07-01")) == day("2026-07-30")


@given(DAYS)
def test_the_day_for_acknowledging_is_never_later_than_the_regulators(received: date) -> None:
    """ICO: 30 days that begin on the day after, and the next working day."""
    assert acknowledge_by(received) < working_day_from(received + 30 * DAY)


def test_every_rule_names_its_provision_and_source() -> None:
    assert all(rule.what and rule.period and rule.provision and rule.source for rule in RULES.values())


@st.composite
def running(draw: st.DrawFn) -> Running:
    received = draw(DAYS)
    asked = draw(st.none() | st.integers(0, 40))
    came = None if asked is None else draw(st.integers(asked, asked + 60))
    pauses = []
    for _ in range(draw(st.integers(0, 3))):
        begins = draw(st.integers(0, 90))
        pauses.append(Pause(received + begins * DAY, received + draw(st.integers(begins, begins + 30)) * DAY))
    extended = draw(st.none() | st.integers(0, 60))
    return Running(
        received,
        None if asked is None else received + asked * DAY,
        None if came is None else received + came * DAY,
        tuple(pauses),
        None if extended is None else received + extended * DAY,
    )


@given(running())
def test_a_last_day_is_a_working_day_a_month_or_more_after_the_request(one: Running) -> None:
    found = last(one)
    assert is_working_day(found)
    assert found >= months_after(one.received, 1)
    assert answer_by(one).rule in RULES


@given(running(), st.integers(1, 60))
def test_who_asks_later_is_never_answered_earlier(one: Running, days: int) -> None:
    plain = Running(one.received)
    assert last(Running(one.received + days * DAY)) >= last(plain)


@given(DAYS, st.integers(0, 28), st.integers(0, 60))
def test_a_pause_adds_its_days(received: date, begins: int, length: int) -> None:
    pause = Pause(received + begins * DAY, received + (begins + length) * DAY)
    plain = months_after(received, 1)
    assert last(Running(received, pauses=(pause,))) == working_day_from(plain + (length + 1) * DAY)


@given(running())
def test_an_extension_never_shortens(one: Running) -> None:
    without = Running(one.received, one.identity_asked, one.identity_received, one.pauses)
    assert last(one) >= last(without)
