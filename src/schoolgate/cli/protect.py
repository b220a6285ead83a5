"""``schoolgate protect``: the custodian keeps a child from being found, records a death, a family's yes on paper."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from schoolgate import gate
from schoolgate.cli.console import console, errors
from schoolgate.clock import SystemClock
from schoolgate.config import Config
from schoolgate.errors import Refusal

app = typer.Typer(
    help="For the custodian: children who must not be found, pupils who have died, a family's yes on paper."
    " Nothing of it is in the public log.",
    no_args_is_help=True,
)

Actor = Annotated[str, typer.Option("--as", help="Your person id, of the custodian.")]
Pupil = Annotated[
    str,
    typer.Option(
        "--upn",
        # Asked for when it is left out: what is typed there stands in no list of commands that a machine keeps.
        prompt="The pupil's UPN",
        help="The pupil's UPN. Leave it out to be asked.",
    ),
]
Item = Annotated[str, typer.Option(help="The item, e.g. census_pupil.plaa.")]
Purpose = Annotated[str, typer.Option(help="The purpose, an id of the published list.")]
Recipient = Annotated[str, typer.Option(help="The one organisation's id.")]


def _told(changed: bool | Refusal, words: str) -> None:
    if isinstance(changed, Refusal):
        errors.print(f"[bold red]Not done:[/] {changed.reason} {changed.remedy}")
        raise typer.Exit(1)
    console.print(words if changed else "It was so already; nothing was changed.")


@app.command()
def shield(actor: Actor, upn: Pupil) -> None:
    """Keep a child from being found: out of every query, out of schools' look-ups and of the family's page."""
    config, clock = Config.from_environment(), SystemClock()
    _told(gate.set_shield(upn, True, actor=actor, config=config, clock=clock), "Shielded, from the next read on.")


@app.command()
def unshield(actor: Actor, upn: Pupil) -> None:
    """Lift a shield."""
    config, clock = Config.from_environment(), SystemClock()
    _told(gate.set_shield(upn, False, actor=actor, config=config, clock=clock), "The shield is lifted.")


@app.command()
def died(
    actor: Actor,
    upn: Pupil,
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day; left out: recorded in error.")
    ] = None,
) -> None:
    """Record a pupil's death, or take back one recorded in error."""
    config, clock = Config.from_environment(), SystemClock()
    day = on.date() if on is not None else None
    _told(gate.set_death(upn, day, actor=actor, config=config, clock=clock), "Recorded.")


@app.command()
def consent(
    actor: Actor,
    upn: Pupil,
    item: Item,
    purpose: Purpose,
    recipient: Recipient,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day; left out: withdrawn.")] = None,
) -> None:
    """Record a family's yes as given on paper, or its withdrawal: one item, one purpose, one recipient, a last day."""
    config, clock = Config.from_environment(), SystemClock()
    changed = gate.set_consent(
        upn,
        until.date() if until is not None else None,
        item=item,
        purpose_id=purpose,
        recipient=recipient,
        actor=actor,
        config=config,
        clock=clock,
    )
    _told(changed, "Recorded, from the next read on.")
