"""Erasures, told to whoever was given what was erased (UK GDPR Article 19), without keeping what was erased.

What is to be told is worked out while the pupil's key is still there, and outlives it: the agreement's own made-up
reference and the items, sealed, and nothing of the pupil. It goes when the recipient has answered, when the agreement's
data is certified as destroyed, or at the last when `erased_days` are over.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from django.db import transaction
from pyroaring import BitMap

from schoolgate import ledger, register, requests
from schoolgate.clock import HERE, Clock, day_of
from schoolgate.config import Config
from schoolgate.dictionary import lake_columns
from schoolgate.gate.corrections.exposed import gives_references, looked_up
from schoolgate.gate.corrections.limits import correction_limits
from schoolgate.gate.corrections.models import Erased, Notice
from schoolgate.gate.corrections.states import ERASED, WAITING
from schoolgate.gate.corrections.views import NoticeCount, NoticeLine
from schoolgate.gate.engines.finish import Pseudonyms
from schoolgate.ids import Pmr
from schoolgate.records.vault import Vault

Entropy = Callable[[int], bytes]

PURPOSE = "erased-notices"
"""What the sealing key is derived for."""

EVERY_PUPIL = ""
"""In place of a reference: an item was destroyed nation-wide."""


@dataclass(slots=True)
class _Given:
    """What one agreement was given of a pupil."""

    items: set[str] = field(default_factory=set)
    named: bool = False


def tell_pupil(pupil: Pmr, *, config: Config, clock: Clock) -> list[str]:
    """Note for each agreement that was given anything of a pupil that it is erased. Doing it again changes nothing.

    Returns:
        The agreements.
    """
    given: dict[str, _Given] = {}
    taken = [one for one in ledger.who_has(pupil) if _is_told(one.agreement_id)]
    by_name = looked_up([one.release_id for one in taken])
    for one in taken:
        own = given.setdefault(one.agreement_id, _Given())
        own.items |= _facts(one.items)
        if not own.named and one.release_id not in by_name:
            own.named = gives_references(ledger.release(one.release_id).definition)
    vault = Vault(config)
    for agreement_id, own in sorted(given.items()):
        name = Pseudonyms(vault.agreement_key(agreement_id)).text(pa.array(np.asarray([int(pupil)], np.int32)))
        _note(agreement_id, str(name[0]), own.items, (), str(int(pupil)), own.named, config, clock)
    return sorted(given)


def tell_items(items: Collection[str], years: Collection[int], *, config: Config, clock: Clock) -> list[str]:
    """Note for each agreement that was given an item of these censuses that it is destroyed, of every pupil.

    Args:
        items: of the lake.
        years: of the censuses; empty: all.
        config: the installation.
        clock: the time.

    Returns:
        The agreements.
    """
    given: dict[str, set[str]] = {}
    for record in ledger.reading(frozenset(items)):
        if _is_told(record.agreement_id) and _covers(record.agreement_id, years):
            read = {item for scan in record.scans for item in scan}
            given.setdefault(record.agreement_id, set()).update(read & set(items))
    for agreement_id, own in sorted(given.items()):
        about = json.dumps([sorted(own), sorted(years)])
        _note(agreement_id, EVERY_PUPIL, own, years, about, True, config, clock)
    return sorted(given)


def _facts(items: Collection[str]) -> set[str]:
    """Items without the reference and the term that every row has; these, where nothing else was read."""
    columns = lake_columns()
    return {item for item in items if item not in columns or columns[item].kind == "item"} or set(items)


def _is_told(agreement_id: str) -> bool:
    """Whether an agreement has recipients; whoever certified that nothing is left has nothing to erase."""
    agreement = requests.get(agreement_id)
    return not agreement.built_in and agreement.state != "destroyed"


def _covers(agreement_id: str, years: Collection[int]) -> bool:
    own = requests.get(agreement_id).years
    return not years or not own or any(first <= year <= last for year in years for first, last in own)


def _note(
    agreement_id: str,
    reference: str,
    items: Iterable[str],
    years: Iterable[int],
    about: str,
    named: bool,
    config: Config,
    clock: Clock,
) -> None:
    keys = config.keyring()
    token = keys.blind(PURPOSE, f"{agreement_id}|{about}")
    told = {"pupil": reference, "items": sorted(items), "years": sorted(years)}
    Erased.objects.get_or_create(
        token=token,
        defaults={
            "agreement_id": agreement_id,
            "named": named,
            "sealed": keys.seal(PURPOSE, json.dumps(told).encode(), token),
            "recorded_at": clock.now(),
        },
    )


# On its way -------------------------------------------------------------------------------------------------------


def to_send() -> bool:
    """Whether anything is still to be told."""
    return Erased.objects.filter(notice="").exists()


def send(*, clock: Clock, entropy: Entropy = os.urandom) -> int:
    """Put what was erased before today into one notice an agreement; how many. By the day, as corrections are."""
    start = datetime.combine(day_of(clock.now()), time(), HERE).astimezone(UTC)
    limits = correction_limits()
    due = day_of(clock.now()) + timedelta(days=limits.acknowledge_days)
    sent = 0
    with transaction.atomic():
        rows = list(Erased.objects.select_for_update().filter(notice="", recorded_at__lt=start).order_by("pk"))
        for agreement_id in sorted({row.agreement_id for row in rows}):
            own = [row.pk for row in rows if row.agreement_id == agreement_id]
            if not _is_told(agreement_id):
                Erased.objects.filter(pk__in=own).delete()
                continue
            number = "N-" + entropy(8).hex()
            Notice.objects.create(
                notice_id=number,
                kind=ERASED,
                agreement_id=agreement_id,
                state="sent",
                first=0,
                last=0,
                named=BitMap().serialize(),
                counted=BitMap().serialize(),
                corrections=len(own),
                sent_at=clock.now(),
                due=due,
                refuse_after=due + timedelta(days=limits.refuse_days),
            )
            for at in range(0, len(own), 5_000):
                Erased.objects.filter(pk__in=own[at : at + 5_000]).update(notice=number)
            sent += 1
    return sent


def forget(notice_id: str) -> None:
    """What an answered notice told is forgotten: nothing is left that leads to whom it was about."""
    Erased.objects.filter(notice=notice_id).delete()


def forget_unanswered(*, clock: Clock) -> int:
    """The same of notices that nobody answered for so long that what they told must not stay; of how many."""
    long_ago = clock.now() - timedelta(days=correction_limits().erased_days)
    late = Notice.objects.filter(kind=ERASED, state__in=WAITING, sent_at__lt=long_ago)
    held = set(Erased.objects.filter(notice__in=late.values("notice_id")).values_list("notice", flat=True))
    for notice_id in held:
        forget(notice_id)
    return len(held)


def forget_moved(pupil: Pmr) -> None:
    """Whose row it once was stands beside a correction's number in older notices; of an erased pupil it goes."""
    for row in Notice.objects.exclude(moved={}).only("pk", "moved"):
        kept = {key: holder for key, holder in row.moved.items() if int(holder) != int(pupil)}
        if kept != row.moved:
            row.moved = kept
            row.save(update_fields=["moved"])


# What a recipient reads -------------------------------------------------------------------------------------------


def how_many(notice_id: str) -> tuple[int, int]:
    """How many erasures a notice tells under references, and how many as counts; none once it was answered."""
    rows = Erased.objects.filter(notice=notice_id)
    named = rows.filter(named=True).count()
    return named, rows.count() - named


def _told(notice_id: str, named: bool, config: Config) -> list[Mapping[str, Any]]:
    keys = config.keyring()
    rows = Erased.objects.filter(notice=notice_id, named=named)
    return [json.loads(keys.unseal(PURPOSE, bytes(row.sealed), bytes(row.token))) for row in rows]


def lines_of(notice_id: str, config: Config) -> list[NoticeLine]:
    """A line for each item that was given, in the order of what they say."""
    lines = [
        NoticeLine(one["pupil"], item, year, "", "", "", ERASED)
        for one in _told(notice_id, True, config)
        for item in one["items"]
        for year in (one["years"] or [None])
    ]
    return sorted(lines, key=lambda line: (line.pupil, line.item, line.year or 0))


def counts_of(notice_id: str, config: Config) -> tuple[NoticeCount, ...]:
    """Erasures that concern results without references, rounded, by item."""
    counts: dict[str, int] = {}
    for one in _told(notice_id, False, config):
        for item in one["items"]:
            counts[item] = counts.get(item, 0) + 1
    return tuple(
        NoticeCount(item, None, "", register.round_count(count), ERASED) for item, count in sorted(counts.items())
    )
