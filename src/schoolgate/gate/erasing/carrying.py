"""Carrying a destruction out: each step can be done again, and a destruction that was cut short is taken up again.

In this order, so that whatever is left after a power cut is less than before and is found again: first what proofs of
other children need is kept; then the lake goes, version by version, then the papers, then everything else about the
child; its key goes last, since what the steps before need (its UPNs, to find papers) is sealed under it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction

from schoolgate import collect, ledger, register
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.dictionary import lake_tables
from schoolgate.durable import wipe
from schoolgate.errors import SchoolgateError
from schoolgate.gate.commitment import leaf_of
from schoolgate.gate.corrections.erased import forget_moved, tell_items, tell_pupil
from schoolgate.gate.corrections.rows import rows_of
from schoolgate.gate.corrections.taking_back import empty_item
from schoolgate.gate.erasing.models import Destruction, KeptLeaf
from schoolgate.gate.erasing.places import delete_rows
from schoolgate.gate.releases.models import ExtractOrder
from schoolgate.gate.releases.orders import file_of, find, step
from schoolgate.gate.settle import settle_pending
from schoolgate.gate.subject import SUBJECT_ACCESS
from schoolgate.ids import Pmr, Term
from schoolgate.records.amend import Drop, Fill, amend, partitions
from schoolgate.records.expire import end_versions, forget_amendments
from schoolgate.records.read import NoData, current_snapshot
from schoolgate.records.vault import Identity, Vault

_TRIES = 5
_LEAF_VERSION = 3


@dataclass(slots=True)
class Done:
    """What was destroyed, for the certificate.

    Attributes:
        rows: of the lake.
        papers: returns sealed anew, or destroyed.
        versions: lake versions that no longer exist.
        snapshots: of Iceberg tables.
        files: of the lake.
        told: agreements whose recipients are told of it (UK GDPR Article 19).
        pupils: whose names went, where a whole year's did.
        left: whose names did not go with the year's, since something stands against it.
    """

    rows: int = 0
    papers: int = 0
    versions: list[int] = field(default_factory=list)
    snapshots: int = 0
    files: int = 0
    told: list[str] = field(default_factory=list)
    pupils: int | None = None
    left: int = 0


Step = Callable[[str], None]


def nothing(name: str) -> None:
    """Called after each step; tests end the process here."""


def end_all_versions(done: Done, config: Config, clock: Clock) -> None:
    """End every version but the one in force, once each read of them is settled: who was in it is found out on them."""

    def settled(versions: tuple[int, ...]) -> None:
        register.hold_log()  # no read is recorded between the look and the end
        if any(record.lake_version in versions for record in ledger.unsettled()):
            raise _Unsettled

    for _ in range(_TRIES):
        settle_pending(config, clock)
        try:
            ended = end_versions(config=config, clock=clock, in_transaction=settled)
        except _Unsettled:
            continue
        done.versions += [one for one in ended.versions if one not in done.versions]
        done.snapshots += ended.snapshots
        done.files += ended.files
        return
    raise SchoolgateError(
        "Reads of earlier versions are still being worked out; they cannot end yet.",
        hint="It is taken up again by itself. `schoolgate gate settle` says what waits.",
        code="erase-unsettled",
    )


class _Unsettled(Exception):
    """A read of a version that is to end is not settled."""


# A pupil ---------------------------------------------------------------------------------------------------------


def keep_leaves(pupil: Pmr, config: Config) -> list[str]:
    """Keep what the proofs of children beside this one need; the releases it is in."""
    vault, releases = Vault(config), []
    for exposure in ledger.who_has(pupil):
        releases.append(exposure.release_id)
        if exposure.settled_index is None:
            continue
        if ledger.commitment(exposure.release_id).version < _LEAF_VERSION or vault.is_erased(pupil):
            continue
        leaf = leaf_of(int(pupil), vault.release_key(exposure.release_id), vault.own_child_refs)
        KeptLeaf.objects.get_or_create(release_id=exposure.release_id, pupil=int(pupil), defaults={"leaf": leaf})
    return releases


def _held_rows(pupil: Pmr, config: Config) -> Mapping[str, list[Mapping[str, Any]]]:
    names = [table.name for table in lake_tables()]
    try:
        found = rows_of({int(pupil)}, names, current_snapshot(config), config)
    except NoData:
        return {}
    return {name: list(found.get(name, {}).get(pupil, [])) for name in names}


def _drop_rows(pupil: Pmr, done: Done, config: Config, clock: Clock) -> None:
    held = _held_rows(pupil, config)
    points = {(name, int(row["year"]), Term(str(row["term"]))) for name, rows in held.items() for row in rows}
    if points:
        done.rows += sum(len(rows) for rows in held.values())
        amend([Drop(name, year, term, pupil) for name, year, term in sorted(points)], config=config, clock=clock)
    forget_amendments(pupil)


def is_about(pupil: Pmr, who: Identity, vault: Vault) -> Callable[[collect.PupilRow], bool]:
    """Whether a return's row is this child's: by any of its numbers, or by name and birth date together.

    Two children may share both, so a row with the number of another child alone is not this one's.
    """
    numbers = {who.upn, *who.former_upns} - {""}
    name = (who.surname.casefold(), who.forename.casefold(), who.dob)

    def about(row: collect.PupilRow) -> bool:
        get = row.fields.get
        own = {get("upn", ""), get("formerupn", "")} - {""}
        if own & numbers:
            return True
        if (get("surname", "").casefold(), get("forename", "").casefold(), get("dob", "")) != name:
            return False
        holders = [one for found in vault.holders(own).values() for one in found] if own else []
        return not holders or pupil in holders

    return about


def needles(who: Identity) -> list[bytes]:
    """What a return holds if it holds a row of this child."""
    return [text.encode() for text in {who.upn, *who.former_upns, who.dob} if text]


def _redact_papers(pupil: Pmr, places: Collection[tuple[str, int]], done: Done, config: Config) -> None:
    """Take the child's row out of every return in which it is: those the lake's rows name, and those that name it."""
    vault = Vault(config)
    who = vault.identities([pupil]).get(pupil)
    test = is_about(pupil, who, vault) if who is not None else _has_number(vault.is_number_of(pupil))
    by_paper: dict[str, set[int]] = {}
    for return_id, row in places:
        by_paper.setdefault(return_id, set()).add(row)
    for return_id in collect.papers(config):
        rows = set(by_paper.get(return_id, ()))
        if who is None or collect.mentions(return_id, needles(who), config):
            rows |= set(collect.rows_about(return_id, test, config))
        if rows:
            collect.redact(return_id, collect.Redaction(rows=rows), config)
            done.papers += 1


def _has_number(is_number: Callable[[str], bool]) -> Callable[[collect.PupilRow], bool]:
    """Whether a row is of a pupil of whom only the index is left: the database is older than the erasure."""
    return lambda row: any(is_number(row.fields[name]) for name in ("upn", "formerupn") if row.fields.get(name))


def _delete_extracts(releases: Iterable[str], config: Config, clock: Clock) -> None:
    """Files for recipients that are still here and hold the child."""
    waiting = ExtractOrder.objects.filter(release_id__in=list(releases), deleted_at=None).exclude(release_id="")
    for order_id in list(waiting.values_list("order_id", flat=True)):
        with transaction.atomic():
            row = find(order_id, locked=True)
            fetched = "no" if row.first_fetched_at is None else "yes"
            step(row, "expire", "gate", {"release": row.release_id, "fetched": fetched}, clock)
            row.deleted_at = clock.now()
            row.save(update_fields=["deleted_at"])
        place = file_of(order_id, config)
        if place.exists():
            wipe(place)


def delete_packs(pupil: Pmr, config: Config) -> None:
    """Packs for the family: the rows go with the others; here the files, which each row's key alone opens."""
    from django.apps import apps

    if not apps.is_installed("schoolgate.rights.packs"):
        return
    for name in apps.get_model("packs", "Pack").objects.filter(pupil=int(pupil)).values_list("public_id", flat=True):
        for place in (config.home / "packs").glob(f"{name}.*"):
            wipe(place)


def erase_pupil(pupil: Pmr, *, config: Config, clock: Clock, after: Step = nothing) -> Done:
    """Erase one pupil as the plan says (`words.ERASURE_PLAN`).

    Raises:
        SchoolgateError: something has to wait; what was done stays done, and the rest is done by the next try.
    """
    done = Done()
    settle_pending(config, clock)
    keep_leaves(pupil, config)
    after("leaves kept")
    held = _held_rows(pupil, config)
    places = {
        (str(row["return_id"]), int(row["return_row"]))
        for rows in held.values()
        for row in rows
        if row.get("return_id") and row.get("return_row") is not None
    }
    # The papers first: what the lake names leads to them, and a term that is loaded again reads them.
    _redact_papers(pupil, places, done, config)
    after("papers")
    _drop_rows(pupil, done, config, clock)
    after("rows")
    end_all_versions(done, config, clock)
    after("versions")
    # A read that began meanwhile is in the ledger by now.
    releases = keep_leaves(pupil, config)
    done.told = tell_pupil(pupil, config=config, clock=clock)
    forget_moved(pupil)
    after("told")
    ledger.forget_askers(releases, SUBJECT_ACCESS)
    _delete_extracts(releases, config, clock)
    delete_packs(pupil, config)
    delete_rows(int(pupil))
    after("tables")
    Vault(config).erase(pupil)
    after("key")
    return done


# An item, or what a rule says --------------------------------------------------------------------------------------


def drop_items(
    items: Collection[str], years: Collection[int], columns: Collection[str], *, tell: bool, config: Config,
    clock: Clock, after: Step = nothing,
) -> Done:  # fmt: skip
    """Destroy items nation-wide.

    Args:
        items: of the lake, ``table.column``; those that only returns hold are in `columns`.
        years: of the censuses; empty: all.
        columns: of returns, taken out of each one as it was received.
        tell: whether whoever was given them is told: what is past its day here is kept by recipients for as long as
            their own agreements say.
        config: the installation.
        clock: the time.
        after: called after each step.
    """
    done = Done()
    for return_id in collect.papers(config):
        year = int(return_id.split("-", 1)[0])
        if columns and (not years or year in years):
            done.papers += bool(collect.redact(return_id, collect.Redaction(columns=columns), config))
    after("papers")
    by_table: dict[str, dict[str, Any]] = {}
    for item in items:
        table, _, column = item.partition(".")
        by_table.setdefault(table, {})[column] = None
    points = [point for point in partitions(config) if not years or point[0] in years]
    fills = [Fill(table, year, term, values) for table, values in by_table.items() for year, term in points]
    if fills:
        done.rows = _rows_with(by_table, points, config)
        with transaction.atomic():
            for item in items:
                empty_item(item, years, config)
        amend(fills, config=config, clock=clock)
        after("rows")
        end_all_versions(done, config, clock)
    after("versions")
    if tell:
        done.told = tell_items(items, years, config=config, clock=clock)
    return done


def _rows_with(by_table: Mapping[str, Any], points: Collection[tuple[int, Term]], config: Config) -> int:
    """How many rows of these tables there are: their counts are rounded before anybody sees them."""
    if not points:
        return 0
    return sum(table.rows for name, table in current_snapshot(config).tables.items() if name in by_table)


def destroy_papers(years: Collection[int], *, config: Config) -> Done:
    """Destroy the returns as received of some years, whole."""
    done = Done()
    for return_id in list(collect.papers(config)):
        if int(return_id.split("-", 1)[0]) in years:
            done.papers += collect.destroy_paper(return_id, config)
    return done


def certify(
    row: Destruction, done: Done, what: str, provision: str, because: str, backups_until: date, clock: Clock
) -> int:
    """Write the certificate into the register; its index. In the caller's transaction."""
    certificate = {
        "what": what,
        "because": because,
        "provision": provision,
        "items": sorted(row.asked.get("items", [])),
        "years": sorted(row.asked.get("years", [])),
        "rows": register.round_count(done.rows),
        "papers": register.round_count(done.papers),
        "versions": sorted(done.versions),
        "files": done.files,
        "backups_until": backups_until.isoformat(),
        "agreed_by": 2,
        **({"rule": row.asked["rule"]} if "rule" in row.asked else {"told": register.round_count(len(done.told))}),
        **({} if done.pupils is None else {"pupils": register.round_count(done.pupils)}),
        **({"pupils_left": register.round_count(done.left)} if done.left else {}),
    }
    row.certificate = {**certificate, "snapshots": done.snapshots}
    return register.append_event("store.destroyed", row.number, certificate, clock.now())
