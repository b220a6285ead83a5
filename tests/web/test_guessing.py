"""Guessing passwords: slow from one place, slow from many, and no way to keep somebody else out or to wipe the count."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from django.test import Client

from schoolgate.people.models import Account
from schoolgate.web.family import throttle
from schoolgate.web.family.throttle import TRIES
from tests.web.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def test_wrong_passwords_typed_elsewhere_do_not_keep_a_parent_out(site: Client, parent: Account) -> None:
    """Somebody who knows the address could otherwise close the page to its owner for as long as they like."""
    wrong = {"email": parent.email, "password": "wrong password"}
    for _ in range(TRIES + 1):
        site.post("/family/sign-in/", wrong, REMOTE_ADDR="192.0.2.1")
    right = {"email": parent.email.upper(), "password": PASSWORD}
    assert site.post("/family/sign-in/", right, REMOTE_ADDR="192.0.2.1").status_code == 200
    assert site.post("/family/sign-in/", right, REMOTE_ADDR="192.0.2.2").status_code == 302


def test_guessing_one_password_from_many_places_is_slow_too(site: Client) -> None:
    for number in range(throttle.TRIES_FROM_EVERYWHERE):
        assert not throttle.is_closed("a@example.org", f"192.0.2.{number}")
        throttle.count_failure("a@example.org", f"192.0.2.{number}")
        throttle.forget("a@example.org", f"192.0.2.{number}")
    assert throttle.is_closed("A@example.org", "198.51.100.1")
    assert not throttle.is_closed("b@example.org", "198.51.100.1")


def test_tries_at_other_addresses_do_not_make_us_forget_who_is_being_guessed_at(site: Client, parent: Account) -> None:
    for _ in range(TRIES):
        throttle.count_failure(parent.email, "127.0.0.1")
    for number in range(1_000):
        throttle.count_failure(f"made-up-{number}@example.org", "127.0.0.1")
    assert throttle.is_closed(parent.email, "127.0.0.1")
    # A try that is not looked at leaves nothing behind, from however many places it comes.
    for _ in range(throttle.TRIES_FROM_EVERYWHERE):
        throttle.count_failure(parent.email, "127.0.0.1")
    with patch.object(throttle, "count_failure") as counted:
        site.post("/family/sign-in/", {"email": parent.email, "password": "wrong password"}, REMOTE_ADDR="192.0.2.9")
    assert not counted.called
