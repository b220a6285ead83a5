"""Working days of England, and the same date in another month."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schoolgate.statutory import (
    bank_holidays,
    is_working_day,
    months_after,
    standing_holidays,
    working_day_from,
    working_days_after,
)

DAYS = st.dates(date(2019, 1, 1), date(2045, 12, 31))

PROCLAIMED = {
    # Moved or added by proclamation under the Banking and Financial Dealings Act 1971 s.1(2) and (3).
    2020: ({date(2020, 5, 4)}, {date(2020, 5, 8)}),
    2022: ({date(2022, 5, 30)}, {date(2022, 6, 2), date(2022, 6, 3), date(2022, 9, 19)}),
    2023: (set(), {date(2023, 5, 8)}),
}
"""Year -> days of the standing rules that were not kept, days that were kept besides."""


@pytest.mark.parametrize("year", range(2019, 2029))
def test_the_list_is_what_the_rules_and_the_proclamations_give(year: int) -> None:
    instead, added = PROCLAIMED.get(year, (set(), set()))
    assert bank_holidays(year) == (standing_holidays(year) - instead) | added


@pytest.mark.parametrize(
    "day",
    [
        # Days that GOV.UK's list names, one of each kind and each kind of substitute.
        "2019-04-19", "2020-12-28", "2021-12-27", "2021-12-28", "2022-01-03", "2022-12-26", "2022-12-27", "2023-01-02",
        "2024-04-01", "2025-05-05", "2026-04-03", "2026-08-31", "2026-12-28", "2027-12-27", "2027-12-28", "2028-01-03",
    ],
)  # fmt: skip
def test_a_published_bank_holiday_is_no_working_day(day: str) -> None:
    assert not is_working_day(date.fromisoformat(day))


def test_a_year_after_the_list_is_computed() -> None:
    assert date(2035, 3, 23) in bank_holidays(2035)  # Good Friday: Easter is on 25 March 2035
    assert len(bank_holidays(2035)) == 8


@given(st.integers(2019, 2099))
def test_every_year_has_at_least_eight_and_all_on_weekdays(year: int) -> None:
    found = bank_holidays(year)
    assert len(found) >= 8
    assert all(day.weekday() < 5 and day.year == year for day in found)


@given(DAYS)
def test_the_next_working_day_is_never_earlier_and_never_a_week_off(day: date) -> None:
    found = working_day_from(day)
    assert is_working_day(found)
    assert day <= found <= day + timedelta(days=5)
    assert all(not is_working_day(day + timedelta(days=number)) for number in range((found - day).days))


@given(DAYS, st.integers(0, 30))
def test_working_days_are_counted_one_by_one(day: date, number: int) -> None:
    found = working_days_after(day, number)
    between = sum(is_working_day(day + timedelta(days=one + 1)) for one in range((found - day).days))
    assert between == number


@given(DAYS, st.integers(0, 24))
def test_the_same_date_some_months_later_or_the_last_day_of_that_month(day: date, months: int) -> None:
    found = months_after(day, months)
    assert (found.year - day.year) * 12 + found.month - day.month == months
    assert found.day == day.day or (found + timedelta(days=1)).day == 1
