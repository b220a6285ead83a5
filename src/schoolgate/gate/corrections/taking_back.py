"""A family takes back what it gave of its own will: the values go, and whoever was given them is told to stop.

It travels as a correction does, with the same days and answers. Three things differ. The old value is not kept, since
the ground to hold it is gone, neither in what was put right of it before; nothing is laid over a later load, since a
load stores the code by itself (`declining`); and results made before are not counted as wrong, since taking back
reaches forward (UK GDPR Article 7(3)).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.gate.corrections.deciding import Entropy, Ready, keep_rows, new_id, sealed
from schoolgate.gate.corrections.exposed import others_of
from schoolgate.gate.corrections.history import every_row, opened
from schoolgate.gate.corrections.models import ANNOTATED, CORRECTED, DECLINED, EMPTIED, Correction
from schoolgate.gate.corrections.values import as_text
from schoolgate.gate.corrections.views import Wrong
from schoolgate.ids import Pmr, Term
from schoolgate.records.amend import LakeVersionView, Put, amend, forget_column, forget_value

FAMILY = "family"
"""Who decided: the family itself, whichever of its accounts."""


@dataclass(frozen=True, slots=True)
class TakenBack:
    """One value of one row that a family took back.

    Attributes:
        item: of the lake, ``table.column``.
        code: what stands there from now on.
        row: the whole row as it is.
    """

    pupil: Pmr = field(repr=False)
    item: str
    code: str
    row: Mapping[str, Any] = field(repr=False)


def take_back(
    values: Sequence[TakenBack],
    *,
    config: Config,
    clock: Clock,
    in_transaction: Callable[[], None] = lambda: None,
    entropy: Entropy = os.urandom,
) -> None:
    """Put the code in place of each value, as one lake version, and keep each so that it travels.

    Args:
        values: at least one.
        config: the installation.
        clock: the time.
        in_transaction: called in the transaction that makes it visible.
        entropy: randomness.

    Raises:
        LoadUnderWay: the lake is being changed; nothing was done.
    """
    puts: dict[tuple[str, int, str, Pmr], dict[str, str]] = {}
    for one in values:
        table, _, column = one.item.partition(".")
        puts.setdefault((table, int(one.row["year"]), str(one.row["term"]), one.pupil), {})[column] = one.code
    made = [_ready(one, entropy) for one in values]

    def on_record(version: LakeVersionView) -> None:
        keep_rows(made, DECLINED, version.number, FAMILY, config, clock)
        in_transaction()

    changes = [Put(table, year, Term(term), pupil, new) for (table, year, term, pupil), new in puts.items()]
    amend(changes, config=config, clock=clock, in_transaction=on_record)


def _ready(one: TakenBack, entropy: Entropy) -> Ready:
    """What is kept of a row is what it is known again by (`exposed`), and no more."""
    known_by = ("urn", "return_id", "return_row", *others_of(one.item))
    return Ready(
        id=new_id(entropy),
        wrong=Wrong(int(one.pupil), one.item, "", one.code, None, ""),
        put=None,
        old="",
        row={name: as_text(one.row.get(name)) for name in known_by},
        year=int(one.row["year"]),
        term=str(one.row["term"]),
    )


def empty(values: Iterable[tuple[Pmr, str, str]], config: Config) -> None:
    """Forget what was put right, or noted, of items before their family took them back; in the caller's transaction.

    A row that was put right otherwise was kept whole, to be known again: there the code takes the value's place.

    Args:
        values: child, item of the lake, and the code that stands there from now on.
        config: the installation.
    """
    for pupil, item, code in values:
        table, _, column = item.partition(".")
        for row in every_row(pupil):
            _emptied(row, item, code, config)
        forget_value(pupil, table, column, code, config)


def empty_item(item: str, years: Collection[int], config: Config) -> None:
    """The same for everybody, of an item that is destroyed nation-wide; in the caller's transaction.

    Args:
        item: of the lake.
        years: of the censuses; empty: all.
        config: the installation.
    """
    table, _, column = item.partition(".")
    rows = Correction.objects.filter(item__startswith=f"{table}.")
    for row in (rows.filter(year__in=years) if years else rows).iterator(chunk_size=500):
        _emptied(row, item, None, config)
    forget_column(table, column, years, config)


def _emptied(row: Correction, item: str, instead: str | None, config: Config) -> None:
    table, _, column = item.partition(".")
    held = opened(row, config)
    if row.item == item and row.kind in (CORRECTED, ANNOTATED):
        row.kind, held = EMPTIED, {"old": "", "new": "", "note": "", "row": {}}
    elif row.item.startswith(f"{table}.") and held["row"].get(column, instead) != instead:
        held = {**held, "row": {**held["row"], column: instead}}
    else:
        return
    row.sealed = sealed(row.correction_id, held, config)
    row.save(update_fields=["kind", "sealed"])
