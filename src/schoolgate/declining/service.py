"""Declining an item, taking it back, and what a return and a load must know of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

import numpy as np
import numpy.typing as npt
from django.db import IntegrityError, transaction

from schoolgate import dictionary, register
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.declining.models import Declined, DeclinedUpn
from schoolgate.errors import SchoolgateError
from schoolgate.ids import Pmr

_BATCH = 5_000
"""Values asked for in one statement: below SQLite's limit of 32,766 variables."""


class NotDeclinable(SchoolgateError):
    """The law, or the census guide, does not leave this item to the family."""


@dataclass(frozen=True, slots=True, repr=False)
class DeclinedItem:
    """One item a family declined, in force. Its repr is hidden: it is about a child.

    Attributes:
        item: its id in the dictionary.
        code: what the school sends instead.
        since: when the family said so.
        past_done: whether the earlier values are replaced.
        kept_out: the last census in which the school sent a value all the same, which was not stored; "" for none.
        own: whether who asks said so.
        others: whether somebody else said so.
        can_end: whether who asks may take it back.
    """

    item: str
    code: str
    since: datetime
    past_done: bool
    kept_out: str
    own: bool = True
    others: bool = False
    can_end: bool = True


def declinable(item: str) -> dictionary.Declinable:
    """An item that may be declined.

    Raises:
        NotDeclinable: it may not.
    """
    for one in dictionary.declinable_items():
        if one.item == item:
            return one
    raise NotDeclinable(
        "This is not an item that a family may decline.",
        hint="The law says that the school must send it. If it is wrong, it can be put right.",
        code="not-declinable",
    )


_HIDDEN: list[Callable[[], Collection[int]]] = []


def hide_from_schools(pupils: Callable[[], Collection[int]]) -> None:
    """Name children of whom no return is asked what their family declined; a room above knows who must not be found.

    Whoever knows a UPN can put it into a return of any school, so the question alone would tell of another school's
    child. What is declined of them is kept out by the load all the same.
    """
    if pupils not in _HIDDEN:
        _HIDDEN.append(pupils)


def _blind(upn: str, config: Config) -> bytes:
    return config.keyring().blind("declined-upn", upn)


def _tell(item: str, clock: Clock) -> None:
    """Tell the register how many decline an item, rounded: the moment alone says nothing of which way it went."""
    register.hold_log()
    count = Declined.objects.filter(item=item, withdrawn_at=None).values("pupil").distinct().count()
    payload = {"item": item, "declining": register.round_count(count)}
    register.append_event("declined.totals", "declined items", payload, clock.now())


def decline(pupil: Pmr, item: str, *, upns: Iterable[str], actor: str, config: Config, clock: Clock) -> DeclinedItem:
    """Record that a family declines an item. Saying it twice changes nothing; each adult's word is their own.

    Args:
        pupil: the child.
        item: of `dictionary.declinable_items`.
        upns: the child's UPN and former ones, by which a return's row is found.
        actor: who says so, as an account reference without a name.
        config: the installation, whose key hashes the UPNs.
        clock: the time.

    Raises:
        NotDeclinable: the item may not be declined.
    """
    declinable(item)
    in_force = Declined.objects.filter(pupil=pupil, item=item, declined_by=actor, withdrawn_at=None)
    try:
        with transaction.atomic():
            if not in_force.exists():
                row = Declined.objects.create(pupil=pupil, item=item, declined_at=clock.now(), declined_by=actor)
                DeclinedUpn.objects.bulk_create(
                    DeclinedUpn(of=row, blind=_blind(upn, config)) for upn in dict.fromkeys(upns) if upn
                )
                _tell(item, clock)
    except IntegrityError:
        pass  # a second click was first
    return next(one for one in declined_of(pupil, actor) if one.item == item)


def withdraw(pupil: Pmr, item: str, *, actor: str, clock: Clock, of: Collection[str] | None = None) -> bool:
    """Take it back: the school may send the item again once nobody declines it. What was replaced does not come back.

    Args:
        pupil: the child.
        item: what was declined.
        actor: who takes it back.
        clock: the time.
        of: whose words; the actor's own when left out.

    Returns:
        Whether one of them had declined the item.

    Raises:
        NotDeclinable: no such item.
    """
    declinable(item)
    with transaction.atomic():
        speakers = [actor] if of is None else of
        rows = Declined.objects.filter(pupil=pupil, item=item, withdrawn_at=None, declined_by__in=speakers)
        DeclinedUpn.objects.filter(of__in=rows.values("pk")).delete()
        changed = rows.update(withdrawn_at=clock.now(), withdrawn_by=actor)
        if changed:
            _tell(item, clock)
    return bool(changed)


def _view(rows: Sequence[Declined], actor: str) -> DeclinedItem:
    """One item, whoever declined it: since who asks said so, or since the first who did."""
    own = [row for row in rows if row.declined_by == actor]
    return DeclinedItem(
        item=rows[0].item,
        code=declinable(rows[0].item).code,
        since=(own or rows)[0].declined_at,
        past_done=any(row.past_done_at is not None for row in rows),
        kept_out=max(row.kept_out for row in rows),
        own=bool(own),
        others=len(rows) > len(own),
    )


def declined_of(pupil: Pmr, actor: str = "") -> tuple[DeclinedItem, ...]:
    """The items declined for one child, by id, as one of those who may decline them sees it."""
    rows = Declined.objects.filter(pupil=pupil, withdrawn_at=None).order_by("item", "declined_at", "pk")
    return tuple(_view(list(own), actor) for _, own in groupby(rows, key=lambda row: row.item))


def declined_among(pupils: Collection[Pmr], items: Collection[str]) -> tuple[tuple[Pmr, str], ...]:
    """(Child, item) of what is declined, of these children and items."""
    if not pupils or not items:
        return ()
    rows = Declined.objects.filter(withdrawn_at=None, pupil__in=pupils, item__in=items).order_by("pupil", "item")
    return tuple((Pmr(pupil), item) for pupil, item in rows.values_list("pupil", "item").distinct())


def speakers(pupil: Pmr, item: str) -> frozenset[str]:
    """Who declines an item of a child, as account references."""
    rows = Declined.objects.filter(pupil=pupil, item=item, withdrawn_at=None)
    return frozenset(rows.values_list("declined_by", flat=True))


def declining_pupils() -> Mapping[Pmr, tuple[str, ...]]:
    """Every child of whom anything is declined -> the items."""
    found: dict[Pmr, list[str]] = {}
    rows = Declined.objects.filter(withdrawn_at=None).order_by("pupil", "item").values_list("pupil", "item").distinct()
    for pupil, item in rows:
        found.setdefault(Pmr(pupil), []).append(item)
    return {pupil: tuple(items) for pupil, items in found.items()}


def declined_by_upn(upns: Iterable[str], config: Config) -> Mapping[str, Mapping[str, str]]:
    """UPN -> return's column -> code, for those of these UPNs of which anything is declined.

    Of children who must not be found nothing is told (`hide_from_schools`).
    """
    blinds = {_blind(upn, config): upn for upn in dict.fromkeys(upns) if upn}
    items = {one.item: one for one in dictionary.declinable_items()}
    rows: list[tuple[bytes | memoryview, str, int]] = []
    listed = list(blinds)
    for start in range(0, len(listed), _BATCH):
        part = DeclinedUpn.objects.filter(blind__in=listed[start : start + _BATCH], of__withdrawn_at=None)
        rows += part.values_list("blind", "of__item", "of__pupil")
    hidden = {int(one) for pupils in _HIDDEN for one in pupils()} if rows else set()
    found: dict[str, dict[str, str]] = {}
    for blind, item, pupil in rows:
        if pupil not in hidden:
            found.setdefault(blinds[bytes(blind)], {})[items[item].column] = items[item].code
    return found


def know_by(numbers: Mapping[Pmr, Collection[str]], config: Config) -> None:
    """Find the decisions in force about these children by these UPNs, too: a school gave a child a new one.

    In the caller's transaction: of a decision that is taken back meanwhile no hash is left.

    Args:
        numbers: child -> every UPN it has or had.
        config: the installation.
    """
    fresh: list[DeclinedUpn] = []
    listed = list(numbers)
    for start in range(0, len(listed), _BATCH):
        rows = Declined.objects.filter(pupil__in=listed[start : start + _BATCH], withdrawn_at=None)
        for row in rows.select_for_update().order_by("pk").prefetch_related("by_upn"):
            known = {bytes(one.blind) for one in row.by_upn.all()}
            blinds = {_blind(upn, config) for upn in numbers[Pmr(row.pupil)] if upn}
            fresh += [DeclinedUpn(of=row, blind=blind) for blind in sorted(blinds - known)]
    DeclinedUpn.objects.bulk_create(fresh)


def in_force(said: Iterable[tuple[Pmr, str]], *, locked: bool = False) -> frozenset[tuple[Pmr, str]]:
    """Those of some (child, item) that somebody declines now.

    Args:
        said: of any items.
        locked: nobody takes one of them back before the caller's transaction ends.
    """
    by_item: dict[str, set[int]] = {}
    may = {one.item for one in dictionary.declinable_items()}
    for pupil, item in said:
        if item in may:
            by_item.setdefault(item, set()).add(int(pupil))
    found: set[tuple[Pmr, str]] = set()
    for item, pupils in by_item.items():
        listed = sorted(pupils)
        for start in range(0, len(listed), _BATCH):
            rows = Declined.objects.filter(item=item, withdrawn_at=None, pupil__in=listed[start : start + _BATCH])
            rows = rows.select_for_update().order_by("pk") if locked else rows
            found |= {(Pmr(pupil), item) for pupil in rows.values_list("pupil", flat=True)}
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class KeptOut:
    """What of one lake column a load replaces.

    Attributes:
        column: of the lake.
        code: what is stored instead.
        pupils: ascending references.
    """

    column: str
    code: str
    pupils: npt.NDArray[np.int64]


def kept_out() -> Mapping[str, tuple[KeptOut, ...]]:
    """Lake table -> the columns whose values a load does not store for some pupils."""
    found: dict[str, list[KeptOut]] = {}
    for one in dictionary.declinable_items():
        if not one.in_lake:
            continue
        rows = Declined.objects.filter(item=one.item, withdrawn_at=None).order_by("pupil")
        pupils = np.array(list(rows.values_list("pupil", flat=True).distinct()), np.int64)
        if len(pupils):
            table, _, column = one.item.partition(".")
            found.setdefault(table, []).append(KeptOut(column, one.code, pupils))
    return {table: tuple(columns) for table, columns in found.items()}


def note_kept_out(item: str, pupils: Iterable[int], census: str) -> None:
    """Note that a school sent a declined item all the same, and that the value was not stored."""
    listed = sorted(set(pupils))
    for start in range(0, len(listed), _BATCH):
        part = listed[start : start + _BATCH]
        Declined.objects.filter(item=item, withdrawn_at=None, pupil__in=part).update(kept_out=census)


def past_to_do() -> tuple[tuple[Pmr, str], ...]:
    """(Child, item) of every decision whose earlier values are not replaced yet, in the order of the decisions."""
    rows = Declined.objects.filter(withdrawn_at=None, past_done_at=None).order_by("pk")
    return tuple(dict.fromkeys((Pmr(pupil), item) for pupil, item in rows.values_list("pupil", "item")))


def note_past_done(done: Iterable[tuple[Pmr, str]], clock: Clock) -> None:
    """Note that the earlier values are replaced."""
    for pupil, item in done:
        rows = Declined.objects.filter(pupil=pupil, item=item, withdrawn_at=None, past_done_at=None)
        rows.update(past_done_at=clock.now())
