"""Whether an installation is whole: the log fits the ledger, and no release is missing from either."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from schoolgate import ledger, register
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.progress import Progress, silent
from schoolgate.records.custody import StoreReport, check_store

_PORTION = 1_000
_PATIENCE = 10.0
"""Seconds to wait for a witness."""


class NotWhole(SchoolgateError):
    """The log and the ledger do not tell the same story. The text names the first release that differs."""


@dataclass(frozen=True, slots=True)
class Whole:
    """What was checked.

    Attributes:
        entries: entries of the database's register.
        published: of them, those in the published log, compared one by one.
        releases: releases that are both in the log and in the ledger.
        settled: of them, those whose commitment in the log is the ledger's.
        undelivered: begun, and not on record as handed over: no result left, or it is not known that one did.
        store: lake and vault.
    """

    entries: int
    published: int
    releases: int
    settled: int
    undelivered: int
    store: StoreReport


def _events(kind: str) -> Iterator[register.Event]:
    before = None
    while found := register.events(kind, before=before, limit=_PORTION):
        yield from found
        before = found[-1].index


def check_whole(config: Config, progress: Progress = silent) -> Whole:
    """Compare log, register and ledger entry by entry, and check lake and vault.

    Raises:
        NotWhole: a release is in one and not in the other, or is told differently.
        SchoolgateError: the log, the register, the lake or the vault is broken; the text names the place.
    """
    published = 0
    if (config.log / "checkpoint").exists():
        register.verify_log(str(config.log), register.verifier_key(config), progress=progress)
        published = register.check_journal(config, progress)
        _ask_witnesses(config)
    records = {record.release_id: record for record in ledger.releases()}
    begun = {event.subject: event for event in _events("release.begun")}
    settled = {event.subject: event for event in _events("release.settled")}
    delivered = {event.subject for event in _events("release.delivered")}
    for release in sorted(begun.keys() ^ records.keys()):
        where = "the log and not the ledger" if release in begun else "the ledger and not the log"
        raise NotWhole(f"Release {release} is in {where}.", code="release-missing")
    for release, record in records.items():
        _compare(record, begun[release], settled.get(release), release in delivered)
    for release in sorted(settled.keys() - records.keys()):
        raise NotWhole(f"Release {release} is settled in the log and unknown to the ledger.", code="release-missing")
    return Whole(
        entries=register.log_size(),
        published=published,
        releases=len(records),
        settled=len(settled),
        undelivered=len(ledger.undelivered()),
        store=check_store(config, progress),
    )


def _ask_witnesses(config: Config) -> None:
    """Whether a witness has cosigned more than there is: then this is an old backup's database."""
    policy = register.witness_policy(config)
    if policy is None:
        return
    known = register.log_size()
    for view in register.views(policy, register.log_name(config), _PATIENCE):
        if view.checkpoint.size > known:
            raise NotWhole(
                f"Witness {view.witness} has cosigned {view.checkpoint.size} entries; the database has {known}.",
                hint="An old backup was restored. Restore a later one; publish nothing.",
                code="restore-old",
            )


def _compare(
    record: ledger.ReleaseRecord, begun: register.Event, settled: register.Event | None, delivered: bool
) -> None:
    told = begun.body
    same = (
        record.log_index == begun.index
        and record.definition_hash == told["definition_hash"]
        and hashlib.sha256(record.definition.encode()).hexdigest() == told["definition_hash"]
        and record.agreement_id == told["agreement"]
        and record.lake_version == told["snapshot"]
        and sorted({item for scan in record.scans for item in scan}) == sorted(told["items"])
        and (record.delivered_at is not None) == delivered
    )
    if not same:
        raise NotWhole(
            f"Release {record.release_id} is not told alike by the log and the ledger.", code="release-differs"
        )
    if (record.settled_at is not None) != (settled is not None):
        raise NotWhole(
            f"Release {record.release_id} is settled in one of log and ledger alone.", code="release-differs"
        )
    if settled is not None and (settled.index, settled.body["members_root"]) != (
        record.settled_index,
        record.members_root,
    ):
        raise NotWhole(
            f"The pupils of release {record.release_id} are not those the log vouches for.", code="release-differs"
        )
