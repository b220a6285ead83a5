"""``schoolgate family``: what a school's office does so that a family can see its own child's page."""

from __future__ import annotations

from typing import Annotated

import typer

from schoolgate import rights
from schoolgate.cli.console import console, errors
from schoolgate.clock import SystemClock
from schoolgate.config import Config, gate_only
from schoolgate.errors import Refusal

app = typer.Typer(
    help="For a school's office: give a family the code for its child's page, or close the page.",
    no_args_is_help=True,
)

School = Annotated[int, typer.Option("--urn", help="Your school's URN.")]
Pupil = Annotated[
    str,
    typer.Option(
        "--upn",
        # Asked for when it is left out: what is typed there stands in no list of commands that a machine keeps.
        prompt="The pupil's UPN",
        help="The pupil's UPN, a pupil on your own roll. Leave it out to be asked.",
    ),
]


def _installation() -> Config:
    config = Config.from_environment()
    if config.gate is not None:
        raise gate_only("changes what the gate keeps")
    return config


def _refused(refusal: Refusal) -> typer.Exit:
    errors.print(f"[bold red]Not done:[/] {refusal.reason} {refusal.remedy}")
    return typer.Exit(1)


@app.command("issue-code")
def issue_code(
    urn: School,
    upn: Pupil,
    standing: Annotated[
        str, typer.Option("--for", help=f"Who the code is for: {', '.join(rights.BY_SCHOOL)}.")
    ] = rights.BY_SCHOOL[0],
) -> None:
    """Issue a one-time code for one of your own pupils. It is shown once and kept nowhere in readable form.

    Check first who the parent is, and whether a court order keeps them away: whoever enters it sees the child's
    page, and with it the school's name.
    """
    clock, config = SystemClock(), _installation()
    issued = rights.issue_code(urn, upn, standing=standing, school_actor=f"school:{urn}", clock=clock, config=config)
    if isinstance(issued, Refusal):
        raise _refused(issued)
    # The code alone goes to standard output, so that it can be piped into a letter.
    typer.echo(issued.text)
    errors.print(f"Works once, until {issued.expires_at:%-d %B %Y}. Looking up the pupil is in the log.")
    errors.print(f"Keep the letter's number, {issued.letter}, beside the adult's name: `family ways` lists it.")


@app.command()
def close(urn: School, upn: Pupil) -> None:
    """Close a pupil's page to every account, and every open code; after a court order or a lost letter."""
    clock, config = SystemClock(), _installation()
    ended = rights.revoke_access(urn, upn, school_actor=f"school:{urn}", clock=clock, config=config)
    if isinstance(ended, Refusal):
        raise _refused(ended)
    if ended == 0:
        console.print("The page was closed already: no account could open it, and no code was open.")
        return
    what = "account or open code" if ended == 1 else "accounts and open codes"
    console.print(f"The page is closed. {ended} {what} ended, at once. Issue new codes to whom you may.")


@app.command()
def ways(urn: School, upn: Pupil) -> None:
    """List a pupil's open codes and links, ended ones too: for whom and since when, never whose account it is."""
    clock, config = SystemClock(), _installation()
    found = rights.ways_in(urn, upn, school_actor=f"school:{urn}", clock=clock, config=config)
    if isinstance(found, Refusal):
        raise _refused(found)
    for one in found:
        until = f", until {one.until:%-d %B %Y}" if one.until is not None else ""
        letter = f", letter {one.letter}" if one.letter else ""
        ended = f", ended {one.ended:%-d %B %Y}" if one.ended is not None else ""
        typer.echo(f"{one.id}  {one.standing}, since {one.since:%-d %B %Y}{until}{letter}{ended}")
    if not found:
        console.print("No code is open, and no account can look.")


@app.command()
def end(
    urn: School,
    upn: Pupil,
    way: Annotated[str, typer.Argument(help="Which, as `family ways` lists it.")],
    order: Annotated[
        bool, typer.Option("--by-order", help="A court ordered it: this account must not come back.")
    ] = False,
) -> None:
    """End one code or link; the others stay, and whoever held it is told nothing."""
    clock, config = SystemClock(), _installation()
    ended = rights.end_way(urn, upn, way, by_order=order, school_actor=f"school:{urn}", clock=clock, config=config)
    if isinstance(ended, Refusal):
        raise _refused(ended)
    console.print("It has ended, at once." if ended else "There is no such code or link, or it had ended already.")
