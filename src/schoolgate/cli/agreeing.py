"""``schoolgate request``, the agreement's part: read its text, sign, stop, end, certify, and who is overdue."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.markup import escape

from schoolgate import register, requests
from schoolgate.cli.console import console, errors
from schoolgate.clock import SystemClock, custodians_day
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError

T = TypeVar("T")
Actor = Annotated[str, typer.Option("--as", help="Your person id, e.g. P-0001.")]
Shown = Annotated[str, typer.Option("--hash", help="The hash of the text you read: schoolgate request text.")]
Which = Annotated[str, typer.Argument(help="An application, e.g. APP-2026-0001, or an agreement, e.g. A-2026-0001.")]


def taken(outcome: T | requests.Refused) -> T:
    """The outcome, published; or every reason on the screen, and exit 1."""
    if isinstance(outcome, requests.Refused):
        errors.print("[bold red]Not done.[/] Nothing was changed.")
        for reason in outcome.reasons:
            where = f"{reason.where}: " if reason.where else ""
            errors.print("  • " + escape(f"{where}{reason.reason} {reason.remedy}".strip()))
        raise typer.Exit(1)
    register.publish(SystemClock(), Config.from_environment())
    return outcome


def _version(request: str, number: int | None) -> requests.VersionView:
    """A version that was made, or what would be signed now, or else the newest."""
    made = requests.versions(request)
    found = next((one for one in made if one.number == number), None)
    if number is None:
        found = requests.to_sign(request) or (made[-1] if made else None)
    if found is None or not found.text:
        raise SchoolgateError("There is no text of this version.", code="version-unknown")
    return found


def text(
    request: Which,
    version: Annotated[int | None, typer.Option(help="Which version; left out: what waits for a signature.")] = None,
    pdf: Annotated[Path | None, typer.Option(help="Write it as a PDF to this file.")] = None,
) -> None:
    """Print an agreement's text and its hash: what both sides sign, byte by byte."""
    found = _version(request, version)
    if pdf is not None:
        try:
            pdf.write_bytes(requests.as_pdf(found))
        except OSError:
            raise SchoolgateError("The PDF cannot be written there.", hint="Check the path.", code="pdf") from None
        console.print(f"Written: version {found.number}, hash {found.text_hash}")
        return
    typer.echo(found.text, nl=False)
    errors.print(f"Version {found.number}, {found.state}. Hash: {found.text_hash}", soft_wrap=True)


def compare(
    request: Which,
    before: Annotated[int, typer.Argument(help="The earlier version.")],
    after: Annotated[int, typer.Argument(help="The later one.")],
) -> None:
    """Show how one version of an agreement's text differs from another."""
    marks = {"same": " ", "added": "+", "removed": "-"}
    for one in requests.differences(request, before, after):
        typer.echo(f"{marks[one.kind]} {one.line.text}")


def accept(request: Which, actor: Actor, shown: Shown) -> None:
    """Sign for the organisation. Then the custodian signs the same text."""
    done = taken(requests.accept(request, actor, shown, SystemClock()))
    console.print(f"Version {done.number} is signed for the organisation. Next: schoolgate request sign {request}")


def sign(request: Which, actor: Actor, shown: Shown) -> None:
    """Sign for the custodian. From then on the gate lets its people read under what the text says."""
    signed = taken(requests.sign(request, actor, shown, SystemClock()))
    console.print(
        f"Agreement {signed.id} is in force until {signed.valid_until:%-d %B %Y}."
        f' Next: schoolgate read --agreement {signed.id} "SELECT …"'
    )


def suspend(agreement: Which, reason: Annotated[str, typer.Option(help="Why; public.")], actor: Actor) -> None:
    """Stop the use of an agreement at once. Only the panel lets it go on."""
    stopped = taken(requests.suspend(agreement, reason, actor, SystemClock()))
    console.print(f"The use of agreement {stopped.id} is stopped: the next read is refused.")


def end(agreement: Which, reason: Annotated[str, typer.Option(help="Why; public.")], actor: Actor) -> None:
    """End an agreement at once."""
    ended = taken(requests.end(agreement, reason, actor, SystemClock()))
    due = next(one.due for one in requests.endings(ended.organisation_id) if one.agreement_id == ended.id)
    console.print(
        f"Agreement {ended.id} has ended. What was handed over is to be destroyed by {due:%-d %B %Y}."
        f" Next: schoolgate request destroyed {ended.id}"
    )


def destroyed(
    agreement: Which,
    words: Annotated[str, typer.Option(help="How the data was destroyed, in your words; public.")],
    witness: Annotated[str, typer.Option(help="Person id of a witness of the custodian.")],
    actor: Actor,
    method: Annotated[str, typer.Option(help=f"One of: {', '.join(requests.methods())}.")] = "otherwise",
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day; left out: today.")] = None,
    release: Annotated[list[str] | None, typer.Option(help="A release it covers; may be repeated.")] = None,
) -> None:
    """State that what was handed over is destroyed; whoever saw it then says so (schoolgate request witnessed)."""
    gone = taken(
        requests.state_destruction(
            agreement,
            words,
            actor,
            witness,
            SystemClock(),
            method=method,
            destroyed_on=on.date() if on is not None else None,
            releases=tuple(release or ()),
        )
    )
    console.print(
        f"It is stated that the data of agreement {gone.id} is destroyed. Next, for {witness}:"
        f" schoolgate request witnessed {gone.id}"
    )


def witnessed(
    agreement: Which,
    actor: Actor,
    denied: Annotated[str, typer.Option(help="You did not see it: why you say so; public.")] = "",
) -> None:
    """Say, as the witness who was named, that you saw the destruction; or with --denied that you did not."""
    gone = taken(requests.witness_destruction(agreement, not denied, actor, SystemClock(), reason=denied))
    said = "counts as not destroyed" if denied else "is certified as destroyed"
    console.print(f"The data of agreement {gone.id} {said}.")


def overdue(
    day: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="As of this day; left out: today.")] = None,
) -> None:
    """List every destruction that is overdue."""
    found = requests.overdue(day.date() if day is not None else custodians_day(SystemClock()))
    for one in found:
        console.print(escape(f"{one.agreement_id}  due {one.due:%-d %B %Y}  {one.organisation_name}"))
    if not found:
        console.print("No destruction is overdue.")


COMMANDS = (text, compare, accept, sign, suspend, end, destroyed, witnessed, overdue)
"""Commands of ``schoolgate request``, by the name of their function."""


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    for command in COMMANDS:
        app.command()(command)
