"""``schoolgate protect``: the custodian shields a child, records a death or a yes on paper, restricts a record."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from schoolgate import desk, gate
from schoolgate.cli.console import console, errors
from schoolgate.clock import SystemClock
from schoolgate.config import Config
from schoolgate.consent import FIRST_WORD_STANDS, RESTRICTION_REASONS
from schoolgate.errors import Refusal, Refused

app = typer.Typer(
    help="For the custodian: children who must not be found, pupils who have died, a family's yes on paper, records"
    " that are not used for now. The public log has nothing of it but a rounded number of these.",
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


def _told(changed: bool | Refusal, words: str, otherwise: str = "It was so already; nothing was changed.") -> None:
    if isinstance(changed, Refusal):
        errors.print(f"[bold red]Not done:[/] {changed.reason} {changed.remedy}")
        raise typer.Exit(1)
    console.print(words if changed else otherwise)


_WAITS = (
    f"Noted. Nothing has changed yet: another person has to give the same command within {FIRST_WORD_STANDS.days} days."
)


def _why_not(done: object) -> bool | Refusal:
    """What an act of the desk came to."""
    return done.reasons[0] if isinstance(done, Refused) else bool(done)


@app.command()
def shield(actor: Actor, upn: Pupil) -> None:
    """Keep a child from being found: out of every query, out of schools' look-ups and of the family's page."""
    config, clock = Config.from_environment(), SystemClock()
    _told(gate.set_shield(upn, True, actor=actor, config=config, clock=clock), "Shielded, from the next read on.")


@app.command()
def unshield(actor: Actor, upn: Pupil) -> None:
    """Say that a shield is to be lifted; the second person who says so lifts it."""
    config, clock = Config.from_environment(), SystemClock()
    _told(gate.set_shield(upn, False, actor=actor, config=config, clock=clock), "The shield is lifted.", _WAITS)


@app.command()
def died(
    actor: Actor,
    upn: Pupil,
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day; left out: recorded in error.")
    ] = None,
) -> None:
    """Say that a pupil has died, or that it was recorded in error; the second person who says so does it."""
    config, clock = Config.from_environment(), SystemClock()
    day = on.date() if on is not None else None
    done = "Recorded, from the next read on." if day is not None else "Taken back, from the next read on."
    _told(gate.set_death(upn, day, actor=actor, config=config, clock=clock), done, _WAITS)


Reason = Annotated[str, typer.Option(help="One of: " + ", ".join(RESTRICTION_REASONS) + ".")]


@app.command()
def restrict(actor: Actor, upn: Pupil, reason: Reason) -> None:
    """Keep a child's record and let nobody use it, for one of the law's reasons (UK GDPR Article 18(1))."""
    config, clock = Config.from_environment(), SystemClock()
    done = gate.set_restriction(upn, reason, actor=actor, config=config, clock=clock)
    _told(done, "Restricted, from the next read on.")


@app.command(name="tell-lifting")
def tell_lifting(
    actor: Actor,
    upn: Pupil,
    reason: Reason,
    on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day on which it will be lifted.")],
) -> None:
    """Write to the family when a restriction will be lifted; its page says so from now on."""
    config, clock = Config.from_environment(), SystemClock()
    done = desk.do("lifting-announce", actor, config=config, clock=clock, upn=upn, reason=reason, lifts_on=on.date())
    _told(_why_not(done), "Written. The family's page says it; letters on paper wait to be posted.")


@app.command(name="lift")
def lift(actor: Actor, upn: Pupil, reason: Reason) -> None:
    """Lift a restriction, on or after the day that the family was told of (UK GDPR Article 18(3))."""
    config, clock = Config.from_environment(), SystemClock()
    done = desk.do("lift", actor, config=config, clock=clock, upn=upn, reason=reason)
    _told(_why_not(done), "Lifted.")


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
