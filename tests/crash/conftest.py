"""The installation that the tests of this folder kill, prepared once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.crash.houses import House


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Prepared states: empty, sent, loaded, agreed, read, waiting."""
    made = House(tmp_path_factory.mktemp("crash"))
    try:
        made.run("empty")
        made.keep("empty")
        made.run("sent")
        made.keep("sent")
        made.put_back("empty")
        made.run("loaded")
        made.keep("loaded")
        made.put_back("empty")
        made.facts["agreement"] = made.run("agreed").given
        made.keep("agreed")
        made.run("read", **made.facts["agreement"])
        made.keep("read")
        made.put_back("agreed")
        # So many that the next publication completes a tile, removes its partial ones and begins another.
        made.run("events", count=254 - len(made.look()["state"]["events"]))
        made.run("publish")
        made.run("events", count=4)
        made.keep("waiting")
        yield made
    finally:
        made.remove()
