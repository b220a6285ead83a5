"""``schoolgate dictionary``: load, search and show data items."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from django.db import transaction

from schoolgate import dictionary, register
from schoolgate.cli.console import console, errors, progress
from schoolgate.clock import SystemClock
from schoolgate.config import Config

app = typer.Typer(help="The data dictionary: what every item is, and why it is collected.", no_args_is_help=True)


@app.command()
def load(file: Annotated[Path, typer.Argument(help="An NPD data tables workbook (.xlsx).")]) -> None:
    """Load a workbook, say what came from each sheet, and make it the dictionary in force."""
    config, clock = Config.from_environment(), SystemClock()
    with progress() as tell:
        tell("reading the workbook", 0, None)
        loaded, reports = dictionary.install([file], config.dictionary)
    for report in reports:
        for sheet, count in report.per_sheet:
            print(f"{count:>6}  {sheet}")
        for problem in report.problems:
            errors.print(f"[yellow]{problem.sheet}, row {problem.row}:[/] {problem.reason}")
    items = sum(len(report.items) for report in reports)
    with transaction.atomic():
        register.append_event(
            "dictionary.loaded",
            "dictionary",
            {"version": loaded.version, "items": len(loaded.items)},
            clock.now(),
        )
    register.publish(clock, config)
    print(f"{items} items")


@app.command()
def search(words: Annotated[list[str], typer.Argument(help="Words that stand in the item.")]) -> None:
    """Find items by words in their names and descriptions."""
    found = dictionary.open_dictionary(Config.from_environment().dictionary).search(" ".join(words))
    for item in found[:40]:
        console.print(f"[bold]{item.id}[/]  {item.description or item.collection}", markup=True)
    if len(found) > 40:
        console.print(f"… and {len(found) - 40} more; add a word.")
    if not found:
        console.print("No item has all these words.")
        raise typer.Exit(1)


@app.command()
def show(
    item: Annotated[str, typer.Argument(help="An item's id, alias, former name or field reference.")],
) -> None:
    """Show everything known about one item."""
    found = dictionary.open_dictionary(Config.from_environment().dictionary).resolve(item)
    lines = {
        "Item": found.id,
        "Collection": found.collection,
        "Table": found.table,
        "Alias": found.alias,
        "Former names": ", ".join(found.former_names),
        "Years": found.years,
        "Terms": ", ".join(found.terms),
        "What it is": found.description,
        "Why it is collected": found.why,
        "Identifiability": f"{found.identifiability} of 5 (1 is a name, 5 is harmless alone)"
        if found.identifiability
        else "",
        "Sensitivity": f"{found.sensitivity} (A to E)" if found.sensitivity else "",
        "Old tier": found.old_tier,
        "Concept": " > ".join(found.concept),
        "Given": found.given,
        "A family may decline": f"yes, with code {found.decline_code}" if found.may_decline else "",
        "Values": found.values,
        "Codes": "\n" + "\n".join(f"    {code.code} = {code.label}" for code in found.codes) if found.codes else "",
        "Read from": f"{found.source.file}, {found.source.sheet}"
        + (f", row {found.source.row}" if found.source.row else ""),
    }
    for name, value in lines.items():
        if value:
            console.print(f"[bold]{name}:[/] ", end="")
            console.print(value, markup=False)
