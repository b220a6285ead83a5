"""How the machinery stands: who watches the log and what they saw, what waits in the queue, reads not sealed yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from schoolgate import register, work
from schoolgate.clock import Clock
from schoolgate.config import Config

PATIENCE = 1.0
"""Seconds for which a page waits for each witness."""

_LOOKED_AT = 2_000
"""Newest reads looked at to name those that are not sealed; all are counted."""

_BUNDLE = 256


@dataclass(frozen=True, slots=True)
class WitnessSeen:
    """One witness of the log.

    Attributes:
        state: ``well``, ``behind``, ``silent`` (it did not answer, or has no address), ``disagrees``.
        signed_at: when it cosigned the checkpoint that is published; None when it did not.
        size: how many entries it has seen, as it says itself; None when it did not answer.
    """

    name: str
    state: str
    signed_at: datetime | None
    size: int | None


@dataclass(frozen=True, slots=True)
class Health:
    """How the machinery stands.

    Attributes:
        size: entries there are.
        published: entries under the published checkpoint; 0 when there is none.
        quorum: whose word is needed, in words; empty when the policy is not known here.
        is_met: whether the published checkpoint has it.
        cosigned_by: the names below the checkpoint, where no policy says who they should be.
        unsealed: reads whose list of pupils is not sealed, with the day they began, oldest first: of the newest reads.
        unsealed_count: how many there are in all.
        queue: how the queue stands.
    """

    size: int
    published: int
    quorum: str
    is_met: bool
    witnesses: tuple[WitnessSeen, ...]
    cosigned_by: tuple[str, ...]
    unsealed: tuple[tuple[str, str], ...]
    queue: work.Status
    unsealed_count: int = 0

    @property
    def is_watched(self) -> bool:
        """Whether anybody beside the custodian signs what is published: without that two logs could be shown."""
        return bool(self.witnesses or self.cosigned_by)

    @property
    def is_idle(self) -> bool:
        """Whether something waits and no worker lives to do it."""
        return self.queue.waiting > 0 and self.queue.workers == 0

    @property
    def older_unsealed(self) -> int:
        """How many reads are not sealed beside those named."""
        return max(0, self.unsealed_count - len(self.unsealed))

    @property
    def is_well(self) -> bool:
        """Whether nobody has to act."""
        return (
            self.is_met
            and not any(one.state == "disagrees" for one in self.witnesses)
            and not self.queue.failed
            and not self.is_idle
            and not self.older_unsealed
            and self.published == self.size
        )


def _root_at(size: int, config: Config) -> bytes:
    """The root of the published log's first entries, from its level of leaf hashes."""
    found = register.open_source(str(config.log), PATIENCE)
    published = register.parse_checkpoint(register.split_note((config.log / "checkpoint").read_bytes())[0]).size
    leaves: list[bytes] = []
    for number in range((size + _BUNDLE - 1) // _BUNDLE):
        width = min(_BUNDLE, published - number * _BUNDLE)
        _, data = register.read_tile_of(found, register.Tile(0, number, width))
        leaves += [data[at : at + 32] for at in range(0, len(data), 32)]
    return register.root_hash(leaves[:size]) if size else register.EMPTY_ROOT


def _compared(view: register.View, published: int, config: Config) -> str:
    """What a witness's own view says of the log that is published here."""
    seen = view.checkpoint
    try:
        if seen.size > published or _root_at(seen.size, config) != seen.root:
            return "disagrees"
    except (register.LogBroken, OSError):
        return "disagrees"  # the log itself cannot show that it continues what the witness saw
    return "well" if seen.size == published else "behind"


def _signed_at(lines: Sequence[register.SignatureLine], key: register.CosignerKey) -> datetime | None:
    """The time in a witness's cosignature (C2SP tlog-cosignature: eight bytes before the signature)."""
    for line in lines:
        if line.is_of(key) and len(line.signature) > 8:
            return datetime.fromtimestamp(int.from_bytes(line.signature[:8], "big"), UTC)
    return None


@dataclass(frozen=True, slots=True)
class _Watched:
    published: int = 0
    quorum: str = ""
    is_met: bool = True
    witnesses: tuple[WitnessSeen, ...] = ()
    cosigned_by: tuple[str, ...] = ()


def _watched(config: Config) -> _Watched:
    try:
        raw = (config.log / "checkpoint").read_bytes()
        body, lines = register.split_note(raw)
        checkpoint = register.parse_checkpoint(body)
    except (OSError, register.NoteError):
        return _Watched(is_met=False)
    others = tuple(dict.fromkeys(line.name for line in lines if line.name != checkpoint.origin))
    try:
        policy = register.witness_policy(config)
    except (OSError, register.PolicyRefused):
        policy = None  # a face of another user does not read the gate's files
    if policy is None:
        return _Watched(checkpoint.size, cosigned_by=others)
    try:
        signed = register.open_note(raw, [one.key for one in policy.witnesses]).keys
    except register.NoteError:
        signed = ()  # none of them signed
    said = {view.witness: view for view in register.views(policy, checkpoint.origin, PATIENCE)}
    witnesses = tuple(
        WitnessSeen(
            name=one.name,
            state=_compared(said[one.name], checkpoint.size, config) if one.name in said else "silent",
            signed_at=_signed_at(lines, one.key) if one.key in signed else None,
            size=said[one.name].checkpoint.size if one.name in said else None,
        )
        for one in policy.witnesses
    )
    return _Watched(checkpoint.size, policy.in_words(), policy.met_by(signed), witnesses, others)


def _unsealed() -> tuple[tuple[str, str], ...]:
    begun = register.events(type="release.begun", limit=_LOOKED_AT)
    settled = {str(one.body.get("release")) for one in register.events(type="release.settled", limit=2 * _LOOKED_AT)}
    return tuple((one.subject, str(one.body["at"])) for one in reversed(begun) if one.subject not in settled)


def health(config: Config, clock: Clock, queue: work.Status | None = None) -> Health:
    """How the machinery stands now. Witnesses with an address are asked; nothing is changed.

    Args:
        config: the installation.
        clock: the time.
        queue: how the queue stands, where this process may not look at it itself; None to look.
    """
    watched, counted = _watched(config), register.totals()
    return Health(
        size=register.log_size(),
        published=watched.published,
        quorum=watched.quorum,
        is_met=watched.is_met,
        witnesses=watched.witnesses,
        cosigned_by=watched.cosigned_by,
        unsealed=_unsealed(),
        queue=work.status(clock) if queue is None else queue,
        unsealed_count=max(0, counted.get("release.begun", 0) - counted.get("release.settled", 0)),
    )
