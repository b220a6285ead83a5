"""What was put right in a child's record, and noted beside it, for the child's own family and those who decide."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from schoolgate import consent, declining
from schoolgate.clock import day_of
from schoolgate.config import Config
from schoolgate.gate.corrections.models import DECLINED, EMPTIED, Correction
from schoolgate.gate.corrections.views import CorrectionView
from schoolgate.gate.shelter import place_columns
from schoolgate.ids import Pmr
from schoolgate.records.amend import kept

PURPOSE = "corrections"
"""What the sealing key is derived for."""


def opened(row: Correction, config: Config) -> Mapping[str, Any]:
    """What is sealed of a correction: ``old``, ``new``, ``note``, ``row``."""
    found: Mapping[str, Any] = json.loads(
        config.keyring().unseal(PURPOSE, bytes(row.sealed), row.correction_id.encode())
    )
    return found


def _view(row: Correction, still: str, config: Config) -> CorrectionView:
    held = opened(row, config)
    return CorrectionView(
        id=row.correction_id,
        kind=row.kind,
        item=row.item,
        year=row.year,
        term=row.term,
        old=held["old"],
        new=held["new"],
        note=held["note"],
        wrong_since=row.wrong_since,
        case=row.case_ref,
        decided_at=row.decided_at,
        still=still,
        travelled_on=None if row.travelled_at is None else day_of(row.travelled_at),
    )


def views_of(ids: Sequence[str], config: Config) -> dict[str, CorrectionView]:
    """Correction -> what is told of it."""
    standing = {one.name: one.came_of_it for one in kept(names=ids)}
    found: dict[str, CorrectionView] = {}
    for start in range(0, len(ids), 5_000):
        for row in Correction.objects.filter(correction_id__in=ids[start : start + 5_000]):
            found[row.correction_id] = _view(row, standing.get(row.correction_id, ""), config)
    return found


def every_row(pupil: Pmr) -> list[Correction]:
    """The corrections of a pupil's rows, oldest first; a row found to be another pupil's took its own along."""
    held = {one.name for one in kept(pupil=pupil)}
    rows = {row.correction_id: row for row in Correction.objects.filter(pupil=int(pupil))}
    # A correction in the lake belongs to whom the row belongs now; of the vault, and notes, to whom they were made for.
    now_of: dict[str, list[int | None]] = defaultdict(list)
    for one in kept(names=list(rows)):
        now_of[one.name].append(one.pupil)
    own = [row for name, row in rows.items() if name not in now_of or int(pupil) in now_of[name]]
    own += list(Correction.objects.filter(correction_id__in=held - rows.keys()))
    return sorted(own, key=lambda row: (row.decided_at, row.pk))


def own_rows(pupil: Pmr) -> list[Correction]:
    """The same, without what was put right or noted of an item that the family declined since."""
    own = every_row(pupil)
    declined = {item for _, item in declining.in_force((pupil, row.item) for row in own)}
    return [row for row in own if row.kind == DECLINED or (row.kind != EMPTIED and row.item not in declined)]


def corrections_of(pupil: Pmr, *, config: Config) -> tuple[CorrectionView, ...]:
    """Every correction of a child's record and every note beside it, oldest first, with values before and since.

    Of a shielded child those that name a place are left out, as they are of its record.
    """
    hidden = place_columns() if consent.shielded_since(pupil) is not None else frozenset[str]()
    rows = [row for row in own_rows(pupil) if row.item.partition(".")[2] not in hidden]
    standing = {one.name: one.came_of_it for one in kept(names=[row.correction_id for row in rows])}
    return tuple(_view(row, standing.get(row.correction_id, ""), config) for row in rows)
