"""``schoolgate log``: verify, publish and prove."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from schoolgate import register
from schoolgate.cli.console import console, progress
from schoolgate.clock import SystemClock
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError

app = typer.Typer(help="The public log: verify it, publish it, prove an entry.", no_args_is_help=True)


def _plain(text: str) -> str:
    """A line without what a terminal would obey: an event holds words that an applicant wrote."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


@app.command()
def verify(
    source: Annotated[str, typer.Argument(help="The log's directory, or its address (http://…/log).")],
    key: Annotated[str, typer.Option(help="The log's verifier key; default: this installation's.")] = "",
    state: Annotated[Path | None, typer.Option(help="Where checkpoints seen before are kept.")] = None,
) -> None:
    """Check every tile, entry and checkpoint, and that nothing seen before was taken away or changed."""
    config = Config.from_environment()
    if not key and not (config.keys / "log.key").exists():
        raise SchoolgateError(
            "This installation has no log of its own, so it does not know whose log this is.",
            hint="Get the log's verifier key from somewhere you trust, and give it with --key.",
            code="log-key",
        )
    with progress() as tell:
        report = register.verify_log(
            source,
            key or register.verifier_key(config),
            state=state or config.home / "checkpoints-seen.json",
            progress=tell,
        )
        own = Path(source).resolve() == config.log.resolve()
        compared = register.check_journal(config, tell) if own else 0
    console.print(
        f"[green]The log is whole.[/] {report.checkpoint.size} entries, {report.files} files checked, consistent with"
        f" {report.earlier} checkpoints seen before."
    )
    if own:
        console.print(f"The database behind the public page holds the same {compared} entries.")


@app.command()
def publish() -> None:
    """Write every recorded event into the log's files and sign the checkpoint; safe to run again."""
    checkpoint = register.publish(SystemClock(), Config.from_environment())
    console.print(f"Published: {checkpoint.size} entries.")


@app.command()
def show(count: Annotated[int, typer.Option(help="How many, newest first.")] = 20) -> None:
    """List the newest entries in plain words."""
    for event in register.events(limit=count):
        said = f"{event.index:>6}  {event.body['at']}  {register.title(event.type)}: {register.describe(event.body)}"
        console.print(_plain(said), markup=False)


@app.command()
def prove(index: Annotated[int, typer.Argument(help="The entry's number.")]) -> None:
    """Print the C2SP proof that an entry is in the published log."""
    print(register.receipt_proof(index, Config.from_environment()), end="")


@app.command("key")
def show_key() -> None:
    """Print the log's verifier key, to be kept somewhere else."""
    print(register.verifier_key(Config.from_environment()))


@app.command()
def entry(index: Annotated[int, typer.Argument(help="The entry's number.")]) -> None:
    """Print one entry as it stands in the log."""
    print(json.dumps(dict(register.event(index).body), indent=1, ensure_ascii=False))
