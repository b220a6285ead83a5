"""``schoolgate read`` and ``schoolgate gate``: the one door, from the command line."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from schoolgate import desk, gate, ledger, requests
from schoolgate.cli.console import console, errors, progress
from schoolgate.clock import Clock, SystemClock
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError

app = typer.Typer(help="The gate: what a query may use, and settling what ran.", no_args_is_help=True)

_SHOWN = 40


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


def _can_be_written(out: Path | None, receipt: Path | None) -> None:
    """Asked before the read: a result that cannot be kept should not be taken."""
    if out is not None and out.suffix not in gate.FORMATS:
        raise SchoolgateError(
            "The result is written as .csv, .parquet or .arrow.", hint="Give --out such a name.", code="out-format"
        )
    for path in (out, receipt):
        if path is not None and not path.absolute().parent.is_dir():
            raise SchoolgateError("The folder to write to does not exist.", hint="Make it first.", code="out-folder")


def _keep(path: Path, data: bytes) -> None:
    """Write what was handed over, all of it or nothing."""
    is_file = path.is_file() or not path.exists()  # a terminal or a pipe is written to as it is
    half = path.with_name(f".{path.name}.part") if is_file else path
    try:
        half.write_bytes(data)
        if is_file:
            half.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            if is_file:
                half.unlink()
        raise SchoolgateError(
            "The result reached this machine and could not be written. The read is on record as handed over.",
            hint="Is there room where --out and --receipt point to? Make some, and ask again: that is a new read.",
            code="out-not-written",
        ) from None


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
    named = gate.named_people(agreement_id, config=Config.from_environment())
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
        render=gate.no_files if out is None else gate.AsFile(out.name),
    )
    if isinstance(answer, gate.RefusedQuery):
        print_refusal(answer)
        if answer.exposed:
            _settle_here(config, clock)
        raise typer.Exit(1)
    if out is None:
        _print_result(answer)
    else:
        _keep(out, answer.files[out.name])
    if receipt is not None:
        _keep(receipt, (json.dumps(answer.receipt, indent=1, ensure_ascii=False) + "\n").encode())
    console.print(
        f"Release {answer.release_id}: {answer.table.num_rows:,} rows, register entry {answer.log_index}."
        + (f" Receipt in {receipt.name}." if receipt else " Use --receipt FILE to keep the proof.")
    )
    if config.gate is None:
        console.print(
            "The gate is in this process: this machine counts as the safe setting, and nothing keeps data in it."
        )
    _settle_here(config, clock)


def _settle_here(config: Config, clock: Clock) -> None:
    """Settle when the gate is in this process; a gate of its own does so by itself."""
    if config.gate is not None:
        return
    with progress() as tell:
        tell("settling: working out which pupils this release took", 0, None)
        gate.settle_all(config, clock)


@app.command()
def allowed() -> None:
    """Print the functions a query may use."""
    console.print("Tables and items: schoolgate dictionary search WORDS")
    console.print("Functions: " + ", ".join(gate.allowed_functions()))
    console.print("Division by nought, with /, // or %, gives NULL.")
    console.print("Without ORDER BY, rows come in order of what they show.")


@app.command()
def settle() -> None:
    """Work out which pupils each unfinished release took; safe to run again."""
    with progress() as tell:
        tell("settling", 0, None)
        done = gate.settle_all(Config.from_environment(), SystemClock())
    console.print(f"Releases settled: {done}.")


@app.command()
def unfinished() -> None:
    """List reads that are on record and of which no result is: begun, not delivered; and those still being worked out.

    A read that runs at this moment is among them. Nothing has to be done: whoever asked may ask again, which is a new
    read; what was begun stays on record and is in every family's answer.
    """
    begun = ledger.undelivered()
    for record in begun:
        console.print(
            f"{record.release_id}  {record.agreement_id}  {record.begun_at:%-d %B %Y %H:%M:%S} UTC"
            f"  {record.handed_over}  (register entry {record.log_index}; its pupils: {record.counted})",
            markup=False,
        )
    console.print(f"Begun, not delivered: {len(begun)}.")
    waiting = [record for record in ledger.unsettled() if record.worked_out_at is None]
    if waiting:
        console.print(
            f"Being worked out: {len(waiting)}. Until then every family is told “may be in it”."
            " Now: schoolgate gate settle"
        )


Callers = Annotated[
    Path | None, typer.Option("--callers", help="Who may ask for what; default: callers.toml in the home.")
]


@app.command()
def serve(
    socket: Annotated[Path | None, typer.Option(help="Where to listen; default: gate.sock beside the home.")] = None,
    callers: Callers = None,
    engines: Annotated[int, typer.Option(min=0, max=64, help="Reads at once; 0: as the machine bears.")] = 0,
    check: Annotated[bool, typer.Option("--check", help="Only look whether it may serve.")] = False,
    allow_root: Annotated[
        bool, typer.Option("--allow-root", help="Serve as root, where nothing is at stake. Root is behind no wall.")
    ] = False,
) -> None:
    """Serve the gate to faces, desks and workers that run as other users; SIGTERM lets what runs end.

    It refuses to start when anybody but its own user can read or change what it owns, and says what to run.
    """
    config = Config.from_environment()
    serving = gate.Serving(
        socket=(socket or config.home.parent / "gate.sock").absolute(),
        callers=(callers or config.home / "callers.toml").absolute(),
        engines=engines,
        allow_root=allow_root,
        acts=desk.do_given,
        family_acts=desk.for_family_given,
        school_acts=desk.for_school_given,
    )
    if not check:
        if not gate.serve_gate(config, SystemClock(), serving):
            raise typer.Exit(1)
        return
    found = gate.findings(config, serving)
    for finding in found:
        errors.print(f"  • {escape(finding.what)}")
        if finding.mend:
            errors.print(f"    {escape(finding.mend)}")
    if found:
        raise typer.Exit(1)
    console.print("Nobody but this user can read or change what the gate owns. It may serve.")


@app.command()
def walls() -> None:
    """Say which wall of the operating system stands around an engine on this machine; exit 1 when there is none."""
    found = gate.wall()
    console.print(found.line)
    if not found.holds:
        raise typer.Exit(1)


@app.command("site-keys")
def site_keys(out: Annotated[Path, typer.Argument(help="Where to write them; mode 0600.")]) -> None:
    """Write the keys of sessions and families' codes, for the site's own home (keys/site.keys).

    The master key does not follow from them. Give the file to the site's user and to nobody else.
    """
    try:
        descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError:
        raise SchoolgateError(
            "The file is there already, or cannot be made.", hint="Name another.", code="site-keys"
        ) from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(gate.site_keys(Config.from_environment()))
    console.print(f"Written. chown {escape(str(out))} to the site's user.")


@app.command()
def grants(
    role: Annotated[str, typer.Argument(help="The site's role in PostgreSQL.")],
    apply: Annotated[bool, typer.Option("--apply", help="Do it, as the owner of the tables.")] = False,
) -> None:
    """Print, or apply, what the site's database role may touch; everything else is the gate's alone."""
    if apply:
        console.print(f"The role may touch {gate.grant(role)} tables, and no other.")
        return
    for statement in gate.grants(role):
        print(f"{statement};")
