"""Every table that holds a pupil's reference, and what becomes of its rows when the pupil is erased.

Found by the names of their columns, so that a table that is added cannot be forgotten: as long as it is in neither
list nothing is erased (`unknown_places`; tests/erasing holds that there is none).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import ProtectedError, RestrictedError
from pyroaring import BitMap

_NAMES = frozenset({"pupil", "pupil_id", "pmr", "candidate", "child"})

OWN_WAY: Mapping[str, str] = MappingProxyType(
    {
        "records.vaultidentity.pmr": "the vault destroys it with the key",
        "records.vaultindex.pmr": "the vault destroys it with the key",
        "records.lakeamendment.pupil": "forgotten with the lake's rows",
        "erasing.destruction.pupil": "emptied when it is done",
        "erasing.keptleaf.pupil": "the leaf that other children's proofs need; it leads to nobody",
    }
)
"""Column -> what else is done with it."""

DELETED = frozenset(
    {
        "cases.case.pupil",
        "consent.consent.pupil",
        "consent.death.pupil",
        "consent.dispute.pupil",
        "consent.itemdispute.pupil",
        "consent.objection.pupil",
        "consent.restriction.pupil",
        "consent.samechild.child",
        "consent.samechild.pupil",
        "consent.shield.pupil",
        "corrections.correction.pupil",
        "declining.declined.pupil",
        "helping.paperletter.pupil",
        "match.matchcase.candidate",
        "match.matchcase.pmr",
        "packs.pack.pupil",
        "releases.tellingdelay.pupil",
        "rights.childlink.pupil",
        "rights.claimcode.pupil",
        "rights.paperclaim.pupil",
        "withholding.withholding.pupil",
    }
)
"""Columns whose rows are deleted, with what hangs on them."""

EMPTIED: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        # Another child's case, whose fact a clerk has found to be this one's: that family's letters are not this
        # child's record. An open one is finished first (`open_cases`); what leads here goes.
        "cases.case.pmr": MappingProxyType({"pmr": None, "paper": "", "row": ""}),
    }
)
"""Columns that are emptied, with what stands beside them: the row is about another child."""


def places() -> Iterator[tuple[str, type[models.Model], str]]:
    """Every column of the installation that holds a pupil's reference: its label, its model, its name."""
    for model in apps.get_models():
        for column in model._meta.get_fields():
            if getattr(column, "column", None) and column.name in _NAMES:
                yield f"{model._meta.label_lower}.{column.name}", model, column.name


def unknown_places() -> list[str]:
    """Columns about which nobody has said what becomes of them."""
    known = DELETED | OWN_WAY.keys() | EMPTIED.keys()
    return sorted(label for label, _, _ in places() if label not in known)


def delete_rows(pupil: int) -> int:
    """Delete every row about a pupil in the tables that are deleted from, with what hangs on them; how many.

    In rows about others what leads to the pupil is emptied.
    """
    gone = 0
    for label, model, name in places():
        if label in DELETED:
            gone += _delete(model._base_manager.filter(**{name: pupil}))
    for label, model, name in places():
        if label in EMPTIED:
            model._base_manager.filter(**{name: pupil}).update(**EMPTIED[label])
    return gone


def _delete(rows: models.QuerySet[Any]) -> int:
    """Delete rows, and first whatever may not lose them: a link hangs on its code, a step on its case."""
    try:
        return rows.delete()[0]
    except (ProtectedError, RestrictedError) as held:
        hanging = getattr(held, "protected_objects", None) or getattr(held, "restricted_objects", set())
    gone = 0
    by_model: dict[type[models.Model], list[Any]] = {}
    for one in hanging or ():
        by_model.setdefault(type(one), []).append(one.pk)
    for model, keys in by_model.items():
        gone += _delete(model._base_manager.filter(pk__in=keys))
    return gone + _delete(rows)


def open_cases(pupils: Iterable[int]) -> BitMap:
    """Those of some pupils about whom a case is open, erasure's own aside: it is finished first (Article 17(3)(e))."""
    found = next((model for label, model, _ in places() if label == "cases.case.pupil"), None)
    if found is None:
        return BitMap()
    open_ = found._base_manager.filter(closed_on=None).exclude(kind="erasure").values_list("pupil", "pmr")
    return BitMap(pupil for both in open_ for pupil in both if pupil is not None) & BitMap(pupils)
