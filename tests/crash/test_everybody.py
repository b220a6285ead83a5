"""Everybody who writes at the same time, in processes of their own: nobody fails, nobody waits in a circle.

The order of locks is in docs/decisions/0011-isolation.md. The server's own count says whether it ever had to break a
circle; a process that the server chose as its victim would have ended with a fault, too.
"""

from __future__ import annotations

import os
import time

import psycopg
import pytest

from tests.crash.houses import House

pytestmark = pytest.mark.django_db

PROCESSES, ROUNDS = 4, int(os.environ.get("SCHOOLGATE_EXAMPLES") or 0) // 20 or 2


def deadlocks(house: House) -> int:
    """How many circles the server has broken in this database since it was made."""
    if house.server is None:
        return 0
    time.sleep(1.5)  # a process tells its counts when it ends, at the latest a second later
    with psycopg.connect(house.server.address) as server:
        found = server.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()").fetchone()
    assert found is not None
    return int(found[0])


def test_all_writers_at_once(house: House) -> None:
    house.put_back("agreed")
    before = deadlocks(house)
    numbers = range(PROCESSES)
    acts = [("everybody", {"number": n, "rounds": ROUNDS, **house.facts["agreement"]}) for n in numbers]
    for ended in house.together(*acts):
        assert ended.code == 0, house.errors
        assert sum(ended.given.values()) == ROUNDS * 16
    assert deadlocks(house) == before
    house.run("settle")
    found = house.look()
    assert found["faults"] == []
    assert all(release[5] for release in found["state"]["releases"])
    of_school = [row for row in found["state"]["returns"] if row[3] != "replaced"]
    assert len([row for row in of_school if row[3] == "accepted"]) <= 1
    assert len([row for row in of_school if row[3] != "accepted"]) <= 1
