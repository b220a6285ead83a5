"""``make bench``: figures as printed tables and as JSON in bench/out, with the machine described.

``python -m bench nation`` (``make bench-nation``) measures the parts whose names begin with ``nation_``: half an hour
or more. Parts are named on the command line one by one, too.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

_PARTS = {
    "ingest": "Ingest: pupils a second and peak memory, beside a bare lxml parse of the same files",
    "gate": "Gate: time to hand-over and to settled, beside bare DuckDB on the same query and files",
    "settle": "Settling: from hand-over to exact answers and to the public commitment, half a million pupils",
    "who_has": "Who has my data: look-up time in the ledger, its disk and memory",
    "objection": "From a family's no to the read that honours it",
    "choices": "50,000 objections, one by one: how many a second, and what a read costs before and after them",
    "tightness": "Exposure recorded, beside the smallest sound one, scan by scan",
    "register": "Public register: 20,000 agreements and 200,000 log entries made into tables, searched, shown as pages",
    "log": "Log: append, inclusion proof and verification rates",
    "oversight": "Oversight: every metric over 200,000 entries, from the database and from the published files",
    "pages": "Pages on a slow phone: bytes, requests, and seconds until they can be read",
    "notices": "Notices: made from 20,000 agreements, published, and asked about by a read",
    "corrections": "A term’s corrections: put right as one version, told to every agreement that read the old values",
    "shield": "A shielded child's closed page and code beside those that never were: told apart by the time or not",
    "family_page": "A family's page, and a copy of fourteen years of records",
    "nation_gate": "Gate at 8.2 million pupils a term",
    "nation_settle": "Settling at 8.2 million pupils a term",
    "crowd": "Crowd: fifty researchers at once against one gate: how long each waits, and whether anybody starves",
    "nation_who_has": "Who has my data: 21 million pupils × 1,000 releases",
    "nation_family_page": "A family's page: 21 million pupils × 1,000 releases",
    "nation_log": "Log at a million leaves",
    "nation_corrections": "100,000 corrections of one term told to 400 agreements, 8.2 million pupils",
}
"""A part is `run` of the module of its name; of `nation_x` it is `run_nation` of `x`."""

_NATION = "nation"
_SHARE_A_LAKE = ("nation_gate", "nation_settle")
"""Loading a nation takes minutes: these work in one home, one after the other."""


def machine() -> dict[str, Any]:
    """The machine the figures were measured on."""
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.processor(),
    )
    memory = int(Path("/proc/meminfo").read_text().split()[1]) // 1024
    import duckdb
    import pyarrow

    return {
        "processor": model,
        "cores": os.cpu_count(),
        "memory_mib": memory,
        "system": platform.platform(),
        "python": platform.python_version(),
        "duckdb": duckdb.__version__,
        "pyarrow": pyarrow.__version__,
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _one(part: str, home: Path) -> list[dict[str, Any]]:
    """Run one part in a process of its own, so that peak memory is that part's."""
    module, run = (part.removeprefix("nation_"), "run_nation") if part.startswith("nation_") else (part, "run")
    home.mkdir(exist_ok=True)
    out = home / "figures.json"
    code = (
        "import json,sys,django;django.setup();from django.core.management import call_command;"
        "call_command('migrate',verbosity=0);"
        f"from bench import {module} as part;json.dump(part.{run}(),open(sys.argv[1],'w'))"
    )
    environment = {
        **os.environ,
        "SCHOOLGATE_HOME": str(home / "home"),
        # An empty PostgreSQL for the one part named: tools/with_postgresql.py python -m bench family_page
        "SCHOOLGATE_DATABASE": os.environ.get("SCHOOLGATE_DATABASE") or "sqlite",
        "DJANGO_SETTINGS_MODULE": "schoolgate.settings",
    }
    subprocess.run([sys.executable, "-W", "ignore", "-c", code, str(out)], env=environment, check=True)
    found: list[dict[str, Any]] = json.loads(out.read_text())
    return found


def _wanted(named: list[str]) -> list[str]:
    """The parts named; all the quick ones when none is."""
    nation = [part for part in _PARTS if part.startswith("nation_")]
    found = [part for part in _PARTS if part in named or (part in nation and _NATION in named)]
    return found or [part for part in _PARTS if part not in nation]


def main() -> None:
    """Measure the parts named on the command line, or all the quick ones."""
    with tempfile.TemporaryDirectory(prefix="schoolgate-bench-") as homes:
        _measure(_wanted(sys.argv[1:]), Path(homes))


def _measure(wanted: list[str], homes: Path) -> None:
    console = Console(width=150)
    out = Path("bench/out/figures.json")
    out.parent.mkdir(exist_ok=True)
    # Parts measured before stay beside those measured now, each with its own machine and time.
    figures: dict[str, Any] = json.loads(out.read_text()) if out.exists() else {}
    console.print(", ".join(f"{key} {value}" for key, value in machine().items()))
    for part in wanted:
        home = homes / (_NATION if part in _SHARE_A_LAKE else part)
        rows = _one(part, home)
        figures[part] = {"machine": machine(), "rows": rows}
        out.write_text(json.dumps(figures, indent=1) + "\n")
        if part not in _SHARE_A_LAKE:
            shutil.rmtree(home)
        shown = Table(title=_PARTS[part], title_justify="left")
        columns = list(dict.fromkeys(key for row in rows for key in row))
        for column in columns:
            shown.add_column(column.replace("_", " "), justify="left" if column == columns[0] else "right")
        for row in rows:
            shown.add_row(*(_text(row.get(column)) for column in columns))
        console.print(shown)
    console.print(f"Also in {out}")


def _text(value: Any) -> str:
    if value is None:
        return ""
    return (
        f"{value:,.3g}"
        if isinstance(value, float) and abs(value) < 100
        else f"{value:,.0f}"
        if isinstance(value, float | int)
        else str(value)
    )


if __name__ == "__main__":
    main()
