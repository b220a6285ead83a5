"""The register: the public log of what was asked, decided, released and destroyed, in a form anyone can check.

RFC 6962 tree; C2SP tlog-tiles, signed-note, tlog-checkpoint and tlog-proof. The pure half of this surface
works without Django.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schoolgate.register.cosign import COSIGNATURE_V1, SUBTREE_V1, Cosigner, CosignerKey
from schoolgate.register.event_types import EVENT_TYPES
from schoolgate.register.evidence import NoEvidence, judge
from schoolgate.register.members import (
    MemberCommitment,
    MemberTop,
    commit_members,
    leaves_of,
    member_leaf,
    verify_member,
)
from schoolgate.register.memory import Memory
from schoolgate.register.monitor import Alarm, Look, Monitor, watch
from schoolgate.register.note import (
    Checkpoint,
    Note,
    NoteError,
    NoteKey,
    SignatureLine,
    Signer,
    VerifierKey,
    open_note,
    parse_checkpoint,
    sign_note,
    split_note,
    strict_base64,
)
from schoolgate.register.sources import LogBroken, NotThere, Source, open_source, read_tile_of
from schoolgate.register.subtrees import WORTH_IT, Beside, HashingStopped, processes
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
from schoolgate.register.trust import NotEnough, PolicyRefused, TrustPolicy, parse_policy
from schoolgate.register.verify import LogReport, verify_log
from schoolgate.register.views import View, views
from schoolgate.register.vocabulary import (
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
        ClockBackwards,
        Event,
        LogAhead,
        NotPublished,
        append_event,
        bodies,
        event,
        events,
        events_from,
        histories,
        hold_log,
        log_size,
        totals,
    )
    from schoolgate.register.keys import KeyLost, choose_name, log_name, signer, verifier_key
    from schoolgate.register.proving import check_journal, cosigners, receipt_proof
    from schoolgate.register.publisher import LogNotWritten, NotWitnessed, publish, published, witness_policy
    from schoolgate.register.rotation import (
        correct_clock,
        next_key,
        replace_lost_key,
        retire_key,
        rotate_key,
        set_witnesses,
    )

_STATEFUL = {
    "journal": (
        "ClockBackwards", "Event", "LogAhead", "NotPublished", "append_event", "bodies", "event", "events",
        "events_from", "histories", "hold_log", "log_size", "totals",
    ),
    "keys": ("KeyLost", "choose_name", "log_name", "signer", "verifier_key"),
    "proving": ("check_journal", "cosigners", "receipt_proof"),
    "publisher": ("LogNotWritten", "NotWitnessed", "publish", "published", "witness_policy"),
    "rotation": ("correct_clock", "next_key", "replace_lost_key", "retire_key", "rotate_key", "set_witnesses"),
}  # fmt: skip

__all__ = [
    "COSIGNATURE_V1",
    "EMPTY_ROOT",
    "EVENT_TYPES",
    "SUBTREE_V1",
    "WORTH_IT",
    "Alarm",
    "Beside",
    "Checkpoint",
    "ClockBackwards",
    "Cosigner",
    "CosignerKey",
    "Event",
    "EventRefused",
    "HashingStopped",
    "KeyLost",
    "LogAhead",
    "LogBroken",
    "LogNotWritten",
    "LogReport",
    "Look",
    "MemberCommitment",
    "MemberTop",
    "Memory",
    "Monitor",
    "NoEvidence",
    "NotEnough",
    "NotPublished",
    "NotThere",
    "NotWitnessed",
    "Note",
    "NoteError",
    "NoteKey",
    "PolicyRefused",
    "ProofError",
    "SignatureLine",
    "Signer",
    "Source",
    "Tile",
    "TileError",
    "TrustPolicy",
    "VerifierKey",
    "View",
    "append_event",
    "bodies",
    "canonical",
    "check_journal",
    "choose_name",
    "commit_members",
    "consistency_proof",
    "correct_clock",
    "cosigners",
    "decode_entries",
    "describe",
    "encode_entries",
    "event",
    "event_body",
    "events",
    "events_from",
    "hashes_of",
    "histories",
    "hold_log",
    "inclusion_proof",
    "judge",
    "leaf_hash",
    "leaves_of",
    "log_name",
    "log_size",
    "member_leaf",
    "next_key",
    "node_hash",
    "open_note",
    "open_source",
    "parse_checkpoint",
    "parse_path",
    "parse_policy",
    "processes",
    "publish",
    "published",
    "read_tile_of",
    "receipt_proof",
    "replace_lost_key",
    "result_hash",
    "retire_key",
    "root_hash",
    "rotate_key",
    "round_count",
    "set_witnesses",
    "sign_note",
    "signer",
    "split_note",
    "strict_base64",
    "tiles_for",
    "title",
    "totals",
    "verifier_key",
    "verify_consistency",
    "verify_inclusion",
    "verify_log",
    "verify_member",
    "views",
    "watch",
    "witness_policy",
]

__getattr__ = lazy_surface(__name__, {name: module for module, names in _STATEFUL.items() for name in names})
