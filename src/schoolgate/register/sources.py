"""Where a log that is being checked is read from: a folder, or an address nobody has reason to trust."""

from __future__ import annotations

import http.client
import stat
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from typing import IO, Protocol
from urllib.parse import urlsplit

from schoolgate.errors import SchoolgateError
from schoolgate.register.tiles import MAX_ENTRY, WIDTH, Tile

LARGEST_CHECKPOINT = 1 << 20
"""A checkpoint with cosignatures: post-quantum ones have 5 kB each (signed-note, "Format")."""

_PIECE = 1 << 16


class LogBroken(SchoolgateError):
    """The log is not what it claims to be. The text names the place."""


class NotThere(LogBroken):
    """A file of the log is missing."""


def largest(tile: Tile) -> int:
    """The most bytes a tile or bundle of this width can have."""
    return tile.width * (2 + MAX_ENTRY) if tile.level is None else 32 * tile.width


class Source(Protocol):
    """A log's files."""

    def read(self, path: str, most: int) -> bytes:
        """The bytes at a path, `most` at the most.

        Raises:
            NotThere: there is no such file.
            LogBroken: it cannot be had, or it is longer.
        """
        ...

    def paths(self) -> Iterator[str] | None:
        """Every path there is; None when they cannot be listed."""
        ...


def _too_long(path: str) -> LogBroken:
    return LogBroken(f"{path} is longer than such a file can be.", code="log-long")


class Folder:
    """A log in a folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, path: str, most: int) -> bytes:
        """Read a file."""
        place = self._root / path
        try:
            if not stat.S_ISREG(place.stat().st_mode):  # a pipe would keep a reader waiting for ever
                raise LogBroken(f"{path} is not a file.", code="log-file")
            with place.open("rb") as file:
                data = file.read(most + 1)
        except FileNotFoundError:
            raise NotThere(f"{path} is missing.", code="log-missing") from None
        except OSError:
            raise LogBroken(f"{path} cannot be read.", code="log-unreadable") from None
        if len(data) > most:
            raise _too_long(path)
        return data

    def paths(self) -> Iterator[str] | None:
        """Everything below the folder that is not a folder itself."""
        return (
            file.relative_to(self._root).as_posix()
            for file in sorted(self._root.rglob("*"))
            if file.is_symlink() or not file.is_dir()
        )


class _StayOnTheWeb(urllib.request.HTTPRedirectHandler):
    """Follow a redirect to http or https alone, and never from https to http."""

    max_redirections = 5

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> urllib.request.Request | None:
        """Build the next request; None refuses it."""
        scheme = urlsplit(newurl).scheme
        if scheme not in ("http", "https") or (req.type == "https" and scheme == "http"):
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]


def _opener() -> urllib.request.OpenerDirector:
    """Only what a log needs: the library's own opener would also read files and FTP servers."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _StayOnTheWeb(),
    ):
        opener.add_handler(handler)
    return opener


class Address:
    """A log at an http or https address.

    Args:
        address: its prefix (tlog-tiles, "Parameters").
        patience: seconds to wait for one file.

    Raises:
        LogBroken: not an address that paths can be appended to.
    """

    def __init__(self, address: str, patience: float) -> None:
        try:
            parts = urlsplit(address)
            sound = parts.scheme in ("http", "https") and parts.hostname and not parts.query and not parts.fragment
        except ValueError:
            sound = False
        if not sound or any(letter <= " " for letter in address):
            raise LogBroken("This is not an address of a log.", hint="Write http://…/log.", code="log-where")
        self._address = address.rstrip("/")
        self._patience = patience
        self._opener = _opener()

    def read(self, path: str, most: int) -> bytes:
        """Fetch a file."""
        until = time.monotonic() + self._patience
        try:
            with self._opener.open(f"{self._address}/{path}", timeout=self._patience) as answer:
                if answer.status != http.client.OK:
                    raise LogBroken(f"{path}: the server answered {answer.status}.", code="log-answer")
                data = b""
                # Piece by piece, with a clock: a server can send one byte a second and never be "late".
                while piece := answer.read1(_PIECE):
                    data += piece
                    if len(data) > most:
                        raise _too_long(path)
                    if time.monotonic() > until:
                        raise LogBroken(f"{path} did not arrive in time.", code="log-slow")
                if answer.length:
                    raise LogBroken(f"{path} did not arrive whole.", code="log-cut")
                return data
        except urllib.error.HTTPError as error:
            if error.code in (http.client.NOT_FOUND, http.client.GONE):
                raise NotThere(f"{path} is missing.", code="log-missing") from None
            raise LogBroken(f"{path}: the server answered {error.code}.", code="log-answer") from None
        except (OSError, http.client.HTTPException, ValueError):
            raise LogBroken(f"{path} cannot be fetched.", hint="Is the server up?", code="log-unreachable") from None

    def paths(self) -> Iterator[str] | None:
        """An address cannot be listed."""
        return None


def open_source(source: str, patience: float) -> Source:
    """The folder or address a person named.

    Raises:
        LogBroken: it is neither.
    """
    if "://" in source:
        return Address(source, patience)
    if not Path(source).is_dir():
        raise LogBroken(
            "There is no such directory.", hint="Give the log's directory or its address.", code="log-where"
        )
    return Folder(Path(source))


def read_tile_of(found: Source, tile: Tile) -> tuple[str, bytes]:
    """A tile's own path and bytes; the full tile's when the partial one has been removed since.

    A log may remove a partial tile once the full one is there (tlog-tiles, "Partial Tiles").
    """
    try:
        return tile.path, found.read(tile.path, largest(tile))
    except NotThere:
        full = Tile(tile.level, tile.number)
        if tile.width == WIDTH:
            raise
        try:
            return full.path, found.read(full.path, largest(full))
        except NotThere:
            raise NotThere(f"{tile.path} is missing.", code="log-missing") from None
