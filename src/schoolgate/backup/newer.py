"""Comparing a backup with a log that was published since: the public may have seen what the backup does not know."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass

from schoolgate import register
from schoolgate.backup.chest import BackupBroken

_LONGEST = 1 << 20
"""A checkpoint with many cosignatures."""


@dataclass(frozen=True, slots=True)
class Published:
    """What a published log holds beyond a backup.

    Attributes:
        size: entries it has.
        known: entries the backup's database has.
        types: type of event -> how many of the entries beyond are of it.
        releases: the releases begun among them, which the backup's ledger does not know.
    """

    size: int
    known: int
    types: dict[str, int]
    releases: tuple[str, ...]

    @property
    def beyond(self) -> int:
        """How many entries the backup does not know."""
        return max(0, self.size - self.known)


def _leaves(log: register.Source, size: int, until: int) -> list[bytes]:
    """The hashes of a log's first `until` entries, from its tiles."""
    found: list[bytes] = []
    for number in range((until + 255) // 256):
        data = register.read_tile_of(log, register.Tile(0, number, min(256, size - number * 256)))[1]
        found += [data[at : at + 32] for at in range(0, len(data), 32)]
    return found[:until]


def _entries(log: register.Source, size: int, first: int) -> list[bytes]:
    found: list[bytes] = []
    for number in range(first // 256, (size + 255) // 256):
        width = min(256, size - number * 256)
        bundle = register.decode_entries(register.read_tile_of(log, register.Tile(None, number, width))[1])[:width]
        found += bundle[max(0, first - number * 256) :]
    return found


def compare(log: register.Source, own: register.Source, own_size: int, known: int) -> Published | None:
    """Compare a published log with a backup's own.

    Args:
        log: the published log.
        own: the log in the backup.
        own_size: entries its checkpoint covers.
        known: entries the backup's database has at least.

    Returns:
        What the published log holds; None when nothing was published there.

    Raises:
        BackupBroken: the two have different histories; names the first entry.
    """
    try:
        size = register.parse_checkpoint(log.read("checkpoint", _LONGEST).decode()).size
    except register.NotThere:
        return None
    except (register.NoteError, UnicodeDecodeError):
        raise BackupBroken("The published log's checkpoint cannot be read.", code="restore-log") from None
    try:
        shared = min(size, own_size)
        theirs, ours = _leaves(log, size, shared), _leaves(own, own_size, shared)
        differs = next((at for at in range(shared) if theirs[at : at + 1] != ours[at : at + 1]), None)
        if differs is not None:
            raise BackupBroken(
                f"The published log and the backup have different histories from entry {differs} on.",
                hint="One of the two was changed, or is another installation's. Keep both as evidence.",
                code="restore-fork",
            )
        bodies = [json.loads(entry) for entry in _entries(log, size, known)]
    except (register.NotThere, register.TileError, ValueError):
        raise BackupBroken(
            "The published log is not whole, so it cannot be compared with the backup.",
            hint="`schoolgate log verify` names the place.",
            code="restore-log",
        ) from None
    types = Counter(str(body.get("type")) for body in bodies)
    releases = tuple(str(body.get("subject")) for body in bodies if body.get("type") == "release.begun")
    return Published(size, known, dict(types), releases)


def witnessed(
    policy: register.TrustPolicy, own: register.Source, own_size: int, known: int, patience: float
) -> tuple[str, ...]:
    """Ask the witnesses what they have cosigned: where the old machine is lost, they know what was published last.

    Args:
        policy: names them.
        own: the log in the backup.
        own_size: entries its checkpoint covers.
        known: entries the backup's database has at least.
        patience: seconds to wait for each.

    Returns:
        Names of those that answered, and have seen nothing that the backup does not know.

    Raises:
        BackupBroken: one has cosigned more entries, or other ones.
    """
    if not own_size:
        return ()
    origin = register.parse_checkpoint(own.read("checkpoint", _LONGEST).decode()).origin
    answered = []
    for view in register.views(policy, origin, patience):
        seen = view.checkpoint
        if seen.size > known:
            raise BackupBroken(
                f"Witness {view.witness} has cosigned {seen.size} entries; this backup knows {known}. Restoring it"
                " would take back what people have seen.",
                hint="Find a later backup. `--log` with a copy of the published log says what the entries are.",
                code="restore-old",
            )
        if seen.size <= own_size and register.root_hash(_leaves(own, own_size, seen.size)) != seen.root:
            raise BackupBroken(
                f"Witness {view.witness} has cosigned another history than this backup's.",
                hint="One of the two was changed, or is another installation's. Keep both as evidence.",
                code="restore-fork",
            )
        answered.append(view.witness)
    return tuple(answered)


def explain(found: Published) -> str:
    """Why a backup may not be put in the place of a newer log, in plain words."""
    kinds = ", ".join(f"{count} of “{register.title(kind)}”" for kind, count in sorted(found.types.items()))
    some = ", ".join(found.releases[:5]) + (" …" if len(found.releases) > 5 else "")
    lost = f" Among them are {len(found.releases)} releases of pupil data: {some}." if found.releases else ""
    return (
        f"The published log has {found.size} entries; this backup knows {found.known}."
        f" Restoring it would take back {found.beyond} entries that people have seen ({kinds}).{lost}"
    )
