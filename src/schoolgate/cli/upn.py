"""``schoolgate upn``: is this a UPN, and if not, why not?"""

from __future__ import annotations

from typing import Annotated

import typer

from schoolgate import collect
from schoolgate.ids import Upn

app = typer.Typer(help="Unique pupil numbers.", no_args_is_help=True)


@app.callback()
def _room() -> None:
    """Keep `check` a subcommand."""


@app.command()
def check(upn: Annotated[str, typer.Argument(help="Thirteen characters.")]) -> None:
    """Say whether a UPN is right; exit 0 when it is, 1 when not, with every reason."""
    text = upn.strip()
    faults = collect.upn_faults(text)
    if faults:
        typer.echo("Not a UPN: " + " ".join(faults))
        raise typer.Exit(1)
    kind = "a temporary UPN (a school issued it while the permanent one was unknown)"
    typer.echo(f"Right: this is {kind if Upn(text).temporary else 'a UPN'}; its check letter fits.")
