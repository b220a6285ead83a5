"""``schoolgate match``: load a term, and the clerk's queue."""

from __future__ import annotations

from typing import Annotated

import typer

from schoolgate import match
from schoolgate.cli.console import console, progress
from schoolgate.clock import SystemClock
from schoolgate.config import Config
from schoolgate.ids import Term

app = typer.Typer(help="Match accepted returns to pupils and load a term.", no_args_is_help=True)


@app.command()
def run(
    year: Annotated[int, typer.Option(help="Calendar year of the census.")],
    term: Annotated[Term, typer.Option(help="AUT, SPR or SUM.", case_sensitive=False)],
) -> None:
    """Match every accepted return of a census and load the term in one visible step."""
    with progress() as tell:
        report = match.load_term(year, term, clock=SystemClock(), config=Config.from_environment(), progress=tell)
    console.print(
        f"Lake version {report.version}: {report.returns} returns, {report.rows:,} rows,"
        f" of which {report.queued:,} held for a clerk;"
        f" {report.matched:,} known pupils, {report.new:,} new,"
        f" {report.changed:,} identities renewed."
    )


@app.command()
def queue() -> None:
    """List the rows that wait for a clerk; names are in the school's own paper."""
    cases = match.queue()
    if not cases:
        console.print("Nothing waits for a clerk.")
    for case in cases:
        console.print(
            f"{case.case_id}  {case.term} {case.year}  return {case.return_id} row {case.return_row}: {case.reason}"
        )


@app.command()
def resolve(
    case: Annotated[str, typer.Argument(help="The case, e.g. C-0123456789ab.")],
    decision: Annotated[str, typer.Argument(help="'same' or 'different'.")],
    actor: Annotated[str, typer.Option(help="Your person id.")],
) -> None:
    """Decide whether a row is the same child as the record it may belong to; takes effect with the next load."""
    decided = match.resolve(case, decision, actor, SystemClock())
    console.print(f"{decided.case_id}: {decided.state}. Run `schoolgate match run` to load it.")
