"""Following a log from one signing key to the next: the old key names the new one, in an entry of the log."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from schoolgate.register.note import NoteError, Signer, VerifierKey, open_note, sign_note

_HEADER = "schoolgate log key change/v1"
"""The note's first line; no checkpoint can be read as such a note, nor the other way round: its third line is a key."""


def _text(old: VerifierKey, new: VerifierKey) -> str:
    return f"{_HEADER}\n{old.name}\n{old}\n{new}\n"


def endorse(old: Signer, new: Signer) -> str:
    """The note in which the old key names the new one; the new key signs too, so that nobody gives away another's."""
    return sign_note(_text(old.verifier, new.verifier), old, new)


def changes_key(entry: bytes) -> bool:
    """Whether an entry may be a change of key: a cheap look before it is read."""
    return b'"type":"key.changed"' in entry


def successors(entries: Iterable[bytes], key: VerifierKey) -> Iterator[VerifierKey]:
    """The keys that followed this one, in order, each named by the one before it."""
    for entry in entries:
        try:
            body = json.loads(entry)
            new = VerifierKey.parse(str(body["key"]))
            note = open_note(str(body["endorsed"]), [key, new])
        except (NoteError, ValueError, KeyError, TypeError, RecursionError):
            continue  # no such change, or one without the old key's word
        if note.text == _text(key, new) and new.name == key.name and {key, new} <= set(note.keys):
            key = new
            yield key
