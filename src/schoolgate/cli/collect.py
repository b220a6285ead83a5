"""``schoolgate collect``: a school's data manager sends returns and reads what the rules found."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from schoolgate import collect
from schoolgate.cli.console import console, errors, progress
from schoolgate.clock import SystemClock
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.ids import Term

app = typer.Typer(help="School Census returns: submit, explain, and the rules in force.", no_args_is_help=True)

_ROWS_SHOWN = 10


def _where(rows: Sequence[int], times: int) -> str:
    if list(rows) == [0]:
        return "the return as a whole"
    shown = ", ".join(str(row) for row in rows[:_ROWS_SHOWN])
    more = times - min(len(rows), _ROWS_SHOWN)
    return f"pupil row{'s' if times > 1 else ''} {shown}" + (f" and {more} more" if more else "")


def _report(name: str, sent: collect.Submission) -> None:
    again = " It had been sent before; nothing new was kept." if sent.known else ""
    console.print(
        f"{escape(name)}: {sent.pupils} pupils, {sent.state.replace('-', ' ')} (return {sent.return_id}).{again}"
    )
    if sent.replaces:
        console.print(f"  It replaces return {sent.replaces}, which is kept.")
    if sent.stays_in_force:
        console.print(
            f"  Return {sent.stays_in_force}, accepted before, stays in force until this one is accepted too."
        )
    times = {count.rule: count.times for count in sent.counts}
    for rule, found in groupby(sent.findings, key=lambda finding: finding.rule):
        findings = list(found)
        first = findings[0]
        where = _where([finding.row for finding in findings], times[rule])
        console.print(f"  {first.kind} {rule}, {first.item}, {where}: {first.title} {first.remedy}")
    if sent.state == "needs-explanation":
        console.print(f'  Explain each query: schoolgate collect explain {sent.return_id} RULE "why it is right".')


@app.command()
def submit(
    files: Annotated[list[Path], typer.Argument(help="Returns as XML, one school a file.")],
    actor: Annotated[str, typer.Option(help="Who sends, e.g. school:100008.")] = "school",
    report: Annotated[Path | None, typer.Option(help="Also write it as JSON; no pupil's values.")] = None,
) -> None:
    """Check returns and keep them sealed. Exit 1 when any was not accepted."""
    config, clock, all_accepted = Config.from_environment(), SystemClock(), True
    submissions: list[tuple[str, collect.Submission]] = []
    refused: list[dict[str, str]] = []
    with progress() as tell:
        for file in files:
            try:
                sent = collect.submit(file, clock=clock, config=config, actor=actor, progress=tell)
            except SchoolgateError as problem:
                name = file.name or str(file)
                errors.print(f"[bold red]{escape(name)} was not taken in:[/] {escape(str(problem))}")
                refused.append({"file": name, "code": problem.code, "wrong": problem.what, "to_do": problem.hint})
                all_accepted = False
                continue
            _report(file.name, sent)
            submissions.append((file.name, sent))
            all_accepted = all_accepted and sent.state == "accepted"
    if report is not None:
        report.write_text(json.dumps({**collect.as_report(submissions), "not_taken_in": refused}, indent=1) + "\n")
    if not all_accepted:
        raise typer.Exit(1)


@app.command()
def explain(
    return_id: Annotated[str, typer.Argument(help="The return, as `submit` named it.")],
    rule: Annotated[str, typer.Argument(help="The query's number.")],
    text: Annotated[str, typer.Argument(help="Why it is right. No names, numbers or dates of a pupil.")],
    actor: Annotated[str, typer.Option(help="Who explains.")] = "school",
) -> None:
    """Explain a query; the return is accepted when every query is explained."""
    state = collect.explain(return_id, rule, text, actor=actor, clock=SystemClock())
    console.print(f"{return_id}: {state.replace('-', ' ')}.")


@app.command()
def rules(
    year: Annotated[int, typer.Option(help="Calendar year of the census.")],
    term: Annotated[Term, typer.Option(help="AUT, SPR or SUM.", case_sensitive=False)],
) -> None:
    """List every rule in force for a census: number, kind, terms, phases, years, pupils, item, title."""
    pack = collect.rules(year, term)
    for rule in pack.rules:
        phases = ",".join(rule.phases) or "all phases"
        years = f"{rule.first_year}-{rule.last_year or ''}"
        whom = rule.who if rule.breaks is not None else "whole return"
        console.print(
            f"{rule.number:>5}  {rule.kind:<5}  {','.join(rule.terms)}  {phases}  {years}  {whom}  {rule.item}: "
            f"{rule.title}"
        )
    official = sum(rule.official for rule in pack.rules)
    read = sum(rule.official and bool(rule.reading) for rule in pack.rules)
    console.print(
        f"{len(pack.rules)} rules: {official} with the ministry's number, found in a public source (of {read} part of "
        f"the test is our reading); {len(pack.rules) - official} of the house (SG-…), which are not the ministry's "
        "numbers."
    )
