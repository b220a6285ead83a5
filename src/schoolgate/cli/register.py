"""``schoolgate register``: the published register made again from the log, and shares imported from earlier lists."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from schoolgate import published, register
from schoolgate.cli.console import console, errors
from schoolgate.clock import SystemClock
from schoolgate.config import Config
from schoolgate.errors import Refused

app = typer.Typer(help="The public register's own tables: how they stand, make again, import.", no_args_is_help=True)


@app.command()
def status() -> None:
    """Say how far the published register is behind the log."""
    now = published.standing()
    console.print(f"Entries in the log: {now.size:,}. Taken in: {now.read:,}. Behind: {now.behind:,}.")


@app.command()
def refresh() -> None:
    """Take in the log's new entries now, without waiting for the worker."""
    now = published.refresh()
    console.print(f"Entries taken in: {now.read:,} of {now.size:,}.")


@app.command()
def rebuild() -> None:
    """Make every table of the published register again, from the log alone."""
    begun = time.monotonic()
    now = published.rebuild()
    console.print(f"Made again from {now.read:,} entries in {time.monotonic() - begun:.1f} seconds.")


@app.command("import")
def import_list(
    file: Annotated[Path, typer.Argument(help="A CSV or XLSX list of shares, one a row.")],
    actor: Annotated[str, typer.Option("--as", help="Who answers for the list: a person of the custodian's, P-0001.")],
    partial: Annotated[bool, typer.Option("--partial", help="Enter the good rows although others are bad.")] = False,
) -> None:
    """Enter historic shares from the ministry's published list, as "imported, not witnessed".

    A list with a bad row is not imported: each is named with its number, and nothing is changed.
    """
    outcome = published.import_shares(file, actor, SystemClock(), partial=partial)
    if isinstance(outcome, Refused):
        errors.print("[bold red]Not imported.[/] Nothing was changed.")
        for one in outcome.reasons:
            errors.print(escape(f"  • {one.where}: {one.reason}"))
        if all(one.code == "bad-row" for one in outcome.reasons):
            errors.print("Mend the rows and import again, or enter the others with --partial.")
        raise typer.Exit(1)
    register.publish(SystemClock(), Config.from_environment())
    console.print(f"Shares entered: {len(outcome.entered):,}. Known already: {len(outcome.doubles):,}.")
    for double in outcome.doubles:
        console.print(escape(f"  • row {double.row}: {' '.join(double.why)}"))
    if outcome.bad:
        console.print(f"Rows left out: {len(outcome.bad):,}.")
        for bad in outcome.bad:
            console.print(escape(f"  • row {bad.row}: {' '.join(bad.why)}"))
