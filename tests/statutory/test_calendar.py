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


GOV_UK = {
    2019: "01-01 04-19 04-22 05-06 05-27 08-26 12-25 12-26",
    2020: "01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28",
    2021: "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28",
    2022: "01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27",
    2023: "01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26",
    2024: "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26",
    2025: "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26",
    2026: "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28",
    2027: "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28",
    2028: "01-03 04-14 04-17 05-01 05-29 08-28 12-25 12-26",
}
"""Year -> month and day, from https://www.gov.uk/bank-holidays.json (england-and-wales), as the package
govuk-bank-holidays 0.19 of February 2026 brings it; Open Government Licence v3.0.
"""


@pytest.mark.parametrize("year", sorted(GOV_UK))
def test_the_list_is_gov_uks_own(year: int) -> None:
    assert bank_holidays(year) == {date.fromisoformat(f"{year}-{day}") for day in GOV_UK[year].split()}


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
