"""A monitor: looks at a log from outside, again and again, compares it with what it saw, and says which entry."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from schoolgate.clock import Clock
from schoolgate.progress import Progress, silent
from schoolgate.register.evidence import Version, write_evidence
from schoolgate.register.follow import changes_key
from schoolgate.register.memory import Kept, Memory
from schoolgate.register.note import Checkpoint, VerifierKey
from schoolgate.register.sources import (
    LogBroken,
    NotThere,
    Source,
    open_source,
    read_tile_of,
)
from schoolgate.register.tiles import WIDTH, Tile, TileError, decode_entries, parse_path
from schoolgate.register.tree import hashes_of, leaf_hash, root_hash, subtree
from schoolgate.register.trust import TrustPolicy
from schoolgate.register.verify import Opened, check_files, check_quorum, follow, levels_of, open_checkpoint
from schoolgate.register.views import views


class Alarm(LogBroken):
    """The log is not what it was, or not what it claims.

    Attributes:
        kind: ``fork``, ``rollback``, ``missing``, ``changed``, ``split``, ``key``, ``broken``, or ``unreachable``,
            which says something about a network and nothing about the log.
        entry: the first entry concerned, when it can be told.
        evidence: the file that was written, when there is something to keep.
    """

    def __init__(
        self, kind: str, said: str, entry: int | None = None, evidence: Path | None = None, code: str = ""
    ) -> None:
        super().__init__(
            said,
            hint=f"Kept as evidence: {evidence}. Keep the monitor's memory too." if evidence else "",
            code=code or f"log-{kind}",
        )
        self.kind = kind
        self.entry = entry
        self.evidence = evidence


_AWAY = frozenset({"log-unreachable", "log-slow", "log-answer", "log-cut"})


def _kind(problem: LogBroken, otherwise: str) -> str:
    """A file that is not there is missing; one that did not arrive may be there."""
    if problem.code in _AWAY:
        return "unreachable"
    return "missing" if isinstance(problem, NotThere) else otherwise


@dataclass(frozen=True, slots=True)
class Look:
    """What a look found: all is well.

    Attributes:
        checkpoint: what the log says of itself.
        new: entries that were not there at the last look.
        key: the key that signs the log now.
        witnesses: who cosigned, in the policy's names.
        compared: witnesses whose own view of the log was fetched and fits.
        longer: witnesses that have cosigned more entries than the log shows; for a moment that is nothing odd.
    """

    checkpoint: Checkpoint
    new: int
    key: VerifierKey
    witnesses: tuple[str, ...] = ()
    compared: tuple[str, ...] = ()
    longer: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Difference:
    """The first place where tile, bundle and memory do not agree; `rehashed` when the tile differs from memory."""

    index: int
    said: str
    before: bytes | None
    now: bytes | None
    rehashed: bool = False


class _Unreadable(Exception):
    """A file that a look needs is not there or is not one."""

    def __init__(self, kind: str, said: str, entry: int, kept: bytes | None = None) -> None:
        super().__init__(said)
        self.kind = kind
        self.said = said
        self.entry = entry
        self.kept = kept


@dataclass(slots=True)
class _Read:
    """What a look has read."""

    leaves: list[bytes] = field(default_factory=list)
    bundles: dict[int, list[bytes]] = field(default_factory=dict)
    changes: list[bytes] = field(default_factory=list)
    difference: _Difference | None = None


@dataclass(frozen=True, slots=True)
class Monitor:
    """A monitor of one log.

    Args:
        source: a directory or an http(s) address.
        key: the log's verifier key, as given at first; later the memory knows which one followed it.
        memory: what was seen.
        evidence: folder in which evidence is written.
        clock: the time.
        accept: believe the key that is given now, whatever key the memory knows: the log's keeper has lost that one.
        policy: which witnesses must have cosigned; those with an address are asked for their view.
        patience: seconds for one file.
    """

    source: str
    key: VerifierKey
    memory: Memory
    evidence: Path
    clock: Clock
    accept: bool = False
    policy: TrustPolicy | None = None
    patience: float = 60.0

    def look(self, *, everything: bool = True, progress: Progress = silent) -> Look:
        """Look once; when all is well, remember it.

        Args:
            everything: read again what was read before, too; else only what is new and what may have changed.
            progress: told how far it is.

        Raises:
            Alarm: something is not well; nothing of it is remembered as believed.
        """
        found = open_source(self.source, self.patience)
        believed = self.key if self.accept else self.memory.key() or self.key
        try:
            opened = open_checkpoint(found, believed)
            witnesses = check_quorum(opened, self.policy)
        except LogBroken as problem:
            raise self._alarm(_kind(problem, "broken"), problem.what, None, self._before(), Version("", None)) from None
        last = self.memory.last()
        read = _Read()
        try:
            for number in range((opened.checkpoint.size + WIDTH - 1) // WIDTH):
                self._read_bundle(found, number, opened.checkpoint.size, read, everything=everything)
                progress("reading entries", len(read.leaves), opened.checkpoint.size)
        except _Unreadable as fault:
            self._fork(opened, last)  # a false statement is worse than a missing file
            before = Version(last[1] if last else "", fault.kept)
            raise self._alarm(fault.kind, fault.said, fault.entry, before, Version(opened.signed, None)) from None
        self._compare(opened, last, read)
        try:
            if everything:
                check_files(found, opened.checkpoint.size, levels_of(read.leaves), progress)
            key = follow(opened, believed, read.changes, found)
        except LogBroken as problem:
            kind = _kind(problem, "key" if problem.code in ("log-checkpoint", "log-key") else "changed")
            raise self._alarm(kind, str(problem), None, self._before(), Version(opened.signed, None)) from None
        compared, longer = self._views(opened, read.leaves, key)
        now = int(self.clock.now().timestamp())
        self.memory.keep(key, opened.signed, now, read.bundles)
        new = opened.checkpoint.size - (last[0].size if last else 0)
        return Look(opened.checkpoint, new, key, witnesses, compared, longer)

    def _before(self) -> Version:
        last = self.memory.last()
        return Version(last[1] if last else "", None)

    def _alarm(self, kind: str, said: str, index: int | None, before: Version, now: Version) -> Alarm:
        """Write what is to be kept, unless the very same was written before, and give the alarm."""
        if kind == "unreachable" or (not before.signed and before.entry is None):
            return Alarm(kind, said, index)
        at = self.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        text = write_evidence(kind, said, at, index, (before, now))
        unique = hashlib.sha256(json.dumps([kind, said, before.signed, now.signed]).encode()).hexdigest()[:16]
        path = self.evidence / f"{kind}-{unique}.json"
        if not path.exists():
            self.evidence.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return Alarm(kind, said, index, path)

    def _read_bundle(self, found: Source, number: int, size: int, read: _Read, *, everything: bool) -> None:
        width = min(WIDTH, size - number * WIDTH)
        kept = self.memory.bundle(number)
        if not everything and len(kept.entries) == WIDTH:
            read.leaves += kept.leaves[:width]
            return
        try:
            tile_path, tile = read_tile_of(found, Tile(0, number, width))
            path, bundle = read_tile_of(found, Tile(None, number, width))
        except NotThere as gone:
            first, end = number * WIDTH, number * WIDTH + width
            said = f"{gone.what.rstrip('.')}: entries {first} to {end - 1} cannot be checked any more."
            if kept.entries:
                said += f" Entries {first} to {first + len(kept.entries) - 1} are kept here."
            raise _Unreadable("missing", said, first, kept.entries[0] if kept.entries else None) from None
        except LogBroken as problem:
            raise _Unreadable(_kind(problem, "changed"), problem.what, number * WIDTH) from None
        try:
            entries = decode_entries(bundle)
        except TileError as problem:
            raise _Unreadable("changed", f"{path}: {problem.what}", number * WIDTH) from None
        for given, holds, has in ((tile_path, len(tile) / 32, "hashes"), (path, len(entries), "entries")):
            named = parse_path(given)
            if named is None or holds != named.width:
                said = f"{given} holds {holds:g} {has}; that is not its number."
                raise _Unreadable("changed", said, number * WIDTH + min(int(holds), width - 1))
        hashes = [tile[at : at + 32] for at in range(0, 32 * width, 32)]
        if read.difference is None:
            read.difference = _first_difference(number, kept, hashes, entries[:width], (tile_path, path))
        read.leaves += hashes
        read.changes += [entry for entry in entries[:width] if changes_key(entry)]
        if width > len(kept.entries):
            read.bundles[number] = entries[:width]

    def _remembered(self, size: int) -> Iterator[bytes]:
        for number in range((size + WIDTH - 1) // WIDTH):
            yield from self.memory.bundle(number).leaves[: size - number * WIDTH]

    def _fork(self, opened: Opened, last: tuple[Checkpoint, str] | None) -> None:
        """Give the alarm when this checkpoint is not one of the tree that was seen, whatever files are shown."""
        now = opened.checkpoint
        if last is None or now.size > last[0].size:
            return
        old = list(self._remembered(last[0].size))
        if root_hash(old[: now.size]) != now.root:
            said = f"The log signed another tree of {now.size} entries than the one it signed before."
            raise self._alarm("fork", said, None, Version(last[1], None, old), Version(opened.signed, None))

    def _compare(self, opened: Opened, last: tuple[Checkpoint, str] | None, read: _Read) -> None:
        """Is the tree the one we saw, and does it continue it?"""
        now, different = opened.checkpoint, read.difference
        fits = root_hash(read.leaves) == now.root
        signed_before = last[1] if last else ""
        old = (
            list(self._remembered(last[0].size)) if last and (different or not fits or now.size < last[0].size) else []
        )
        if different is not None:
            before = Version(signed_before, different.before, old)
            current = Version(opened.signed, different.now, read.leaves if fits else [])
            kind = "fork" if different.rehashed and fits else "changed"
            said = different.said
            if kind == "fork":
                said += " The log's signed checkpoint stands for the new version: it has two histories."
            raise self._alarm(kind, said, different.index, before, current)
        if not fits:
            self._fork(opened, last)
            said = f"The checkpoint of {now.size} entries does not fit them: its root is another."
            raise self._alarm("changed", said, None, Version(signed_before, None, old), Version(opened.signed, None))
        if last is not None and now.size < last[0].size:
            said = f"The log shows {now.size} entries; it had {last[0].size}. Entries from {now.size} on are gone."
            gone = self.memory.bundle(now.size // WIDTH).entries[now.size % WIDTH :]
            before = Version(signed_before, gone[0] if gone else None, old)
            raise self._alarm("rollback", said, now.size, before, Version(opened.signed, None, read.leaves))

    def _views(
        self, opened: Opened, leaves: Sequence[bytes], key: VerifierKey
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What the witnesses saw: two parts of the public shown two logs would be found here."""
        if self.policy is None:
            return (), ()
        compared, longer = [], []
        hash_at = hashes_of(leaves)
        for view in views(self.policy, opened.checkpoint.origin, self.patience):
            seen = view.checkpoint
            if seen.size > len(leaves):
                longer.append(view.witness)
            elif seen.size and subtree(0, seen.size, hash_at) != seen.root:
                said = f"Witness {view.witness} saw another log: its tree of {seen.size} entries is not this one's."
                other = Version(view.note, None)
                raise self._alarm("split", said, None, other, Version(opened.signed, None, leaves))
            else:
                compared.append(view.witness)
        return tuple(compared), tuple(longer)


def _first_difference(
    number: int, kept: Kept, hashes: Sequence[bytes], entries: Sequence[bytes], paths: tuple[str, str]
) -> _Difference | None:
    """The first entry of a bundle about which its hash, itself and memory do not agree, in words."""
    tile_path, path = paths
    for at, (hashed, entry) in enumerate(zip(hashes, entries, strict=True)):
        index, leaf = number * WIDTH + at, leaf_hash(entry)
        if at >= len(kept.leaves):
            if hashed != leaf:
                said = f"Entry {index} does not fit: {path} and {tile_path} disagree, and it was not seen before."
                return _Difference(index, said, None, entry)
            continue
        before = kept.leaves[at]
        if hashed == leaf == before:
            continue
        if hashed == leaf:
            said = f"Entry {index} is another one than was seen before, in {path} and in {tile_path}."
            return _Difference(index, said, kept.entries[at], entry, rehashed=True)
        if hashed == before:
            return _Difference(index, f"Entry {index} was changed in {path}.", kept.entries[at], entry)
        said = f"The hash of entry {index} was changed in {tile_path}."
        if leaf != before:
            said = f"Entry {index} was changed in {path}, and its hash in {tile_path} to yet another."
        return _Difference(index, said, kept.entries[at], entry if leaf != before else None, rehashed=True)
    return None


def watch(
    monitor: Monitor,
    wait: Callable[[], bool],
    tell: Callable[[Look | LogBroken], None],
    *,
    full_every: int,
) -> None:
    """Look again and again until told to stop; an alarm is told each time it is found, and watching goes on.

    Args:
        monitor: who looks.
        wait: waits for the next look; False ends it.
        tell: told of every look.
        full_every: so many looks read everything once; the first does.
    """
    number = 0
    while True:
        try:
            tell(monitor.look(everything=number % full_every == 0))
        except LogBroken as problem:
            tell(problem)
        number += 1
        if not wait():
            return
