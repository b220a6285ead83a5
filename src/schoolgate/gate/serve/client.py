"""Asking the gate over its socket: one question, one answer, one connection."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from schoolgate.errors import SchoolgateError
from schoolgate.gate.serve.frames import LONGEST_ANSWER, MOST_PARTS, Frame, Gone, receive, send
from schoolgate.gate.serve.values import to_json

_PATIENCE = 1800.0
"""Seconds that an answer may take: longer than the gate itself lets anything wait, run and leave."""


class GateUnreachable(SchoolgateError):
    """Nobody answers at the gate's socket, or the answer broke off: whether it ran is in the register."""


def call(gate: Path, operation: str, arguments: Mapping[str, object]) -> Frame:
    """Ask for one operation.

    Raises:
        GateUnreachable: nobody answers, or the answer broke off.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(10)
        try:
            line.connect(str(gate))
        except OSError:
            raise GateUnreachable(
                "The gate cannot be reached.",
                hint="Is `schoolgate gate serve` running, and may this user write to its socket?",
                code="gate-unreachable",
            ) from None
        with contextlib.suppress(Gone):  # a gate that refuses does not read on: its answer is there all the same
            send(line, Frame({"op": operation, "args": to_json(arguments)}), seconds=60)
        try:
            return receive(line, longest=LONGEST_ANSWER, parts=MOST_PARTS, seconds=_PATIENCE)
        except Gone:
            raise GateUnreachable(
                "The gate went away before its answer was whole.",
                hint="Try again. If the read was recorded, the register shows it as begun.",
                code="gate-gone",
            ) from None


def ask(gate: Path, operation: str, **arguments: Any) -> Frame:
    """`call`, with the arguments by name."""
    return call(gate, operation, arguments)
