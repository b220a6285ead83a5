"""The old machine is lost, and with it its log: the witnesses know what was published last."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from schoolgate.config import Config
from tests.backup.conftest import Scene
from tests.register.watchers import Watcher, policy_of, set_policy, watchers


@pytest.fixture
def witness(scene: Scene) -> Iterator[Watcher]:
    """One witness, asked by the installation from now on."""
    home = Config(scene.house.home, scene.place.database)
    with watchers(home, scene.folder / "witnesses", 1) as (one,):
        set_policy(home, policy_of([one], 1))
        scene.house.run("events", count=1)
        scene.house.run("publish")
        yield one


def two_more(said: str, words: str) -> bool:
    """Whether it is said that the witness cosigned two entries more than there are here."""
    found = re.search(rf"Witness w0 has cosigned (\d+) entries; {words} (\d+)\.", said)
    return found is not None and int(found[1]) == int(found[2]) + 2


def test_a_backup_older_than_what_a_witness_cosigned_is_refused(witness: Watcher, scene: Scene) -> None:
    scene.back_up()
    assert "1 published copies and witnesses have seen nothing" in scene.restore(scene.elsewhere("first"), "--verify")
    scene.house.run("events", count=2)
    scene.house.run("publish")
    new = scene.elsewhere("second")
    said = scene.restore(new, "--verify", fails=True)
    assert two_more(said, "this backup knows")
    assert not new.home.exists()


def test_where_no_witness_answers_it_is_said_and_found_when_one_does(witness: Watcher, scene: Scene) -> None:
    scene.back_up()
    scene.house.run("events", count=2)
    scene.house.run("publish")
    witness.stop()
    said = scene.restore(new := scene.elsewhere(), "--verify")
    assert "no witness answered: what was published after this backup is not known" in said
    witness.start()
    assert two_more(new.run("log", "check-whole", fails=True), "the database has")
