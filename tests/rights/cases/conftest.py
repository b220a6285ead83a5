"""A small house for each test."""

from __future__ import annotations

from typing import Any

import pytest

from schoolgate.clock import FixedClock
from schoolgate.config import Config
from tests.rights.cases.scene import Scene, enter, enter_world


@pytest.fixture
def scene(db: None, home: Config, clock: FixedClock, settings: Any) -> Scene:
    """A family, its child, and staff."""
    settings.CONFIG, settings.CLOCK = home, clock
    return enter(home, clock)


@pytest.fixture
def world_scene(db: None, home: Config, clock: FixedClock, settings: Any) -> Scene:
    """The same with children in the lake and an agreement in force."""
    settings.CONFIG, settings.CLOCK = home, clock
    return enter_world(home, clock)
