"""C2SP tlog-policy: which logs and witnesses are known, and which cosignatures are enough."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from schoolgate.errors import SchoolgateError
from schoolgate.register.cosign import CosignerKey
from schoolgate.register.note import Checkpoint, NoteError, NoteKey, VerifierKey, open_note, parse_checkpoint

NOBODY = "none"
"""The quorum that asks for no cosignature; no witness or group may have this name."""

LARGEST_POLICY = 1 << 20


class PolicyRefused(SchoolgateError):
    """A policy file that is malformed. The text names the line."""


class NotEnough(SchoolgateError):
    """A checkpoint without the cosignatures that the policy asks for."""


@dataclass(frozen=True, slots=True)
class KnownLog:
    """A log whose checkpoints are accepted."""

    key: VerifierKey
    url: str = ""


@dataclass(frozen=True, slots=True)
class KnownWitness:
    """A witness: what the policy calls it, its key, and where it takes checkpoints (its submission prefix)."""

    name: str
    key: CosignerKey
    url: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """So many of these members must have cosigned; a member is a witness or another group."""

    needed: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrustPolicy:
    """A policy as read from its file."""

    logs: tuple[KnownLog, ...]
    witnesses: tuple[KnownWitness, ...]
    groups: Mapping[str, Group]
    quorum: str

    def met_by(self, keys: Collection[NoteKey]) -> bool:
        """Whether these keys' cosignatures are enough."""
        return self.quorum == NOBODY or self._has(self.quorum, {(key.name, key.id) for key in keys})

    def _has(self, name: str, signed: set[tuple[str, bytes]]) -> bool:
        group = self.groups.get(name)
        if group is not None:
            return sum(self._has(member, signed) for member in group.members) >= group.needed
        return any((one.key.name, one.key.id) in signed for one in self.witnesses if one.name == name)

    def in_words(self) -> str:
        """The quorum as a person reads it."""
        return "no cosignature is asked for" if self.quorum == NOBODY else self._words(self.quorum)

    def _words(self, name: str) -> str:
        group = self.groups.get(name)
        if group is None:
            return name
        parts = [f"({self._words(one)})" if one in self.groups else one for one in group.members]
        return parts[0] if len(parts) == 1 else f"{group.needed} of {', '.join(parts)}"

    def open(self, signed: str | bytes, keys: Iterable[VerifierKey] = ()) -> tuple[Checkpoint, tuple[str, ...]]:
        """Check a checkpoint: signed by a known log under its own name, and cosigned as the policy asks.

        Args:
            signed: the checkpoint.
            keys: log keys known from elsewhere, beside the policy's.

        Returns:
            The checkpoint, and the policy's names of the witnesses that cosigned it.

        Raises:
            NoteError: malformed, wrongly signed, or not by a known log.
            NotEnough: the cosignatures are not enough.
        """
        logs = [*keys, *(log.key for log in self.logs)]
        checkpoint = parse_checkpoint(signed)
        own = [key for key in logs if key.name == checkpoint.origin]
        note = open_note(signed, [*own, *(one.key for one in self.witnesses)])
        if not any(key in own for key in note.keys):
            raise NoteError("None of the known logs signed this checkpoint.", code="note-unsigned")
        names = tuple(one.name for one in self.witnesses if one.key in note.keys)
        if not self.met_by(note.keys):
            seen = ", ".join(names) or "nobody"
            raise NotEnough(
                f"The checkpoint is not cosigned as the policy asks: {self.in_words()} needed, {seen} cosigned.",
                hint="Do not trust it: the log's keeper may show you another log than everybody else.",
                code="log-quorum",
            )
        return checkpoint, names


@dataclass(slots=True)
class _Reading:
    """What has been read so far, line by line."""

    logs: list[KnownLog]
    witnesses: list[KnownWitness]
    groups: dict[str, Group]
    taken: set[str]
    quorum: str | None = None

    def known(self, name: str) -> bool:
        return name in self.groups or any(one.name == name for one in self.witnesses)

    def new_name(self, name: str) -> str:
        if name == NOBODY or self.known(name):
            raise ValueError("this name is taken")
        return name

    def log(self, words: list[str]) -> None:
        if not 1 <= len(words) <= 2:
            raise ValueError("a log has a key and maybe an address")
        key = VerifierKey.parse(words[0])
        if any(one.key.public == key.public for one in self.logs):
            raise ValueError("this log's key is there already")
        self.logs.append(KnownLog(key, words[1] if len(words) > 1 else ""))

    def witness(self, words: list[str]) -> None:
        if not 2 <= len(words) <= 3:
            raise ValueError("a witness has a name, a key and maybe an address")
        name, key = self.new_name(words[0]), CosignerKey.parse(words[1])
        if any(one.key.public == key.public for one in self.witnesses):
            raise ValueError("this witness's key is there already")
        self.witnesses.append(KnownWitness(name, key, words[2] if len(words) > 2 else ""))

    def group(self, words: list[str]) -> None:
        if len(words) < 3:
            raise ValueError("a group has a name, a threshold and members")
        name, members = self.new_name(words[0]), words[2:]
        if not all(self.known(member) for member in members) or NOBODY in members:
            raise ValueError("a member is not defined above")
        if len(set(members)) != len(members) or self.taken & set(members):
            raise ValueError("a member counts once only")
        everyone = {"any": 1, "all": len(members)}
        if words[1] not in everyone and not re.fullmatch(r"[1-9][0-9]{0,5}", words[1], re.ASCII):
            raise ValueError("the threshold is any, all or a number")
        needed = everyone.get(words[1]) or int(words[1])
        if needed > len(members):
            raise ValueError("the threshold is larger than the group")
        self.taken |= set(members)
        self.groups[name] = Group(needed, tuple(members))

    def decide(self, words: list[str]) -> None:
        if len(words) != 1 or self.quorum is not None:
            raise ValueError("there is one quorum, and it is one name")
        if words[0] != NOBODY and not self.known(words[0]):
            raise ValueError("the quorum is not defined above")
        self.quorum = words[0]


def parse_policy(data: bytes | str) -> TrustPolicy:
    """Read a policy file.

    Raises:
        PolicyRefused: malformed; the text names the line.
    """
    raw = data.encode("utf-8", "surrogateescape") if isinstance(data, str) else data
    if len(raw) > LARGEST_POLICY or any((byte < 0x20 and byte not in (0x09, 0x0A)) or byte == 0x7F for byte in raw):
        raise PolicyRefused("The policy is too long or holds a control character.", code="policy-form")
    reading = _Reading([], [], {}, set())
    # Octets above 0x7F are opaque (tlog-policy, "Character set"): surrogates carry those that are not UTF-8.
    for number, line in enumerate(raw.decode("utf-8", "surrogateescape").split("\n"), start=1):
        words = re.split(r"[ \t]+", line.strip(" \t"))
        if words == [""] or words[0].startswith("#"):
            continue
        of = {"log": reading.log, "witness": reading.witness, "group": reading.group, "quorum": reading.decide}
        try:
            if words[0] not in of:
                raise ValueError("a line begins log, witness, group or quorum")
            of[words[0]](words[1:])
        except NoteError as error:
            raise PolicyRefused(f"Line {number} of the policy: {error.what}", code="policy-form") from None
        except ValueError as error:
            raise PolicyRefused(f"Line {number} of the policy: {error}.", code="policy-form") from None
    if reading.quorum is None:
        raise PolicyRefused("The policy names no quorum.", hint="Add a line: quorum NAME", code="policy-form")
    return TrustPolicy(tuple(reading.logs), tuple(reading.witnesses), reading.groups, reading.quorum)
