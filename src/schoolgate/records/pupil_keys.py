"""A key for each pupil, that can be destroyed alone, and needs no row of its own.

The tree of Goldreich, Goldwasser and Micali ("How to construct random functions", Journal of the ACM 33(4), 1986): a
key for the whole; from it one for each first hexadecimal digit of the reference, from that one for each second, down to
the pupil's own. Who has a part's key has the keys below it, and none beside or above it (HMAC-SHA-256). To destroy one
pupil's key, the keys above it are replaced by those of the parts beside it (Boneh and Waters, "Constrained pseudorandom
functions and their applications", 2013): every other pupil's key can still be worked out, this one's by nobody.

So twenty million keys are one small file. It is the one part of the installation of which a backup keeps its newest
copy alone: an older backup's sealed identities are opened with it, but for those whose keys were destroyed since.
"""

from __future__ import annotations

import fcntl
import hmac
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from schoolgate.durable import replace_wiping, write_once
from schoolgate.errors import SchoolgateError
from schoolgate.seal import Keys, SealBroken

FILE = "pupils"
"""Its name among the installation's keys."""

BLOCK_BITS = 13
"""A part of 8,192 references has a key of its own; the ledger's blocks of pupils are as large."""

_BLOCK_DIGITS, _DIGITS = 5, 9
_OWN = b"\x00SGP"
"""What an identity begins with that is sealed under its pupil's own key; older ones are under one key for all."""

_NONCE = slice(len(_OWN), len(_OWN) + 12)

_DIGITS_AT = {0: "01234567", _BLOCK_DIGITS: "01"}
_HEX = "0123456789abcdef"
_PURPOSE, _VAULT = "pupil-keys", "vault"
_REMEMBERED = 4_096
"""Keys of blocks kept in memory: 4,096 blocks are 33 million pupils, so most of the way is known."""


class KeyDestroyed(SchoolgateError):
    """The pupil's key was destroyed; what it sealed stays closed for ever, in every copy."""


_STEPS = {digit: b"schoolgate/pupil/" + digit.encode() for digit in _HEX}


def _below(key: bytes, digit: str) -> bytes:
    return hmac.digest(key, _STEPS[digit], "sha256")


def _path(pmr: int) -> str:
    """A reference's 32 bits as digits: five for its block of 8,192 (the first of three bits), four within (one bit)."""
    return f"{_block(pmr >> BLOCK_BITS)}{pmr >> 12 & 1}{pmr & 0xFFF:03x}"


def _block(number: int) -> str:
    return f"{number:0{_BLOCK_DIGITS}x}"


def _number(path: str) -> int:
    return (int(path[:_BLOCK_DIGITS], 16) << BLOCK_BITS) + (int(path[_BLOCK_DIGITS]) << 12) + int(path[-3:], 16)


class PupilKeys:
    """The pupils' keys of one installation.

    Args:
        keys: seals the file.
        folder: where the installation's keys lie.
    """

    def __init__(self, keys: Keys, folder: Path) -> None:
        self._keys, self._place = keys, folder / FILE
        self._parts: dict[str, bytes] = {}
        self._known: dict[str, bytes] = {}
        self._last = ("", b"")

    def _read(self) -> dict[str, bytes]:
        held = write_once(self._place, self._sealed({"": os.urandom(32)}))
        try:
            parts = json.loads(self._keys.unseal(_PURPOSE, held))
        except SealBroken:  # it was replaced while it was read, and what was read is overwritten
            parts = json.loads(self._keys.unseal(_PURPOSE, self._place.read_bytes()))
        return {str(part): bytes.fromhex(key) for part, key in parts.items()}

    def _held(self) -> dict[str, bytes]:
        if not self._parts:
            self._parts = self._read()
        return self._parts

    def _of(self, path: str) -> bytes | None:
        """The key of a part, worked out from the one above it that is held; None when it was destroyed."""
        parts = self._held()
        start = next((path[:length] for length in range(len(path) + 1) if path[:length] in parts), None)
        if start is None:
            return None
        key = parts[start]
        for digit in path[len(start) :]:
            key = _below(key, digit)
        return key

    def _sealed(self, parts: dict[str, bytes]) -> bytes:
        listed = {part: key.hex() for part, key in sorted(parts.items())}
        return self._keys.seal(_PURPOSE, json.dumps(listed, separators=(",", ":")).encode())

    def key(self, pmr: int) -> bytes:
        """One pupil's key, 32 bytes.

        Raises:
            KeyDestroyed: it was destroyed.
        """
        path = _path(pmr)
        if path[:-1] == self._last[0]:  # the pupil before had all digits but the last: a load goes in order
            return _below(self._last[1], path[-1])
        block = path[:_BLOCK_DIGITS]
        key = self._known.get(block)
        if key is None:
            key = self._of(block)
            if key is None:  # a pupil of this block was erased: the keys beside its own are held one by one
                own = self._of(path)
                if own is None:
                    raise KeyDestroyed("This pupil's key was destroyed.", code="pupil-erased")
                return own
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[block] = key
        for digit in path[_BLOCK_DIGITS:-1]:
            key = _below(key, digit)
        self._last = (path[:-1], key)
        return _below(key, path[-1])

    def block_key(self, block: int) -> bytes | None:
        """The key of a part of 8,192 references; None when one of its pupils' keys was destroyed."""
        return self._of(_block(block))

    def is_destroyed(self, pmr: int) -> bool:
        """Whether a pupil's key was destroyed."""
        return self._of(_path(pmr)) is None

    def destroyed(self) -> Iterator[int]:
        """Every reference whose key was destroyed, ascending."""
        parts = self._parts = self._read()

        def within(part: str) -> Iterator[int]:
            if part in parts:
                return
            if len(part) == _DIGITS:
                yield _number(part)
                return
            for digit in _DIGITS_AT.get(len(part), _HEX):
                yield from within(part + digit)

        yield from within("")

    def destroy(self, *pmrs: int) -> None:
        """Destroy some pupils' keys; durable when this returns. Destroying one again changes nothing."""
        with self._only_one():
            parts, changed = self._read(), False
            for pmr in pmrs:
                path = _path(pmr)
                start = next((path[:length] for length in range(_DIGITS + 1) if path[:length] in parts), None)
                if start is None:
                    continue
                key, changed = parts.pop(start), True
                for at in range(len(start), _DIGITS):
                    parts |= {
                        path[:at] + digit: _below(key, digit) for digit in _DIGITS_AT.get(at, _HEX) if digit != path[at]
                    }
                    key = _below(key, path[at])
            if changed:
                self._replace(self._sealed(parts))
            self._parts, self._last = parts, ("", b"")
            self._known.clear()

    def seal(self, pmr: int, plain: bytes) -> bytes:
        """Something about one pupil, sealed under its own key."""
        nonce = os.urandom(12)
        return _OWN + nonce + AESGCM(self.key(pmr)).encrypt(nonce, plain, pmr.to_bytes(4, "big"))

    def unseal(self, pmr: int, sealed: bytes) -> bytes:
        """What `seal` sealed, or what was sealed before pupils had keys of their own.

        Raises:
            KeyDestroyed: the pupil's key was destroyed.
            SealBroken: it was changed.
        """
        context = pmr.to_bytes(4, "big")
        if sealed.startswith(_OWN):
            with suppress(InvalidTag):  # an older one that happens to begin like this: one in four thousand million
                return AESGCM(self.key(pmr)).decrypt(sealed[_NONCE], sealed[_NONCE.stop :], context)
        elif self.is_destroyed(pmr):
            raise KeyDestroyed("This pupil's key was destroyed.", code="pupil-erased")
        return self._keys.unseal(_VAULT, sealed, context)

    @contextmanager
    def _only_one(self) -> Iterator[None]:
        """Of two who destroy at once each sees what the other did."""
        self._place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(self._place.with_name(f"{FILE}.lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _replace(self, data: bytes) -> None:
        """The file in one step; what it held before is written over. On a disk that keeps old blocks all the same they
        are sealed under the installation's master key, and go with the medium.
        """
        fresh = self._place.with_name(f"{FILE}.{os.urandom(6).hex()}.new")
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        replace_wiping(fresh, self._place)
