"""``schoolgate synthetic``: make returns of children who do not exist."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from schoolgate import synthetic
from schoolgate.cli.console import console, progress
from schoolgate.errors import SchoolgateError
from schoolgate.ids import CensusPoint, Term, Urn

app = typer.Typer(
    help="Synthetic returns on real schools, for trying things out. No child in them exists.", no_args_is_help=True
)


@app.callback()
def _room() -> None:
    """Keep `generate` a subcommand."""


def _point(text: str) -> CensusPoint:
    term, _, year = text.upper().partition("-")
    if term not in set(Term) or not (year.isascii() and year.isdigit() and len(year) == 4):
        raise SchoolgateError(
            "A census is written as its term and year.", hint="For example AUT-2025, SPR-2026.", code="census-point"
        )
    return CensusPoint(int(year), Term(term))


@app.command()
def generate(
    directory: Annotated[Path, typer.Argument(help="Where to write the returns.")],
    schools: Annotated[
        int, typer.Option(min=1, help="How many schools; whole authorities' neighbours are chosen.")
    ] = 40,
    school: Annotated[list[str] | None, typer.Option(help="Or which: a URN; repeat for more.")] = None,
    pupils: Annotated[
        int | None, typer.Option(min=1, help="About how many pupils in all; left out, schools have their usual size.")
    ] = None,
    term: Annotated[list[str] | None, typer.Option(help="A census from AUT-2015 to AUT-2026; repeat for more.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same children, byte for byte.")] = 7,
    mistakes: Annotated[
        float, typer.Option(min=0, max=1, help="Share of pupils with one planted mistake, e.g. 0.01.")
    ] = 0.0,
    queries: Annotated[
        float, typer.Option(min=0, max=1, help="Share of temporary UPNs that census day still finds; a query asks.")
    ] = 0.0,
) -> None:
    """Write School Census returns of synthetic children at real schools.

    The children live on from census to census: they move up, move away, change names, are at two schools.
    Without mistakes and queries every return passes `schoolgate collect submit`.

    Try: schoolgate synthetic generate returns --schools 40 --pupils 4000 --term AUT-2025 --mistakes 0.01

    Then: schoolgate collect submit returns/SYNTHETIC_*_AUT_2025.xml; mistakes.json says what the rules should find.
    """
    points = [_point(text) for text in term or ["AUT-2025", "SPR-2026"]]
    chosen: int | list[Urn] = [Urn(text) for text in school] if school else schools
    with progress() as tell:
        paths = synthetic.generate(
            directory,
            schools=chosen,
            points=points,
            seed=seed,
            pupils=pupils,
            mistake_rate=mistakes,
            query_rate=queries,
            progress=tell,
        )
    size = sum(path.stat().st_size for path in paths)
    console.print(
        f"{len(paths)} synthetic returns in {directory.name}, {size / 2**20:,.1f} MiB. No child in them exists."
    )
    for name, what in (("mistakes", "planted mistakes"), ("queries", "things a query asks about")):
        found = json.loads((directory / f"{name}.json").read_text(encoding="utf-8"))
        kinds = Counter(str(entry["kind"]) for entry in found)
        if kinds:
            console.print(f"{len(found)} {what}, listed in {name}.json: " + ", ".join(sorted(kinds)) + ".")
