"""Where packs lie: sealed, each under a key of its own, for a few days.

A pack holds everything about a child in one place, so nothing else may keep it: no backup takes this folder, and a
file whose key is gone from its row is noise wherever a copy of it lies.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from schoolgate.config import Config
from schoolgate.durable import flush
from schoolgate.errors import SchoolgateError
from schoolgate.seal import SealBroken
from schoolgate.sealed import Form, SealedReader, SealedWriter

_FORM = Form(
    magic=b"SGPACK1\n",
    info=b"schoolgate/access-pack/",
    broken="A pack cannot be opened: it was changed, or its key is gone.",
)
_KEY = "access-pack"


def folder(config: Config) -> Path:
    """The folder of packs, the gate's own."""
    return config.home / "packs"


def _file(pack: str, form: str, config: Config) -> Path:
    return folder(config) / f"{pack}.{form}"


def seal(pack: str, forms: Mapping[str, bytes], config: Config) -> bytes:
    """Write a pack's files; they are on disk when this returns.

    Returns:
        Their key, sealed for the row.
    """
    place = folder(config)
    place.mkdir(mode=0o700, exist_ok=True)
    key = os.urandom(32)
    for form, data in forms.items():
        path = _file(pack, form, config)
        fresh = path.with_name(f"{path.name}.new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            writer = SealedWriter(_FORM, file, key, path.name)
            writer.write(data)
            writer.close()
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    flush(place)
    return config.keyring().seal(_KEY, key, pack.encode())


def opened(pack: str, form: str, sealed_key: bytes, config: Config) -> bytes:
    """One file of a pack.

    Raises:
        SealBroken: it was changed, or its key is gone.
        SchoolgateError: it is not there.
    """
    if not sealed_key:
        raise SealBroken(_FORM.broken, code="seal")
    key = config.keyring().unseal(_KEY, sealed_key, pack.encode())
    path, held = _file(pack, form, config), bytearray()
    try:
        with path.open("rb") as file:
            reader = SealedReader(_FORM, file, key, path.name)
            while part := reader.read():
                held += part
    except FileNotFoundError:
        raise SchoolgateError("This pack is not there any more.", hint="Ask for a new one.", code="pack-gone") from None
    return bytes(held)


def delete(pack: str, config: Config) -> None:
    """Delete a pack's files, and what a process that was ended in the middle left of them."""
    for path in folder(config).glob(f"{pack}.*"):
        path.unlink(missing_ok=True)


def lying_about(config: Config) -> set[str]:
    """The packs of which there is any file."""
    place = folder(config)
    return {path.name.partition(".")[0] for path in place.iterdir()} if place.is_dir() else set()
