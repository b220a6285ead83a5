"""Hostile files as endless streams: what an attacker would send, a piece at a time, up to 200 MiB of it."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

from tests.collect.paper import paper, pupil

TOTAL = 200 * 2**20
_START, _END = paper().split(b"<PupilsOnRoll>")
_START += b"<PupilsOnRoll>"
_BEFORE_PUPIL = pupil().encode()
_DECLARATION = b"<?xml version='1.0' encoding='UTF-8'?>"


def _numbers() -> Iterator[int]:
    return itertools.count()


def endless(name: str) -> Iterator[bytes]:
    """The pieces of one attack."""
    heads: dict[str, tuple[bytes, Iterator[bytes]]] = {
        "a comment before the root": (_DECLARATION + b"<!--", (b"x" * 1000 for _ in _numbers())),
        "comments before the root": (_DECLARATION, (b"<!-- padding -->" * 60 for _ in _numbers())),
        "white space before the root": (_DECLARATION, (b" " * 1000 for _ in _numbers())),
        "entities by the million": (
            _DECLARATION + b"<!DOCTYPE m [", (b"<!ENTITY e%d 'x'>" % n for n in _numbers()),
        ),
        "tiny elements in a pupil": (_START + b"<PupilOnRoll>", (b"<a/>" * 250 for _ in _numbers())),
        "tiny elements between pupils": (_START, (b"<a/>" * 250 for _ in _numbers())),
        "tiny elements before the pupils": (_DECLARATION + b"<Message>", (b"<a/>" * 250 for _ in _numbers())),
        "names nobody has seen": (_START + b"<PupilOnRoll>", (b"<n%d/>" % n for n in _numbers())),
        "names nobody has seen, pupil after pupil": (
            _START, (b"<PupilOnRoll>" + b"".join(b"<n%d/>" % (n * 1000 + m) for m in range(1000)) + b"</PupilOnRoll>"
                     for n in _numbers()),
        ),
        "attributes nobody has seen, pupil after pupil": (
            _START, (b"<PupilOnRoll>" + b"".join(b"<UPN b%d='1'/>" % (n * 1000 + m) for m in range(1000))
                     + b"</PupilOnRoll>" for n in _numbers()),
        ),
        "a pupil and much rubbish, again and again": (
            _START, (_BEFORE_PUPIL + b"<a/>" * 60_000 for _ in _numbers()),
        ),
        "attributes nobody has seen": (_START + b"<PupilOnRoll>", (b"<a b%d='1'/>" % n for n in _numbers())),
        "an endless attribute": (_START + b"<PupilOnRoll a='", (b"x" * 1000 for _ in _numbers())),
        "an endless attribute name": (_START + b"<PupilOnRoll ", (b"x" * 1000 for _ in _numbers())),
        "an endless element name": (_START + b"<", (b"x" * 1000 for _ in _numbers())),
        "an endless text": (_START + b"<PupilOnRoll><PupilIdentifiers><UPN>", (b"x" * 1000 for _ in _numbers())),
        "an endless CDATA section": (
            _START + b"<PupilOnRoll><PupilIdentifiers><UPN><![CDATA[", (b"x" * 1000 for _ in _numbers()),
        ),
        "attributes by the thousand on one element": (
            _START + b"<PupilOnRoll><a ", (b" b%d='1'" % n for n in _numbers()),
        ),
        "depth": (_START + b"<PupilOnRoll>", (b"<a>" * 300 for _ in _numbers())),
        "pupils without end": (_START, (_BEFORE_PUPIL for _ in _numbers())),
        "text between pupils": (_START, (b"some text " * 100 for _ in _numbers())),
        "a school without end": (_START.split(b"</School>")[0], (b"<Junk>1</Junk>" * 70 for _ in _numbers())),
        "after the last pupil": (_START + _BEFORE_PUPIL + b"</PupilsOnRoll>", (b"<a/>" * 250 for _ in _numbers())),
        "pupils inside each other": (_START, (b"<PupilOnRoll>" for _ in _numbers())),
        "new lines": (_START, (b"\n" * 1000 for _ in _numbers())),
        "noise": (b"", (random.Random(n).randbytes(1000) for n in _numbers())),
        "character references": (
            _START + b"<PupilOnRoll><PupilIdentifiers><UPN>", (b"&#65;" * 200 for _ in _numbers()),
        ),
    }  # fmt: skip
    head, rest = heads[name]
    yield head
    yield from rest


NAMES = (
    "a comment before the root", "comments before the root", "white space before the root", "entities by the million",
    "tiny elements in a pupil", "tiny elements between pupils", "tiny elements before the pupils",
    "names nobody has seen", "names nobody has seen, pupil after pupil", "attributes nobody has seen",
    "attributes nobody has seen, pupil after pupil", "a pupil and much rubbish, again and again",
    "an endless attribute", "an endless attribute name", "an endless element name", "an endless text",
    "an endless CDATA section", "attributes by the thousand on one element", "depth", "pupils without end",
    "text between pupils", "a school without end", "after the last pupil", "pupils inside each other", "new lines",
    "noise", "character references",
)  # fmt: skip


class Stream:
    """An attack as a file that ends after `TOTAL` bytes; it counts what was read of it."""

    def __init__(self, name: str) -> None:
        self._pieces, self._held, self.read_so_far = endless(name), bytearray(), 0

    def read(self, size: int = -1, /) -> bytes:
        while len(self._held) < size and self.read_so_far + len(self._held) < TOTAL:
            self._held += next(self._pieces)
        piece = bytes(self._held[:size])
        del self._held[:size]
        self.read_so_far += len(piece)
        return piece
