"""Versions that end: said in the database first, then expired in Iceberg's metadata, then deleted from the disk.

Any step may be cut short: whatever no version in force names is swept away by the next.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.db import transaction
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import NoSuchTableError
from pyiceberg.table import Table

from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.durable import wipe
from schoolgate.ids import Pmr
from schoolgate.records.append.leftovers import set_back
from schoolgate.records.iceberg import NAMESPACE, catalogue, tables
from schoolgate.records.models import LakeAmendment, LakeVersion, LakeVersionTable
from schoolgate.records.moved import lies_at, named_root
from schoolgate.records.visible import nothing, one_writer


@dataclass(frozen=True, slots=True)
class Ended:
    """What ended.

    Attributes:
        versions: numbers of the lake versions that no longer exist, ascending.
        snapshots: Iceberg snapshots expired.
        files: files deleted.
    """

    versions: tuple[int, ...]
    snapshots: int
    files: int


def newest() -> int:
    """The number of the version in force; 0 when there is none."""
    last = LakeVersion.objects.order_by("-number").first()
    return last.number if last else 0


def is_ended(version: int) -> bool:
    """Whether a version was ended."""
    return LakeVersion.objects.filter(number=version, destroyed_at__isnull=False).exists()


def end_versions(
    *,
    config: Config,
    clock: Clock,
    in_transaction: Callable[[tuple[int, ...]], None] = lambda versions: None,
    step: Callable[[str], None] = nothing,
) -> Ended:
    """End every version but the one in force.

    Args:
        config: the installation.
        clock: the time.
        in_transaction: called with the numbers that end, in the transaction that ends them; what it raises leaves
            them as they are.
        step: called after each durable step.

    Raises:
        LoadUnderWay: the lake is being changed.
    """
    with one_writer(config):
        with transaction.atomic():
            rows = LakeVersion.objects.filter(destroyed_at=None, number__lt=newest())
            numbers = tuple(rows.order_by("number").values_list("number", flat=True))
            in_transaction(numbers)
            rows.filter(number__in=numbers).update(destroyed_at=clock.now())
        step("ended")
        snapshots, files = _sweep(config, step)
    return Ended(numbers, snapshots, files)


def swept(config: Config) -> bool:
    """Whether nothing is left of versions that ended."""
    with catalogue(config) as found:
        return not any(len(table.snapshots()) > 1 or _unnamed(table, config) for table in _tables(found))


def _tables(found: SqlCatalog) -> Iterator[Table]:
    for shape in tables():
        try:
            yield found.load_table(f"{NAMESPACE}.{shape.name}")
        except NoSuchTableError:
            continue


def _sweep(config: Config, step: Callable[[str], None]) -> tuple[int, int]:
    snapshots = files = 0
    with catalogue(config) as found:
        for table in _tables(found):
            name = table.name()[-1]
            row = LakeVersionTable.objects.filter(table=name).order_by("-version__number").first()
            if row is None:
                continue
            current, _ = set_back(table, name, "")
            gone = [one.snapshot_id for one in current.snapshots() if one.snapshot_id != row.snapshot_id]
            if gone:
                current.maintenance.expire_snapshots().by_ids(gone).commit()
                current = found.load_table(f"{NAMESPACE}.{name}")
            snapshots += len(gone)
            step(f"expired {name}")
            for path in _unnamed(current, config):
                wipe(path)
                files += 1
            step(f"swept {name}")
    return snapshots, files


def _unnamed(table: Table, config: Config) -> list[Path]:
    """Files below a table's folder that its one snapshot does not need."""
    root = named_root(config.lake)

    def place(name: str) -> Path:
        return Path(lies_at(unquote(urlsplit(name).path), root, config.lake)).resolve()

    needed = {place(table.metadata_location)}
    for snapshot in table.snapshots():
        needed.add(place(snapshot.manifest_list))
        for manifest in snapshot.manifests(table.io):
            needed.add(place(manifest.manifest_path))
            needed |= {place(entry.data_file.file_path) for entry in manifest.fetch_manifest_entry(table.io)}
    folder = config.lake / table.name()[-1]
    there = (Path(above) / file for above, _, files in os.walk(folder) for file in files)
    return [path for path in there if path.resolve() not in needed]


def forget_amendments(pupil: Pmr) -> int:
    """Forget what stands for one pupil, who is erased; how many there were."""
    gone, _ = LakeAmendment.objects.filter(pupil=int(pupil)).delete()
    return gone
