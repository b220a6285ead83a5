"""Where this installation keeps its state. The only module that reads the environment.

SCHOOLGATE_HOME      all state lives below this directory; default ``.schoolgate`` in the working directory
SCHOOLGATE_DATABASE  where cases, catalogue and ledger live: ``sqlite`` (default: a file under home) or
                     ``postgresql://user:password@host:port/name`` (``?host=/socket/dir`` for a local socket)
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from schoolgate.errors import SchoolgateError
from schoolgate.seal import Keyring


@dataclass(frozen=True, slots=True)
class Config:
    """One installation's places.

    Attributes:
        home: directory of all state.
        database: database address as given.
    """

    home: Path
    database: str

    @classmethod
    def from_environment(cls) -> Config:
        """Read the two settings."""
        home = Path(os.environ.get("SCHOOLGATE_HOME") or ".schoolgate").expanduser().resolve()
        return cls(home=home, database=os.environ.get("SCHOOLGATE_DATABASE") or "sqlite")

    def make_home(self) -> None:
        """Make the directory of all state unless it is there.

        Raises:
            SchoolgateError: it cannot be made, or cannot be written.
        """
        try:
            self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
            writable = os.access(self.home, os.W_OK | os.X_OK)
        except OSError:
            writable = False
        if not writable:
            raise SchoolgateError(
                f"The directory of this installation's state cannot be made or written: {self.home}",
                hint="Point SCHOOLGATE_HOME at a directory of yours, or at one that can be made.",
                code="home",
            )

    @property
    def lake(self) -> Path:
        """Parquet files and table metadata of the pupil lake."""
        return self.home / "lake"

    @property
    def papers(self) -> Path:
        """Sealed returns as schools sent them."""
        return self.home / "papers"

    @property
    def log(self) -> Path:
        """The public log's static files (tiles, checkpoint): may be served to anyone."""
        return self.home / "log"

    @property
    def dictionary(self) -> Path:
        """Compiled data dictionary."""
        return self.home / "dictionary"

    @property
    def keys(self) -> Path:
        """Master key and log signing key (mode 0700)."""
        return self.home / "keys"

    @property
    def scratch(self) -> Path:
        """Temporary space for sorting a load and for an engine's spill."""
        return self.home / "scratch"

    def keyring(self) -> Keyring:
        """The installation's keyring, created on first use."""
        return Keyring.open(self.keys / "master.key")

    @property
    def on_postgresql(self) -> bool:
        """Whether state lives in PostgreSQL."""
        return self.database.startswith(("postgres://", "postgresql://"))

    def sqlite_path(self, name: str = "schoolgate") -> Path:
        """The embedded database's file."""
        return self.home / f"{name}.sqlite3"

    def sqlalchemy_url(self) -> str:
        """The catalogue's address for SQLAlchemy (pyiceberg's SQL catalogue)."""
        if not self.on_postgresql:
            return f"sqlite:///{self.sqlite_path('catalogue')}"
        return "postgresql+psycopg://" + self.database.split("://", 1)[1]

    def django_database(self) -> dict[str, object]:
        """The database entry for Django's settings.

        Raises:
            SchoolgateError: an address that is neither sqlite nor PostgreSQL.
        """
        if self.database == "sqlite":
            return {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": str(self.sqlite_path()),
                # IMMEDIATE: a writer takes its lock when the transaction starts, so that two writers wait
                # for each other instead of failing at commit (SQLite, "Transaction control").
                # FULL: a commit is on disk when it returns; "no receipt, no data" rests on it.
                "OPTIONS": {
                    "transaction_mode": "IMMEDIATE",
                    "timeout": 60,
                    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
                },
            }
        if not self.on_postgresql:
            raise SchoolgateError(
                "SCHOOLGATE_DATABASE must be 'sqlite' or begin with 'postgresql://'.",
                hint="Unset it to use the embedded database.",
                code="database-address",
            )
        parts = urlsplit(self.database)
        options = {key: values[0] for key, values in parse_qs(parts.query).items()}
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.path.lstrip("/"),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": options.pop("host", parts.hostname or ""),
            "PORT": str(parts.port or ""),
            "OPTIONS": {key: value for key, value in options.items() if key == "sslmode"},
        }
