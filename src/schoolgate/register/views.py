"""What a log's witnesses saw of it: whoever holds less, or something else, holds another history."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from schoolgate.register.note import Checkpoint, NoteError, open_note, parse_checkpoint
from schoolgate.register.sources import LARGEST_CHECKPOINT, Address, LogBroken
from schoolgate.register.trust import TrustPolicy


@dataclass(frozen=True, slots=True)
class View:
    """The newest checkpoint one witness has cosigned: its name in the policy, the checkpoint, and the note as sent."""

    witness: str
    checkpoint: Checkpoint
    note: str


def views(policy: TrustPolicy, origin: str, patience: float) -> Iterator[View]:
    """Ask every witness of a policy that has a web address; one that is not up, or has seen nothing, is left out.

    Args:
        policy: names the witnesses.
        origin: the log's name.
        patience: seconds to wait for each.
    """
    path = f"{hashlib.sha256(origin.encode()).hexdigest()}/checkpoint"
    for witness in policy.witnesses:
        if not witness.url.startswith(("http://", "https://")):
            continue
        try:
            raw = Address(witness.url, patience).read(path, LARGEST_CHECKPOINT)
            seen = parse_checkpoint(open_note(raw, witness.key).text)
        except (LogBroken, NoteError):
            continue  # the quorum says whether that matters
        if seen.origin == origin:
            yield View(witness.name, seen, raw.decode("utf-8", "replace"))
