"""Sealing: AES-256-GCM envelopes under keys derived from one master key.

The master key lives in a file only the custodian's own user can read (or, later, in a key service).
Every purpose has its own key, derived with HKDF (RFC 5869), so that a sealed return cannot be swapped
for a sealed identity, and a blind index cannot be used to open anything.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from schoolgate.errors import SchoolgateError


class SealBroken(SchoolgateError):
    """A sealed value was changed, or was sealed under another key or for another purpose."""


class Keyring:
    """Keys for sealing and for blind look-ups, all derived from one master key.

    Args:
        master: 32 random bytes.
    """

    def __init__(self, master: bytes) -> None:
        if len(master) != 32:
            raise SchoolgateError("The master key must be 32 bytes.", code="master-key")
        self._master = master
        self._derived: dict[str, bytes] = {}

    @classmethod
    def open(cls, path: Path) -> Keyring:
        """Read the master key from `path`, creating it (mode 0600, durable) when there is none."""
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh = path.with_name(f"{path.name}.{os.urandom(8).hex()}.new")
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(os.urandom(32))
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(fresh, path)  # atomic: two processes starting at once agree on one key
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        return cls(path.read_bytes())

    def key(self, purpose: str) -> bytes:
        """The 32-byte key for one purpose."""
        if purpose not in self._derived:
            self._derived[purpose] = HKDF(SHA256(), 32, salt=None, info=b"schoolgate/" + purpose.encode()).derive(
                self._master
            )
        return self._derived[purpose]

    def seal(self, purpose: str, plain: bytes, context: bytes = b"") -> bytes:
        """Encrypt: 12-byte nonce, then ciphertext and tag. `context` must be given again to open."""
        nonce = os.urandom(12)
        return nonce + AESGCM(self.key(purpose)).encrypt(nonce, plain, context)

    def unseal(self, purpose: str, sealed: bytes, context: bytes = b"") -> bytes:
        """Decrypt what `seal` made.

        Raises:
            SealBroken: changed bytes, or another key, purpose or context.
        """
        try:
            return AESGCM(self.key(purpose)).decrypt(sealed[:12], sealed[12:], context)
        except InvalidTag:
            raise SealBroken(
                "A sealed value could not be opened: it was changed or belongs to another key.", code="seal"
            ) from None

    def blind(self, purpose: str, value: str) -> bytes:
        """A keyed blind index of `value` (HMAC-SHA-256, 32 bytes) for exact look-up without the value."""
        return hmac.digest(self.key(purpose), value.encode(), hashlib.sha256)
