"""Everybody whom a read leaves out, in one statement: no choice can come between two of its parts.

The database writes the pupils out as one text: taken row by row, ten thousand took three times as long (4.9 and
1.6 ms of processor on SQLite), most of it in making a Python object of each.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from django.db import connection
from pyroaring import BitMap

from schoolgate import dictionary
from schoolgate.consent.models import Death, ItemDispute, Objection, Restriction, SameChild, Shield

_WRITTEN_OUT = {"sqlite": "group_concat(pupil)", "postgresql": "string_agg(CAST(pupil AS text), ',')"}


@dataclass(frozen=True, slots=True)
class Use:
    """What a read is for and whose it is, as far as a family can have said no to it.

    Attributes:
        purposes: ids of purposes.
        kinds: kinds of organisation that the recipient is, or has become part of.
        recipients: ids of the organisations that it is, and of those that would process it for it.
    """

    purposes: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()


def counting_purposes(purpose_ids: Iterable[str]) -> list[str]:
    """The purposes an objection to which leaves a child out.

    An objection that a law overrides leaves nobody out. One to a purpose that the taxonomy no longer knows
    does: when in doubt, the child is left out.
    """
    return sorted(set(purpose_ids) - {purpose.id for purpose in dictionary.purposes() if purpose.statutory_override})


def counting(use: Use) -> list[tuple[str, tuple[str, ...]]]:
    """Scope -> the targets of it that an objection counts for in this use; none where a law overrides objections.

    What the law overrides is the purpose: then neither a no to who asks nor a no to everything leaves anybody out.
    """
    purposes = tuple(counting_purposes(use.purposes))
    if not purposes:
        return []
    found = [("purpose", purposes), ("kind", use.kinds), ("recipient", use.recipients), ("all", ("",))]
    return [(scope, targets) for scope, targets in found if targets]


def left_out_pupils(use: Use, *, deceased: bool) -> BitMap:
    """The pupils whom a read for this use must leave out of every scan.

    Args:
        use: what it is for, and whose it is.
        deceased: whether the read may have pupils who have died.
    """
    parts = _standing(deceased=deceased)
    given: list[str] = []
    for scope, targets in counting(use):
        named = ", ".join(["%s"] * len(targets))
        parts.append((Objection._meta.db_table, f"withdrawn_at IS NULL AND scope = %s AND target IN ({named})"))
        given += [scope, *targets]
    if use.purposes:
        # What a case decided in the child's favour counts whatever a law says of such objections in general.
        named = ", ".join(["%s"] * len(use.purposes))
        upheld = f"withdrawn_at IS NULL AND scope = 'purpose' AND upheld_by <> '' AND target IN ({named})"
        parts.append((Objection._meta.db_table, upheld))
        given += use.purposes
    own = " UNION ALL ".join(f"SELECT pupil FROM {table} WHERE {so}" for table, so in parts)
    # A child is left out under every reference that it has. CROSS: SQLite begins with the few that are joined, and does
    # not look for each of ten thousand among them, which took four times as long as the rest.
    same = SameChild._meta.db_table
    joined = " UNION ALL ".join(
        f"SELECT same.child FROM {same} AS same CROSS JOIN {table} AS held"
        f" WHERE same.parted_at IS NULL AND held.pupil = same.pupil AND {so}"
        for table, so in parts
    )
    text = f"SELECT {_WRITTEN_OUT[connection.vendor]} FROM ({own} UNION ALL {joined}) AS those"
    with connection.cursor() as cursor:
        cursor.execute(text, [*given, *given])
        (found,) = cursor.fetchone()
    return BitMap(_numbers(found)) if found else BitMap()


def disputing_pupils(items: Collection[str]) -> Mapping[str, BitMap]:
    """Item -> the pupils of whom it is in dispute, in one statement; an item that nobody disputes is not in it."""
    if not items:
        return {}
    named = ", ".join(["%s"] * len(items))
    own = f"SELECT item, pupil FROM {ItemDispute._meta.db_table} WHERE settled_at IS NULL AND item IN ({named})"
    joined = (
        f"SELECT own.item, same.child FROM ({own}) AS own JOIN {SameChild._meta.db_table} AS same"
        " ON same.pupil = own.pupil WHERE same.parted_at IS NULL"
    )
    text = f"SELECT item, {_WRITTEN_OUT[connection.vendor]} FROM ({own} UNION ALL {joined}) AS those GROUP BY item"
    with connection.cursor() as cursor:
        cursor.execute(text, [*sorted(items), *sorted(items)])
        return {item: BitMap(_numbers(pupils)) for item, pupils in cursor.fetchall()}


def _standing(*, deceased: bool) -> list[tuple[str, str]]:
    """Each table whose pupils are left out whatever the purpose, and which of its rows count."""
    found = [(Restriction._meta.db_table, "lifted_at IS NULL"), (Shield._meta.db_table, "lifted_at IS NULL")]
    # A death that one person alone spoke of is none yet.
    recorded = (Death._meta.db_table, "corrected_at IS NULL AND decided_at IS NOT NULL")
    return found if deceased else [*found, recorded]


def _numbers(text: str) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
    """The numbers of a text; one that is no reference is an error, never another pupil's."""
    numbers = np.fromstring(text, np.int64, sep=",")
    if len(numbers) != text.count(",") + 1 or numbers.min() < 0 or numbers.max() >= 1 << 32:
        raise ValueError("a pupil's reference is none")
    return numbers.astype(np.uint32)
