"""What the gate and an engine's cell say to each other: a length, JSON, raw parts. Nothing that could be code."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Mapping, Sequence
from typing import Any

_HEAD = struct.Struct("=II")
_LONGEST = 1 << 20
"""Longest JSON; the raw parts have their own limit, the reader's."""


class Garbled(Exception):
    """The other side hung up, or does not speak the language."""


def write(to: socket.socket, message: Mapping[str, Any], parts: Sequence[bytes] = (), fds: Sequence[int] = ()) -> None:
    """Send a message; `fds` are open files handed over with it."""
    text = json.dumps({**message, "parts": [len(part) for part in parts]}).encode()
    head = _HEAD.pack(len(text), sum(map(len, parts))) + text
    if fds:
        sent = socket.send_fds(to, [head], list(fds))
        head = head[sent:]
    to.sendall(b"".join((head, *parts)))


def _exactly(of: socket.socket, size: int) -> bytearray:
    held = bytearray(size)
    view = memoryview(held)
    while view:
        got = of.recv_into(view)
        if not got:
            raise Garbled
        view = view[got:]
    return held


def read(of: socket.socket, *, most: int = 0, fds: int = 0) -> tuple[dict[str, Any], list[bytes], list[int]]:
    """Receive a message with at most `most` bytes of raw parts and `fds` open files.

    Raises:
        Garbled: it ended, is too long, or is no message.
        TimeoutError: the socket's own.
    """
    handed: list[int] = []
    if fds:
        head, handed, _, _ = socket.recv_fds(of, _HEAD.size, fds, socket.MSG_CMSG_CLOEXEC)
        if not head:
            raise Garbled
        head += bytes(_exactly(of, _HEAD.size - len(head)))
    else:
        head = bytes(_exactly(of, _HEAD.size))
    length, more = _HEAD.unpack(head)
    if length > _LONGEST or more > most:
        raise Garbled
    try:
        message = json.loads(_exactly(of, length))
        sizes = [int(size) for size in message.pop("parts")]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise Garbled from None
    if sum(sizes) != more or any(size < 0 for size in sizes):
        raise Garbled
    return message, [bytes(_exactly(of, size)) for size in sizes], handed
