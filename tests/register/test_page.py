"""The public page says who watches the log, or that nobody does."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from django.test import override_settings as given

from schoolgate.clock import FixedClock
from schoolgate.config import Config
from tests.register.logs import grow
from tests.register.watchers import policy_of, set_policy, watchers

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_page_names_the_witnesses_or_says_that_there_are_none(
    home: Config, clock: FixedClock, tmp_path: Path
) -> None:
    with given(CONFIG=home), watchers(home, tmp_path / "w", 2) as every:
        grow(home, clock, 2)
        page = Client().get("/check/").content.decode()
        assert "No witness watches this log yet" in page
        set_policy(home, policy_of(every, 2))
        grow(home, clock, 3)
        page = Client().get("/check/").content.decode()
        assert "No witness watches" not in page
        assert "<li>w0.example</li>" in page
        assert "<li>w1.example</li>" in page
