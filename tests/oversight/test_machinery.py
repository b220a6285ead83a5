"""Witnesses' health as the overseer sees it: real witnesses, one that is away, and one that saw another log."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from schoolgate import oversight, register
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.register.models import LogEntry, LogHead
from tests.register.logs import add
from tests.register.watchers import policy_of, set_policy, watchers

pytestmark = pytest.mark.django_db(transaction=True)


def states(home: Config, clock: FixedClock) -> dict[str, str]:
    return {one.name: one.state for one in oversight.health(home, clock).witnesses}


def test_who_watches_who_is_away_and_who_signed_when(home: Config, clock: FixedClock, tmp_path: Path) -> None:
    add(clock, 3)
    with watchers(home, tmp_path, 3) as every:
        set_policy(home, policy_of(every, 2))
        register.publish(clock, home)
        found = oversight.health(home, clock)
        assert found.is_well
        assert found.quorum.startswith("2 of ")
        assert [(one.state, one.size) for one in found.witnesses] == [("well", 3)] * 3
        assert sum(one.signed_at is not None for one in found.witnesses) >= 2
        every[0].stop()
        add(clock, 2, 3)
        register.publish(clock, home)
        found = oversight.health(home, clock)
        assert states(home, clock) == {"w0": "silent", "w1": "well", "w2": "well"}
        assert found.is_well  # two of three are enough
        away, *others = found.witnesses
        assert (away.size, away.signed_at) == (None, None)
        assert all(one.signed_at for one in others)
        every[0].start()
        assert states(home, clock)["w0"] == "behind"


def test_a_witness_that_saw_another_log_is_named(home: Config, clock: FixedClock, tmp_path: Path) -> None:
    add(clock, 3)
    with watchers(home, tmp_path / "w", 2) as every:
        set_policy(home, policy_of(every, 2))
        register.publish(clock, home)
        kept = tmp_path / "kept"
        shutil.copytree(home.log, kept)
        add(clock, 2, 3)
        register.publish(clock, home)  # the witnesses have seen five entries
        LogEntry.objects.filter(index__gte=3).delete()
        LogHead.objects.update(size=3)
        shutil.rmtree(home.log)
        shutil.copytree(kept, home.log)  # somebody restores what is shorter
        found = oversight.health(home, clock)
        assert states(home, clock) == {"w0": "disagrees", "w1": "disagrees"}
        assert not found.is_well


def test_no_checkpoint_at_all_is_not_well(home: Config, clock: FixedClock) -> None:
    assert not oversight.health(home, clock).is_met
