"""``schoolgate backup`` and ``schoolgate restore``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from schoolgate.backup import BackupBroken, restore_backup
from schoolgate.cli.console import console, progress
from schoolgate.clock import SystemClock
from schoolgate.config import Config

if TYPE_CHECKING:
    from schoolgate.backup import Whole

# What needs Django is imported where it is used: `restore` runs where there is no installation yet.

Passphrase = Annotated[
    Path | None, typer.Option("--passphrase-file", help="A file whose first line is the recovery passphrase.")
]


def _first_line(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").splitlines()[0]
    except (OSError, UnicodeDecodeError, IndexError):
        raise BackupBroken("The passphrase file cannot be read.", code="passphrase-file") from None


def backup(
    folder: Annotated[Path, typer.Argument(help="Where backups are kept: another disk, best another building.")],
    passphrase_file: Passphrase = None,
    forget_older: Annotated[
        int | None, typer.Option("--forget-older-than", min=1, help="Then delete backups older than so many days.")
    ] = None,
) -> None:
    """Take a backup of everything while the gate goes on: database, lake, vault, keys and log, sealed."""
    from schoolgate.backup import KEPT_DAYS, forget_backups, past_their_time, take_backup

    config = Config.from_environment()
    known = (folder / "recovery.json").exists()
    passphrase = _first_line(passphrase_file) if passphrase_file else None
    if passphrase is None and not known:
        console.print("Without the recovery passphrase nobody can restore this. Keep it where the backup is not.")
        passphrase = typer.prompt("Recovery passphrase", hide_input=True, confirmation_prompt=True)
    with progress() as tell:
        taken = take_backup(folder, config, SystemClock(), passphrase, progress=tell)
    size = sum(held.size for held in taken.files) / 2**20
    console.print(
        f"[green]Backup {taken.name} is finished:[/] {len(taken.files)} files, {size:,.1f} MiB,"
        f" {taken.about['entries']} register entries, {taken.about['published']} of them published."
    )
    if forget_older is not None:
        backups, files = forget_backups(folder, config, SystemClock(), forget_older)
        console.print(f"Deleted: {backups} older backups, {files} files that no other needs.")
    if old := past_their_time(folder, config, SystemClock()):
        console.print(
            f"[bold]{len(old)} backups here are older than {KEPT_DAYS} days,[/] and may hold what was certified as"
            f" destroyed. Delete them with --forget-older-than {KEPT_DAYS}."
        )
    console.print("Try it: SCHOOLGATE_HOME=/an/empty/place schoolgate restore FOLDER --verify")


def restore(
    folder: Annotated[Path, typer.Argument(help="Where backups are kept.")],
    verify: Annotated[
        bool, typer.Option("--verify", help="Prove that the log fits the ledger; no release missing.")
    ] = False,
    name: Annotated[str, typer.Option(help="Which backup; the newest when not given.")] = "",
    log: Annotated[
        list[str] | None, typer.Option(help="A published copy of the log: a folder or http address.")
    ] = None,
    set_aside: Annotated[bool, typer.Option("--set-aside", help="Move an installation that is there beside.")] = False,
    passphrase_file: Passphrase = None,
) -> None:
    """Put a backup in place of an empty SCHOOLGATE_HOME; refuses where the public has seen newer entries."""
    config = Config.from_environment()
    passphrase = (
        _first_line(passphrase_file) if passphrase_file else typer.prompt("Recovery passphrase", hide_input=True)
    )
    with progress() as tell:
        done = restore_backup(
            folder,
            config,
            SystemClock(),
            passphrase,
            name=name,
            published=log or (),
            set_aside=set_aside,
            progress=tell,
        )
    console.print(f"[green]Backup {done.contents.name} is in place[/] at {config.home}.")
    if done.aside is not None:
        console.print(f"What was there before lies at {done.aside}.")
    if done.newer:
        console.print("The published log was newer than the backup's and knows nothing more: its files were taken.")
    if done.compared:
        console.print(f"{done.compared} published copies and witnesses have seen nothing that it does not know.")
    else:
        console.print(
            "[bold]Compared with no published copy of the log, and no witness answered:[/] what was published after"
            " this backup is not known. Before you go on, give --log with an address or a copy that somebody kept."
        )
    if verify:
        from schoolgate.cli import ready

        ready()
        from schoolgate.backup import check_whole

        with progress() as tell:
            _say(check_whole(config, tell))
    else:
        console.print("Not checked yet: schoolgate log check-whole")


def _say(whole: Whole) -> None:
    console.print(
        f"[green]The log matches the ledger; no release is missing.[/] {whole.releases} releases"
        f" ({whole.settled} settled, {whole.undelivered} begun and not handed over), {whole.entries} register entries"
        f" ({whole.published} published), {whole.store.versions} lake versions in {whole.store.files} files,"
        f" {whole.store.identities} sealed identities that open."
    )


def check() -> None:
    """Prove that log, register, ledger, lake and vault fit each other."""
    from schoolgate.backup import check_whole

    with progress() as tell:
        _say(check_whole(Config.from_environment(), tell))


restore_app = typer.Typer(pretty_exceptions_enable=False)
restore_app.command()(restore)
