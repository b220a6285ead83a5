"""C2SP tlog-cosignature: a witness's statement, with the time, that a checkpoint continues what it saw before."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from schoolgate.register.note import NoteError, check_name, parse_checkpoint, split_key, strict_base64

COSIGNATURE_V1 = 0x04
"""Timestamped Ed25519 cosignatures (signed-note, "Signature types")."""

SUBTREE_V1 = 0x06
"""Timestamped ML-DSA-44 cosignatures; they are over the whole tree here, never over a part of it."""

_KEY_LENGTH = {COSIGNATURE_V1: 32, SUBTREE_V1: 1312}
_SIGNATURE_LENGTH = {COSIGNATURE_V1: 64, SUBTREE_V1: 2420}
_SEED = 32


def _message(kind: int, name: str, text: str, time: int) -> bytes:
    """What is signed: for Ed25519 two lines before the text, for ML-DSA-44 a structure made from it."""
    if kind == COSIGNATURE_V1:
        return f"cosignature/v1\ntime {time}\n{text}".encode()
    checkpoint = parse_checkpoint(text)
    parts = [b"subtree/v1\n\x00"]
    for part in (name.encode(), None, checkpoint.origin.encode()):
        if part is None:
            parts.append(time.to_bytes(8, "big"))
        elif not 1 <= len(part) <= 255:
            raise NoteError("A name is too long to be cosigned.", code="note-name")
        else:
            parts.append(bytes([len(part)]) + part)
    return b"".join(parts) + bytes(8) + checkpoint.size.to_bytes(8, "big") + checkpoint.root


@dataclass(frozen=True, slots=True)
class CosignerKey:
    """A witness's public key with its name, written as a verifier key.

    Attributes:
        name: the witness's name.
        public: the key itself.
        kind: which signature, `COSIGNATURE_V1` or `SUBTREE_V1`.
    """

    name: str
    public: bytes = field(repr=False)
    kind: int = COSIGNATURE_V1

    def __post_init__(self) -> None:
        """Refuse what no key can be.

        Raises:
            NoteError: a name with a space or plus sign, an unknown kind, or a key of another length.
        """
        check_name(self.name)
        if len(self.public) != _KEY_LENGTH.get(self.kind, -1):
            raise NoteError("A witness's key is Ed25519 or ML-DSA-44.", code="note-key")

    @classmethod
    def parse(cls, text: str) -> CosignerKey:
        """Read a verifier key of a witness.

        Raises:
            NoteError: malformed, another signature type, or an id that is not this key's.
        """
        name, _, data = split_key(text)
        if not data or data[0] not in _KEY_LENGTH:
            raise NoteError("This is not the key of a witness: its type is not 04 or 06.", code="note-key")
        key = cls(name, data[1:], data[0])
        if str(key) != text.strip():
            raise NoteError("The key's id does not belong to it.", code="note-key")
        return key

    @property
    def id(self) -> bytes:
        """The key's four-byte id."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(bytes([self.kind]) + self.public).decode()}"

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature is this witness's over a checkpoint's text, with a time in it."""
        if len(signature) != 8 + _SIGNATURE_LENGTH[self.kind]:
            return False
        time = int.from_bytes(signature[:8], "big")
        if not 0 < time < 2**63:  # a tree without a time is no statement about the log's newest state
            return False
        try:
            signed = _message(self.kind, self.name, message.decode(), time)
            if self.kind == COSIGNATURE_V1:
                Ed25519PublicKey.from_public_bytes(self.public).verify(signature[8:], signed)
            else:
                MLDSA44PublicKey.from_public_bytes(self.public).verify(signature[8:], signed)
        except (InvalidSignature, NoteError, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class Cosigner:
    """A witness's private key with its name.

    Attributes:
        name: the witness's name.
        secret: the 32-byte seed.
        kind: which signature it makes.
    """

    name: str
    secret: bytes = field(repr=False)
    kind: int = COSIGNATURE_V1

    def __post_init__(self) -> None:
        """Refuse what no key can be.

        Raises:
            NoteError: a name with a space or plus sign, an unknown kind, or a seed of another length.
        """
        check_name(self.name)
        if self.kind not in _KEY_LENGTH or len(self.secret) != _SEED:
            raise NoteError("A witness's key is made from a seed of 32 bytes.", code="note-key")

    @classmethod
    def parse(cls, text: str) -> Cosigner:
        """Read a signer key, written ``PRIVATE+KEY+name+hex(id)+base64(type and seed)``.

        Raises:
            NoteError: malformed.
        """
        parts = text.strip().split("+", 4)
        data = strict_base64(parts[4]) if len(parts) == 5 and parts[:2] == ["PRIVATE", "KEY"] else b""
        if not data:
            raise NoteError("A signer key begins PRIVATE+KEY.", code="note-key")
        signer = cls(parts[2], data[1:], data[0])
        if str(signer) != text.strip():
            raise NoteError("The key's id does not belong to it.", code="note-key")
        return signer

    def __str__(self) -> str:
        seed = base64.b64encode(bytes([self.kind]) + self.secret).decode()
        return f"PRIVATE+KEY+{self.name}+{self.verifier.id.hex()}+{seed}"

    @property
    def verifier(self) -> CosignerKey:
        """The public half."""
        if self.kind == COSIGNATURE_V1:
            public = Ed25519PrivateKey.from_private_bytes(self.secret).public_key().public_bytes_raw()
        else:
            public = MLDSA44PrivateKey.from_seed_bytes(self.secret).public_key().public_bytes_raw()
        return CosignerKey(self.name, public, self.kind)

    def cosign(self, text: str, time: int) -> str:
        """The signature line over a checkpoint's text at a time in seconds since 1970.

        Raises:
            NoteError: not a checkpoint, or a time that cannot be written.
        """
        parse_checkpoint(text)
        if not 0 < time < 2**63:
            raise NoteError("A cosignature has a time.", code="note-time")
        message = _message(self.kind, self.name, text, time)
        if self.kind == COSIGNATURE_V1:
            signature = Ed25519PrivateKey.from_private_bytes(self.secret).sign(message)
        else:
            signature = MLDSA44PrivateKey.from_seed_bytes(self.secret).sign(message)
        joined = self.verifier.id + time.to_bytes(8, "big") + signature
        return f"— {self.name} {base64.b64encode(joined).decode()}\n"
