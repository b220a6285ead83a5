"""The log's own keys and its name, as they lie in an installation's `keys` folder."""

from __future__ import annotations

import os
import re

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from schoolgate.config import Config, gate_only
from schoolgate.durable import write_once
from schoolgate.errors import SchoolgateError
from schoolgate.register.note import NoteError, Signer, VerifierKey

FIRST_NAME = "schoolgate.example/log"
"""What every log was called before names were an installation's own; such a log keeps it."""

CURRENT, PREVIOUS, NEXT = "log.key", "log-previous.key", "log-next.key"
"""The key in use; the one before it while checkpoints carry both; the one that a change has made ready."""

_NAME = "log-name"


class KeyLost(SchoolgateError):
    """There is a published log, and its signing key is gone."""


def log_name(config: Config) -> str:
    """The log's name (origin): its own, unlike every other log's, since witnesses tell logs apart by it.

    Made on first use; kept beside the key, so that who saves the one saves the other.
    """
    path = config.keys / _NAME
    if not path.exists():
        if (config.keys / CURRENT).exists():
            return FIRST_NAME
        write_once(path, f"{FIRST_NAME}/{os.urandom(8).hex()}\n".encode())
    return path.read_text(encoding="utf-8").strip()


def choose_name(config: Config, name: str) -> None:
    """Give the log a name of its keeper's choice, such as ``data.example.org/log``, before anything is published.

    Raises:
        SchoolgateError: it has one already, or this cannot be one.
    """
    # signed-note asks for no spaces and no plus; tlog-checkpoint for an address without its scheme.
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._~/:-]{2,199}", name) or "//" in name or name.endswith("/"):
        raise SchoolgateError(
            "This cannot be a log's name.",
            hint="Take an address of yours without https://, such as data.example.org/log.",
            code="log-name",
        )
    if not (config.keys / CURRENT).exists():
        write_once(config.keys / _NAME, f"{name}\n".encode())
    if log_name(config) != name:
        raise SchoolgateError(
            "The log has a name already. It is in every checkpoint and receipt, and never changes.", code="log-name"
        )


def new_secret() -> bytes:
    """A new signing key."""
    return Ed25519PrivateKey.generate().private_bytes_raw()


def signer(config: Config) -> Signer:
    """The log's signing key, made on first use (mode 0600).

    Raises:
        KeyLost: there is a log, so there was a key; a new one is not made in silence.
        SchoolgateError: this process is a face: the key is the gate's, and one of its own would be a false one.
    """
    if config.gate is not None:
        raise gate_only("signs the log")
    path, name = config.keys / CURRENT, log_name(config)
    if not path.exists():
        if (config.log / "checkpoint").exists():
            raise KeyLost(
                "The log's signing key is gone, and there is a published log.",
                hint="Put the key back from a backup; if there is none: schoolgate log replace-lost-key.",
                code="log-key-lost",
            )
        write_once(path, new_secret())
    return Signer(name, path.read_bytes())


def signers(config: Config) -> tuple[Signer, ...]:
    """The keys a checkpoint is signed with: the one in use, and during an overlap the one before it."""
    current = signer(config)
    path = config.keys / PREVIOUS
    if not path.exists():
        return (current,)
    previous = Signer(current.name, path.read_bytes())
    return (current,) if previous == current else (current, previous)


def verifier_key(config: Config) -> str:
    """The log's public key, as C2SP writes it."""
    return str(signer(config).verifier)


def key_beside_log(config: Config) -> VerifierKey | None:
    """The public key that was published with the log; all that is left of a key that was lost."""
    try:
        return VerifierKey.parse((config.log / "key").read_text(encoding="utf-8"))
    except (OSError, NoteError, UnicodeDecodeError):
        return None
