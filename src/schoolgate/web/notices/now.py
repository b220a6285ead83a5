"""The picture that pages show: taken anew when something happened that it is made from."""

from __future__ import annotations

from datetime import date

from schoolgate import notices, register
from schoolgate.clock import custodians_day
from schoolgate.web.ports import clock

_MADE_FROM = ("agreement.", "notice.", "organisation.", "emergency.", "destruction.", "dictionary.")
"""Beginnings of the events that can change a picture; a release or a refusal does not."""

_FEW = 200

_taken: tuple[int, date, str, notices.Picture] | None = None
"""Log size, day and last entry's subject at which the picture was taken, and the picture: one a process."""


def picture_now() -> notices.Picture:
    """Everything as it stands."""
    global _taken  # noqa: PLW0603 - what is kept is a value that any thread may take anew
    size, today = register.log_size(), custodians_day(clock())
    newest = _newest(size)
    if _taken is not None:
        at, on, then, picture = _taken
        if on == today and _same_log(at, then, size) and not _has_changed(at, size):
            return picture
    picture = notices.take_picture(clock())
    _taken = (size, today, newest, picture)
    return picture


def _newest(size: int) -> str:
    """What tells the log's last entry from that of another log: its hash."""
    if not size:
        return ""
    return register.leaf_hash(register.canonical(register.event(size - 1).body)).hex()


def _same_log(at: int, then: str, size: int) -> bool:
    return at <= size and _newest(at) == then


def _has_changed(at: int, size: int) -> bool:
    if size - at > _FEW:
        return True
    between = register.events(before=size, limit=size - at) if size > at else ()
    return any(event.type.startswith(_MADE_FROM) for event in between)
