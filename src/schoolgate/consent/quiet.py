"""How a read notices a change that the public is not told of.

Objections and restrictions write a rounded total into the register. A yes, a shield or a death does not: the moment
alone would tell who watches the log while something happens to a child they know. So these count a number instead,
in the same transaction, and a read that is being recorded holds that number still until it is recorded.
"""

from __future__ import annotations

from schoolgate.consent.models import Revision

_NAME = "quiet"


def revision() -> int:
    """The number of changes so far."""
    row = Revision.objects.filter(name=_NAME).first()
    return row.number if row is not None else 0


def _held() -> Revision:
    held = Revision.objects.select_for_update().filter(name=_NAME)
    row = held.first()
    if row is None:  # before the first change of all
        Revision.objects.get_or_create(name=_NAME)
        row = held.get()
    return row


def hold_revision() -> int:
    """The same, and no change comes until the caller's transaction ends."""
    return _held().number


def count_change() -> None:
    """Count one change, inside the transaction that makes it."""
    row = _held()
    row.number += 1
    row.save(update_fields=["number"])
