"""A read while something fails, in a process of its own: what the caller gets, what is on record, and the next read."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import Any

import pyarrow as pa
from django.db import IntegrityError, InterfaceError, OperationalError
from pyroaring import BitMap
from typer.testing import CliRunner

from schoolgate import gate, ledger, register
from schoolgate.cli.gate import app
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.gate.engines.sandbox import cells
from schoolgate.ids import Pmr
from schoolgate.records.vault import Vault
from tests.crash.acts import ACTS, CLOCK, SQL, Moments
from tests.crash.found import found
from tests.failclosed.faults import FAULTS, Scene, TurningClock, engines_killed, used
from tests.world import CHILDREN

SLOW = (
    "SELECT count(*) AS pupils FROM "
    + " CROSS JOIN ".join(f"census_pupil AS {name}" for name in "abcdefghijklmn")
    + " WHERE a.age + b.age + c.age + n.age > d.age"
)
CANARY = "Canary0synth"


def _got(read: Callable[[], Any]) -> dict[str, Any]:
    """What a caller gets: a result's rows, a refusal's words, or an error with all that is printed of it."""
    try:
        answer = read()
    except SchoolgateError as problem:
        printed = "".join(traceback.format_exception(problem)) + problem.hint
        return {"kind": type(problem).__name__, "code": problem.code, "printed": printed}
    if isinstance(answer, gate.RefusedQuery):
        return {"kind": "RefusedQuery", "code": answer.reasons[0].code, "printed": str(answer), "seen": answer.exposed}
    return {"kind": "Handover", "rows": answer.table.to_pylist(), "release": answer.release_id}


def _record(config: Config) -> dict[str, Any]:
    """Everything on record: each release's state in words, its events, the published log, the custodian's list."""
    return {
        "releases": [[one.release_id, one.handed_over] for one in ledger.releases()],
        "events": [event.type for event in reversed(register.events(limit=1000))],
        "published": getattr(register.published(config), "size", 0),
        "unfinished": CliRunner().invoke(app, ["unfinished"]).output,
        "faults": found(config)["faults"],
    }


def read_under(moments: Moments, config: Config, fault: str, at: str, agreement: str, person: str) -> dict[str, Any]:
    """A read that meets a fault when it reaches a step; what it gets, and what the next one gets when it is mended."""
    clock = TurningClock(CLOCK.moment)
    register.log_size()  # connected, as a gate is
    with ExitStack() as trouble:

        def step(name: str) -> None:
            if name == at:
                trouble.enter_context(FAULTS[fault](Scene(config, clock)))

        got = _got(lambda: gate.read(agreement, person, SQL, config=config, clock=clock, step=step))
    after = _record(config)
    again = _got(lambda: gate.read(agreement, person, SQL, config=config, clock=clock))
    register.publish(clock, config)
    return {"got": got, "record": after, "again": again, "end": _record(config)}


def _kinds() -> list[Exception]:
    return [
        RuntimeError(CANARY),
        MemoryError(CANARY),
        OSError(28, CANARY),
        OperationalError(CANARY),
        InterfaceError(CANARY),
        IntegrityError(f"Key (upn)=({CANARY}) already exists."),
        pa.ArrowInvalid(f"Could not convert '{CANARY}'"),
        KeyError(CANARY),
        UnicodeDecodeError("ascii", CANARY.encode(), 0, 1, CANARY),
    ]


def read_unforeseen(moments: Moments, config: Config, agreement: str, person: str) -> list[dict[str, Any]]:
    """Reads in which something nobody foresaw is raised: at each step, while a file is made, by randomness, by time."""
    told = []
    for place in ("checked", "run", "recorded", "published", "delivered", "render", "entropy", "clock"):
        for problem in _kinds():

            def fail(*given: Any, place: str = place, problem: Exception = problem) -> Any:
                raise problem

            def step(name: str, place: str = place, problem: Exception = problem) -> None:
                if name == place:
                    raise problem

            with_it: dict[str, Any] = {"step": step, "clock": CLOCK}
            if place in ("render", "entropy"):
                with_it[place] = fail
            if place == "clock":
                clock = TurningClock(CLOCK.moment)
                clock.now = fail  # type: ignore[method-assign]
                with_it["clock"] = clock
            before = len(ledger.releases())
            got = _got(partial(gate.read, agreement, person, SQL, config=config, **with_it))
            new = [one.handed_over for one in ledger.releases()[before:]]
            told.append({"place": place, "kind": type(problem).__name__, "got": got, "states": new})
    again = _got(lambda: gate.read(agreement, person, SQL, config=config, clock=CLOCK))
    register.publish(CLOCK, config)
    return [*told, {"place": "after all", "kind": "", "got": again, "states": [], "faults": found(config)["faults"]}]


def read_and_the_engine(moments: Moments, config: Config, agreement: str, person: str) -> dict[str, Any]:
    """An engine killed in the middle, the warden killed between reads, an engine without memory; then a read."""
    here: dict[str, Any] = {"config": config, "clock": CLOCK}
    first = _got(lambda: gate.read(agreement, person, SQL, **here))
    with engines_killed(lambda pid: used(pid) > 0.3) as killed:
        middle = _got(lambda: gate.read(agreement, person, SLOW, **here))
    after_middle = _record(config)
    warden = cells()._warden
    assert warden is not None
    warden.kill()
    after_warden = _got(lambda: gate.read(agreement, person, SQL, **here))
    small = gate.Limits(memory="1MB")
    no_memory = _got(lambda: gate.read(agreement, person, SQL, limits=small, **here))
    return {
        "first": first, "killed": len(killed), "middle": middle, "record": after_middle,
        "after warden": after_warden, "no memory": no_memory,
        "again": _got(lambda: gate.read(agreement, person, SQL, **here)), "end": _record(config),
    }  # fmt: skip


def _told() -> list[list[str]]:
    """What each child's family is told of every release."""
    return [[line.state for line in ledger.who_has(Pmr(pupil))] for pupil in range(len(CHILDREN))]


def key_made(moments: Moments, config: Config) -> None:
    """The release has its key, as after a settlement that broke off: with it, the root follows from the pupils."""
    Vault(config).release_key(ledger.releases()[0].release_id)


def told_then_settled(moments: Moments, config: Config) -> dict[str, Any]:
    """What families are told, then a settlement, and what it came to."""
    told = _told()
    gate.settle_pending(config, CLOCK)
    (record,) = ledger.releases()
    members = [sorted(BitMap(pupils)) for pupils in ledger.members(record.release_id)]
    return {
        "told": told, "then": _told(), "root": record.members_root, "members": members,
        "events": [event.type for event in register.events("release.settled")], "faults": found(config)["faults"],
    }  # fmt: skip


def settle_under(moments: Moments, config: Config, fault: str) -> dict[str, Any]:
    """A settlement whose engine is killed whenever there is one, or whose database fails half-way."""
    here = Scene(config, TurningClock(CLOCK.moment))
    kind = ""
    try:
        if fault == "engine":
            cells().start()
            with engines_killed(lambda pid: True):
                gate.settle_pending(config, CLOCK)
        else:
            with ExitStack() as trouble:
                gate.settle_pending(
                    config, CLOCK,
                    step=lambda name: (
                        trouble.enter_context(FAULTS[fault](here)) if name == "worked out" else None
                    ),
                )  # fmt: skip
    except Exception as problem:  # noqa: BLE001 - which kind is what is asked for
        kind = type(problem).__name__
    return {"kind": kind, "settled": [one.settled_at is not None for one in ledger.releases()]}


for act in (key_made, read_under, read_unforeseen, read_and_the_engine, told_then_settled, settle_under):
    ACTS[act.__name__] = act
