"""``schoolgate synthetic``: make returns of children who do not exist."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from schoolgate import synthetic
from schoolgate.cli.console import console, progress
from schoolgate.errors import SchoolgateError
from schoolgate.ids import CensusPoint, Term

app = typer.Typer(help="Synthetic returns, for trying things out. No real child is in them.", no_args_is_help=True)


@app.callback()
def _room() -> None:
    """Keep `generate` a subcommand."""


def _point(text: str) -> CensusPoint:
    term, _, year = text.partition("-")
    if term not in set(Term) or not year.isdigit():
        raise SchoolgateError("A census is written AUT-2025, SPR-2026 or SUM-2026.", code="census-point")
    return CensusPoint(int(year), Term(term))


@app.command()
def generate(
    directory: Annotated[Path, typer.Argument(help="Where to write the returns.")],
    schools: Annotated[int, typer.Option(help="How many schools.")] = 40,
    pupils: Annotated[int | None, typer.Option(help="About how many pupils in all.")] = None,
    term: Annotated[list[str] | None, typer.Option(help="A census, e.g. AUT-2025; repeat for more.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same children.")] = 7,
    mistakes: Annotated[float, typer.Option(help="Share of rows with a mistake.")] = 0.0,
) -> None:
    """Write School Census returns of synthetic children at real schools."""
    points = [_point(text) for text in term or ["AUT-2025", "SPR-2026"]]
    with progress() as tell:
        paths = synthetic.generate(
            directory, schools=schools, points=points, seed=seed, pupils=pupils, mistake_rate=mistakes, progress=tell
        )
    console.print(f"{len(paths)} synthetic returns in {directory.name}; mistakes.json lists what was planted.")
