"""Where this installation keeps its state. The only module that reads the environment.

SCHOOLGATE_HOME      all state lives below this directory; default ``.schoolgate`` in the working directory
SCHOOLGATE_DATABASE  where cases, catalogue and ledger live: ``sqlite`` (default: a file under home) or
                     ``postgresql://user:password@host:port/name`` (``?host=/socket/dir`` for a local socket;
                     over a network with the server's certificate: ``?sslrootcert=/path/ca.pem``)
SCHOOLGATE_GATE      where the gate listens: ``unix:/path/gate.sock``. Unset: the gate is in this process. Set: this
                     process is a face or a worker; its home holds its own small keys and no lake, vault or log key
SCHOOLGATE_NO_WALL   ``yes``: read also where the operating system cannot shut an engine in, behind two walls of three
SCHOOLGATE_SPARK     which Spark runs queries instead of DuckDB: ``local[2]`` or a cluster's address; default: none
SCHOOLGATE_PUBLIC    where the log's files and the dictionary lie; default: home. Faces of another user read them
SCHOOLGATE_SITE      the site's address for people outside: ``https://pupils.example``; links in letters begin with it
SCHOOLGATE_PROXY     the addresses of what stands in front of the site and ends TLS: ``127.0.0.1`` or ``10.0.0.0/24``,
                     with commas between; whom it names as a page's reader is believed. Unset: nobody is
SCHOOLGATE_MAIL      where letters leave: ``smtp://user:password@host:587`` (must offer STARTTLS), ``smtps://…:465``,
                     ``console``, or ``files`` (default: they stay in ``letters`` under home)
SCHOOLGATE_MAIL_FROM the address letters come from; default: ``no-reply@`` the site's host
SCHOOLGATE_OIDC_ISSUER   a government's sign-in for families: ``https://oidc.account.gov.uk``; unset: there is none
SCHOOLGATE_OIDC_CLIENT   what the site is called there
SCHOOLGATE_OIDC_KEY      file of the private key by which the site shows who it is (PEM: P-256, or RSA)
SCHOOLGATE_OIDC_IDENTITY who signs a proven identity: ``https://identity.account.gov.uk``; unset: nobody does
SCHOOLGATE_SCAN      a command that looks at a file that a family sends: it is given on standard input, and 0 means
                     clean, 1 harmful (``clamdscan --no-summary -``). Unset: files are looked into here alone
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlencode, urlsplit, urlunsplit

from schoolgate.errors import SchoolgateError
from schoolgate.seal import GivenKeys, Keyring, Keys

SITE_KEYS = (
    "child-label", "django-sessions", "post", "post-address", "post-leave", "post-who",
)  # fmt: skip
"""What a face has keys for: its sessions, what a family calls a child, letters and the addresses it takes."""

PRIVATE = 0o077
"""The umask of every process: what this software writes is its own user's, but for the public log's files."""

_SITE = "http://127.0.0.1:8000"
_THIS_MACHINE = ("", "localhost", "127.0.0.1", "::1")
_READ_COMMITTED = 2
"""psycopg's number for it; nothing here imports a driver."""

_LIMITS = "-c lock_timeout=60s -c statement_timeout=15min -c idle_in_transaction_session_timeout=10min"
"""A process that hangs does not keep the others out for ever. An address with `options=` of its own, which may be
empty for a pooler that refuses them, has its way."""

_OF_A_CONNECTION = ("sslmode", "sslrootcert", "sslcert", "sslkey", "options", "connect_timeout", "target_session_attrs")


@dataclass(frozen=True, slots=True)
class Outside:
    """A provider that signs families in.

    Attributes:
        issuer: its address, without a slash at its end.
        client: what the site is called there.
        key: file of the site's private key.
        identity: who signs a proven identity; empty: nobody does.
    """

    issuer: str
    client: str
    key: Path
    identity: str = ""


@dataclass(frozen=True, slots=True)
class Config:
    """One installation's places.

    Attributes:
        home: directory of all state.
        database: database address as given.
        gate: the gate's socket, when this process is a face or a worker; None when the gate is in this process.
        public: where the log's files and the dictionary lie, when that is not home.
        spark: the Spark master that runs queries; empty: DuckDB does.
        no_wall: whether a read goes on where the operating system cannot shut an engine in.
        site: the site's address for people outside, without a slash at its end.
        proxies: addresses and networks whose word on who asks for a page is believed.
        mail: where letters leave, as given.
        mail_from: the address letters come from; empty: made from the site's host.
        oidc: the sign-in outside; None: there is none.
    """

    home: Path
    database: str
    gate: Path | None = None
    public: Path | None = None
    spark: str = ""
    no_wall: bool = False
    site: str = _SITE
    proxies: tuple[str, ...] = ()
    mail: str = "files"
    mail_from: str = ""
    scan: str = ""
    oidc: Outside | None = None

    @classmethod
    def from_environment(cls) -> Config:
        """Read the settings.

        Raises:
            SchoolgateError: the gate's address is not a socket's, or a proxy's is no address.
        """
        home = Path(os.environ.get("SCHOOLGATE_HOME") or ".schoolgate").expanduser().resolve()
        public = os.environ.get("SCHOOLGATE_PUBLIC")
        return cls(
            home=home,
            database=os.environ.get("SCHOOLGATE_DATABASE") or "sqlite",
            gate=_socket(os.environ.get("SCHOOLGATE_GATE") or ""),
            public=Path(public).expanduser().resolve() if public else None,
            spark=os.environ.get("SCHOOLGATE_SPARK") or "",
            no_wall=os.environ.get("SCHOOLGATE_NO_WALL") == "yes",
            site=(os.environ.get("SCHOOLGATE_SITE") or _SITE).rstrip("/"),
            proxies=_networks(os.environ.get("SCHOOLGATE_PROXY") or ""),
            mail=os.environ.get("SCHOOLGATE_MAIL") or "files",
            mail_from=os.environ.get("SCHOOLGATE_MAIL_FROM") or "",
            oidc=_outside(),
            scan=os.environ.get("SCHOOLGATE_SCAN") or "",
        )

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
        return (self.public or self.home) / "log"

    @property
    def dictionary(self) -> Path:
        """Compiled data dictionary."""
        return (self.public or self.home) / "dictionary"

    @property
    def keys(self) -> Path:
        """Master key and log signing key (mode 0700)."""
        return self.home / "keys"

    @property
    def scratch(self) -> Path:
        """Temporary space for sorting a load and for an engine's spill."""
        return self.home / "scratch"

    def keyring(self) -> Keyring:
        """The installation's keyring, created on first use.

        Raises:
            SchoolgateError: this process is a face or a worker: the master key is the gate's.
        """
        if self.gate is not None:
            raise gate_only("opens the master key")
        return Keyring.open(self.keys / "master.key")

    def site_keys(self) -> Keys:
        """The keys of sessions, letters and labels; in the gate's process those of families' codes, too.

        With the gate in this process they are derived from the master key; a face has them in a file of its own,
        which `schoolgate gate site-keys` writes, so that what one seals the other opens.
        """
        return self.keyring() if self.gate is None else GivenKeys.open(self.keys / "site.keys", SITE_KEYS)

    @property
    def has_database(self) -> bool:
        """Whether this process reaches the installation's database: at a researcher's desk it does not."""
        return self.gate is None or self.on_postgresql

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
        parts, options = self._postgresql()
        return urlunsplit(parts._replace(scheme="postgresql+psycopg", query=urlencode(options)))

    def _postgresql(self) -> tuple[SplitResult, dict[str, str]]:
        """PostgreSQL's address in its parts, and the options of a connection.

        Over a network the server must show a certificate for its name, unless the address says otherwise by
        ``sslmode``: the driver's own default would go on in the clear without a word (PostgreSQL 15, 34.19).
        """
        parts = urlsplit(self.database)
        options = {key: values[0] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
        hosts = options.get("host", parts.hostname or "").split(",")
        if not all(host.startswith("/") or host in _THIS_MACHINE for host in hosts):
            options.setdefault("sslmode", "verify-full")
        return parts, options

    def django_database(self) -> dict[str, object]:
        """The database entry for Django's settings.

        Raises:
            SchoolgateError: an address that is neither sqlite nor PostgreSQL.
        """
        if self.database == "sqlite":
            return {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": str(self.sqlite_path("schoolgate" if self.gate is None else "desk")),
                # IMMEDIATE: a writer takes its lock when the transaction starts, so that two writers wait
                # for each other instead of failing at commit (SQLite, "Transaction control").
                # FULL: a commit is on disk when it returns; "no receipt, no data" rests on it.
                # secure_delete: zeros over what is deleted; else an erased child's sealed case stays in the file's
                # free pages, and in every backup of it (SQLite, "Pragma statements").
                "OPTIONS": {
                    "transaction_mode": "IMMEDIATE",
                    "timeout": 60,
                    "init_command": (
                        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                        " PRAGMA secure_delete=ON;"
                    ),
                },
            }
        if not self.on_postgresql:
            raise SchoolgateError(
                "SCHOOLGATE_DATABASE must be 'sqlite' or begin with 'postgresql://'.",
                hint="Unset it to use the embedded database.",
                code="database-address",
            )
        parts, options = self._postgresql()
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.path.lstrip("/"),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": options.pop("host", parts.hostname or ""),
            "PORT": str(parts.port or ""),
            "OPTIONS": {
                # READ COMMITTED, whatever the server's or the role's default is: what is asked after a lock was
                # waited for must see what the other one wrote (docs/decisions/0011-isolation.md).
                "isolation_level": _READ_COMMITTED,
                "connect_timeout": "10",
                "application_name": "schoolgate",
                "options": _LIMITS,
                **{key: value for key, value in options.items() if key in _OF_A_CONNECTION},
            },
        }


@dataclass(frozen=True, slots=True)
class Mail:
    """Where letters leave: a Django mail back-end's path, and what it is made with."""

    backend: str
    sender: str
    folder: Path
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = ""
    starttls: bool = False
    tls: bool = False


def mail_of(config: Config) -> Mail:
    """Where letters leave, from what `SCHOOLGATE_MAIL` says.

    Raises:
        SchoolgateError: it is none of its forms; the words do not repeat it, for it may hold a password.
    """
    sender = config.mail_from or f"no-reply@{urlsplit(config.site).hostname or 'localhost'}"
    backends = "django.core.mail.backends"
    if config.mail in ("files", "console"):
        kind = "filebased" if config.mail == "files" else "console"
        return Mail(f"{backends}.{kind}.EmailBackend", sender, config.home / "letters")
    try:
        parts = urlsplit(config.mail)
        port = parts.port or {"smtp": 587, "smtps": 465}.get(parts.scheme, 0)
    except ValueError:
        port = 0
    if not port or not parts.hostname:
        raise SchoolgateError(
            "SCHOOLGATE_MAIL must be 'files', 'console', or begin with 'smtp://' or 'smtps://'.",
            hint="For example smtp://user:password@mail.example:587; unset it to keep letters as files.",
            code="mail-address",
        )
    return Mail(
        f"{backends}.smtp.EmailBackend", sender, config.home / "letters", parts.hostname, port,
        unquote(parts.username or ""), unquote(parts.password or ""),
        starttls=parts.scheme == "smtp" and parts.hostname not in _THIS_MACHINE, tls=parts.scheme == "smtps",
    )  # fmt: skip


def gate_only(what: str) -> SchoolgateError:
    """What a face or a worker is told when it is asked for something that only the gate's user may do."""
    return SchoolgateError(
        f"This {what}, and runs as the gate's user only.",
        hint="Run it as that user, without SCHOOLGATE_GATE.",
        code="gate-only",
    )


def _socket(address: str) -> Path | None:
    if not address:
        return None
    kind, _, path = address.partition(":")
    if kind != "unix" or not path.startswith("/"):
        raise SchoolgateError(
            "SCHOOLGATE_GATE must be 'unix:' and the whole path of the gate's socket.",
            hint="For example unix:/run/schoolgate/gate.sock; unset it to have the gate in this process.",
            code="gate-address",
        )
    return Path(path)


def _outside() -> Outside | None:
    """The sign-in outside.

    Raises:
        SchoolgateError: it is half set, or would be spoken to in the clear over a network.
    """
    issuer = (os.environ.get("SCHOOLGATE_OIDC_ISSUER") or "").rstrip("/")
    client, key = os.environ.get("SCHOOLGATE_OIDC_CLIENT") or "", os.environ.get("SCHOOLGATE_OIDC_KEY") or ""
    identity = (os.environ.get("SCHOOLGATE_OIDC_IDENTITY") or "").rstrip("/")
    if not issuer:
        return None
    if not client or not key:
        raise SchoolgateError(
            "SCHOOLGATE_OIDC_ISSUER needs SCHOOLGATE_OIDC_CLIENT and SCHOOLGATE_OIDC_KEY.",
            hint="Unset it to have no sign-in outside.",
            code="oidc-address",
        )
    for address in (issuer, identity):
        parts = urlsplit(address)
        if address and parts.scheme != "https" and parts.hostname not in _THIS_MACHINE[1:]:
            raise SchoolgateError(
                "SCHOOLGATE_OIDC_ISSUER and SCHOOLGATE_OIDC_IDENTITY begin with 'https://'.",
                hint="Only a provider on this very machine may be asked without.",
                code="oidc-address",
            )
    return Outside(issuer, client, Path(key).expanduser(), identity)


def _networks(addresses: str) -> tuple[str, ...]:
    """What stands in front of the site. A name or `*` is no address: then anybody could say who they are.

    Raises:
        SchoolgateError: one of them is neither an address nor a network.
    """
    found = tuple(part.strip() for part in addresses.split(",") if part.strip())
    for one in found:
        try:
            wide = ip_network(one).prefixlen == 0
        except ValueError:
            wide = True
        if wide:
            raise SchoolgateError(
                f"SCHOOLGATE_PROXY must be addresses or networks with commas between; this is none: {one}",
                hint="For example 127.0.0.1 or 10.0.0.0/24; unset it when nothing stands in front of the site.",
                code="proxy-address",
            )
    return found


def notify_address() -> str:
    """Where the machine's service manager waits to hear that a service is ready (sd_notify); empty: nowhere."""
    return os.environ.get("NOTIFY_SOCKET") or ""
