"""Whether every lake file is where its version says, and whether every sealed value opens."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.progress import Progress, silent
from schoolgate.records.models import LakeVersion, VaultIdentity, VaultKey
from schoolgate.records.pupil_keys import KeyDestroyed, PupilKeys
from schoolgate.records.read import snapshot
from schoolgate.seal import SealBroken

_PORTION = 5_000


class StoreBroken(SchoolgateError):
    """A file of the lake is missing or damaged, or a sealed value does not open."""


@dataclass(frozen=True, slots=True)
class StoreReport:
    """What was checked: lake versions, their files, sealed identities, sealed keys."""

    versions: int
    files: int
    identities: int
    keys: int


def check_store(config: Config, progress: Progress = silent) -> StoreReport:
    """Check the lake's files and the vault's seals.

    Raises:
        StoreBroken: names the first file or the kind of seal; never a pupil.
    """
    numbers = list(LakeVersion.objects.filter(destroyed_at=None).order_by("number").values_list("number", flat=True))
    checked: set[str] = set()
    for done, number in enumerate(numbers, start=1):
        for table, found in snapshot(number, config).tables.items():
            rows = sum(_rows(path, checked, config) for path in found.files)
            if rows != found.rows:
                raise StoreBroken(f"{table} of lake version {number} has {rows} rows instead of {found.rows}.")
        progress("checking lake versions", done, len(numbers))
    identities, keys = _check_seals(config, progress)
    return StoreReport(len(numbers), len(checked), identities, keys)


def _rows(path: str, checked: set[str], config: Config) -> int:
    checked.add(path)
    try:
        return int(pq.read_metadata(path).num_rows)
    except (OSError, pa.ArrowException):
        place = Path(path)
        name = place.relative_to(config.lake) if place.is_relative_to(config.lake) else place.name
        raise StoreBroken(
            f"A file of the lake is missing or damaged: {name}.", hint="Restore it from a backup.", code="lake-file"
        ) from None


def _check_seals(config: Config, progress: Progress) -> tuple[int, int]:
    keyring, last, done = config.keyring(), -1, 0
    own = PupilKeys(keyring, config.keys)
    try:
        while rows := list(VaultIdentity.objects.filter(pmr__gt=last).order_by("pmr")[:_PORTION]):
            for row in rows:
                own.unseal(row.pmr, bytes(row.sealed))
            last, done = rows[-1].pmr, done + len(rows)
            progress("opening sealed identities", done, None)
        names = list(VaultKey.objects.values_list("name", "sealed"))
        for name, sealed in names:
            keyring.unseal("vault-key", bytes(sealed), name.encode())
    except KeyDestroyed:
        raise StoreBroken(
            "The vault holds an identity of a pupil who was erased: this database is older than the erasure.",
            hint="Run `schoolgate erase again`: it does anew what was done.",
            code="erased-came-back",
        ) from None
    except SealBroken:
        raise StoreBroken(
            "A sealed value of the vault does not open: the master key is another one, or the value was changed.",
            hint="Put back the master key that belongs to this database.",
            code="vault-seal",
        ) from None
    return done, len(names)
