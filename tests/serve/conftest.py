"""The installations of these tests: one on PostgreSQL with a gate that serves, and small ones on the embedded database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.serve.database import Server
from tests.serve.place import CALLERS, GATE, SITE, Place, interpreter


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """PostgreSQL with a role for the gate and one for the site."""
    interpreter()
    started = Server.start()
    yield started
    started.stop()


def _built(place: Place) -> None:
    made = place.run(GATE, "-m", "django", "migrate", "-v", "0")
    assert made.returncode == 0, made.stderr
    (place.facts,) = place.ask(GATE, [{"ask": "build"}])
    place.write_callers()


@pytest.fixture(scope="session")
def place(server: Server) -> Iterator[Place]:
    """The whole installation, its gate serving: six children, an agreement, a site, desks and workers."""
    made = Place.make()
    try:
        made.databases = {GATE: server.address("sg_gate"), SITE: server.address("sg_site")}
        made.public = True
        _built(made)
        granted = made.schoolgate(GATE, "gate", "grants", "sg_site", "--apply")
        assert granted.returncode == 0, granted.stdout + granted.stderr
        made.start()
        yield made
        made.stop()
    finally:
        made.remove()


@pytest.fixture(scope="session")
def _small_built() -> Iterator[Place]:
    made = Place.make()
    try:
        _built(made)
        made.write_callers(
            CALLERS.format(person=made.facts["person"]).replace(f'{SITE}\nrole = "site"', '1\nrole = "worker"')
        )
        yield made
    finally:
        made.remove()


@pytest.fixture
def small(_small_built: Place) -> Iterator[Place]:
    """An installation on the embedded database, its gate not yet serving; a site is not among its callers."""
    yield _small_built
    if _small_built.served is not None:
        _small_built.stop()
