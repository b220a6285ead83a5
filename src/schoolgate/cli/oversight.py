"""``schoolgate oversight``: figures and statements computed from the log alone, and the record of processing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from schoolgate import oversight, register
from schoolgate.cli.console import console, errors
from schoolgate.clock import SystemClock, custodians_day
from schoolgate.config import Config
from schoolgate.errors import Refused, SchoolgateError

app = typer.Typer(
    help="Oversight: how the custodian does, by figures anyone can compute from the published log.",
    no_args_is_help=True,
)

_Log = Annotated[
    str, typer.Option("--log", help="A published log: its directory, or its address. Then no database is read.")
]
_Key = Annotated[str, typer.Option("--key", help="The log's verifier key; default: this installation's.")]
_Format = Annotated[str, typer.Option("--format", help="text, json or csv.")]
Entries = Callable[[int | None], Iterator[oversight.Entry]]


def _entries(log: str, key: str) -> tuple[str, Entries]:
    """The log's name, and its entries up to a size: of a published log once all of it was verified.

    Raises:
        LogBroken: it is not whole, or not signed with the key.
    """
    config = Config.from_environment()
    if not log:
        return register.log_name(config), oversight.from_database
    if not key and not (config.keys / "log.key").exists():
        raise SchoolgateError(
            "This installation has no log of its own, so it does not know whose log this is.",
            hint="Get the log's verifier key from somewhere you trust, and give it with --key.",
            code="log-key",
        )
    checkpoint = register.verify_log(log, key or register.verifier_key(config)).checkpoint
    return checkpoint.origin, lambda size: oversight.from_published(log, checkpoint, size)


def _known_format(name: str) -> None:
    if name not in ("text", "json", "csv"):
        raise SchoolgateError("The format is text, json or csv.", code="format")


@app.command()
def metrics(
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day.")],
    last: Annotated[datetime, typer.Option("--until", formats=["%Y-%m-%d"], help="The last day; it is in it.")],
    log: _Log = "",
    key: _Key = "",
    form: _Format = "text",
) -> None:
    """Compute every metric of a period: from a published log, or from this installation's database. Both agree."""
    _known_format(form)
    period = oversight.Period.between(first.date(), last.date())
    _, entries = _entries(log, key)
    figures = oversight.compute(entries(None), period)
    rows = [
        {"metric": figure.metric.id, "of": row.of, "value": row.value, "alarm": row.is_alarm}
        for figure in figures
        for row in figure.rows
    ]
    if form == "json":
        print(oversight.as_json({"first": period.first, "last": period.last, "figures": rows}), end="")
    elif form == "csv":
        print(oversight.as_csv(("metric", "of", "value", "alarm"), rows), end="")
    else:
        for figure in figures:
            console.print(f"[bold]{escape(figure.metric.question)}[/]")
            for row in figure.rows:
                console.print(f"  {escape(row.of)}: {escape(row.value)}{' [red](!)[/]' if row.is_alarm else ''}")


@app.command()
def definitions() -> None:
    """Print what each metric is, how it is counted and from which entries, as a table."""
    print(oversight.definitions_table())


@app.command()
def statement(
    quarter: Annotated[str, typer.Argument(help="A quarter, e.g. 2026-Q3.")],
    log: _Log = "",
    key: _Key = "",
) -> None:
    """Compute a published statement again, and compare it with what the log says of it; exit 1 when it differs."""
    name, entries = _entries(log, key)
    made, said = oversight.again(quarter, name, entries)
    print(made.text, end="")
    if different := said.differs_from(made):
        errors.print(f"[bold red]This is not what entry {said.index} says:[/] {escape('; '.join(different))}.")
        raise typer.Exit(1)
    errors.print(f"The same, byte for byte, as entry {said.index} of the log says (SHA-256 {said.text_hash}).")


@app.command("publish-statement")
def publish_statement(quarter: Annotated[str, typer.Argument(help="A quarter that is over, e.g. 2026-Q3.")]) -> None:
    """Compute a quarter's statement and sign it into the register; workers do it by themselves."""
    config, clock = Config.from_environment(), SystemClock()
    made = oversight.publish_statement(quarter, config, clock)
    if isinstance(made, Refused):
        for reason in made.reasons:
            errors.print(f"[bold red]Not done.[/] {escape(reason.reason)}")
        raise typer.Exit(1)
    register.publish(clock, config)
    console.print(f"The statement of {quarter} is entry {made.log_index} of the log.")


@app.command("record-of-processing")
def record_of_processing(
    form: _Format = "text",
    out: Annotated[Path | None, typer.Option(help="A file to write it to.")] = None,
) -> None:
    """Print the record of processing (UK GDPR Article 30), made from agreements and what ran.

    Exit 1 when something ran that no agreement declares, or the store holds something longer than its rule says.
    """
    _known_format(form)
    made = oversight.record_of_processing(oversight.from_database(), custodians_day(SystemClock()))
    if form == "json":
        text = oversight.as_json(made)
    elif form == "csv":
        text = oversight.as_csv(oversight.COLUMNS, [oversight.as_row(one) for one in made.activities])
    else:
        text = "\n".join((_reached(made.controller), *(_in_words(one) for one in made.activities)))
    if out is None:
        print(text, end="")
    else:
        out.write_text(text, encoding="utf-8")
    for one in made.undeclared:
        errors.print(
            f"[bold red]Not declared:[/] {one.release} (entry {one.index}, {one.agreement}): {escape(one.why)}"
        )
    for late in made.held_too_long:
        errors.print(
            f"[bold red]Held longer than its rule says:[/] {escape(late.holds)}, from the censuses of {late.census},"
            f" until {late.last_day}."
        )
    if made.undeclared or made.held_too_long:
        raise typer.Exit(1)


def _reached(found: oversight.Controller) -> str:
    return (
        f"{'; '.join(found.names)}\n  address: {found.address}, {found.email}\n"
        f"  data protection officer: {found.officer}\n  representative: {found.representative}\n"
    )


def _in_words(one: oversight.Activity) -> str:
    lines = [f"{one.id} ({one.state})"]
    unsaid = {"id", "state"} if one.is_counted else {"id", "state", *oversight.COLUMNS[-4:]}
    for name, value in oversight.as_row(one).items():
        if name not in unsaid:
            parts = value if isinstance(value, tuple | list) else [value]
            lines.append(f"  {name.replace('_', ' ')}: {'; '.join('' if p is None else str(p) for p in parts)}")
    return "\n".join(lines) + "\n"


@app.command()
def overdue() -> None:
    """List what is overdue: actions after findings, findings with none, questions; exit 1 when anything is."""
    today = custodians_day(SystemClock())
    late = [f"{one.number}, due {one.due}, {one.owner}: {one.action}" for one in oversight.overdue_actions(today)]
    late += [f"{one.number}, due {one.due}: {one.question}" for one in oversight.questions() if one.overdue_on(today)]
    late += [
        f"{one.number}, since {one.recorded_on}: nobody has said what is done about it"
        for one in oversight.findings()
        if one.silent_on(today)
    ]
    for line in late:
        console.print(line, markup=False)
    if late:
        raise typer.Exit(1)
    console.print("Nothing is overdue.")
