"""Two processes at the same moment: nothing lost, nothing twice."""

from __future__ import annotations

import pytest

from tests.crash.houses import House
from tests.register.logs import files

pytestmark = pytest.mark.django_db


def test_processes_that_append_and_publish_at_once_share_one_log_without_gap_or_double(house: House) -> None:
    house.put_back("agreed")
    start = len(house.look()["state"]["events"])
    ended = house.together(*[("append_and_publish", {"name": name, "count": 12}) for name in "ABC"])
    assert [one.code for one in ended] == [0, 0, 0], house.errors
    given = [index for one in ended for index in one.given]
    assert sorted(given) == list(range(start, start + 36))
    assert all(one.given == sorted(one.given) for one in ended)
    found = house.look()
    assert found["faults"] == []
    assert found["left over"]["half log files"] == []


def test_publications_at_once_end_in_the_bytes_of_one(house: House) -> None:
    house.put_back("waiting")
    house.run("publish")
    whole = files(house.home / "log")
    house.put_back("waiting")
    ended = house.together(*[("publish", {})] * 3)
    assert [(one.code, one.given) for one in ended] == [(0, ended[0].given)] * 3, house.errors
    assert files(house.home / "log") == whole


def test_a_release_that_two_processes_settle_is_settled_once(house: House) -> None:
    house.put_back("read")
    house.run("settle")
    alone = house.look()["state"]
    house.put_back("read")
    ended = house.together(("settle", {}), ("settle", {}))
    assert [one.code for one in ended] == [0, 0], house.errors
    found = house.look()
    assert found["faults"] == []
    assert found["state"] == alone


def test_two_reads_at_once_are_two_releases(house: House) -> None:
    house.put_back("agreed")
    ended = house.together(*[("read", house.facts["agreement"])] * 2)
    assert [one.code for one in ended] == [0, 0], house.errors
    assert ended[0].given == ended[1].given
    found = house.look()
    assert found["faults"] == []
    assert len(found["state"]["releases"]) == 2


def test_a_school_that_sends_two_files_at_once_has_one_return_in_force(house: House) -> None:
    house.put_back("sent")
    ended = house.together(*[("submit", {"forename": name}) for name in ("Canaryone", "Canaryother")])
    assert [(one.code, one.given) for one in ended] == [(0, "accepted")] * 2, house.errors
    found = house.look()
    assert found["faults"] == []
    assert [row[3] for row in found["state"]["returns"]].count("accepted") == 1
    assert len(found["state"]["returns"]) == 3


def test_a_disk_without_room_leaves_the_log_as_it_was_and_a_retry_succeeds(house: House) -> None:
    house.put_back("waiting")
    before = files(house.home / "log")
    for room in (0, 100, 2000):
        assert house.run("publish_on_a_full_disk", room=room).given == "EFBIG"
        kept = files(house.home / "log")
        assert {name: kept[name] for name in before} == before
        found = house.look()
        assert found["faults"] == []
        assert found["left over"]["half log files"] == []
    house.run("publish")
    assert house.look()["faults"] == []
