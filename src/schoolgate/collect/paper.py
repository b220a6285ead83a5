"""A return as a school sent it, sealed in a file piece by piece: never whole in memory, never plain on disk.

The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár, "Online authenticated encryption and its
nonce-reuse misuse-resistance", 2015): AES-256-GCM over pieces, each bound to its number and to whether it is
the last, so that pieces cannot be left out, repeated, swapped or cut off at the end. Every paper has a key of its
own, derived (HKDF, RFC 5869) from the installation's paper key, a random salt and the return's id; a paper under
another return's name does not open. Pieces are of compressed text.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from schoolgate.seal import Keyring, SealBroken

MAGIC = b"SGPAPER2"
PIECE = 65_536
_SALT, _TAG = 32, 16


def _cipher(keyring: Keyring, salt: bytes, return_id: str) -> AESGCM:
    info = b"schoolgate/paper/" + return_id.encode()
    return AESGCM(HKDF(SHA256(), 32, salt=salt, info=info).derive(keyring.key("paper")))


def _bound(number: int, last: bool) -> bytes:
    """What a piece is tied to: its number and whether it is the last. As nonce, too: the key is this paper's own."""
    return struct.pack(">QI", number, int(last))


class PaperWriter:
    """Seals what is written, piece by piece, into an open file."""

    def __init__(self, file: BinaryIO, keyring: Keyring, return_id: str) -> None:
        salt = os.urandom(_SALT)
        self._file, self._cipher = file, _cipher(keyring, salt, return_id)
        self._packer, self._held, self._number = zlib.compressobj(6), bytearray(), 0
        file.write(MAGIC + salt)

    def write(self, text: bytes) -> None:
        """Take more of the paper."""
        self._held += self._packer.compress(text)
        while len(self._held) > PIECE:
            self._seal(PIECE, last=False)

    def close(self) -> None:
        """Seal the rest. Without this the paper does not open."""
        self._held += self._packer.flush()
        while len(self._held) > PIECE:
            self._seal(PIECE, last=False)
        self._seal(len(self._held), last=True)

    def _seal(self, size: int, *, last: bool) -> None:
        bound = _bound(self._number, last)
        self._file.write(self._cipher.encrypt(bound, bytes(self._held[:size]), bound))
        del self._held[:size]
        self._number += 1


def _broken() -> SealBroken:
    return SealBroken("A sealed paper could not be opened: it was changed, cut off or belongs elsewhere.", code="seal")


def _pieces(file: BinaryIO, keyring: Keyring, return_id: str) -> Iterator[bytes]:
    start = file.read(len(MAGIC) + _SALT)
    if len(start) != len(MAGIC) + _SALT or not start.startswith(MAGIC):
        raise _broken()
    cipher = _cipher(keyring, start[len(MAGIC) :], return_id)
    sealed, number, last = file.read(PIECE + _TAG), 0, False
    while not last:
        following = file.read(PIECE + _TAG)
        last = not following
        bound = _bound(number, last)
        try:
            yield cipher.decrypt(bound, sealed, bound)
        except InvalidTag:
            raise _broken() from None
        sealed, number = following, number + 1


class PaperReader:
    """Opens a sealed paper as it is read.

    Raises:
        SealBroken: from `read`, when the paper was changed, cut off, or is another return's.
    """

    def __init__(self, file: BinaryIO, keyring: Keyring, return_id: str) -> None:
        self._pieces = _pieces(file, keyring, return_id)
        self._unpacker, self._waiting = zlib.decompressobj(), b""

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes (a piece's worth when not given); b"" at the end."""
        wanted = size if size > 0 else PIECE
        while True:
            waiting, self._waiting = self._waiting or next(self._pieces, b""), b""
            if not waiting:
                if not self._unpacker.eof:
                    raise _broken()
                return b""
            text = self._unpacker.decompress(waiting, wanted)
            self._waiting = self._unpacker.unconsumed_tail
            if text:
                return text
