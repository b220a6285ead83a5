"""Where a request or agreement stands, in words with a tag's colour; and how fresh the register is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from schoolgate import published
from schoolgate.web.ports import clock, installation

_AT_ONCE = 2_000
"""Entries a page takes in at most before it is shown; the rest waits for the next page or the worker."""

STATUS: Mapping[str, tuple[Any, str]] = {
    "submitted": (lazy("waiting for a decision"), "yellow"),
    "returned": (lazy("sent back to be put right"), "yellow"),
    "withdrawn": (lazy("taken back by who asked"), "grey"),
    "in_review": (lazy("with the panel"), "yellow"),
    "refused": (lazy("refused"), "red"),
    "approved": (lazy("approved"), "green"),
    "appealed": (lazy("to be decided again"), "yellow"),
    "accepted": (lazy("signed by one side"), "yellow"),
    "active": (lazy("in force"), "green"),
    "suspended": (lazy("stopped for now"), "red"),
    "reopened": (lazy("must be decided anew"), "red"),
    "ended": (lazy("ended"), "yellow"),
    "destroyed": (lazy("ended, data destroyed"), "grey"),
    "imported": (lazy("from an old list, not seen here"), "grey"),
}
"""Status -> in words, and its tag's colour."""

NO_END = "2099"
"""Agreements that the law keeps open, such as a family's own, are written with a last day in 2099."""

MARKS: Mapping[str, tuple[Any, str]] = {
    "overdue": (lazy("data not destroyed in time"), "red"),
    "emergency": (lazy("decided in an emergency"), "yellow"),
    "stopped": (lazy("use stopped and asked about"), "red"),
}
"""Marks beside a status."""


def status_words(status: str) -> tuple[str, str]:
    """A status in words, and its tag's colour."""
    words, colour = STATUS.get(status, (status, "grey"))
    return str(words), colour


def tags_of(case: published.Case) -> tuple[tuple[str, str], ...]:
    """Everything that marks a case, in words with colours; the status first."""
    marks = tuple((str(words), colour) for name, (words, colour) in MARKS.items() if getattr(case, name))
    return (_status_today(case), *marks)


def _status_today(case: published.Case) -> tuple[str, str]:
    until = str(case.facts.get("valid_until", ""))
    if case.status == "active" and until[:4].isdigit() and until < _today().isoformat():
        return _("past its last day"), "yellow"
    return status_words(case.status)


def _today() -> date:
    return clock().now().date()


def up_to_date() -> published.Standing:
    """How far the published register is behind the log.

    Where the gate is in this process there may be no worker: then the page itself takes in what is new. A site beside
    a gate of its own only reads, and says how far behind it is.
    """
    now = published.standing()
    if installation().gate is None and (now.behind or now.read > now.size):
        return published.refresh(_AT_ONCE)
    return now
