"""An explanation may say anything but what points at a child, in whatever form it is usually written."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schoolgate.collect.explanation import explained
from schoolgate.errors import SchoolgateError

POINTS = [
    "T20110001804V", "t20110001804v", "P207000016049", "P 207 0000 16049", "P207-0000-16049", "Ｐ２０７０００１６０４９９",
    "9276308686", "92763 08686", "927 630 8686", "9276 3086 86", "12345678901",
    "SW1A 1AA", "sw1a1aa", "M1 1AE", "ZZ1 1ZZ",
    "2016-03-04", "04/03/2016", "4.3.16", "4-3-2016", "4/3/16", "04 03 2016", "2016/3/4", "20160304", "04032016",
    "4 March 2016", "4th of March, 2016", "4 Mar 16", "March 4, 2016", "Mar 4th 2016", "4-Mar-2016", "4mar2016",
    "2016 March 4", "3/27/2016", "4 – 3 – 2016", "2016-03-04T00:00:00Z", "4 March '16",
]  # fmt: skip
HARMLESS = [
    "The former school has not answered.", "Checked by hand against the register: rows 3, 17 and 204 are right.",
    "45% of 1,240 pupils; it was 44.7% in 2023/24.", "Year 7 has 210 pupils and Year 8 has 198.",
    "URN 100008 became an academy in September 2025.", "The school closed for a flood from 9 to 13 March.",
    "SG-1 and 1750 were asked last spring too.", "Meals were free for all until autumn 2024.",
    "Rows 1-12 are pupils of the 2015-16 intake.", "Codes C1, J1 and Y2 are new to us; N1 and N2 are full.",
]  # fmt: skip


@pytest.mark.parametrize("text", POINTS)
@pytest.mark.parametrize("around", ["The pupil is {} and it is right.", "It is right ({}).", "{}: checked twice."])
def test_what_points_at_a_pupil_is_refused_and_not_repeated(text: str, around: str) -> None:
    with pytest.raises(SchoolgateError) as refused:
        explained(around.format(text))
    assert refused.value.code == "explanation-pupil"
    assert text not in str(refused.value)
    assert "give the pupil's row number" in refused.value.hint


@pytest.mark.parametrize("text", HARMLESS)
def test_figures_years_and_rows_are_no_pupil(text: str) -> None:
    assert explained(f"  {text} ") == text


@given(
    st.dates(min_value=date(1990, 1, 1)),
    st.sampled_from(["%d/%m/%Y", "%d/%m/%y", "%d.%m.%Y", "%Y-%m-%d", "%d %B %Y", "%d %b %Y", "%B %d, %Y", "%d%m%Y"]),
)
def test_every_day_is_found_in_every_usual_form(day: date, form: str) -> None:
    if day.year >= 2100:
        day = day.replace(year=2000 + day.year % 100, day=1)
    with pytest.raises(SchoolgateError):
        explained(f"The date of birth is {day.strftime(form)}, as the certificate says.")


@given(st.from_regex(r"[A-HJ-NP-RT-Z][0-9]{11}[0-9A-Z]", fullmatch=True))
def test_every_upn_is_found_whether_or_not_it_is_right(upn: str) -> None:
    with pytest.raises(SchoolgateError):
        explained(f"The number is {upn}.")
