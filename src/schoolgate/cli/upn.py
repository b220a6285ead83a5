"""``schoolgate upn``: is this a UPN, and if not, why not?"""

from __future__ import annotations

from typing import Annotated

import typer

from schoolgate.ids import Upn, upn_problem

app = typer.Typer(help="Unique pupil numbers.", no_args_is_help=True)


@app.callback()
def _room() -> None:
    """Keep `check` a subcommand."""


@app.command()
def check(upn: Annotated[str, typer.Argument(help="Thirteen characters.")]) -> None:
    """Say whether a UPN is right; exit 0 when it is, 1 when not."""
    problem = upn_problem(upn.strip())
    if problem is not None:
        typer.echo(f"Not a UPN: {problem}")
        raise typer.Exit(1)
    kind = "a temporary UPN" if Upn(upn.strip()).temporary else "a UPN"
    typer.echo(f"Right: this is {kind}; its check letter fits.")
