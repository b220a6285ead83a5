"""SIGKILL and crowds while witnesses are asked: one history, cosigned, whatever happens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from schoolgate import register
from schoolgate.config import Config
from tests.crash.houses import House
from tests.register.logs import files
from tests.register.watchers import Watcher, policy_of, set_policy, watchers

pytestmark = pytest.mark.django_db


def home_of(house: House) -> Config:
    return Config(house.home, "sqlite")


def begin(house: House, state: str, every: list[Watcher]) -> None:
    house.put_back(state)
    set_policy(home_of(house), policy_of(every, 2))


@pytest.fixture
def three(house: House, tmp_path: Path) -> Iterator[list[Watcher]]:
    house.put_back("waiting")
    with watchers(home_of(house), tmp_path / "w") as every:
        yield every


def cosigned(house: House, every: list[Watcher]) -> register.Checkpoint:
    home = home_of(house)
    policy = register.parse_policy(policy_of(every, 2, register.verifier_key(home)))
    return policy.open((home.log / "checkpoint").read_bytes())[0]


def test_a_witnessed_publication_killed_at_any_moment_goes_on_to_the_same_tree(
    house: House, three: list[Watcher]
) -> None:
    begin(house, "waiting", three)
    before = (house.home / "log" / "checkpoint").read_bytes()
    moments = house.run("publish").moments
    whole = cosigned(house, three)
    tiles = {name: data for name, data in files(house.home / "log").items() if name != "checkpoint"}
    assert "step cosigned" in moments
    for number, moment in enumerate(moments, start=1):
        begin(house, "waiting", three)
        assert house.run("publish", kill_at=number).killed, moment
        kept = (house.home / "log" / "checkpoint").read_bytes()
        assert kept == before or cosigned(house, three) == whole, moment
        assert house.aftermath("publish")["before"]["faults"] == [], moment
        assert cosigned(house, three) == whole, moment
        assert {name: data for name, data in files(house.home / "log").items() if name != "checkpoint"} == tiles, moment
    assert [one.state.evidence() for one in three] == [(), (), ()]


def test_processes_that_append_and_publish_at_once_get_one_cosigned_log(house: House, three: list[Watcher]) -> None:
    begin(house, "waiting", three)
    start = len(house.look()["state"]["events"])
    ended = house.together(*[("append_and_publish", {"name": name, "count": 8}) for name in "ABC"])
    assert [one.code for one in ended] == [0, 0, 0], house.errors
    assert sorted(index for one in ended for index in one.given) == list(range(start, start + 24))
    assert cosigned(house, three).size == start + 24
    found = house.look()
    assert found["faults"] == []
    assert [one.state.evidence() for one in three] == [(), (), ()]
