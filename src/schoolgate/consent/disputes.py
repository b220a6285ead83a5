"""One item of a child while its accuracy is looked at: no query reads it of that child (UK GDPR Article 18(1)(a)).

The child stays in every scan that does not read the item. A dispute has no public event: the moment a family writes to
the custodian would be seen, and with it, in the next result, whose record the item is missing from.
"""

from __future__ import annotations

from django.db import transaction

from schoolgate import dictionary
from schoolgate.clock import Clock
from schoolgate.consent.models import ItemDispute as DisputeRow
from schoolgate.consent.quiet import count_change
from schoolgate.consent.views import ItemDispute
from schoolgate.errors import SchoolgateError
from schoolgate.ids import Pmr


def _known(item: str) -> str:
    if item in dictionary.lake_columns() or item in {one.id for one in dictionary.identity_items()}:
        return item
    raise SchoolgateError(
        "There is no such item in the record.", hint="Items are named table.column.", code="item-unknown"
    )


def dispute_item(pupil: Pmr, item: str, *, case: str, actor: str, clock: Clock) -> bool:
    """Hide an item of one child from every query, as long as this case looks at it; it counts from the next read on.

    Args:
        pupil: the child.
        item: id of the item (``table.column``, or ``identity.name``).
        case: reference of the case; two cases may dispute the same item, which is hidden until both are settled.
        actor: who says so, as a reference without a name.
        clock: the time.

    Returns:
        Whether this case did not dispute it before.

    Raises:
        SchoolgateError: no such item.
    """
    with transaction.atomic():
        count_change()  # first, so that two at once come one after the other
        if DisputeRow.objects.filter(pupil=pupil, item=_known(item), case=case, settled_at=None).exists():
            return False
        DisputeRow.objects.create(pupil=pupil, item=item, case=case, opened_at=clock.now(), opened_by=actor)
    return True


def settle_item(pupil: Pmr, item: str, *, case: str, actor: str, clock: Clock) -> bool:
    """End a case's dispute of an item. The family was told before (UK GDPR Article 18(3)): whoever settles sees to it.

    Returns:
        Whether this case disputed it. The item is read again once no case does.
    """
    with transaction.atomic():
        count_change()
        rows = DisputeRow.objects.filter(pupil=pupil, item=item, case=case, settled_at=None)
        return bool(rows.update(settled_at=clock.now(), settled_by=actor))


def disputes_of(pupil: Pmr) -> tuple[ItemDispute, ...]:
    """The items of one child in dispute, each once with the first of its cases, oldest first."""
    found: dict[str, ItemDispute] = {}
    for row in DisputeRow.objects.filter(pupil=pupil, settled_at=None).order_by("pk"):
        found.setdefault(row.item, ItemDispute(row.item, row.case, row.opened_at, row.opened_by))
    return tuple(found.values())
