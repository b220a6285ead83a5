"""That one child stands under two references, once a person has said so: what protects it there protects it here.

Nothing is copied. As long as two references are joined, every read, look-up and page asks about both: a "no", a stop,
a shield, a death and an item in dispute count for both, and each is taken back where it was said. So parting them, when
it was an error, leaves nothing behind. A yes is not among them: it opens what is closed, and counts where it was said.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from schoolgate.clock import Clock
from schoolgate.consent.models import SameChild
from schoolgate.consent.quiet import count_change
from schoolgate.ids import Pmr


def join_references(pupil: Pmr, other: Pmr, *, case: str, actor: str, clock: Clock) -> bool:
    """Say that two references are one child's; it counts from the next read on.

    Args:
        pupil: one.
        other: the other.
        case: reference of the case in which a person said so; two cases may join the same ones, which are parted when
            both have.
        actor: who says so, as a reference without a name.
        clock: the time.

    Returns:
        Whether this case had not joined them before.
    """
    with transaction.atomic():
        count_change()  # first, so that two at once come one after the other
        if pupil == other or SameChild.objects.filter(pupil=pupil, child=other, case=case, parted_at=None).exists():
            return False
        for one, two in ((pupil, other), (other, pupil)):  # each way, so that either is found by the other
            SameChild.objects.create(pupil=one, child=two, case=case, joined_at=clock.now(), joined_by=actor)
    return True


def part_references(case: str, *, actor: str, clock: Clock) -> bool:
    """Take back what a case joined, from the next read on; whether it had joined any."""
    with transaction.atomic():
        count_change()
        rows = SameChild.objects.filter(case=case, parted_at=None)
        return bool(rows.update(parted_at=clock.now(), parted_by=actor))


def other_references(pupil: Pmr) -> tuple[Pmr, ...]:
    """The other references of the same child, ascending."""
    rows = SameChild.objects.filter(pupil=pupil, parted_at=None).order_by("child").distinct()
    return tuple(Pmr(child) for child in rows.values_list("child", flat=True))


def with_others(pupils: Iterable[int]) -> list[int]:
    """These, with every other reference of the same children, ascending."""
    found = set(pupils)
    rows = SameChild.objects.filter(parted_at=None).values_list("pupil", "child")
    return sorted(found | {child for pupil, child in rows if pupil in found})


def joined_pupils() -> dict[Pmr, tuple[Pmr, ...]]:
    """Every reference that is joined to another -> the others."""
    found: dict[Pmr, tuple[Pmr, ...]] = {}
    rows = SameChild.objects.filter(parted_at=None).order_by("pupil", "child").distinct()
    for pupil, child in rows.values_list("pupil", "child"):
        found[Pmr(pupil)] = (*found.get(Pmr(pupil), ()), Pmr(child))
    return found
