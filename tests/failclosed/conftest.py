"""The installation in which things fail: six children, an agreement in force, and one read that is not settled."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.crash.houses import House


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Prepared states: agreed, read."""
    made = House(tmp_path_factory.mktemp("failclosed"), "tests.failclosed.nursery")
    try:
        made.run("empty")
        made.facts["agreement"] = made.run("agreed").given
        made.keep("agreed")
        made.run("read", **made.facts["agreement"])
        made.run("key_made")
        made.keep("read")
        yield made
    finally:
        made.remove()
