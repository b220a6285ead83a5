"""``make bench``: every figure as a printed table and as JSON in bench/out, with the machine described."""

from __future__ import annotations

import json
import os
import platform
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
    "who_has": "Who has my data: look-up time in the ledger",
    "log": "Log: append, inclusion proof and verification rates",
}


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


def _one(part: str) -> list[dict[str, Any]]:
    """Run one part in a process and a home of its own, so that peak memory is that part's."""
    with tempfile.TemporaryDirectory(prefix="schoolgate-bench-") as home:
        out = Path(home) / "figures.json"
        code = (
            "import json,sys,django;django.setup();from django.core.management import call_command;"
            "call_command('migrate',verbosity=0);"
            f"from bench import {part} as part;json.dump(part.run(),open(sys.argv[1],'w'))"
        )
        environment = {
            **os.environ,
            "SCHOOLGATE_HOME": str(Path(home) / "home"),
            "SCHOOLGATE_DATABASE": "sqlite",
            "DJANGO_SETTINGS_MODULE": "schoolgate.settings",
        }
        subprocess.run([sys.executable, "-W", "ignore", "-c", code, str(out)], env=environment, check=True)
        found: list[dict[str, Any]] = json.loads(out.read_text())
        return found


def main() -> None:
    """Measure the parts named on the command line, or all."""
    console = Console(width=150)
    wanted = [part for part in _PARTS if part in sys.argv[1:]] or list(_PARTS)
    figures: dict[str, Any] = {"machine": machine()}
    console.print(", ".join(f"{key} {value}" for key, value in figures["machine"].items()))
    for part in wanted:
        figures[part] = _one(part)
        shown = Table(title=_PARTS[part], title_justify="left")
        columns = list(dict.fromkeys(key for row in figures[part] for key in row))
        for column in columns:
            shown.add_column(column.replace("_", " "), justify="left" if column == columns[0] else "right")
        for row in figures[part]:
            shown.add_row(*(_text(row.get(column)) for column in columns))
        console.print(shown)
    out = Path("bench/out")
    out.mkdir(exist_ok=True)
    (out / "figures.json").write_text(json.dumps(figures, indent=1) + "\n")
    console.print("Also in bench/out/figures.json")


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
