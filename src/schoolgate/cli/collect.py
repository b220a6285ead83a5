"""``schoolgate collect``: a school's data manager sends returns and reads what the rules found."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from schoolgate import collect
from schoolgate.cli.console import console, errors, progress
from schoolgate.clock import SystemClock
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.ids import Term

app = typer.Typer(help="School Census returns: submit, explain, and the rules in force.", no_args_is_help=True)


def _report(name: str, sent: collect.Submission) -> None:
    again = " It had been sent before; nothing changed." if sent.known else ""
    console.print(f"{name}: {sent.pupils} pupils, {sent.state.replace('-', ' ')} (return {sent.return_id}).{again}")
    if sent.replaces:
        console.print(f"  It replaces return {sent.replaces}, which is kept.")
    for finding in sent.findings[:30]:
        where = f"pupil row {finding.row}" if finding.row else "the return"
        console.print(f"  {finding.kind} {finding.rule}, {where}, {finding.item}: {finding.title} {finding.remedy}")
    if len(sent.findings) > 30:
        counts = Counter(finding.rule for finding in sent.findings)
        console.print("  … in all: " + ", ".join(f"rule {rule} × {n}" for rule, n in sorted(counts.items())))


@app.command()
def submit(
    files: Annotated[list[Path], typer.Argument(help="Returns as XML, one school a file.")],
    actor: Annotated[str, typer.Option(help="Who sends, e.g. school:100008.")] = "school",
) -> None:
    """Check returns and keep them sealed. Exit 1 when any was not accepted."""
    config, clock, all_accepted = Config.from_environment(), SystemClock(), True
    with progress() as tell:
        for file in files:
            try:
                sent = collect.submit(file, clock=clock, config=config, actor=actor, progress=tell)
            except SchoolgateError as problem:
                errors.print(f"[bold red]{file.name} was not taken in:[/] {problem.what} {problem.hint}")
                all_accepted = False
                continue
            _report(file.name, sent)
            all_accepted = all_accepted and sent.state == "accepted"
    if not all_accepted:
        raise typer.Exit(1)


@app.command()
def explain(
    return_id: Annotated[str, typer.Argument(help="The return, as `submit` named it.")],
    rule: Annotated[str, typer.Argument(help="The query's number.")],
    text: Annotated[str, typer.Argument(help="Why it is right. No names.")],
    actor: Annotated[str, typer.Option(help="Who explains.")] = "school",
) -> None:
    """Explain a query; the return is accepted when every query is explained."""
    state = collect.explain(return_id, rule, text, actor=actor, clock=SystemClock())
    console.print(f"{return_id}: {state.replace('-', ' ')}.")


@app.command()
def rules(
    year: Annotated[int, typer.Option(help="Calendar year of the census.")],
    term: Annotated[Term, typer.Option(help="AUT, SPR or SUM.")],
) -> None:
    """List the rule pack in force for a census."""
    pack = collect.rules(year, term)
    for rule in sorted(pack.rules, key=lambda rule: rule.number):
        known = "" if rule.confirmed else "  (number to be checked)"
        console.print(f"{rule.number:>5}  {rule.kind:<5}  {rule.item}: {rule.title}{known}")
    console.print(f"{len(pack.rules)} rules on pupils; 100 and 1520 on the return.")
