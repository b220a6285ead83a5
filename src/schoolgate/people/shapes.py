"""What each organisation's names look like, kept beside them, so that a look-alike is found by one search.

Entering an organisation must not read every other one: with 1,500 of them that took minutes. Kept is a hash of the
skeleton (`alike`), because a skeleton can be far longer than its name. Rows say by which recipe they were made; those
of another recipe are made again at the first search after the recipe changed.
"""

from __future__ import annotations

import hashlib

from django.db import transaction

from schoolgate.people import alike
from schoolgate.people.models import NameShape, Organisation


def names_of(row: Organisation) -> tuple[str, ...]:
    """Every name of an organisation, the present one first."""
    return (row.name, *reversed(row.former_names))


def _shape(name: str) -> str:
    return hashlib.sha256(alike.skeleton(name).encode("utf-8", "surrogatepass")).hexdigest()


def keep(row: Organisation) -> None:
    """Keep what an organisation's names look like now; inside the caller's transaction."""
    row.shapes.all().delete()
    NameShape.objects.bulk_create(
        (
            NameShape(organisation=row, shape=shape, recipe=alike.recipe())
            for shape in dict.fromkeys(_shape(name) for name in names_of(row))
        ),
        ignore_conflicts=True,  # somebody else may be making the same rows again
    )


def alike_to(name: str) -> tuple[Organisation, ...]:
    """Organisations of which a name, now or formerly, looks like this one, in order of entry."""
    _renew()
    found = Organisation.objects.filter(shapes__shape=_shape(name), shapes__recipe=alike.recipe())
    return tuple(found.distinct().order_by("pk"))


def _renew() -> None:
    """Make rows of another recipe again. Two searches in an index, one on each side of today's, find none."""
    now = alike.recipe()
    if not any(NameShape.objects.filter(**{f"recipe__{side}": now}).exists() for side in ("lt", "gt")):
        return
    with transaction.atomic():
        for row in Organisation.objects.exclude(shapes__recipe=now).order_by("pk"):
            keep(row)
        NameShape.objects.exclude(recipe=now).delete()
