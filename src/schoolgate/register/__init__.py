"""The register: the public log of what was asked, decided, released and destroyed, in a form anyone can check.

RFC 6962 tree; C2SP tlog-tiles, signed-note, tlog-checkpoint and tlog-proof. The pure half of this surface
works without Django.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schoolgate.register.members import MemberCommitment, commit_members, member_leaf, verify_member
from schoolgate.register.note import (
    Checkpoint,
    Note,
    NoteError,
    Signer,
    VerifierKey,
    open_note,
    parse_checkpoint,
    sign_note,
)
from schoolgate.register.sources import LogBroken
from schoolgate.register.tiles import Tile, TileError, decode_entries, encode_entries, parse_path, tiles_for
from schoolgate.register.tree import (
    EMPTY_ROOT,
    ProofError,
    consistency_proof,
    hashes_of,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_hash,
    verify_consistency,
    verify_inclusion,
)
from schoolgate.register.verify import LogReport, verify_log
from schoolgate.register.vocabulary import (
    EVENT_TYPES,
    EventRefused,
    canonical,
    describe,
    event_body,
    result_hash,
    round_count,
    title,
)
from schoolgate.surface import lazy_surface

if TYPE_CHECKING:
    from schoolgate.register.journal import (
        ORIGIN,
        Event,
        LogAhead,
        NotPublished,
        append_event,
        check_journal,
        event,
        events,
        log_size,
        publish,
        published,
        receipt_proof,
        signer,
        totals,
        verifier_key,
    )

_JOURNAL = (
    "ORIGIN", "Event", "LogAhead", "NotPublished", "append_event", "check_journal", "event", "events", "log_size",
    "publish", "published", "receipt_proof", "signer", "totals", "verifier_key",
)  # fmt: skip

__all__ = [
    "EMPTY_ROOT",
    "EVENT_TYPES",
    "ORIGIN",
    "Checkpoint",
    "Event",
    "EventRefused",
    "LogAhead",
    "LogBroken",
    "LogReport",
    "MemberCommitment",
    "NotPublished",
    "Note",
    "NoteError",
    "ProofError",
    "Signer",
    "Tile",
    "TileError",
    "VerifierKey",
    "append_event",
    "canonical",
    "check_journal",
    "commit_members",
    "consistency_proof",
    "decode_entries",
    "describe",
    "encode_entries",
    "event",
    "event_body",
    "events",
    "hashes_of",
    "inclusion_proof",
    "leaf_hash",
    "log_size",
    "member_leaf",
    "node_hash",
    "open_note",
    "parse_checkpoint",
    "parse_path",
    "publish",
    "published",
    "receipt_proof",
    "result_hash",
    "root_hash",
    "round_count",
    "sign_note",
    "signer",
    "tiles_for",
    "title",
    "totals",
    "verifier_key",
    "verify_consistency",
    "verify_inclusion",
    "verify_log",
    "verify_member",
]

__getattr__ = lazy_surface(__name__, dict.fromkeys(_JOURNAL, "journal"))
