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

_RESULTS = 40
# Sheet names and aliases hold square brackets, which the console would take for styles: plain print() is used.


@app.command()
def load(
    files: Annotated[list[Path], typer.Argument(help="NPD data tables workbooks (.xlsx): the new dictionary.")],
) -> None:
    """Load a workbook, say what came from each sheet, and make it the dictionary in force.

    Every sheet is read, whatever it is called. A row that cannot be read, or only in part, is named with its
    sheet, its number and the reason. The last line is the number of items.
    """
    config, clock = Config.from_environment(), SystemClock()
    with progress() as tell:
        loaded, reports = dictionary.install(files, config.dictionary, tell)
    for report in reports:
        _tell(report)
    items = sum(len(report.items) for report in reports)
    if not all(report.items for report in reports):
        errors.print("No item was found in a workbook, so the dictionary in force stays as it was.", markup=False)
        errors.print("A sheet needs a row of titles such as NPD Alias, Description, Sensitivity above its items.")
        print(f"{items} items")
        raise typer.Exit(1)
    with transaction.atomic():
        register.append_event(
            "dictionary.loaded",
            "dictionary",
            {"version": loaded.version, "items": len(loaded.items)},
            clock.now(),
        )
    register.publish(clock, config)
    placed = sum(bool(item.concept) for item in loaded.items if item.source.sheet and item.source.row)
    print(f"{placed} of them have a place in the concept tree.")
    print(f"In force: dictionary {loaded.version}, with the census and the lake {len(loaded.items)} items in all.")
    print(f"{items} items")


def _tell(report: dictionary.LoadReport) -> None:
    """Every sheet with its items and the rows that are none; then each row that gave trouble."""
    for sheet in report.sheets:
        rest = [f"{sheet.headings} other rows"] if sheet.headings else []
        rest += [f"{sheet.codes} rows of codes"] if sheet.codes else []
        rest += [f"{sheet.unread} rows NOT READ"] if sheet.unread else []
        rest += [" ".join(sheet.remark.split())] if sheet.remark else []
        print(f"{sheet.items:>6}  {sheet.sheet}" + (f"  ({'; '.join(rest)})" if rest else ""))
    for title, is_kept in (("Rows that were not read:", False), ("Rows that were read in part:", True)):
        troubles = [problem for problem in report.problems if problem.is_kept is is_kept]
        if troubles:
            print(title)
        for problem in troubles:
            print(f"        {problem.sheet}, row {problem.row}: {problem.reason}")
    if report.columns_not_kept:
        print(f"Columns the dictionary has no place for: {', '.join(report.columns_not_kept)}")


@app.command(epilog="Example: schoolgate dictionary search free school meals")
def search(words: Annotated[list[str], typer.Argument(help="Words, as you would say them.")]) -> None:
    """Find items by words in their names, descriptions and codes; the closest first.

    Everyday words are understood ("special needs", "race"), and so are slips of the keyboard.
    """
    found = dictionary.open_dictionary(Config.from_environment().dictionary).find(" ".join(words))
    if found.understood:
        print(f"Read as: {found.understood}")
    if not found.items:
        print("No item has these words.")
        raise typer.Exit(1)
    if found.is_partial:
        print("No item has all these words; these have some:")
    for item in found.items[:_RESULTS]:
        title = f" {item.name}." if item.name.lower() not in item.id.lower() else ""
        described = " ".join((item.description or item.collection).split())
        console.print(f"{item.id} ", style="bold", markup=False, end="")
        console.print(f"{title} {described}", markup=False)
    if len(found.items) > _RESULTS:
        print(f"… and {len(found.items) - _RESULTS} more; add a word.")
    if found.is_partial:
        raise typer.Exit(1)


@app.command(
    epilog="Examples: show census_pupil.ethnicity; show 'ULN_Census_[term][yy]'; show ulnc_[yy]; show UPN_SPR17"
)
def show(
    item: Annotated[str, typer.Argument(help="An item's id, alias, former name or field reference.")],
) -> None:
    """Show everything known about one item; when several are called so, list them.

    The places of an alias may be filled in, and the beginning of a name is enough when no other begins so.
    """
    try:
        found = dictionary.open_dictionary(Config.from_environment().dictionary).resolve(item)
    except dictionary.SeveralItems as several:
        called = "have a name that begins with" if several.begin_so else "are called"
        print(f"{len(several.items)} items {called} {item}. Show one of them by its full name:")
        for one in several.items:
            print(f"  {one.id}  ({one.collection}{', ' + one.years if one.years else ''})")
        raise typer.Exit(1) from None
    for name, value in _lines(found).items():
        if value:
            console.print(f"[bold]{name}:[/] ", end="")
            console.print(value, markup=False)


def _lines(found: dictionary.Item) -> dict[str, str]:
    return {
        "Item": found.id,
        "Name": found.name,
        "Collection": found.collection,
        "Table": found.table,
        "Alias": found.alias + _placeholders(found.alias),
        "Former names": ", ".join(found.former_names),
        "Years": found.years,
        "Terms": ", ".join(found.terms),
        "What it is": found.description,
        "Why it is collected": found.why or "No reason is known here.",
        "The law behind it": found.law,
        "Identifiability": f"{found.identifiability} of 5 (1 is a name, 5 is harmless alone)"
        if found.identifiability
        else "not graded",
        "Sensitivity": f"{found.sensitivity} (A is the most sensitive, E the least)"
        if found.sensitivity
        else "not graded",
        "Old tier": found.old_tier,
        "Concept": " > ".join(found.concept),
        "Given": {"default": "by default", "unstated": "not stated"}.get(found.given, found.given),
        "A family may decline": f"yes, with code {found.decline_code}" if found.may_decline else "",
        "Values": found.values,
        **_codes(found),
        "Read from": f"{found.source.file}, {found.source.sheet}"
        + (f", row {found.source.row}" if found.source.row else ""),
    }


def _placeholders(alias: str) -> str:
    places = {"[term]": "the term, such as SPR", "[yy]": "the year, such as 18", "[n]": "a running number"}
    said = [f"{place} is {words}" for place, words in places.items() if place in alias]
    return f"  ({'; '.join(said)})" if said else ""


def _codes(found: dictionary.Item) -> dict[str, str]:
    """The code set; each with its censuses when it changed."""

    def listed(codes: tuple[dictionary.Code, ...]) -> str:
        return "\n" + "\n".join(
            f"    {code.code} = {code.label}" if code.is_explained else f"    {code.code}" for code in codes
        )

    if found.code_sets:
        return {f"Codes, {span.when}": listed(span.codes) for span in found.code_sets}
    return {"Codes": listed(found.codes) if found.codes else ""}
