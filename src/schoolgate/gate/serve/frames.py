"""What crosses the socket: a four-byte mark, a length, a JSON header, and raw parts whose lengths it names.

    b"SGv1"  u32 length of the header, big-endian  header: UTF-8 JSON object  part … part

A request has no parts; an answer's are Arrow IPC streams and files, named by the header's ``parts``. Nothing is
ever unpickled, and every length is looked at before a byte of it is read. Another version has another mark.
"""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schoolgate.errors import SchoolgateError

MARK = b"SGv1"
LONGEST_REQUEST = 256 << 10
"""Bytes of a request's header: a query of 200,000 characters is more than anybody writes."""
LONGEST_ANSWER = 64 << 20
"""Bytes of an answer's header, without its parts: a child's page after years of releases."""
LONGEST_PART = 2 << 30
MOST_PARTS = 64
_PIECE = 1 << 20
_START = struct.Struct(">4sI")


class Malformed(SchoolgateError):
    """What arrived is not of this protocol, or is longer than it may be."""


class Gone(SchoolgateError):
    """The other side closed, or was too slow."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A header and its parts."""

    header: Mapping[str, Any]
    parts: tuple[bytes, ...] = ()


class Deadline:
    """A moment by which a whole message must be through, however small its pieces are.

    Args:
        seconds: from now.
    """

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def set_on(self, line: socket.socket) -> None:
        """Let the next step on this line take what is left.

        Raises:
            Gone: nothing is left.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise Gone("The other side was too slow.", code="too-slow")
        line.settimeout(left)


def _take(line: socket.socket, length: int, deadline: Deadline) -> bytes:
    held = bytearray()
    while len(held) < length:
        deadline.set_on(line)
        try:
            piece = line.recv(min(_PIECE, length - len(held)))
        except OSError:  # TimeoutError is one
            raise Gone("The other side was too slow, or went away.", code="gone") from None
        if not piece:
            raise Gone("The other side went away in the middle.", code="gone")
        held += piece
    return bytes(held)


def _header(data: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise Malformed("This is not a request to the gate.", code="not-a-request")
    return value


def _lengths(header: Mapping[str, Any], most: int) -> Sequence[int]:
    lengths = header.get("parts", [])
    if (
        not isinstance(lengths, list)
        or len(lengths) > most
        or not all(type(length) is int and 0 <= length <= LONGEST_PART for length in lengths)
    ):
        raise Malformed("The parts are not what they may be.", code="not-a-request")
    return lengths


def receive(line: socket.socket, *, longest: int, parts: int, seconds: float) -> Frame:
    """Read one message.

    Args:
        line: the connection.
        longest: bytes its header may have.
        parts: how many parts it may have.
        seconds: for all of it.

    Raises:
        Malformed: it is none, or too long.
        Gone: the other side closed, or was too slow.
    """
    deadline = Deadline(seconds)
    mark, length = _START.unpack(_take(line, _START.size, deadline))
    if mark != MARK or not 0 < length <= longest:
        raise Malformed("This is not a request to the gate.", code="not-a-request")
    header = _header(_take(line, length, deadline))
    return Frame(header, tuple(_take(line, size, deadline) for size in _lengths(header, parts)))


def send(line: socket.socket, frame: Frame, *, seconds: float) -> None:
    """Write one message.

    Raises:
        Gone: the other side closed, or was too slow.
    """
    header = json.dumps(
        {**frame.header, **({"parts": [len(part) for part in frame.parts]} if frame.parts else {})},
        ensure_ascii=False, separators=(",", ":"), allow_nan=False,
    ).encode()  # fmt: skip
    deadline = Deadline(seconds)
    try:
        for piece in (_START.pack(MARK, len(header)) + header, *frame.parts):
            deadline.set_on(line)
            line.sendall(piece)
    except OSError:
        raise Gone("The other side went away, or was too slow.", code="gone") from None
