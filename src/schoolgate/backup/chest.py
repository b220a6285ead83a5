"""The chest a backup is kept in: objects under the keyed hash of what they hold, and a list for each backup.

Everything but the public log lies there sealed, so that a backup is no way around the gate: without the
installation's backup key, which the recovery passphrase opens, it is noise. What did not change since an earlier
backup is not written again.

    recovery.json         the backup key, sealed under the passphrase
    objects/ab/ab12…      sealed files, named by HMAC-SHA-256 of their content
    backups/<time>.json   what one backup holds, authenticated; written last, so an unfinished one is none
    newest/<name>         a file of which only the newest copy is kept, whatever backup is restored
    in-use.lock           held while a backup is taken; nothing is forgotten meanwhile
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import rfc8785
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from schoolgate.durable import flush, replace_wiping, wipe, write_once
from schoolgate.errors import SchoolgateError
from schoolgate.sealed import Form, SealedReader, SealedWriter

_FORM = Form(
    b"SGBACKUP",
    b"schoolgate/backup/",
    "An object of the backup could not be opened: it was changed, cut off, or belongs to another backup.",
)
_PIECE = 1 << 20
_SCRYPT_N = 1 << 17
"""Work of the passphrase's derivation: 128 MiB and about half a second (OWASP Password Storage, scrypt)."""
_LEAST = 12
"""Letters a passphrase has at least; an attacker who has the disks tries offline."""


class BackupBroken(SchoolgateError):
    """A backup that cannot be trusted or opened. The text names the part."""


def not_written(what: str, problem: OSError) -> BackupBroken:
    """What is said when a disk refuses: the system's own reason, without its path."""
    return BackupBroken(
        what, hint=f"The system says: {os.strerror(problem.errno or 0)}. Try again after.", code="backup-disk"
    )


@dataclass(frozen=True, slots=True)
class Held:
    """One file of a backup.

    Attributes:
        path: below the installation's home, or ``database``.
        object: its object.
        size: bytes.
        mode: permission bits.
        stamp: when it was changed last, in nanoseconds: an unchanged one is not read again.
    """

    path: str
    object: str
    size: int
    mode: int
    stamp: int


@dataclass(frozen=True, slots=True)
class Contents:
    """What one backup holds.

    Attributes:
        name: when it was taken, as its file is named (UTC).
        about: database kind, the log's name, size and root, the release of schoolgate, where home lay.
        files: every file.
    """

    name: str
    about: Mapping[str, Any]
    files: tuple[Held, ...]


def _place(path: Path, data: bytes) -> None:
    fresh = path.with_name(path.name + ".new")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, path)
    flush(path.parent)


def _wrapping(passphrase: str, salt: bytes, n: int) -> AESGCM:
    return AESGCM(Scrypt(salt=salt, length=32, n=n, r=8, p=1).derive(passphrase.encode()))


class Chest:
    """A backup folder that has been opened with its key."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self._folder, self._key = folder, key

    @classmethod
    def make(cls, folder: Path, key: bytes, passphrase: str) -> Chest:
        """A new chest whose key the passphrase opens.

        Raises:
            BackupBroken: the folder holds something else, or the passphrase is too short.
        """
        if len(passphrase) < _LEAST:
            raise BackupBroken(
                f"A recovery passphrase has at least {_LEAST} letters.",
                hint="Whoever holds the disks can try passphrases for years: take several words.",
                code="passphrase-short",
            )
        if folder.exists() and any(folder.iterdir()):
            raise BackupBroken(
                "This folder is not a backup, and is not empty.", hint="Name an empty one.", code="backup-folder"
            )
        for part in ("objects", "backups"):
            (folder / part).mkdir(parents=True, exist_ok=True, mode=0o700)
        salt, nonce = os.urandom(16), os.urandom(12)
        sealed = nonce + _wrapping(passphrase, salt, _SCRYPT_N).encrypt(nonce, key, b"schoolgate/recovery")
        kept = {"v": 1, "kdf": "scrypt", "n": _SCRYPT_N, "r": 8, "p": 1, "salt": salt.hex(), "sealed": sealed.hex()}
        _place(folder / "recovery.json", json.dumps(kept, indent=1).encode() + b"\n")
        return cls(folder, key)

    @classmethod
    def open(cls, folder: Path, passphrase: str) -> Chest:
        """Open a chest with its passphrase.

        Raises:
            BackupBroken: it is none, or the passphrase is another.
        """
        try:
            kept = json.loads((folder / "recovery.json").read_bytes())
            salt, sealed = bytes.fromhex(kept["salt"]), bytes.fromhex(kept["sealed"])
            work = int(kept["n"])
        except OSError:
            raise BackupBroken("There is no backup in this folder.", code="backup-none") from None
        except (ValueError, KeyError, TypeError):
            raise BackupBroken("recovery.json was changed.", code="backup-changed") from None
        if not 1 < work <= 1 << 20 or work & (work - 1):
            raise BackupBroken("recovery.json was changed.", code="backup-changed")
        try:
            key = _wrapping(passphrase, salt, work).decrypt(sealed[:12], sealed[12:], b"schoolgate/recovery")
        except InvalidTag:
            raise BackupBroken(
                "The passphrase does not open this backup.", hint="Or recovery.json was changed.", code="passphrase"
            ) from None
        return cls(folder, key)

    def checked(self, passphrase: str | None) -> None:
        """Make sure that this folder's backups are under this key and, when it is given, this passphrase.

        Raises:
            BackupBroken: they are not.
        """
        try:
            for name in self.names()[-1:]:
                self.contents(name)
        except BackupBroken:
            raise BackupBroken(
                "This folder holds another installation's backups, or they were changed.",
                hint="Name another folder.",
                code="backup-other",
            ) from None
        if passphrase is not None and not hmac.compare_digest(Chest.open(self._folder, passphrase)._key, self._key):
            raise BackupBroken(
                "This folder holds another installation's backups.", hint="Name another folder.", code="backup-other"
            )

    def _object(self, name: str) -> Path:
        return self._folder / "objects" / name[:2] / name

    def keep(self, source: BinaryIO) -> tuple[str, int]:
        """Put a file in, unless it is there; durable when this returns.

        Returns:
            Its object's name and its size in bytes.
        """
        digest, size = hashlib.sha256(), 0
        while piece := source.read(_PIECE):
            digest.update(piece)
            size += len(piece)
        name = hmac.digest(self._key, b"object" + digest.digest(), hashlib.sha256).hex()
        path = self._object(name)
        if path.exists():
            return name, size
        path.parent.mkdir(exist_ok=True, mode=0o700)
        source.seek(0)
        fresh = path.with_name(f"{name}.new")
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            writer = SealedWriter(_FORM, file, self._key, name, level=1)
            again = hashlib.sha256()
            while piece := source.read(_PIECE):
                again.update(piece)
                writer.write(piece)
            writer.close()
            file.flush()
            os.fsync(file.fileno())
        if again.digest() != digest.digest():
            fresh.unlink()
            raise BackupBroken(
                "A file changed while it was copied.", hint="Run the backup again.", code="backup-moving"
            )
        os.replace(fresh, path)
        flush(path.parent)
        return name, size

    def holds(self, name: str) -> bool:
        """Whether an object is there."""
        return self._object(name).is_file()

    def take(self, held: Held) -> Iterator[bytes]:
        """A file's content, piece by piece; it ends well only when every byte is what was put in.

        Raises:
            BackupBroken: it is missing.
            SealBroken: it was changed.
        """
        digest = hashlib.sha256()
        try:
            with open(self._object(held.object), "rb") as file:
                reader = SealedReader(_FORM, file, self._key, held.object)
                while piece := reader.read(_PIECE):
                    digest.update(piece)
                    yield piece
        except OSError:
            raise BackupBroken(f"An object of the backup is missing: {held.path}.", code="backup-missing") from None
        if hmac.digest(self._key, b"object" + digest.digest(), hashlib.sha256).hex() != held.object:
            raise BackupBroken(f"An object of the backup is another's: {held.path}.", code="backup-changed")

    def keep_newest(self, name: str, data: bytes) -> None:
        """Keep a file in place of its copy before, which is overwritten: of keys, where destroying one must count here.

        A file that earlier backups share would bring a destroyed key back with each of them.
        """
        place = self._folder / "newest" / name
        place.parent.mkdir(exist_ok=True, mode=0o700)
        held = BytesIO()
        writer = SealedWriter(_FORM, held, self._key, f"newest/{name}", level=1)
        writer.write(data)
        writer.close()
        if not place.exists():
            _place(place, held.getvalue())
            return
        fresh = place.with_name(f"{name}.fresh")
        _place(fresh, held.getvalue())
        replace_wiping(fresh, place)

    def newest(self, name: str) -> bytes | None:
        """The newest copy of such a file; None when none was kept.

        Raises:
            SealBroken: it was changed.
        """
        place = self._folder / "newest" / name
        if not place.exists():
            return None
        with open(place, "rb") as file:
            reader = SealedReader(_FORM, file, self._key, f"newest/{name}")
            return b"".join(iter(reader.read, b""))

    def _tag(self, name: str, body: Any) -> str:
        listed: Any = {"name": name, "body": body}
        return hmac.digest(self._key, b"contents" + rfc8785.dumps(listed), hashlib.sha256).hex()

    def finish(self, contents: Contents) -> None:
        """Write a backup's list: from here on it is one."""
        files = [[h.path, h.object, h.size, h.mode, str(h.stamp)] for h in contents.files]
        body = {"v": 1, "about": dict(contents.about), "files": files}
        text = json.dumps({"body": body, "tag": self._tag(contents.name, body)}, indent=1)
        _place(self._folder / "backups" / f"{contents.name}.json", text.encode() + b"\n")

    def names(self) -> Sequence[str]:
        """Every finished backup, oldest first."""
        return sorted(path.stem for path in (self._folder / "backups").glob("*.json"))

    @contextmanager
    def in_use(self, *, alone: bool) -> Iterator[None]:
        """Hold the folder: with others who take a backup, or alone to forget some.

        Raises:
            BackupBroken: somebody else holds it.
        """
        with open(self._folder / "in-use.lock", "ab") as file:
            try:
                fcntl.flock(file, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BackupBroken(
                    "This folder is in use by another backup.", hint="Try again when it is done.", code="backup-in-use"
                ) from None
            yield

    def drop(self, name: str) -> None:
        """Write over one backup's list: from here on it is none. What only it held is left for `sweep`."""
        wipe(self._folder / "backups" / f"{name}.json")

    def sweep(self) -> int:
        """Write over every object that no backup's list names, what an unfinished one left included; how many.

        Raises:
            BackupBroken: a list was changed: then nobody knows what is still needed, and nothing is deleted.
        """
        named = {held.object for name in self.names() for held in self.contents(name).files}
        loose = [one for one in (self._folder / "objects").glob("*/*") if one.name not in named]
        for one in loose:
            wipe(one)
        return len(loose)

    def contents(self, name: str) -> Contents:
        """What one backup holds.

        Raises:
            BackupBroken: there is no such one, or its list was changed.
        """
        try:
            kept = json.loads((self._folder / "backups" / f"{name}.json").read_bytes())
            body = kept["body"]
            if not hmac.compare_digest(kept["tag"], self._tag(name, body)):
                raise ValueError
            files = tuple(Held(path, key, size, mode, int(stamp)) for path, key, size, mode, stamp in body["files"])
            return Contents(name, body["about"], files)
        except OSError:
            raise BackupBroken("There is no such backup in this folder.", code="backup-none") from None
        except (ValueError, KeyError, TypeError):
            raise BackupBroken(f"The list of backup {name} was changed.", code="backup-changed") from None


def own_key(path: Path) -> bytes:
    """The installation's backup key, made on first use (mode 0600)."""
    return write_once(path, os.urandom(32))
