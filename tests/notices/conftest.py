"""A clock that a test can move on."""

from __future__ import annotations

import pytest

from tests.notices.scene import Moving


@pytest.fixture
def clock() -> Moving:
    """Tuesday 1 September 2026, noon in London, until it is moved."""
    return Moving()
