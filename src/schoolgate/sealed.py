"""A file sealed piece by piece: never whole in memory, never plain on disk.

The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár, "Online authenticated encryption and its
nonce-reuse misuse-resistance", 2015): AES-256-GCM over pieces, each bound to its number and to whether it is
the last, so that pieces cannot be left out, repeated, swapped or cut off at the end. Every file has a key of its
own, derived (HKDF, RFC 5869) from the key given, a random salt and the file's name; a file under another name does
not open. Pieces are of compressed bytes.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from schoolgate.seal import SealBroken

PIECE = 65_536
_SALT, _TAG = 32, 16


@dataclass(frozen=True, slots=True)
class Form:
    """One kind of sealed file.

    Attributes:
        magic: its first eight bytes.
        info: what its keys are derived for.
        broken: what is said when one does not open.
    """

    magic: bytes
    info: bytes
    broken: str


def _cipher(form: Form, key: bytes, salt: bytes, name: str) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt=salt, info=form.info + name.encode()).derive(key))


def _bound(number: int, last: bool) -> bytes:
    """What a piece is tied to: its number and whether it is the last. As nonce, too: the key is this file's own."""
    return struct.pack(">QI", number, int(last))


class SealedWriter:
    """Seals what is written, piece by piece, into an open file.

    Args:
        form: the kind of file.
        file: where to.
        key: 32 bytes.
        name: what the file is tied to.
        level: how hard to compress, 0 to 9.
    """

    def __init__(self, form: Form, file: BinaryIO, key: bytes, name: str, level: int = 6) -> None:
        salt = os.urandom(_SALT)
        self._file, self._cipher = file, _cipher(form, key, salt, name)
        self._packer, self._held, self._number = zlib.compressobj(level), bytearray(), 0
        file.write(form.magic + salt)

    def write(self, data: bytes) -> None:
        """Take more."""
        self._held += self._packer.compress(data)
        while len(self._held) > PIECE:
            self._seal(PIECE, last=False)

    def close(self) -> None:
        """Seal the rest. Without this the file does not open."""
        self._held += self._packer.flush()
        while len(self._held) > PIECE:
            self._seal(PIECE, last=False)
        self._seal(len(self._held), last=True)

    def _seal(self, size: int, *, last: bool) -> None:
        bound = _bound(self._number, last)
        self._file.write(self._cipher.encrypt(bound, bytes(self._held[:size]), bound))
        del self._held[:size]
        self._number += 1


def _pieces(form: Form, file: BinaryIO, key: bytes, name: str) -> Iterator[bytes]:
    start = file.read(len(form.magic) + _SALT)
    if len(start) != len(form.magic) + _SALT or not start.startswith(form.magic):
        raise SealBroken(form.broken, code="seal")
    cipher = _cipher(form, key, start[len(form.magic) :], name)
    sealed, number, last = file.read(PIECE + _TAG), 0, False
    while not last:
        following = file.read(PIECE + _TAG)
        last = not following
        bound = _bound(number, last)
        try:
            yield cipher.decrypt(bound, sealed, bound)
        except InvalidTag:
            raise SealBroken(form.broken, code="seal") from None
        sealed, number = following, number + 1


class SealedReader:
    """Opens a sealed file as it is read.

    Raises:
        SealBroken: from `read`, when it was changed, cut off, or is tied to another name.
    """

    def __init__(self, form: Form, file: BinaryIO, key: bytes, name: str) -> None:
        self._broken = form.broken
        self._pieces = _pieces(form, file, key, name)
        self._unpacker, self._waiting = zlib.decompressobj(), b""

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes (a piece's worth when not given); b"" at the end."""
        wanted = size if size > 0 else PIECE
        while True:
            waiting, self._waiting = self._waiting or next(self._pieces, b""), b""
            if not waiting:
                if not self._unpacker.eof:
                    raise SealBroken(self._broken, code="seal")
                return b""
            data = self._unpacker.decompress(waiting, wanted)
            self._waiting = self._unpacker.unconsumed_tail
            if data:
                return data
