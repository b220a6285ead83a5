"""The checkpoints a verifier has seen on earlier visits: without them a rewritten history cannot be told."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from schoolgate.register.note import Checkpoint, NoteError, VerifierKey, open_note, parse_checkpoint
from schoolgate.register.sources import LogBroken

Seen = Mapping[str, tuple[str, ...]]
"""Verifier key -> signed checkpoints, in the order in which they were seen."""


def _broken() -> LogBroken:
    return LogBroken(
        "The file of checkpoints seen before cannot be read: it was changed.",
        hint="Keep it as evidence, and name another with --state.",
        code="log-state",
    )


def recall(state: Path | None) -> Seen:
    """What was seen before.

    Raises:
        LogBroken: the file is not one that `remember` wrote.
    """
    if state is None or not state.exists():
        return {}
    try:
        kept = json.loads(state.read_bytes())
    except ValueError:
        raise _broken() from None
    if not isinstance(kept, dict) or not all(isinstance(texts, list) for texts in kept.values()):
        raise _broken()
    if not all(isinstance(text, str) for texts in kept.values() for text in texts):
        raise _broken()
    return {key: tuple(texts) for key, texts in kept.items()}


def of_this_log(seen: Seen, key: VerifierKey) -> Iterator[tuple[Checkpoint, bool]]:
    """Every checkpoint seen of the log with this name, and whether it was signed with this key.

    A log keeps its name when its key changes, and its history must continue.

    Raises:
        LogBroken: a remembered checkpoint is not what was remembered.
    """
    for text_of_key, texts in seen.items():
        try:
            signer = VerifierKey.parse(text_of_key)
            if signer.name == key.name:
                for text in texts:
                    yield parse_checkpoint(open_note(text, signer).text), signer == key
        except NoteError:
            raise _broken() from None


@contextmanager
def _alone(state: Path) -> Iterator[None]:
    state.parent.mkdir(parents=True, exist_ok=True)
    with open(state.with_name(state.name + ".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def remember(state: Path, key: VerifierKey, signed: str) -> None:
    """Add a checkpoint; a crash leaves the old file or the new one, and two verifiers lose nothing."""
    with _alone(state):
        seen = dict(recall(state))
        before = seen.get(str(key), ())
        if signed in before:
            return
        seen[str(key)] = (*before, signed)
        fresh = state.with_name(state.name + ".new")
        with open(fresh, "w", encoding="utf-8") as file:
            json.dump(seen, file, indent=1, ensure_ascii=False)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, state)
