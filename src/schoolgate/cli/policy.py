"""``schoolgate policy explain``: which rule allows or refuses each item of a query."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from schoolgate import gate
from schoolgate.cli.console import console
from schoolgate.cli.gate import only_person
from schoolgate.clock import SystemClock

app = typer.Typer(help="Policy: why a read would be allowed or refused, without running it.", no_args_is_help=True)


@app.callback()
def _room() -> None:
    """Keep `explain` a subcommand."""


@app.command()
def explain(
    sql: Annotated[str, typer.Argument(help="The query you have in mind.")],
    agreement: Annotated[str, typer.Option("--agreement")],
    person: Annotated[str | None, typer.Option("--person")] = None,
) -> None:
    """Say which rule allows or refuses each item; nothing is read and nothing recorded."""
    explained = gate.explain(agreement, person or only_person(agreement), sql, clock=SystemClock())
    for ruling in explained.rulings:
        mark = "[green]allowed[/]" if ruling.allowed else "[red]refused[/]"
        console.print(f"{mark}  {ruling.item}: {ruling.rule}")
    for reason in explained.refusals:
        where = f"({reason.where})" if reason.where else ""
        console.print(f"[red]refused[/]  {escape(reason.reason)} {where} {escape(reason.remedy)}")
    if not explained.refusals:
        console.print("This query would be run.")
    raise typer.Exit(1 if explained.refusals else 0)
