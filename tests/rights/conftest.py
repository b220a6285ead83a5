"""A house of its own for each test."""

from __future__ import annotations

import pytest

from schoolgate.clock import FixedClock
from schoolgate.config import Config
from tests.rights.house import House, enter_house


@pytest.fixture(autouse=True)
def _quick_passwords(settings: pytest.FixtureRequest) -> None:
    """Passwords are not this room's subject, and scrypt is slow on purpose."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]


@pytest.fixture
def house(db: None, home: Config, clock: FixedClock) -> House:
    """A parent, a stranger, and a stand-in gate."""
    return enter_house(home, clock)
