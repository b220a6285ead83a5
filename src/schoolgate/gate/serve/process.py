"""``schoolgate gate serve``: looks at everything first, then answers until it is told to stop."""

from __future__ import annotations

import contextlib
import fcntl
import grp
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from django.db import connection

from schoolgate import requests
from schoolgate.clock import Clock
from schoolgate.config import SITE_KEYS, Config, gate_only, notify_address
from schoolgate.errors import SchoolgateError
from schoolgate.gate.engines.engine import Limits
from schoolgate.gate.engines.sandbox import cells, wall
from schoolgate.gate.serve.callers import Callers, read_callers
from schoolgate.gate.serve.checks import Finding, as_root, list_of_callers, readable_by_others, way_to_socket
from schoolgate.gate.serve.grants import open_tables
from schoolgate.gate.serve.operations import (
    Acts,
    FamilyActs,
    SchoolActs,
    Setting,
    no_acts,
    no_family_acts,
    no_school_acts,
)
from schoolgate.gate.serve.public import open_to_all
from schoolgate.gate.serve.server import ServeLimits, Server, listen, log

_GIB = 1 << 30


class NotServed(SchoolgateError):
    """The gate does not serve as things are.

    Attributes:
        findings: what must change first.
    """

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(
            "The gate does not serve: " + " ".join(finding.what for finding in findings),
            hint="Run: " + "; ".join(finding.mend for finding in findings if finding.mend),
            code="not-served",
        )
        self.findings = findings


@dataclass(frozen=True, slots=True)
class Serving:
    """How the gate serves.

    Attributes:
        socket: where it listens.
        callers: the file that says who may ask for what.
        engines: how many reads run at once; 0: as many as the machine bears.
        allow_root: serve as root all the same, on a machine where nothing is at stake.
        patience: seconds that running requests have when the gate is told to stop.
        acts: does an act of the desk.
        family_acts: does an act of a family's.
        school_acts: does an act of a school's.
    """

    socket: Path
    callers: Path
    engines: int = 0
    allow_root: bool = False
    patience: float = 150.0
    acts: Acts = no_acts
    family_acts: FamilyActs = no_family_acts
    school_acts: SchoolActs = no_school_acts


def _of_site(config: Config, callers: Callers) -> Iterator[Finding]:
    """On an embedded database a site cannot be kept from the vault's file, so it is not served at all."""
    sites = [caller.uid for caller in callers.by_uid.values() if caller.role == "site" and caller.uid != os.geteuid()]
    if sites and connection.vendor != "postgresql":
        yield Finding(
            "An embedded database holds accounts and vault in one file, so a site of another user would have to be"
            " let into the vault's file. Desks and workers are served with it, a site needs PostgreSQL.",
            "set SCHOOLGATE_DATABASE, or take the site out of the list of callers",
        )


def _of_walls() -> Iterator[Finding]:
    """A gate that serves others runs their queries behind the operating system's wall, or not at all."""
    found = wall()
    if not found.holds:
        yield Finding(found.line, "apt-get install bubblewrap")


def findings(config: Config, serving: Serving) -> tuple[Finding, ...]:
    """Everything that must change before the gate serves; empty when it may.

    Raises:
        SchoolgateError: this process is itself a face.
    """
    if config.gate is not None:
        raise gate_only("serves the gate")
    try:
        callers, unclear = read_callers(serving.callers), None
    except SchoolgateError as problem:  # said beside all the rest: who sets a gate up mends it all at once
        callers, unclear = None, Finding(problem.what, problem.hint)
    return (
        *((unclear,) if unclear is not None else ()),
        *(() if serving.allow_root else as_root()),
        *readable_by_others(config),
        *list_of_callers(serving.callers),
        *way_to_socket(serving.socket),
        *open_tables(),
        *(_of_site(config, callers) if callers is not None else ()),
        *_of_walls(),
    )


def pool(engines: int, cores: int, memory: int) -> tuple[int, Limits]:
    """How many reads run at once, and what each may use: together no more than the machine has."""
    count = engines or max(2, min(4, cores))
    each = max(1, min(4, int(memory * 0.6 / count / _GIB)))
    return count, replace(Limits(), threads=max(1, cores // count), memory=f"{each}GB")


@contextmanager
def _only_gate(config: Config) -> Iterator[None]:
    """One gate serves an installation."""
    descriptor = os.open(config.home / "serve.lock", os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise SchoolgateError(
            "Another gate serves this installation.", hint="Stop it first.", code="gate-taken"
        ) from None
    finally:
        os.close(descriptor)


def _notify(state: str) -> None:
    """Tell the machine's service manager (sd_notify(3)); where there is none, nobody."""
    address = notify_address()
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line, contextlib.suppress(OSError):
        line.connect("\0" + address[1:] if address.startswith("@") else address)
        line.send(state.encode())


def _group(name: str) -> int | None:
    if not name:
        return None
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        raise SchoolgateError(
            f"The list of callers: this machine has no group {name!r}.", hint="groupadd it.", code="callers"
        ) from None


def _log_to_terminal() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s gate %(message)s"))
    log.handlers[:] = [handler]
    log.propagate = False
    log.setLevel(logging.INFO)


def serve_gate(config: Config, clock: Clock, serving: Serving) -> bool:
    """Serve until SIGTERM or SIGINT; whether everything that ran could end.

    Raises:
        NotServed: something must change first.
        SchoolgateError: another gate serves; the socket cannot be made.
    """
    found = findings(config, serving)
    if found:
        raise NotServed(found)
    callers = read_callers(serving.callers)
    count, limits = pool(serving.engines, os.cpu_count() or 1, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    base = ServeLimits()
    taken = replace(base, lanes={**base.lanes, "reads": replace(base.lanes["reads"], workers=count)})
    _log_to_terminal()
    with _only_gate(config):
        open_to_all(config)
        requests.ensure_built_in(clock)
        connection.close()  # each worker has one of its own
        cells().start()
        group = _group(callers.socket_group)
        listening = listen(serving.socket, 0o666 if group is None else 0o660, group)
        setting = Setting(config, clock, limits, serving.acts, serving.family_acts, serving.school_acts)
        server = Server(listening, callers, setting, taken)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: server.stop())
        log.info("serving at %s: %d engines, %d callers", serving.socket, count, len(callers.by_uid))
        _notify("READY=1")
        try:
            server.run()
        finally:
            _notify("STOPPING=1")
            listening.close()
            with contextlib.suppress(OSError):
                serving.socket.unlink()
            done = server.finish(serving.patience)
        log.info("stopped%s", "" if done else " with work undone")
        return done


def site_keys(config: Config) -> bytes:
    """The keys of sessions and families' codes as a face's ``keys/site.keys`` holds them.

    They are derived one by one: from them neither the master key nor any other key follows.
    """
    if config.gate is not None:
        raise gate_only("writes keys")
    return config.keyring().some(SITE_KEYS)
