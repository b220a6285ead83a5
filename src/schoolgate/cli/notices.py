"""``schoolgate notices``: what families are told, what changed, publishing a notice, and who was told."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from schoolgate import desk, notices
from schoolgate.cli.console import console, errors
from schoolgate.clock import SystemClock
from schoolgate.config import Config
from schoolgate.errors import Refused

app = typer.Typer(
    help="Notices to families, made from the agreements in force. The gate waits for them: no notice, no use.",
    no_args_is_help=True,
)

Actor = Annotated[str, typer.Option("--as", help="Your person id, e.g. P-0001; of the custodian's.")]


@app.command()
def show(
    school: Annotated[str, typer.Option(help="A school's number (URN); left out: all of England.")] = "",
    age: Annotated[str, typer.Option(help=f"An age group: {', '.join(notices.AGES)}; left out: parents.")] = "",
    census: Annotated[str, typer.Option(help=f"One census: {', '.join(notices.TERMS)}.")] = "",
    layer: Annotated[str, typer.Option(help="short, or whole for every layer.")] = "short",
) -> None:
    """Print a notice as it stands now, and how hard it is to read."""
    whom = notices.audience(urn=school, ages=age, term=census)
    text = notices.compose(notices.take_picture(SystemClock()), whom, site=Config.from_environment().site)
    typer.echo(text.whole if layer == "whole" else text.short, nl=False)
    limit = notices.LIMITS[whom.ages]
    errors.print(f"Grade {notices.grade(text)} (Flesch-Kincaid; at most {limit}). SHA-256 of the whole: {text.sha256}")


@app.command()
def changes() -> None:
    """Say what waits for a notice, and what changed since the last one."""
    found = notices.draft(SystemClock())
    if found.last is None:
        console.print("No notice was published yet. The first one tells of everything as it stands.")
    else:
        console.print(f"Since {found.last.number} of {found.last.published_at:%-d %B %Y}:")
        for change in found.changes:
            mark = "[bold]new[/] " if change.needs_notice else ""
            agreements = f" ({', '.join(change.agreements)})" if change.agreements else ""
            console.print(f"  • {mark}{escape(notices.change_words(change) + agreements)}")
        if not found.changes:
            console.print("  nothing changed.")
    for agreement in found.waiting:
        console.print(f"  • waits for a notice: {agreement}")
    for item in found.items:
        console.print(f"  • new in the census, read by nobody until a notice is over: {item}")
    if found.is_needed:
        console.print("Next: schoolgate notices publish --title “…” --as P-…")


@app.command()
def publish(
    title: Annotated[str, typer.Option(help="What it is about, in one line a parent understands; public.")],
    actor: Actor,
    days: Annotated[int, typer.Option(help="Days between the telling and the first use.")] = notices.LEAST_DAYS,
) -> None:
    """Publish a notice of everything as it stands, and write to schools and to everybody who asked."""
    outcome = desk.do(
        "publish-notice", actor, config=Config.from_environment(), clock=SystemClock(), title=title, days=days, seen=""
    )
    if isinstance(outcome, Refused):
        errors.print("[bold red]Not done.[/] Nothing was changed.")
        for reason in outcome.reasons:
            errors.print("  • " + escape(f"{reason.reason} {reason.remedy}".strip()))
        raise typer.Exit(1)
    console.print(f"Notice {outcome.number} is published, and in the register at {outcome.log_index}.")
    for agreement in outcome.agreements:
        console.print(f"  • it tells of {agreement}")
    if outcome.first_use is None:
        console.print("People are being told; the days begin after the last letter. See: schoolgate notices list")
    else:
        console.print(f"Everybody was told. What is new may be used from {outcome.first_use:%-d %B %Y}.")


@app.command("list")
def list_all() -> None:
    """Every published notice: when, and from when what is new may be used."""
    for one in notices.notices():
        begins = f"first use {one.first_use:%-d %B %Y}" if one.first_use is not None else "being told"
        console.print(escape(f"{one.number}  {one.published_at:%Y-%m-%d}  {begins}  {one.title}"))


@app.command()
def told(number: Annotated[str, typer.Argument(help="A notice, e.g. N-2026-0001.")], actor: Actor) -> None:
    """Who was told of a notice, when and how; accounts and topics, never an address."""
    config = Config.from_environment()
    for one in desk.do("notice-tellings", actor, config=config, clock=SystemClock(), number=number):
        console.print(escape(f"{one.at:%Y-%m-%d %H:%M}  {one.whom} {one.reference}: {one.letters} by {one.how}"))
