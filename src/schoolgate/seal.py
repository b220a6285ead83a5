"""Sealing: AES-256-GCM envelopes under keys derived from one master key.

The master key lives in a file only the custodian's own user can read (or, later, in a key service).
Every purpose has its own key, derived with HKDF (RFC 5869), so that a sealed return cannot be swapped
for a sealed identity, and a blind index cannot be used to open anything.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from schoolgate.durable import write_once
from schoolgate.errors import SchoolgateError


class SealBroken(SchoolgateError):
    """A sealed value was changed, or was sealed under another key or for another purpose."""


class Keys(ABC):
    """Keys by purpose, for sealing and for blind look-ups."""

    @abstractmethod
    def key(self, purpose: str) -> bytes:
        """The 32-byte key for one purpose."""

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


class Keyring(Keys):
    """Keys for every purpose, all derived from one master key.

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
        return cls(write_once(path, os.urandom(32)))

    def key(self, purpose: str) -> bytes:
        """The 32-byte key for one purpose."""
        if purpose not in self._derived:
            self._derived[purpose] = HKDF(SHA256(), 32, salt=None, info=b"schoolgate/" + purpose.encode()).derive(
                self._master
            )
        return self._derived[purpose]

    def some(self, purposes: Sequence[str]) -> bytes:
        """The keys of these purposes as `GivenKeys.open` reads them; the master key does not follow from them."""
        return _written({purpose: self.key(purpose) for purpose in purposes})


class GivenKeys(Keys):
    """The keys of a few purposes and no other: what a process has that must not open anything else.

    Args:
        keys: purpose -> 32 bytes.
    """

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._keys = dict(keys)

    @classmethod
    def open(cls, path: Path, purposes: Sequence[str]) -> GivenKeys:
        """Read keys from `path`, making random ones for these purposes when there is no file.

        Raises:
            SchoolgateError: the file is not one of keys.
        """
        held = write_once(path, _written({purpose: os.urandom(32) for purpose in purposes}))
        try:
            return cls({str(purpose): bytes.fromhex(key) for purpose, key in json.loads(held).items()})
        except (ValueError, TypeError, AttributeError):
            raise SchoolgateError(
                "A file of keys cannot be read.", hint="Write it again: schoolgate gate site-keys.", code="site-keys"
            ) from None

    def key(self, purpose: str) -> bytes:
        """The key for one purpose.

        Raises:
            SchoolgateError: it is not among those given.
        """
        if purpose not in self._keys:
            raise SchoolgateError("This process has no key for that.", code="no-such-key")
        return self._keys[purpose]


def _written(keys: Mapping[str, bytes]) -> bytes:
    return (json.dumps({purpose: key.hex() for purpose, key in sorted(keys.items())}, indent=1) + "\n").encode()
