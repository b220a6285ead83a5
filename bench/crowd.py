"""Fifty researchers at once against one gate of its own process: how long each waits, and whether anybody starves.

The gate serves as it does in production, over its socket, on the embedded database; each researcher is a thread that
asks, waits for the answer with its receipt, and asks again. Then once more with one of them asking for everything at
once. A share is a person's answers within the time against what all would have when served evenly; what still waits
when the time is over is answered too, and counts for how long people wait, not for who got how much.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from tests.requests import road
from tests.requests.filled import filled

from bench.gate import ITEMS, QUERIES, agreement
from bench.nation import load_nation

PUPILS = 1_000_000
RESEARCHERS = int(os.environ.get("R", "50"))
SECONDS = float(os.environ.get("S", "60"))
GREEDY = 16
"""Queries that the greedy one has waiting at any moment: as many as the gate lets one person have."""

ASKED = ("count by item", "filtered group by", "extract of one year group")


@dataclass
class Person:
    """What one researcher went through."""

    times: list[float] = field(default_factory=list)
    in_time: int = 0
    busy: int = 0


def _people(count: int) -> tuple[str, list[str]]:
    """One agreement that names everybody."""
    from dataclasses import replace
    from datetime import date

    from schoolgate import people, requests
    from schoolgate.clock import SystemClock

    found = requests.get(agreement()[0])
    last = date(2099, 1, 1)
    everyone = [people.add_person(found.organisation_id, "researcher", accredited_until=last).id for _ in range(count)]
    clock = SystemClock()
    today = clock.now().date()
    office = people.add_organisation("Second custodian (synthetic)", "custodian")
    panel = [people.add_person(office.id, "panel", accredited_until=last).id for _ in range(2)]
    official = people.add_person(office.id, "custodian", accredited_until=last)
    spec = replace(
        requests.read_application(requests.example("education-research")),
        organisation=found.organisation_id, people=tuple(everyone), items=ITEMS, years=((2024, 2026),), terms=(),
        cohort=(), valid_from=today, valid_until=today.replace(year=today.year + 1, day=1),
    )  # fmt: skip
    application = requests.insist(requests.submit_application(filled(spec), everyone[0], clock))
    requests.insist(road.decide(application.id, True, ["It serves pupils."], [], panel, clock))
    return requests.insist(road.sign(application.id, official.id, clock)).id, everyone


def _gate(home: Path, folder: Path) -> subprocess.Popen[bytes]:
    """The gate in a process of its own. It serves as whoever measures: what is measured is time, not the wall."""
    callers = folder / "callers.toml"
    callers.write_text(f'[[caller]]\nuid = {os.getuid()}\nrole = "desk"\nsetting = true\n')
    started = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", "from schoolgate.cli import main; main()", "gate", "serve",
         "--allow-root", "--socket", str(folder / "gate.sock"), "--callers", str(callers)],
        stderr=subprocess.DEVNULL, env={**os.environ, "SCHOOLGATE_HOME": str(home)},
    )  # fmt: skip
    while not (folder / "gate.sock").is_socket():
        if started.poll() is not None:
            raise SystemExit("The gate did not start.")
        time.sleep(0.05)
    return started


class Crowd:
    """Researchers at one gate."""

    def __init__(self, socket: Path, agreement_id: str, everyone: list[str]) -> None:
        from schoolgate.clock import SystemClock
        from schoolgate.config import Config

        self.config, self.clock = Config(socket.parent, "sqlite", socket), SystemClock()
        self.agreement, self.everyone = agreement_id, everyone
        self.until = 0.0

    def _ask(self, person: str, of: Person, turn: int) -> None:
        from schoolgate import gate

        while time.monotonic() < self.until:
            begun = time.monotonic()
            sql = QUERIES[ASKED[turn % len(ASKED)]]
            turn += 1
            try:
                answer = gate.read(self.agreement, person, sql, config=self.config, clock=self.clock)
            except gate.GateBusy:
                of.busy += 1
                time.sleep(0.5)
                continue
            if not isinstance(answer, gate.Handover):
                raise SystemExit(f"The gate refused: {[reason.reason for reason in answer.reasons]}")
            of.times.append(time.monotonic() - begun)
            of.in_time += time.monotonic() < self.until

    def run(self, each: dict[str, int]) -> dict[str, Person]:
        """Everybody asks until the time is over; a person may have several queries waiting."""
        persons = {person: Person() for person in self.everyone}
        self.until = time.monotonic() + SECONDS
        threads = [
            threading.Thread(target=self._ask, args=(person, persons[person], number + turn))
            for number, person in enumerate(self.everyone)
            for turn in range(each.get(person, 1))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return persons


def _row(name: str, persons: dict[str, Person]) -> dict[str, Any]:
    answered = [person.in_time for person in persons.values()]
    times = [value for person in persons.values() for value in person.times]
    middles = [float(np.median(person.times)) for person in persons.values() if person.times]
    return {
        "who": name,
        "people": len(persons),
        "answers": sum(answered),
        "a_second": sum(answered) / SECONDS,
        "p50_s": float(np.median(times)),
        "p95_s": float(np.percentile(times, 95)),
        "slowest_person_p50_s": max(middles),
        "fewest_answers": min(answered),
        "most_answers": max(answered),
        "least_share": min(answered) * len(answered) / max(1, sum(answered)),
        "told_busy": sum(person.busy for person in persons.values()),
    }


def run() -> list[dict[str, Any]]:
    """One alone; fifty; fifty of whom one is greedy: that one and the others apart."""
    from schoolgate.clock import SystemClock
    from schoolgate.config import Config

    config, clock = Config.from_environment(), SystemClock()
    load_nation(PUPILS, config, clock)
    agreement_id, everyone = _people(RESEARCHERS)
    from django.db import connection

    connection.close()
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="schoolgate-crowd-") as folder:
        gate = _gate(config.home, Path(folder))
        try:
            crowd = Crowd(Path(folder) / "gate.sock", agreement_id, everyone)
            alone = Crowd(Path(folder) / "gate.sock", agreement_id, everyone[:1])
            for name, of, each in (
                ("one alone", alone, {}),
                ("fifty at once", crowd, {}),
                ("fifty, one of them greedy", crowd, {everyone[0]: GREEDY}),
            ):
                persons = of.run(each)
                if not each:
                    rows.append(_row(name, persons))
                    continue
                rows.append(_row("the greedy one of fifty", {"": persons.pop(everyone[0])}))
                rows.append(_row("the other 49", persons))
        finally:
            gate.terminate()
            gate.wait()
    return rows
