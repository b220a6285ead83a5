"""Ingest, stage by stage: parse, rules, submit, match, commit; beside a bare lxml parse of the same files.

Every stage runs in a process of its own, so that its peak memory is its own; two sizes show whether memory grows.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

SIZES = ((100, 20_000), (300, 60_000))
"""Schools and pupils, about."""

YEAR = 2026
_READERS = 2

_STAGES = {
    "lxml": "bare lxml iterparse",
    "parse": "parse: collect.read_return",
    "rules": "rules: the pack alone",
    "submit": "submit: parse, rules, seal, record",
    "match": "match and commit, every pupil new",
    "again": "match and commit again, every pupil known",
    "beside": f"the same, read in {_READERS} processes beside",
}


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.xml"))


def _lxml(folder: Path) -> dict[str, Any]:
    from lxml import etree

    pupils = 0
    begun = time.perf_counter()
    for path in _files(folder):
        for _, element in etree.iterparse(str(path), events=("end",)):
            if element.tag in ("PupilOnRoll", "PupilNoLongerOnRoll"):
                pupils += 1
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
    return {"pupils": pupils, "seconds": time.perf_counter() - begun}


def _parse(folder: Path) -> dict[str, Any]:
    from schoolgate import collect

    pupils = 0
    begun = time.perf_counter()
    for path in _files(folder):
        with path.open("rb") as file:
            pupils += sum(1 for _ in collect.read_return(file)[1])
    return {"pupils": pupils, "seconds": time.perf_counter() - begun}


def _rules(folder: Path) -> dict[str, Any]:
    """The pack over rows that were read before: one school at a time, only the checking is timed."""
    from schoolgate import collect
    from schoolgate.collect.checking import check
    from schoolgate.collect.rulebook import Census
    from schoolgate.dictionary import census_shape
    from schoolgate.ids import Term

    pupils, findings, seconds = 0, 0, 0.0
    for path in _files(folder):
        with path.open("rb") as file:
            header, rows = collect.read_return(file)
            held = list(rows)
        pack = collect.rules(int(header.year), Term(header.term))
        census = Census(header, census_shape(int(header.year), Term(header.term)))
        begun = time.perf_counter()
        found = check(pack, census, held)
        seconds += time.perf_counter() - begun
        pupils += len(held)
        findings += sum(count.times for count in found.counts)
    return {"pupils": pupils, "seconds": seconds, "note": f"{len(pack.rules)} rules, {findings:,} findings"}


def _submit(folder: Path) -> dict[str, Any]:
    from schoolgate import collect
    from schoolgate.clock import SystemClock
    from schoolgate.config import Config

    config, clock = Config.from_environment(), SystemClock()
    pupils, states, waiting = 0, {"accepted": 0, "rejected": 0, "needs-explanation": 0}, []
    begun = time.perf_counter()
    for path in _files(folder):
        sent = collect.submit(path, clock=clock, config=config, actor="bench")
        pupils += sent.pupils
        states[sent.state] += 1
        if sent.state == "needs-explanation":
            waiting.append((sent.return_id, {count.rule for count in sent.counts}))
    seconds = time.perf_counter() - begun
    for return_id, rules in waiting:
        for rule in rules:
            collect.explain(return_id, rule, "The figure is right.", actor="bench", clock=clock)
    return {"pupils": pupils, "seconds": seconds, "note": ", ".join(f"{n} {state}" for state, n in states.items())}


def _load(processes: int) -> Callable[[Path], dict[str, Any]]:
    def load(folder: Path) -> dict[str, Any]:
        import pyiceberg.catalog.sql  # noqa: F401 - half a second that a running service has spent long ago

        from schoolgate import match
        from schoolgate.clock import SystemClock
        from schoolgate.config import Config
        from schoolgate.ids import Term

        marks: dict[str, float] = {}

        def step(name: str) -> None:
            marks[name] = time.perf_counter()
            if name == "spooled":
                marks["memory"] = _peak_mib()

        begun = time.perf_counter()
        report = match.load_term(
            YEAR, Term.SPRING, clock=SystemClock(), config=Config.from_environment(), processes=processes, step=step
        )
        ended = time.perf_counter()
        return {
            "pupils": report.rows,
            "seconds": ended - begun,
            "note": f"{report.new:,} new; of the time, commit {ended - marks['spooled']:.2f} s, memory before it"
            f" {marks['memory']:.0f} MiB",
        }

    return load


_RUN = {
    "lxml": _lxml, "parse": _parse, "rules": _rules, "submit": _submit, "match": _load(0), "again": _load(0),
    "beside": _load(_READERS),
}  # fmt: skip


def _peak_mib() -> float:
    """Most memory this process had. (getrusage's figure starts with what the process it was made by had.)"""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def stage(name: str, folder: str) -> None:
    """One stage, in this process; prints its figures as JSON."""
    begun = _cpu()
    found = _RUN[name](Path(folder))
    print(json.dumps({**found, "cpu": _cpu() - begun, "peak": _peak_mib()}))


def _stages(folder: Path, home: Path) -> Iterator[dict[str, Any]]:
    environment = {**os.environ, "SCHOOLGATE_HOME": str(home)}
    prepare = "import django; django.setup(); from bench import ingest; "
    migrate = "from django.core.management import call_command; call_command('migrate', verbosity=0)"
    command = [sys.executable, "-W", "ignore", "-c"]
    subprocess.run([*command, prepare + migrate], env=environment, check=True)
    for name, said in _STAGES.items():
        code = f"{prepare}ingest.stage({name!r}, {str(folder)!r})"
        out = subprocess.run([*command, code], env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
        found = json.loads(out.splitlines()[-1])
        yield {
            "stage": said,
            "pupils": found["pupils"],
            "pupils_a_second": found["pupils"] / found["seconds"],
            "seconds": round(found["seconds"], 2),
            "processor_seconds": round(found["cpu"], 2),
            "peak_mib": round(found["peak"]),
            "note": found.get("note"),
        }


def run() -> list[dict[str, Any]]:
    """Every stage at both sizes."""
    from schoolgate import synthetic
    from schoolgate.ids import CensusPoint, Term

    rows: list[dict[str, Any]] = []
    for schools, pupils in SIZES:
        with tempfile.TemporaryDirectory(prefix="schoolgate-bench-") as place:
            folder = Path(place) / "returns"
            point = CensusPoint(YEAR, Term.SPRING)
            synthetic.generate(folder, schools=schools, points=[point], seed=5, pupils=pupils)
            rows += _stages(folder, Path(place) / "home")
    return rows
