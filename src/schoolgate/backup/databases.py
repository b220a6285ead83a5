"""Copying the databases while others read and write, and putting a copy back."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from schoolgate.backup.chest import BackupBroken
from schoolgate.config import Config

DUMP = "postgresql.dump"
_TLS = ("sslmode", "sslrootcert", "sslcert", "sslkey")
EMBEDDED = ("schoolgate.sqlite3", "catalogue.sqlite3")
"""In the order in which they are copied: the lake's catalogue may be ahead of the cases, never behind (ADR 0001)."""


def _program(name: str) -> str:
    """PostgreSQL's own tool, of the newest release installed: an older one refuses a newer server."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    program = str(found[-1]) if found else shutil.which(name)
    if program is None:
        raise BackupBroken(
            f"{name} is needed to copy a PostgreSQL database.",
            hint="apt-get install postgresql-client",
            code="backup-tools",
        )
    return program


def _connection(config: Config) -> Mapping[str, str]:
    """The database's address for PostgreSQL's tools; the password is not shown to other users in a command line."""
    entry = config.django_database()
    names = {"PGDATABASE": "NAME", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGHOST": "HOST", "PGPORT": "PORT"}
    given = {variable: str(entry[key]) for variable, key in names.items() if entry.get(key)}
    options = entry["OPTIONS"] if isinstance(entry["OPTIONS"], dict) else {}
    given |= {f"PG{key.upper()}": str(options[key]) for key in _TLS if options.get(key)}
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", **given}


def _run(arguments: Sequence[str], config: Config, failed: str) -> None:
    done = subprocess.run(  # noqa: S603 - our own arguments, no shell
        [_program(arguments[0]), *arguments[1:]],
        env=dict(_connection(config)),
        capture_output=True,
        check=False,
    )
    if done.returncode:  # its words can hold a row of the database
        raise BackupBroken(failed, hint=f"{arguments[0]} ended with status {done.returncode}.", code="backup-database")


def copy_databases(config: Config, folder: Path) -> list[str]:
    """Write a copy of every database into `folder`: each the state of one moment, nobody kept waiting.

    Returns:
        Names of the files written.
    """
    if config.on_postgresql:
        _run(
            ["pg_dump", "--format=custom", "--compress=0", "--no-owner", "--no-privileges", f"--file={folder / DUMP}"],
            config,
            "The PostgreSQL database could not be copied.",
        )
        return [DUMP]
    written = []
    for name in EMBEDDED:
        source = config.home / name
        if source.exists():
            _copy_embedded(source, folder / name)
            written.append(name)
    return written


def _copy_embedded(source: Path, target: Path) -> None:
    """One step of SQLite's backup interface: a read transaction over the whole file (sqlite.org/backup.html)."""
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as read,
            closing(sqlite3.connect(target)) as write,
        ):
            read.backup(write, pages=-1)
            write.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error:
        raise BackupBroken(f"{source.name} could not be copied.", code="backup-database") from None


def restore_postgresql(config: Config, dump: Path) -> None:
    """Put a dump into an empty PostgreSQL database, in one transaction.

    Raises:
        BackupBroken: the database is not empty, or the dump does not fit.
    """
    import psycopg
    from psycopg.conninfo import make_conninfo

    address = {key.removeprefix("PG").lower(): value for key, value in _connection(config).items() if key[:2] == "PG"}
    address["dbname"] = address.pop("database")
    try:
        with psycopg.connect(make_conninfo("", **address)) as connection:
            tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    except psycopg.Error:
        raise BackupBroken(
            "The database to restore into cannot be reached.",
            hint="Check SCHOOLGATE_DATABASE.",
            code="restore-database",
        ) from None
    if tables is None or tables[0]:
        raise BackupBroken(
            "The database to restore into is not empty.",
            hint="Make a new one (createdb) and name it in SCHOOLGATE_DATABASE; the old one stays as evidence.",
            code="restore-not-empty",
        )
    _run(
        ["pg_restore", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error",
         f"--dbname={address['dbname']}", str(dump)],
        config,
        "The backup does not go into this PostgreSQL database.",
    )  # fmt: skip
