"""What a process does before it is killed, and what a fresh one finds afterwards. Runs in a process of its own."""

from __future__ import annotations

import errno
import io
import json
import os
import resource
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from sqlalchemy import event
from sqlalchemy.engine import Engine

from schoolgate import backup, collect, gate, ledger, match, register, work
from schoolgate.clock import FixedClock, SystemClock
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.gate.corrections import deciding
from schoolgate.gate.corrections.models import Correction
from schoolgate.gate.corrections.rows import rows_of
from schoolgate.gate.corrections.tokens import row_token
from schoolgate.ids import Pmr, Term
from schoolgate.records.amend import amend
from schoolgate.records.read import current_snapshot
from schoolgate.work.models import WorkerSeen
from tests.collect.paper import paper, pupil
from tests.crash.everybody import Everybody
from tests.crash.found import found
from tests.match.school import ADDRESS, autumn, other_school, send, upn
from tests.world import CHILDREN, build

CLOCK = FixedClock(datetime(2026, 9, 1, 9, 0, tzinfo=UTC))
SQL = "SELECT ethnicity, count(*) AS pupils FROM census_pupil WHERE year = 2026 GROUP BY ethnicity ORDER BY 1"


@dataclass
class Moments:
    """The moments of an act at which the power may go: its steps, its files' renaming, its commits.

    Attributes:
        kill_at: the number of the moment at which this process kills itself.
        reached: the moments so far.
    """

    kill_at: int | None
    reached: list[str] = field(default_factory=list)

    def reach(self, name: str) -> None:
        """Note a moment; at the chosen one the process ends as by SIGKILL from outside."""
        self.reached.append(name)
        if len(self.reached) == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def step(self, name: str) -> None:
        """A room's own step."""
        self.reach(f"step {name}")

    def watch(self) -> None:
        """Make moments of what the rooms do to files and databases, whether they call it a step or not.

        Each lies just before the deed; what is after it lies before the next one, or at the end.
        """
        replace, unlink, commit = os.replace, os.unlink, BaseDatabaseWrapper._commit

        def renaming(source: Any, target: Any, **more: Any) -> None:
            if not self.reached or not self.reached[-1].startswith("step written"):  # which says the same
                self.reach("before a file is put in place")
            replace(source, target, **more)

        def removing(path: Any, **more: Any) -> None:
            self.reach("before a file is removed")
            unlink(path, **more)

        def committing(wrapper: BaseDatabaseWrapper) -> Any:
            self.reach("before a commit")
            return commit(wrapper)

        os.replace, os.unlink, BaseDatabaseWrapper._commit = renaming, removing, committing  # type: ignore[assignment]
        event.listen(Engine, "commit", lambda connection: self.reach("before a commit of the catalogue"))


def empty(moments: Moments, config: Config) -> None:
    """An installation without data."""
    call_command("migrate", verbosity=0, interactive=False)
    register.verifier_key(config)


def sent(moments: Moments, config: Config) -> None:
    """One school's return for spring 2026 is accepted."""
    send(config, CLOCK, pupil(UPN=upn(1), extra=ADDRESS), pupil(UPN=upn(2), Forename="Canarytwo"))


def loaded(moments: Moments, config: Config) -> None:
    """Autumn 2025 is loaded; for spring 2026 two schools' returns are accepted and not loaded."""
    send(config, CLOCK, pupil(UPN=upn(1), NCyearActual="5"), **autumn())
    match.load_term(2025, Term.AUTUMN, clock=CLOCK, config=config)
    sent(moments, config)
    send(config, CLOCK, pupil(UPN=upn(3), Forename="Canarythree"), **other_school())


def agreed(moments: Moments, config: Config) -> dict[str, str]:
    """Six children in the lake, an agreement in force, everything published."""
    world = build(config, CLOCK)
    register.publish(CLOCK, config)
    return {"agreement": world.agreement, "person": world.person}


def events(moments: Moments, config: Config, count: int) -> None:
    """Events that wait to be published."""
    for number in range(count):
        with transaction.atomic():
            register.append_event("notice.published", f"N-{number}", {"title": f"Notice {number}"}, CLOCK.now())


def submit(moments: Moments, config: Config, forename: str) -> str:
    """A school sends its return again, changed."""
    data = paper(pupil(UPN=upn(1), Forename=forename), pupil(UPN=upn(2), Forename="Canarytwo"))
    given = collect.submit(io.BytesIO(data), clock=CLOCK, config=config, actor="school", step=moments.step)
    return given.state


def load(moments: Moments, config: Config) -> list[int]:
    """Match and load spring 2026."""
    report = match.load_term(2026, Term.SPRING, clock=CLOCK, config=config, step=moments.step)
    return [report.rows, report.queued]


def read(moments: Moments, config: Config, agreement: str, person: str) -> list[dict[str, Any]]:
    """Read under the agreement; the result and its receipt go to the researcher's folder, as the command does."""
    given = gate.read(agreement, person, SQL, config=config, clock=CLOCK, step=moments.step)
    assert isinstance(given, gate.Handover), given
    folder = config.home / "researcher"
    folder.mkdir(exist_ok=True)
    (folder / f"{given.release_id}.json").write_text(json.dumps(dict(given.receipt)))
    (folder / f"{given.release_id}.csv").write_text(repr(given.table.to_pylist()))
    return given.table.to_pylist()


def put_right(moments: Moments, config: Config) -> list[Any]:
    """Put one value right, found by the row as it is; the value or why not, and how many corrections are on record."""
    row = rows_of({0}, ["census_pupil"], current_snapshot(config), config)["census_pupil"][Pmr(0)][0]
    token = row_token(config.keyring(), "census_pupil", Pmr(0), row)
    deciding.amend = partial(amend, step=moments.step)
    made = gate.correct_item(
        Pmr(0), "census_pupil.ethnicity", token, "WIRI", wrong_since=None, case="K-1", actor="P-0001", config=config,
        clock=CLOCK,
    )  # fmt: skip
    return [made.new if isinstance(made, gate.CorrectionView) else made.code, Correction.objects.count()]


def settle(moments: Moments, config: Config) -> int:
    """Settle what waits."""
    return len(gate.settle_pending(config, CLOCK, step=moments.step))


def work_off(moments: Moments, config: Config) -> list[list[str]]:
    """A worker does what is due; gives what each child's family is told then."""
    # A worker that was killed stays on the list of those seen: the next one comes when it is taken for dead.
    clock = FixedClock(CLOCK.moment + 2 * work.PACE.lease * WorkerSeen.objects.count())
    work.Worker(config, clock).run(burst=True)
    return [[f"{line.log_index} {line.state}" for line in ledger.who_has(Pmr(pupil))] for pupil in range(len(CHILDREN))]


def publish(moments: Moments, config: Config) -> int:
    """Publish what waits."""
    return register.publish(CLOCK, config, step=moments.step).size


def append_and_publish(moments: Moments, config: Config, name: str, count: int) -> list[int]:
    """Append one event after another, each published before the next; gives each one's index."""
    indexes = []
    for number in range(count):
        with transaction.atomic():
            indexes.append(register.append_event("notice.published", f"{name}-{number}", {"title": name}, CLOCK.now()))
        register.publish(CLOCK, config)
    return indexes


def publish_on_a_full_disk(moments: Moments, config: Config, room: int) -> str:
    """Publish where no file can grow beyond so many bytes; gives what went wrong."""
    register.log_size()  # the database's own files are there before the disk is full
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        register.publish(CLOCK, config)
    except register.LogNotWritten as problem:
        return errno.errorcode[problem.errno]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    return ""


def everybody(moments: Moments, config: Config, number: int, rounds: int, agreement: str, person: str) -> Any:
    """Everything that writes, in this process's own order; how often each was done."""
    return Everybody(config, number, agreement, person).run(rounds)


def back_up(moments: Moments, config: Config, folder: str, passphrase: str) -> str:
    """Take a backup; gives its name."""
    return backup.take_backup(Path(folder), config, SystemClock(), passphrase, step=moments.step).name


def whole(moments: Moments, config: Config) -> list[Any]:
    """What a check of the whole installation says: what went wrong, or how much was found to fit."""
    try:
        checked = backup.check_whole(config)
    except SchoolgateError as problem:
        return [problem.what]
    return ["", checked.releases, checked.settled, checked.undelivered]


def look(moments: Moments, config: Config) -> dict[str, Any]:
    """What a fresh process finds."""
    return found(config)


def aftermath(moments: Moments, config: Config, act: str, **arguments: Any) -> dict[str, Any]:
    """What a fresh process finds after a kill, what it gets when it tries again, and what it finds then."""
    before = found(config)
    given = ACTS[act](Moments(None), config, **arguments)
    return {"before": before, "given": given, "after": found(config)}


ACTS: dict[str, Callable[..., Any]] = {
    act.__name__: act
    for act in (
        empty, sent, loaded, agreed, events, submit, load, read, put_right, settle, work_off, publish, append_and_publish,
        publish_on_a_full_disk, everybody, back_up, whole, look, aftermath,
    )
}  # fmt: skip


def perform(name: str, kill_at: int | None, arguments: dict[str, Any]) -> dict[str, Any]:
    """Do an act; gives what it gave and the moments it passed."""
    config = Config.from_environment()
    moments = Moments(kill_at)
    if name not in ("empty", "look", "aftermath"):
        moments.watch()
    given = ACTS[name](moments, config, **arguments)
    moments.reach("at the end")
    return {"given": given, "moments": moments.reached}
