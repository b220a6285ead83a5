"""What is left of a case when its child's record is erased: enough to show that it was answered, and in time.

Erasing deletes every row about a child without knowing what a case is; as a case's row goes, in the same transaction,
this writes down how it ended. UK GDPR Article 5(2) wants that shown; nothing in it leads to anybody.
"""

from __future__ import annotations

from typing import Any

from schoolgate.rights.cases.models import Case, CaseRemains


def remember(sender: type[Case], instance: Case, **_more: Any) -> None:
    """Write down that there was this case, before its row is deleted (Django's ``pre_delete``)."""
    took = None if instance.decided_on is None else (instance.decided_on - instance.received_on).days
    CaseRemains.objects.create(
        kind=instance.kind,
        outcome=instance.outcome,
        year=instance.received_on.year,
        took=took,
        was_late=instance.decided_late,
        was_appealed=instance.was_appealed,
        was_lapsed=instance.lapsed,
        was_overseen=instance.was_overseen,
    )
