"""Evidence against a log: what was signed before and what is signed now, in one file that anyone can judge."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schoolgate.errors import SchoolgateError
from schoolgate.register.note import Checkpoint, NoteError, NoteKey, open_note, parse_checkpoint, strict_base64
from schoolgate.register.tree import (
    EMPTY_ROOT,
    ProofError,
    consistency_proof,
    hashes_of,
    inclusion_proof,
    leaf_hash,
    root_hash,
    verify_consistency,
    verify_inclusion,
)

KIND = "log-evidence/1"


class NoEvidence(SchoolgateError):
    """The file does not show that a log has two histories."""


@dataclass(frozen=True, slots=True)
class Version:
    """One of two versions of a log.

    Attributes:
        signed: the signed checkpoint; empty when a file only was changed.
        entry: the entry that differs, when it is there.
        leaves: the leaf hashes of this version; empty when they are not known.
    """

    signed: str
    entry: bytes | None
    leaves: Sequence[bytes] = ()

    def told(self, index: int | None) -> dict[str, Any]:
        """As it stands in the file; with a path from the entry to the root, so that the two can be compared."""
        told: dict[str, Any] = {"checkpoint": self.signed}
        if self.entry is not None:
            told["entry"] = base64.b64encode(self.entry).decode()
            told["entry_text"] = self.entry.decode("utf-8", "replace")
        if index is not None and index < len(self.leaves):
            path = inclusion_proof(index, len(self.leaves), hashes_of(self.leaves))
            told["leaf"] = base64.b64encode(self.leaves[index]).decode()
            told["proof"] = [base64.b64encode(part).decode() for part in path]
        return told


def _prefix(before: Version, now: Version) -> dict[str, Any]:
    """The root that the smaller tree must have, with the proof that it is a beginning of the larger one."""
    try:
        size = parse_checkpoint(now.signed).size
    except NoteError:
        return {}
    if not 0 < size < len(before.leaves):
        return {}
    proof = consistency_proof(size, len(before.leaves), hashes_of(before.leaves))
    return {
        "root": base64.b64encode(root_hash(before.leaves[:size])).decode(),
        "proof": [base64.b64encode(part).decode() for part in proof],
    }


def write_evidence(kind: str, said: str, at: str, index: int | None, versions: tuple[Version, Version]) -> str:
    """The file's text, of the version before and of the one now."""
    before, now = versions
    told = {
        "schoolgate": KIND,
        "kind": kind,
        "said": said,
        "seen_at": at,
        "entry": index,
        "before": before.told(index),
        "now": now.told(index),
        "beginning": _prefix(before, now),
    }
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def _other_beginning(told: Mapping[str, Any], before: Checkpoint, now: Checkpoint) -> bool:
    """Whether the smaller tree signed now is shown not to be the beginning of the larger one signed before."""
    shown = told.get("beginning")
    if not shown or now.size >= before.size:
        return False
    root = strict_base64(shown["root"])
    proof = [strict_base64(part) for part in shown["proof"]]
    verify_consistency(now.size, before.size, proof, root, before.root)
    return root != now.root


def _leaf(side: Mapping[str, Any], checkpoint: Checkpoint, index: int) -> bytes:
    """The hash of the entry at an index, shown by its path to be in this checkpoint's tree."""
    leaf = strict_base64(side["leaf"])
    path = [strict_base64(part) for part in side["proof"]]
    verify_inclusion(leaf, index, checkpoint.size, path, checkpoint.root)
    if "entry" in side and leaf_hash(strict_base64(side["entry"])) != leaf:
        raise ProofError("The entry is not the one the path begins with.", code="proof-leaf")
    return leaf


def judge(text: str, keys: Sequence[NoteKey]) -> str:
    """What a file of evidence proves about the log with these keys.

    Two checkpoints of one log prove that it has two histories when they have one size and two roots, or when two
    different entries are shown to stand at one place, or when the smaller one is shown not to be how the other begins.

    Args:
        text: the file.
        keys: the log's keys, from a place one trusts.

    Raises:
        NoEvidence: it proves nothing.
    """
    try:
        told = json.loads(text)
        sides = [told["before"], told["now"]]
        both = [parse_checkpoint(open_note(side["checkpoint"], keys).text) for side in sides]
        if both[0].origin != both[1].origin:
            raise NoEvidence("The two checkpoints are of two logs.", code="evidence")
        if both[0].size == both[1].size and both[0].root != both[1].root:
            return f"Proven: the log signed two different trees of {both[0].size} entries."
        if any(one.size == 0 and one.root != EMPTY_ROOT for one in both):
            return "Proven: the log signed an empty tree that is not empty."
        if _other_beginning(told, *both):
            return f"Proven: the log signed a tree of {both[1].size} entries that is not how its larger one begins."
        index = told["entry"]
        first, second = (_leaf(side, one, index) for side, one in zip(sides, both, strict=True))
    except (ValueError, KeyError, TypeError, NoteError, ProofError, RecursionError):
        raise NoEvidence(
            "The file does not prove that the log has two histories.",
            hint="A file of the log may have been changed or withheld all the same; that is no signed statement.",
            code="evidence",
        ) from None
    if first == second:
        raise NoEvidence("Both versions hold the same entry there.", code="evidence")
    return f"Proven: the log signed two histories; entry {index} is one thing in the first and another in the second."
