"""SIGKILL of a worker in the middle of a settlement: another takes it up, and comes to the same pupils."""

from __future__ import annotations

import pytest

from tests.crash.houses import House
from tests.crash.test_killed import killed_everywhere, without

pytestmark = pytest.mark.django_db


def test_a_worker_killed_at_any_moment_is_followed_by_another_that_comes_to_the_same(house: House) -> None:
    house.put_back("read")
    told = house.run("work_off").given
    assert len(told) == 6
    assert all(line.endswith(" settled") for child in told for line in child)
    seen: list[bool] = []
    for moment, after, _old, new in killed_everywhere(house, "read", "work_off"):
        seen.append(all(release[5] for release in after["before"]["state"]["releases"]))
        assert after["given"] == told, moment
        again = after["after"]["state"]
        assert without(again, "events") == without(new, "events"), moment
        # The one who takes over comes later, so its entry's time is another.
        assert len(again["events"]) == len(new["events"]), moment
    assert set(seen) == {False, True}


def test_two_workers_at_once_settle_every_release_once(house: House) -> None:
    house.put_back("read")
    for ended in house.together(*[("work_off", {})] * 3):
        assert ended.code == 0, house.errors
    found = house.look()
    assert found["faults"] == []
    assert [release[5] for release in found["state"]["releases"]] == [True]
