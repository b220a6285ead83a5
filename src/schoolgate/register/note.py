"""C2SP signed-note and tlog-checkpoint: signed text, and the log's statement of its size and root."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from schoolgate.errors import SchoolgateError

ED25519 = 0x01
MAX_SIGNATURES = 100
"""A note with more is refused unread: signed-note asks for a limit of at least 16, sumdb/note takes 100."""


class NoteKey(Protocol):
    """A key that can have signed a note: the log's own, or a cosigner's (`cosign`)."""

    @property
    def name(self) -> str:
        """The key's name."""
        ...

    @property
    def id(self) -> bytes:
        """The key's four-byte id."""
        ...

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature is this key's over a note's text."""
        ...


_SIGNATURE_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")


class NoteError(SchoolgateError):
    """A note, key or checkpoint that is malformed or whose signature is wrong."""


def strict_base64(text: str) -> bytes:
    """Strict base64.

    Raises:
        NoteError: malformed.
    """
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NoteError("A base64 value is malformed.", code="note-base64") from None


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """Four bytes that hint at a key: SHA-256 of name, newline, signature type and public key."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def check_name(name: str) -> None:
    """Refuse what cannot name a key.

    Raises:
        NoteError: empty, or with a space or plus sign.
    """
    if not name or re.search(r"[\s+]", name) or _text(name) != name or "\n" in name:
        raise NoteError("A key's name is not empty and has no space or plus sign.", code="note-name")


def _check_length(key: bytes) -> None:
    if not isinstance(key, bytes) or len(key) != 32:
        raise NoteError("An Ed25519 key is 32 bytes long.", code="note-key")


def split_key(text: str) -> tuple[str, str, bytes]:
    """A verifier key's name, its id as written, and its bytes, the first of which is its type.

    Raises:
        NoteError: it is not written as one.
    """
    parts = text.strip().split("+", 2)
    if len(parts) != 3 or not re.fullmatch(r"[0-9a-f]{8}", parts[1]):
        raise NoteError("A verifier key is written name+id+key.", code="note-key")
    return parts[0], parts[1], strict_base64(parts[2])


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with its name, written ``name+hex(id)+base64(type and key)``."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        """Refuse what no key can be.

        Raises:
            NoteError: a name with a space or plus sign, or a key of another length.
        """
        check_name(self.name)
        _check_length(self.public)

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Read a verifier key.

        Raises:
            NoteError: malformed, another signature type, or an id that is not this key's.
        """
        name, written_id, data = split_key(text)
        if len(data) != 33 or data[0] != ED25519:
            raise NoteError("Only Ed25519 keys can be used here.", code="note-key")
        key = cls(name, data[1:])
        if key.id.hex() != written_id:
            raise NoteError("The key's id does not belong to it.", code="note-key")
        return key

    @property
    def id(self) -> bytes:
        """The key's four-byte id."""
        return key_id(self.name, ED25519, self.public)

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(bytes([ED25519]) + self.public).decode()}"

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature is this key's over the message."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key with its name.

    Attributes:
        name: the key's name.
        secret: 32 bytes.
    """

    name: str
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what no key can be.

        Raises:
            NoteError: a name with a space or plus sign, or a key of another length.
        """
        check_name(self.name)
        _check_length(self.secret)

    @classmethod
    def parse(cls, text: str) -> Signer:
        """Read a signer key, written ``PRIVATE+KEY+name+hex(id)+base64(type and seed)``.

        Raises:
            NoteError: malformed.
        """
        parts = text.strip().split("+", 4)
        if len(parts) != 5 or parts[:2] != ["PRIVATE", "KEY"]:
            raise NoteError("A signer key begins PRIVATE+KEY.", code="note-key")
        data = strict_base64(parts[4])
        if len(data) != 33 or data[0] != ED25519:
            raise NoteError("Only Ed25519 keys can be used here.", code="note-key")
        signer = cls(parts[2], data[1:])
        if signer.verifier.id.hex() != parts[3]:
            raise NoteError("The key's id does not belong to it.", code="note-key")
        return signer

    @property
    def verifier(self) -> VerifierKey:
        """The public half."""
        return VerifierKey(self.name, Ed25519PrivateKey.from_private_bytes(self.secret).public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """The Ed25519 signature of a message."""
        return Ed25519PrivateKey.from_private_bytes(self.secret).sign(message)


@dataclass(frozen=True, slots=True)
class Note:
    """An opened note: its text, and the keys whose signatures were checked, each once."""

    text: str
    keys: tuple[NoteKey, ...]

    @property
    def signed_by(self) -> tuple[str, ...]:
        """The names of those keys."""
        return tuple(dict.fromkeys(key.name for key in self.keys))


def _text(value: str | bytes) -> str:
    if isinstance(value, bytes):
        try:
            value = value.decode("utf-8")
        except UnicodeDecodeError:
            raise NoteError("A note is UTF-8 text.", code="note-utf8") from None
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise NoteError("A note is UTF-8 text.", code="note-utf8")
    if any(letter < " " and letter != "\n" for letter in value):
        raise NoteError("A note has no control characters but newlines.", code="note-control")
    return value


def sign_note(text: str | bytes, signer: Signer | str, *more: Signer | str) -> str:
    """Sign a text, which ends with a newline.

    Raises:
        NoteError: a text that cannot be a note.
    """
    body = _text(text)
    if not body.endswith("\n"):
        raise NoteError("A note's text ends with a newline.", code="note-newline")
    lines = []
    for one in (signer, *more):
        key = Signer.parse(one) if isinstance(one, str) else one
        joined = key.verifier.id + key.sign(body.encode())
        lines.append(f"— {key.name} {base64.b64encode(joined).decode()}\n")
    return f"{body}\n{''.join(lines)}"


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One line below a note, as it stands there; nothing about it has been checked."""

    name: str
    key_id: bytes
    signature: bytes
    text: str

    def is_of(self, key: NoteKey) -> bool:
        """Whether it names this key; name and id together do (signed-note, "Signatures")."""
        return self.name == key.name and self.key_id == key.id


def split_note(text: str | bytes) -> tuple[str, tuple[SignatureLine, ...]]:
    """A note's text and its signature lines; signatures are not checked here.

    Raises:
        NoteError: malformed.
    """
    whole = _text(text)
    at = whole.rfind("\n\n")
    if at < 0 or not whole.endswith("\n"):
        raise NoteError("The note has no signatures.", code="note-form")
    body, signatures = whole[: at + 1], whole[at + 2 :]
    lines = signatures.removesuffix("\n").split("\n")
    if not signatures or len(lines) > MAX_SIGNATURES:
        raise NoteError("The note has no signatures, or more than a hundred.", code="note-form")
    return body, tuple(_signature_lines(lines))


def _signature_lines(lines: list[str]) -> Iterator[SignatureLine]:
    for line in lines:
        found = _SIGNATURE_LINE.fullmatch(line)
        if found is None:
            raise NoteError("A signature line is malformed.", code="note-form")
        data = strict_base64(found.group(2))
        # Decoding drops the unused bits of the last character; a line that differs in them is not the line signed.
        if len(data) < 5 or base64.b64encode(data).decode() != found.group(2):
            raise NoteError("A signature line is malformed.", code="note-form")
        yield SignatureLine(found.group(1), data[:4], data[4:], f"{line}\n")


def open_note(text: str | bytes, verifier_keys: Iterable[NoteKey | str] | NoteKey | str) -> Note:
    """Check a signed note: at least one known key signed it, and no known key's signature is wrong.

    Signatures of unknown keys are ignored (signed-note, "Verification"). A key given as text is a log's.

    Raises:
        NoteError: malformed, wrongly signed, or not signed by any key given.
    """
    body, lines = split_note(text)
    given: Iterable[NoteKey | str]
    if isinstance(verifier_keys, str) or not isinstance(verifier_keys, Iterable):
        given = [verifier_keys]
    else:
        given = verifier_keys
    keys = [VerifierKey.parse(key) if isinstance(key, str) else key for key in given]
    good: dict[tuple[str, bytes], NoteKey] = {}
    for line in lines:
        for key in keys:
            if line.is_of(key):
                if not key.verify(body.encode(), line.signature):
                    raise NoteError("A signature does not fit the note: it was changed.", code="note-signature")
                good[key.name, key.id] = key
    if not good:
        raise NoteError("None of the known keys signed this note.", code="note-unsigned")
    return Note(body, tuple(good.values()))


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's statement: at `size` entries its root is `root`."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def body(self) -> str:
        """The text that is signed (C2SP tlog-checkpoint)."""
        extra = "".join(f"{line}\n" for line in self.extensions)
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n{extra}"


def parse_checkpoint(text: str | bytes) -> Checkpoint:
    """Read a checkpoint's text, with or without its signatures; signatures are not checked here.

    Raises:
        NoteError: malformed.
    """
    whole = _text(text)
    body = whole[: whole.rfind("\n\n") + 1] if "\n\n" in whole else whole
    if not body.endswith("\n"):
        raise NoteError("A checkpoint ends with a newline.", code="checkpoint-form")
    lines = body[:-1].split("\n")
    if len(lines) < 3 or not lines[0] or not all(lines[3:]):
        raise NoteError("A checkpoint has an origin, a size and a root.", code="checkpoint-form")
    if not re.fullmatch(r"0|[1-9][0-9]{0,18}", lines[1]):
        raise NoteError("A checkpoint's size is a decimal number without leading zeros.", code="checkpoint-form")
    root = strict_base64(lines[2])
    if len(root) != 32 or base64.b64encode(root).decode() != lines[2]:
        raise NoteError("A checkpoint's root is 32 bytes in base64.", code="checkpoint-form")
    return Checkpoint(lines[0], int(lines[1]), root, tuple(lines[3:]))
