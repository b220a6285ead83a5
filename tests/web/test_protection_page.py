"""The page on which staff keep a child from being found, and two of them lift that, record a death or take one back."""

from __future__ import annotations

from datetime import date, timedelta
from html import unescape

import pytest
from django.test import Client

from schoolgate import consent
from tests.rights.test_standing import UPN, Home, home_of
from tests.web.staff import sign_in_as

pytestmark = pytest.mark.django_db
__all__ = ["home_of"]

AT = "/custodian/protection/"
WAITS = "Noted. Nothing has changed yet: a colleague has to say the same within 30 days."


@pytest.fixture
def staff(home_of: Home) -> list[Client]:
    """Two people of the custodian, signed in."""
    found = [Client() for _ in home_of.staff]
    for client, person in zip(found, home_of.staff, strict=True):
        sign_in_as(client, person)
    return found


def says(client: Client, doing: str, upn: str = UPN, **given: str) -> str:
    answer = client.post(AT, {"doing": doing, "upn": upn, **given}, follow=True)
    assert answer.status_code in (200, 409)
    return unescape(answer.content.decode())


def test_one_keeps_a_child_from_being_found_and_two_let_it_be_found_again(home_of: Home, staff: list[Client]) -> None:
    one, two = staff
    assert "All pages are closed." in says(one, "shield-place")
    assert "It was so already." in says(two, "shield-place")
    assert WAITS in says(one, "shield-lift")
    again = says(one, "shield-lift")
    assert "Two people decide this; you were the first. Ask a colleague." in " ".join(again.split())
    assert consent.shielded_pupils() == [home_of.pupil]
    assert "The child can be found again." in says(two, "shield-lift")
    assert consent.shielded_pupils() == []
    assert "There is no shield." in says(two, "shield-lift")


def test_a_death_is_recorded_by_two_and_an_error_is_taken_back_by_two(home_of: Home, staff: list[Client]) -> None:
    one, two = staff
    assert WAITS in says(one, "death-record", died_on="1/8/2026")
    assert consent.death_of(home_of.pupil) is None
    assert "It is recorded." in says(two, "death-record", died_on="1/8/2026")
    assert consent.death_of(home_of.pupil) == date(2026, 8, 1)
    assert WAITS in says(two, "death-back")
    assert "It is taken back." in says(one, "death-back")
    assert consent.death_of(home_of.pupil) is None


def test_each_wrong_entry_is_said_and_nothing_is_recorded(home_of: Home, staff: list[Client]) -> None:
    one = staff[0]
    tomorrow = home_of.clock.now().date() + timedelta(days=1)
    assert "Choose one" in says(one, "")
    assert "Choose one of the list" in says(one, "erase")
    assert "Enter the day" in says(one, "death-record")
    assert "Write the day like 27/3/2027" in says(one, "death-record", died_on="soon")
    assert "This day has not come." in says(one, "death-record", died_on=tomorrow.isoformat())
    assert "No pupil has this UPN." in says(one, "shield-place", upn="A123456789012")
    assert "No death is recorded." in says(one, "death-back")
    assert consent.shielded_pupils() == consent.deceased_pupils() == []
    assert UPN not in one.get(AT).content.decode()
