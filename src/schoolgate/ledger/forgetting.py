"""Who looked at one child, forgotten when the child is erased: an account that leads to a parent leads to the child."""

from __future__ import annotations

from collections.abc import Collection

from schoolgate.ledger.models import Release

FORGOTTEN = "erased"
"""In place of who asked."""


def forget_askers(release_ids: Collection[str], agreement_id: str) -> int:
    """Forget who asked, of those of these releases that are under one agreement; how many.

    What the log vouches for (the definition, its items, when, under which agreement) stays as it is.
    """
    changed, listed = 0, sorted(release_ids)
    for start in range(0, len(listed), 5_000):
        rows = Release.objects.filter(agreement_id=agreement_id, release_id__in=listed[start : start + 5_000])
        changed += rows.exclude(person_id=FORGOTTEN).update(person_id=FORGOTTEN)
    return changed
