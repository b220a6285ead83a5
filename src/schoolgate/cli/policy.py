"""``schoolgate policy``: which rule allows or refuses a query and each item of it, and the table of all rules."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape

from schoolgate import gate
from schoolgate import policy as rules
from schoolgate.cli.console import console
from schoolgate.cli.gate import only_person
from schoolgate.clock import SystemClock

app = typer.Typer(help="Policy: why a read would be allowed or refused, without running it.", no_args_is_help=True)

_MARKS = {"allowed": "[green]allowed[/]", "refused": "[red]refused[/]", "not applicable": "[dim]does not apply[/]"}


def _as_json(explained: gate.Explained) -> str:
    return json.dumps({"allowed": not explained.refusals, **asdict(explained)}, ensure_ascii=False, indent=1)


@app.command()
def explain(
    sql: Annotated[str, typer.Argument(help="The query you have in mind.")],
    agreement: Annotated[str, typer.Option("--agreement")],
    person: Annotated[str | None, typer.Option("--person")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """Say what each rule says of a query and each item of it; nothing is read and nothing recorded.

    How many pupils a rule leaves out is told to nobody, the rule alone.
    """
    asker = person or only_person(agreement)
    explained = gate.explain(agreement, asker, sql, clock=SystemClock())
    if as_json:
        typer.echo(_as_json(explained))
        raise typer.Exit(1 if explained.refusals else 0)
    console.print(f"As {asker} would ask it, under {agreement}, today:", markup=False)
    for one in explained.table:
        console.print(f"{_MARKS[one.verdict]}  {escape(one.title)}: {escape(one.says)} ({escape(one.provision)})")
    for ruling in explained.rulings:
        console.print(f"{_MARKS['allowed' if ruling.allowed else 'refused']}  {ruling.item}: {escape(ruling.rule)}")
    for words in explained.row_rules:
        console.print(f"rows  {escape(words)}")
    for reason in explained.refusals:
        where = f"({reason.where})" if reason.where else ""
        console.print(f"[red]refused[/]  {escape(reason.reason)} {where} {escape(reason.remedy)}")
    if not explained.refusals:
        console.print("This query would be run.")
    raise typer.Exit(1 if explained.refusals else 0)


@app.command()
def table() -> None:
    """Print the decision table, as docs/policy.md has it."""
    typer.echo(rules.as_markdown(), nl=False)
