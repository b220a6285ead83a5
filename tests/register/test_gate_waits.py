"""No receipt, no data: a read leaves nothing while the log cannot vouch for it, and the next one works."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from schoolgate import gate, ledger, register
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from tests.register.logs import check
from tests.register.tool import verdict
from tests.register.watchers import policy_of, set_policy, watchers
from tests.world import World, build

pytestmark = pytest.mark.django_db(transaction=True)

SQL = "SELECT ethnicity, count(*) AS pupils FROM census_pupil WHERE year = 2026 GROUP BY ethnicity ORDER BY 1"
ROWS = [{"ethnicity": "APKN", "pupils": 2}, {"ethnicity": "WBRI", "pupils": 4}]


@pytest.fixture
def world(home: Config, clock: FixedClock) -> World:
    made = build(home, clock)
    register.publish(clock, home)
    return made


def reads(world: World, home: Config, clock: FixedClock) -> gate.Handover:
    given = gate.read(world.agreement, world.person, SQL, config=home, clock=clock)
    assert isinstance(given, gate.Handover), given
    return given


def works_again(world: World, home: Config, clock: FixedClock, tmp_path: Path, *, begun: int) -> gate.Handover:
    """The next read gives the result and a receipt that holds; what was begun before is on record as such."""
    given = reads(world, home, clock)
    assert given.table.to_pylist() == ROWS
    assert verdict(given.receipt, tmp_path, "--key", register.verifier_key(home))[0] == 0
    assert [release.delivered_at is not None for release in ledger.releases()] == [*[False] * begun, True]
    register.publish(clock, home)
    check(home)
    assert register.check_journal(home) == register.log_size()
    told = [event.type for event in register.events()]
    assert told.count("release.begun") == begun + 1
    assert told.count("release.delivered") == 1
    return given


def test_a_read_while_the_witnesses_are_away_gives_nothing_and_the_next_one_works(
    world: World, home: Config, clock: FixedClock, tmp_path: Path
) -> None:
    with watchers(home, tmp_path / "w", 2) as every:
        set_policy(home, policy_of(every, 2))
        every[1].stop()
        for _ in range(2):
            with pytest.raises(register.NotWitnessed) as refused:
                reads(world, home, clock)
            assert "pupils" not in str(refused.value)
        # A refusal is an entry too, and is not told before it is one.
        with pytest.raises(register.NotWitnessed):
            gate.read(world.agreement, world.person, "SELECT surname FROM census_pupil", config=home, clock=clock)
        every[1].start()
        given = works_again(world, home, clock, tmp_path, begun=2)
        policy = register.parse_policy(policy_of(every, 2, register.verifier_key(home)))
        assert policy.open(str(given.receipt["proof"]).partition("\n\n")[2])[1] == ("w0", "w1")


def _fails_closed(
    world: World,
    home: Config,
    clock: FixedClock,
    tmp_path: Path,
    broken: Callable[[], Callable[[], None]],
    *,
    begun: int,
) -> None:
    before = (home.log / "checkpoint").read_bytes()
    mend = broken()
    try:
        with pytest.raises(SchoolgateError) as refused:
            reads(world, home, clock)
        assert "Canary" not in str(refused.value)
        assert (home.log / "checkpoint").read_bytes() == before
    finally:
        mend()
    assert [release.delivered_at for release in ledger.releases()] == [None] * begun
    works_again(world, home, clock, tmp_path, begun=begun)


def test_a_full_disk_under_the_log_lets_no_result_leave(
    world: World, home: Config, clock: FixedClock, tmp_path: Path
) -> None:
    """A real file system without room, put over the log's folder."""

    def full() -> Callable[[], None]:
        kept = tmp_path / "log"
        shutil.copytree(home.log, kept)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(home.log)], check=True)
        shutil.copytree(kept, home.log, dirs_exist_ok=True)
        with (home.log / "filler").open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(512))
            except OSError:
                assert shutil.disk_usage(home.log).free == 0

        def mend() -> None:
            assert not list(home.log.rglob("*.new"))
            (home.log / "filler").unlink()

        return mend

    try:
        _fails_closed(world, home, clock, tmp_path, full, begun=1)
    finally:
        subprocess.run(["umount", "-l", str(home.log)], check=True)


def test_a_log_that_cannot_be_written_lets_no_result_leave(
    world: World, home: Config, clock: FixedClock, tmp_path: Path
) -> None:
    """Read-only, as a file system is after a fault; a folder of somebody else would not stop root."""

    def read_only() -> Callable[[], None]:
        subprocess.run(["mount", "--bind", str(home.log), str(home.log)], check=True)
        subprocess.run(["mount", "-o", "remount,ro,bind", str(home.log)], check=True)

        def mend() -> None:
            subprocess.run(["umount", "-l", str(home.log)], check=True)

        return mend

    _fails_closed(world, home, clock, tmp_path, read_only, begun=1)


def test_a_clock_that_was_set_back_lets_no_result_leave(
    world: World, home: Config, clock: FixedClock, tmp_path: Path
) -> None:
    """An agreement that has ended would be in force again: what is not on record does not happen."""
    early = FixedClock(clock.moment - timedelta(minutes=6))
    with pytest.raises(
        register.ClockBackwards, match=r"says 2026-09-01T08:54:00Z, .* entry is of 2026-09-01T09:00:00Z"
    ):
        reads(world, home, early)
    assert ledger.releases() == ()
    reads(world, home, FixedClock(clock.moment - timedelta(minutes=5)))  # within what waiting and NTP explain
    register.publish(clock, home)
    check(home)


def test_a_clock_that_was_wrong_is_corrected_in_public(home: Config, clock: FixedClock) -> None:
    late = FixedClock(clock.moment + timedelta(days=3650))
    register.correct_clock(home, late, "first")
    with pytest.raises(register.ClockBackwards):
        register.set_witnesses(home, clock, b"quorum none\n", "x")
    assert register.correct_clock(home, clock, "The machine's battery was empty.") == 1
    register.set_witnesses(home, clock, b"quorum none\n", "x")
    assert [event.body["at"][:4] for event in register.events()] == ["2026", "2026", "2036"]
    check(home)


def test_a_changed_log_lets_no_result_leave(world: World, home: Config, clock: FixedClock, tmp_path: Path) -> None:
    tile = next((home.log / "tile/0/000.p").iterdir())
    right = tile.read_bytes()

    def changed() -> Callable[[], None]:
        tile.write_bytes(bytes([right[0] ^ 1]) + right[1:])

        def mend() -> None:
            tile.write_bytes(right)

        return mend

    _fails_closed(world, home, clock, tmp_path, changed, begun=1)
