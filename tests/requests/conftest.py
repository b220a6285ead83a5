"""The cast, entered anew for each test."""

from __future__ import annotations

import pytest

from tests.requests.cast import Cast, enter_cast


@pytest.fixture
def cast(db: None) -> Cast:
    """Who takes part."""
    return enter_cast()
