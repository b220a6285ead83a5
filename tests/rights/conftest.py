"""A house of its own for each test."""

from __future__ import annotations

import pytest

from schoolgate.clock import FixedClock
from schoolgate.config import Config
from tests.rights.house import House, enter_house


@pytest.fixture
def house(db: None, home: Config, clock: FixedClock) -> House:
    """A parent, a stranger, and a stand-in gate."""
    return enter_house(home, clock)
