"""What the room of packs gives out: frozen values that cross the gate's socket."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

FORMS = ("pdf", "json", "csv", "text")
"""The forms in which a pack is kept: a document to print, JSON with the dictionary, tables in a ZIP, and the words of
the document, from which the page is made."""

STAGES = ("waits", "reads", "writes")
"""How far the making has come, in order."""


@dataclass(frozen=True, slots=True)
class PackStepView:
    """One thing that was done with a pack.

    Attributes:
        event: ``asked``, ``read``, ``made``, ``fetched``, ``closed`` or ``deleted``.
        form: of `FORMS`, when it was fetched.
    """

    event: str
    form: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PackView:
    """A pack as its own account sees it.

    Attributes:
        id: random; says nothing of the child.
        state: of `states.PACK`.
        stage: of `STAGES`, while it is made.
        due: last day of the answer by law.
        until: last day on which it can be fetched; None until it is ready.
        sizes: form of the file -> bytes, once it is ready.
    """

    id: str
    state: str
    stage: str
    asked_at: datetime
    due: date
    made_at: datetime | None
    until: date | None
    sizes: tuple[tuple[str, int], ...]
    steps: tuple[PackStepView, ...] = field(repr=False, default=())

    @property
    def can_be_fetched(self) -> bool:
        """Whether there are files."""
        return self.state == "ready"


@dataclass(frozen=True, slots=True)
class AccessFigures:
    """How requests for access were answered in a time. Counts of requests, never of one family.

    Attributes:
        asked: how many were received.
        answered: of these, how many packs were made.
        in_time: of these, how many by the last day of the law.
        late: asked and not answered, and past that day.
        closed: not made, because access was closed or the link had ended.
    """

    asked: int
    answered: int
    in_time: int
    late: int
    closed: int
