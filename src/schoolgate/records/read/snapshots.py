"""Listing a lake version's files from Iceberg's own metadata, never by looking into a directory."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import unquote, urlsplit

from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import NoSuchTableError

from schoolgate.config import Config
from schoolgate.records.iceberg import NAMESPACE, catalogue
from schoolgate.records.models import LakeVersion, LakeVersionTable
from schoolgate.records.moved import lies_at, named_root
from schoolgate.records.read.files import LakeSnapshot, NoData, TableFiles


@lru_cache(maxsize=16)
def _list(config: Config, version: int, tables: tuple[tuple[str, int], ...]) -> LakeSnapshot:
    """A version never changes, so its list of files is read once."""
    with catalogue(config) as found:
        named = {name: _files(found, name, snapshot_id) for name, snapshot_id in tables}
    root = named_root(config.lake)
    return LakeSnapshot(
        version,
        {
            name: TableFiles(
                table.snapshot_id, tuple(lies_at(path, root, config.lake) for path in table.files), table.rows
            )
            for name, table in named.items()
        },
    )


def _files(found: SqlCatalog, name: str, snapshot_id: int) -> TableFiles:
    try:
        tasks = list(found.load_table(f"{NAMESPACE}.{name}").scan(snapshot_id=snapshot_id).plan_files())
    except (NoSuchTableError, FileNotFoundError):
        raise NoData(
            "Files of the lake are missing: its folder was changed, or moved without what lies in it.",
            hint="Restore it from a backup, or load each term again with `schoolgate match run`.",
            code="lake-moved",
        ) from None
    if any(task.delete_files for task in tasks):
        raise NoData(f"Table {name} has row deletes the engine cannot apply.", code="lake-deletes")
    paths = sorted(unquote(urlsplit(task.file.file_path).path) for task in tasks)
    return TableFiles(snapshot_id, tuple(paths), sum(task.file.record_count for task in tasks))


def snapshot(version: int, config: Config) -> LakeSnapshot:
    """One version of the lake.

    Raises:
        NoData: there is no such version.
    """
    tables = tuple(
        LakeVersionTable.objects.filter(version_id=version).order_by("table").values_list("table", "snapshot_id")
    )
    if LakeVersion.objects.filter(number=version, destroyed_at__isnull=False).exists():
        raise NoData(
            "This version of the lake no longer exists: something in it was destroyed.",
            hint="Ask again: the read is then of the version in force.",
            code="lake-version-destroyed",
        )
    if not tables and not LakeVersion.objects.filter(number=version).exists():
        raise NoData("The lake has no such version.", code="lake-version")
    return _list(config, version, tables)


def current_snapshot(config: Config) -> LakeSnapshot:
    """The version in force.

    Raises:
        NoData: nothing has been loaded yet.
    """
    last = LakeVersion.objects.order_by("-number").first()
    if last is None:
        raise NoData(
            "No census has been loaded yet.",
            hint="Submit returns, then run `schoolgate match run`.",
            code="lake-empty",
        )
    return snapshot(last.number, config)
