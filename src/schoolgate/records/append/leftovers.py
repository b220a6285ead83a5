"""What a load that was cut short left behind, cleared away by the next one.

A load writes the path of each file before it writes the file, into its own scratch folder. A folder that is
still there at the next load belongs to one that ended early: its files are deleted unless the version in force
names them (it may have become visible and been cut before it could tidy up).
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import NoSuchTableError
from pyiceberg.expressions import AlwaysTrue, BooleanExpression
from pyiceberg.table import Table

from schoolgate.config import Config
from schoolgate.records.iceberg import NAMESPACE
from schoolgate.records.models import LakeVersionTable
from schoolgate.records.moved import named_as

_PREFIX = "load-"
_WRITTEN = "files-written"


def note_file(scratch: Path, target: Path) -> None:
    """Write down a lake file that is about to be written."""
    with open(scratch / _WRITTEN, "a", encoding="utf-8") as written:
        written.write(f"{target}\n")


@contextmanager
def scratch_folder(config: Config, found: SqlCatalog) -> Iterator[Path]:
    """A load's own folder, after what earlier ones left is gone.

    When the load fails, only its list of files stays, for the next one; the facts do not.
    """
    config.scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    _clear(config, found)
    scratch = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=config.scratch))
    try:
        yield scratch
    except BaseException:
        for entry in scratch.iterdir():
            if entry.name != _WRITTEN:
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        raise
    shutil.rmtree(scratch, ignore_errors=True)


def _clear(config: Config, found: SqlCatalog) -> None:
    left = sorted(config.scratch.glob(f"{_PREFIX}*"))
    written = [
        Path(line)
        for folder in left
        if (folder / _WRITTEN).exists()
        for line in (folder / _WRITTEN).read_text(encoding="utf-8").splitlines()
    ]
    kept = _in_force(found) if written else frozenset()
    for file in written:
        if file.is_relative_to(config.lake) and named_as(file, config.lake) not in kept:
            file.unlink(missing_ok=True)
    for folder in left:
        shutil.rmtree(folder, ignore_errors=True)


def _in_force(found: SqlCatalog) -> frozenset[str]:
    """The lake files of the latest version of every table, as its metadata names them."""
    latest = {row.table: row.snapshot_id for row in LakeVersionTable.objects.order_by("version__number")}
    files: set[str] = set()
    for name, snapshot_id in latest.items():
        try:
            tasks = found.load_table(f"{NAMESPACE}.{name}").scan(snapshot_id=snapshot_id).plan_files()
        except NoSuchTableError:
            continue
        files |= {unquote(urlsplit(task.file.file_path).path) for task in tasks}
    return frozenset(files)


def set_back(table: Table, name: str, own_term: str) -> tuple[Table, BooleanExpression | str]:
    """A table as the version in force has it, and what this load must delete from it.

    An interrupted load may have left the table ahead: it is set back to its snapshot in force. A table that no
    version names yet has none to be set back to, so whatever lies in it was never visible and goes.
    """
    row = LakeVersionTable.objects.filter(table=name).order_by("-version__number").first()
    current = table.current_snapshot()
    if current is None:
        return table, own_term
    if row is None:
        return table, AlwaysTrue()
    if current.snapshot_id != row.snapshot_id:
        table.manage_snapshots().set_current_snapshot(snapshot_id=row.snapshot_id).commit()
        table = table.refresh()
    return table, own_term
