"""Fixtures every room's tests share: a home of its own for each test, and a clock that stands still."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

# Django reads its settings once, so the test run's own home is chosen before anything imports them.
_RUN_HOME = tempfile.mkdtemp(prefix="schoolgate-test-")
os.environ["SCHOOLGATE_HOME"] = _RUN_HOME

import pytest  # noqa: E402
from django.test import override_settings  # noqa: E402

from schoolgate.clock import FixedClock  # noqa: E402
from schoolgate.config import Config  # noqa: E402
from tests import flushing, once  # noqa: E402
from tests.chromium import browser  # noqa: E402

__all__ = ["browser"]


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """See `tests.passwords`."""
    with override_settings(PASSWORD_HASHERS=["tests.passwords.QuickScrypt"]):
        yield


@pytest.fixture(scope="session", autouse=True)
def _quickly_emptied() -> Iterator[None]:
    """See `tests.flushing`."""
    with flushing.quick():
        yield


@pytest.fixture(scope="session", autouse=True)
def _one_dictionary() -> Iterator[None]:
    """See `tests.once`."""
    with once.dictionary():
        yield


@pytest.fixture
def home(tmp_path: Path) -> Config:
    """A fresh home; database rows come from pytest-django's test database."""
    place = tmp_path / "home"
    place.mkdir(mode=0o700)
    return Config(home=place, database=os.environ.get("SCHOOLGATE_DATABASE") or "sqlite")


@pytest.fixture
def clock() -> FixedClock:
    """Tuesday 1 September 2026, 9 o'clock UTC."""
    return FixedClock(datetime(2026, 9, 1, 9, 0, tzinfo=UTC))


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--only-with-database`: the tests of rooms that keep state, for a second run on another database."""
    parser.addoption("--only-with-database", action="store_true", help="only tests that use the database")
    parser.addoption(
        "--half",
        choices=("first", "second"),
        help="second: the demo, and tests of the gate and of threats that keep no state; first: all the others",
    )


_DATABASE = {"db", "transactional_db", "django_db_reset_sequences", "live_server", "house", "scene"}
"""Fixtures that open the database: a test may ask for one instead of carrying the mark. The first are pytest-django's;
the last are installations in processes of their own, which take their database from this run's."""


def _keeps_state(item: pytest.Item) -> bool:
    return item.get_closest_marker("django_db") is not None or bool(_DATABASE & set(getattr(item, "fixturenames", ())))


_SECOND = tuple(Path(__file__).parent / room for room in ("gate", "threats"))
"""Rooms whose tests without state are of the second half."""
_DEMO = Path(__file__).parent / "demo"


def _is_second(item: pytest.Item) -> bool:
    """Whether a test is of the half that runs after the pass on PostgreSQL, which is the shorter one.

    A home, a database file and a port of its own is what each run has, so the halves do not meet.
    """
    if _DEMO in item.path.parents:
        return True
    return any(room in item.path.parents for room in _SECOND) and not _keeps_state(item)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, by name and count, what does not touch the database, or what the other half runs."""
    half = config.getoption("--half")
    if config.getoption("--only-with-database"):
        kept = [item for item in items if _keeps_state(item)]
    elif half:
        kept = [item for item in items if _is_second(item) == (half == "second")]
    else:
        return
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept
