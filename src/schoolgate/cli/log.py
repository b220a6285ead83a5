"""``schoolgate log``: verify and watch, publish and prove, and change what the log rests on."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from schoolgate import register
from schoolgate.cli.console import console, progress
from schoolgate.clock import SystemClock
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError

app = typer.Typer(help="The public log: verify it, publish it, prove an entry.", no_args_is_help=True)


def _plain(text: str) -> str:
    """A line without what a terminal would obey: an event holds words that an applicant wrote."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


_Policy = Annotated[
    Path | None,
    typer.Option("--policy", help="A C2SP tlog-policy file: which witnesses must have cosigned; from one you trust."),
]


def _policy(path: Path | None) -> register.TrustPolicy | None:
    if path is None:
        return None
    try:
        return register.parse_policy(path.read_bytes())
    except OSError:
        raise SchoolgateError("The policy file cannot be read.", code="policy-file") from None


def _key(given: str, policy: register.TrustPolicy | None, config: Config) -> str:
    """The log's key: as given, the policy's, or this installation's own."""
    if given or (policy and policy.logs):
        return given or str(policy.logs[0].key if policy else "")
    if not (config.keys / "log.key").exists():
        raise SchoolgateError(
            "This installation has no log of its own, so it does not know whose log this is.",
            hint="Get the log's verifier key from somewhere you trust, and give it with --key.",
            code="log-key",
        )
    return register.verifier_key(config)


@app.command()
def verify(
    source: Annotated[str, typer.Argument(help="The log's directory, or its address (http://…/log).")],
    key: Annotated[
        str, typer.Option(help="The log's verifier key; default: the policy's, or this installation's.")
    ] = "",
    state: Annotated[Path | None, typer.Option(help="Where checkpoints seen before are kept.")] = None,
    policy: _Policy = None,
) -> None:
    """Check every tile, entry and checkpoint, and that nothing seen before was taken away or changed."""
    config, trusted = Config.from_environment(), _policy(policy)
    with progress() as tell:
        report = register.verify_log(
            source,
            _key(key, trusted, config),
            state=state or config.home / "checkpoints-seen.json",
            policy=trusted,
            progress=tell,
        )
        own = Path(source).resolve() == config.log.resolve()
        compared = register.check_journal(config, tell) if own else 0
    console.print(
        f"[green]The log is whole.[/] {report.checkpoint.size} entries, {report.files} files checked, consistent with"
        f" {report.earlier} checkpoints seen before."
    )
    console.print(
        f"Cosigned by {', '.join(report.witnesses) or 'nobody'}, as the policy asks."
        if trusted
        else "Whether witnesses cosigned it was not asked: give --policy.",
        markup=False,
    )
    if own:
        console.print(f"The database behind the public page holds the same {compared} entries.")


def _told(looked: register.Look | register.LogBroken) -> None:
    if isinstance(looked, register.LogBroken):
        console.print(f"[bold red]ALARM[/] {escape(_plain(str(looked)))}")
        return
    said = f"well: {looked.checkpoint.size} entries, {looked.new} new"
    if looked.witnesses:
        said += f"; cosigned by {', '.join(looked.witnesses)}"
    if looked.compared:
        said += f"; the same log as {', '.join(looked.compared)} saw"
    if looked.longer:
        said += f"; {', '.join(looked.longer)} saw a longer one already"
    console.print(escape(_plain(said)))


@app.command()
def watch(
    source: Annotated[str, typer.Argument(help="The log's directory, or its address (http://…/log).")],
    state: Annotated[Path, typer.Option(help="The monitor's memory: a file; it keeps a copy of every entry.")],
    key: Annotated[str, typer.Option(help="The log's verifier key; a key that follows it is found in the log.")] = "",
    policy: _Policy = None,
    evidence: Annotated[
        Path | None, typer.Option(help="Where evidence is written; default: beside the memory.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Look once; exit 1 when something is not well.")] = False,
    every: Annotated[int, typer.Option(help="Seconds between looks.", min=1)] = 60,
    full: Annotated[int, typer.Option(help="So many looks read every file again once.", min=1)] = 60,
    accept_key: Annotated[
        bool, typer.Option("--accept-key", help="Believe --key although the old key did not name it: it was lost.")
    ] = False,
) -> None:
    """Watch a log from outside: what was changed, taken away or forked since the last look, and which entry."""
    trusted = _policy(policy)
    monitor = register.Monitor(
        source,
        register.VerifierKey.parse(_key(key, trusted, Config.from_environment())),
        register.Memory(state),
        evidence or state.with_name(f"{state.name}.evidence"),
        SystemClock(),
        accept=accept_key,
        policy=trusted,
    )
    if once:
        with progress() as tell:
            looked = monitor.look(progress=tell)
        _told(looked)
        return
    stopped = threading.Event()
    register.watch(monitor, lambda: not stopped.wait(every), _told, full_every=full)


@app.command("judge")
def judge_evidence(
    file: Annotated[Path, typer.Argument(help="A file of evidence that a monitor wrote.")],
    key: Annotated[list[str], typer.Option(help="The log's verifier key; give it again for each key it has had.")],
) -> None:
    """Say whether a file of evidence proves that a log has signed two histories. Nothing in it is believed."""
    console.print(register.judge(file.read_text(encoding="utf-8"), [register.VerifierKey.parse(one) for one in key]))


@app.command("name")
def choose_name(
    name: Annotated[str, typer.Argument(help="A name of yours, such as data.example.org/log; empty: print it.")] = "",
) -> None:
    """Name the log, before its first publication; or print its name. It is in every checkpoint, for ever."""
    config = Config.from_environment()
    if name:
        register.choose_name(config, name)
    print(register.log_name(config))


@app.command("rotate-key")
def rotate_key(reason: Annotated[str, typer.Option(help="Why, in public words.")]) -> None:
    """Change the log's key: the old key names the new one, and checkpoints carry both until `retire-key`."""
    print(register.rotate_key(Config.from_environment(), SystemClock(), reason))
    console.print("Give the new key to witnesses (schoolgate witness add-log) and to whoever checks this log.")


@app.command("retire-key")
def retire_key() -> None:
    """End the overlap after `rotate-key`: the old key signs nothing any more and is removed."""
    register.retire_key(Config.from_environment(), SystemClock())
    console.print("Checkpoints carry the new key's signature only.")


@app.command("replace-lost-key")
def replace_lost_key(reason: Annotated[str, typer.Option(help="What happened, in public words.")]) -> None:
    """Go on under a new key where the old one is gone; witnesses and monitors must be told by another way."""
    print(register.replace_lost_key(Config.from_environment(), SystemClock(), reason))


@app.command("next-key")
def next_key() -> None:
    """Print the new key that an unfinished change has made ready: witnesses add it before it is used."""
    print(register.next_key(Config.from_environment()))


@app.command()
def witnesses(
    file: Annotated[Path, typer.Argument(help="A C2SP tlog-policy file: witnesses with addresses, and the quorum.")],
    reason: Annotated[str, typer.Option(help="Why, in public words.")],
) -> None:
    """Say who must cosign before anything is published, and so before any result leaves."""
    said = register.set_witnesses(Config.from_environment(), SystemClock(), file.read_bytes(), reason)
    console.print(f"Needed from now on: {said}.", markup=False)


@app.command("correct-clock")
def correct_clock(reason: Annotated[str, typer.Option(help="What was wrong, in public words.")]) -> None:
    """Go on after an entry was written with a clock that was ahead; the correction is an entry itself."""
    register.correct_clock(Config.from_environment(), SystemClock(), reason)


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
