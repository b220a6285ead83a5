"""What nobody foresaw, and a database that fails, said plainly: no result, no text of an engine, a driver or a value.

A failure has nothing of the result with it, so whatever is raised, no byte of a result leaves. What is left to do here
is to say so in words that repeat nothing, and to say whether the read is on record.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from django.db import DatabaseError, InterfaceError, connection

from schoolgate.errors import SchoolgateError

log = logging.getLogger("schoolgate.gate")

_AGAIN = "Ask again when it is mended: that is a new read, and this one is never handed over."


class NotRecorded(SchoolgateError):
    """The database failed. What is not on record is not handed over; it is safe to ask again."""


class GateFault(SchoolgateError):
    """Something that nobody foresaw; nothing was handed over. Its kind and place are in the process's own log."""


def _outcome(release_id: str) -> str:
    if not release_id:
        return "Nothing was handed over."
    return f"Nothing was handed over; the read is on record as {release_id}, begun, not delivered."


def place_of(trace: TracebackType | None) -> str:
    """Where it went wrong: module and line."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_globals.get('__name__', '?')} line {trace.tb_lineno}" if trace else "?"


def _plain(problem: Exception, release_id: str) -> SchoolgateError:
    log.error("a read broke off: %s in %s", type(problem).__name__, place_of(problem.__traceback__))
    if isinstance(problem, DatabaseError | InterfaceError):
        # A connection that the server ended would refuse the next read, too; in a transaction it is left alone.
        connection.close_if_unusable_or_obsolete()
        return NotRecorded(
            f"The database did not take or give what this read needs. {_outcome(release_id)}",
            hint=f"Operations: is it reachable, writable, and is there room on its disk? {_AGAIN}",
            code="not-recorded",
        )
    return GateFault(f"A fault in the gate. {_outcome(release_id)}", hint=_AGAIN, code="gate-fault")


@contextmanager
def plainly(release_id: str = "") -> Iterator[None]:
    """Say any failure of the block plainly.

    Args:
        release_id: the release that is on record by now; empty: none is.

    Raises:
        NotRecorded: the database failed.
        GateFault: nobody foresaw it.
    """
    try:
        yield
    except SchoolgateError:
        raise
    except Exception as problem:  # noqa: BLE001 - its words can hold a value; kind and place do not
        raise _plain(problem, release_id) from None
