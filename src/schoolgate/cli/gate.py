"""``schoolgate read`` and ``schoolgate gate``: the one door, from the command line."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Annotated

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import typer
from rich.markup import escape
from rich.table import Table

from schoolgate import gate, requests
from schoolgate.cli.console import console, errors, progress
from schoolgate.clock import SystemClock
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError

app = typer.Typer(help="The gate: what a query may use, and settling what ran.", no_args_is_help=True)

_SHOWN = 40
_FORMATS = (".csv", ".parquet", ".arrow")


def _print_result(handed: gate.Handover) -> None:
    shown = Table(show_edge=False)
    for name in handed.table.column_names:
        shown.add_column(escape(name))
    first = handed.table.slice(0, _SHOWN)
    for row in zip(*(column.to_pylist() for column in first.columns), strict=True):
        shown.add_row(*("" if value is None else escape(str(value)) for value in row))
    console.print(shown)
    if handed.table.num_rows > _SHOWN:
        console.print(f"… and {handed.table.num_rows - _SHOWN:,} more rows; use --out to have them all.")


def _rendered(table: pa.Table, out: Path) -> dict[str, bytes]:
    """The result as the file it leaves as; its digest goes into the receipt, and the log vouches for it."""
    held = io.BytesIO()
    if out.suffix == ".parquet":
        pq.write_table(table, held)
    elif out.suffix == ".csv":
        pa_csv.write_csv(table, held)
    else:
        gate.write_stream(table, held)
    return {out.name: held.getvalue()}


def _can_be_written(out: Path | None, receipt: Path | None) -> None:
    """Asked before the read: a result that cannot be kept should not be taken."""
    if out is not None and out.suffix not in _FORMATS:
        raise SchoolgateError(
            "The result is written as .csv, .parquet or .arrow.", hint="Give --out such a name.", code="out-format"
        )
    for path in (out, receipt):
        if path is not None and not path.absolute().parent.is_dir():
            raise SchoolgateError("The folder to write to does not exist.", hint="Make it first.", code="out-folder")


def print_refusal(refused: gate.RefusedQuery) -> None:
    """Every reason at once, in plain words."""
    if refused.exposed:
        errors.print("[bold red]Failed.[/] The query ran and gave no result; that it ran is on record as a read.")
    else:
        errors.print("[bold red]Refused.[/] No data left. The refusal is on record.")
    for reason in refused.reasons:
        where = f" ({reason.where})" if reason.where else ""
        errors.print(f"  • {escape(reason.reason)}{where}")
        if reason.remedy:
            errors.print(f"    {escape(reason.remedy)}")
    errors.print(f"Register entry {refused.log_index}.")


def only_person(agreement_id: str) -> str:
    """The one person an agreement names, so that they need not say who they are on their own terminal."""
    named = requests.get(agreement_id).people
    if len(named) > 1:
        raise SchoolgateError(
            "This agreement names several people.", hint="Say who you are with --person ID.", code="who-asks"
        )
    return named[0] if named else ""


def _asker(agreement_id: str, person: str | None) -> str:
    """Who asks. Under an agreement that does not exist nobody does, and the gate refuses and records it."""
    try:
        return person or only_person(agreement_id)
    except requests.UnknownRequest:
        return ""


def read(
    sql: Annotated[str, typer.Argument(help="One SELECT over the dictionary's tables, DuckDB dialect.")],
    agreement: Annotated[str, typer.Option("--agreement", help="The agreement you read under, e.g. A-2026-0001.")],
    person: Annotated[
        str | None,
        typer.Option("--person", help="Your person id; needed when the agreement names several people."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Write the result here: .csv, .parquet, or .arrow (the very bytes whose digest the receipt carries)."
        ),
    ] = None,
    receipt: Annotated[Path | None, typer.Option(help="Write the receipt here (.json).")] = None,
) -> None:
    """Read pupil data under an agreement: checked, recorded, and only then handed over.

    Example: schoolgate read --agreement A-2026-0001 --person P-0001
    "SELECT ethnicity, count(*) AS pupils FROM census_pupil WHERE year = 2026 GROUP BY ethnicity"
    """
    _can_be_written(out, receipt)
    config, clock = Config.from_environment(), SystemClock()
    answer = gate.read(
        agreement,
        _asker(agreement, person),
        sql,
        config=config,
        clock=clock,
        render=lambda table: {} if out is None else _rendered(table, out),
    )
    if isinstance(answer, gate.RefusedQuery):
        print_refusal(answer)
        if answer.exposed:
            gate.settle_pending(config, clock)
        raise typer.Exit(1)
    if out is None:
        _print_result(answer)
    else:
        out.write_bytes(answer.files[out.name])
    if receipt is not None:
        receipt.write_text(json.dumps(answer.receipt, indent=1, ensure_ascii=False) + "\n")
    console.print(
        f"Release {answer.release_id}: {answer.table.num_rows:,} rows, register entry {answer.log_index}."
        + (f" Receipt in {receipt.name}." if receipt else " Use --receipt FILE to keep the proof.")
    )
    with progress() as tell:
        tell("settling: working out which pupils this release took", 0, None)
        gate.settle_pending(config, clock)


@app.command()
def allowed() -> None:
    """Print the functions a query may use."""
    console.print("Tables and items: schoolgate dictionary search WORDS")
    console.print("Functions: " + ", ".join(gate.allowed_functions()))


@app.command()
def settle() -> None:
    """Work out which pupils each unfinished release took; safe to run again."""
    with progress() as tell:
        tell("settling", 0, None)
        done = gate.settle_pending(Config.from_environment(), SystemClock())
    console.print(f"{len(done)} releases settled.")
