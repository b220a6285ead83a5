"""Whether a PDF runs or hides anything (ISO 32000-2). Pure.

Names are looked for as a reader would read them: escapes (``#4A`` for ``J``, section 7.3.5) undone, and inside every
stream that can be unpacked, because objects may lie in object streams (section 7.5.7).
"""

from __future__ import annotations

import re
import zlib

_ACTIVE = {
    "JavaScript": "a script",
    "JS": "a script",
    "Launch": "a command that starts a program",
    "EmbeddedFile": "another file",
    "EmbeddedFiles": "another file",
    "Filespec": "another file",
    "GoToE": "a link into another file",
    "GoToR": "a link into another file",
    "RichMedia": "a film or a program",
    "Movie": "a film",
    "Sound": "a sound",
    "Rendition": "a film",
    "3D": "a model that can run scripts",
    "XFA": "a form that can run scripts",
    "SubmitForm": "a form that sends what is filled in",
    "ImportData": "a form that reads files",
    "AA": "an action that runs by itself",
}
"""Name -> what it is, in plain words."""

_MOST_UNPACKED = 50 << 20
_NAME = re.compile(rb"/([^\x00\t\n\f\r ()<>\[\]{}/%]+)")
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\n?endstream", re.DOTALL)
_PAIRS = re.compile(rb"\s*[0-9]+\s+[0-9]+\s+(?:[0-9]+\s+[0-9]+\s*)*(?:<<|\[|\(|/|[0-9tfn])")
_FILTER = re.compile(rb"/Filter\s*(\[[^\]]*\]|/[^\x00\t\n\f\r ()<>\[\]{}/%]+)")


def _unescaped(name: bytes) -> str:
    return re.sub(rb"#([0-9A-Fa-f]{2})", lambda code: bytes([int(code[1], 16)]), name).decode("latin-1")


def _names(data: bytes) -> set[str]:
    return {_unescaped(name) for name in _NAME.findall(data)}


def _plain(stream: bytes, room: int) -> bytes | None:
    """A stream's data, unpacked where it is packed by zlib; None when it is more than there is room for."""
    unpacker = zlib.decompressobj()
    try:
        data = unpacker.decompress(stream, room)
    except zlib.error:
        return stream
    return None if unpacker.unconsumed_tail else data


def _holding_objects(content: bytes) -> list[bytes] | str:
    """What lies in object streams, or why it cannot be looked into.

    A stream counts as one when its dictionary says so, or has an object stream's keys, or when its data begins as one:
    a reader follows the cross-references, whatever the dictionary is called.
    """
    found, room = [], _MOST_UNPACKED
    for stream in _STREAM.finditer(content):
        head = content[max(0, stream.start() - 4000) : stream.start()].rpartition(b" obj")[2]
        keys = _names(head)
        is_one = "ObjStm" in keys or {"N", "First"} <= keys
        named = _FILTER.search(head)
        if is_one and named and not _names(named[1]) <= {"FlateDecode"}:
            return "A part of this PDF is packed in a way that cannot be looked into."
        data = _plain(stream[1], room)
        if data is None:
            return "This PDF unpacks to more than can be looked into."
        room -= len(data)
        if is_one or _PAIRS.match(data):
            found.append(data)
    return found


def problem(content: bytes) -> str:
    """What is wrong with a PDF, or empty."""
    if re.match(rb"%PDF-[12]\.[0-9]", content) is None:
        return "This is not a PDF."
    if b"%%EOF" not in content[-1024:] or b"startxref" not in content:
        return "This PDF does not end as one does; it may have been cut off."
    inside = _holding_objects(content)
    if isinstance(inside, str):
        return inside
    plain = _names(_STREAM.sub(b"stream endstream", content)).union(*(_names(part) for part in inside), ())
    if "Encrypt" in plain:
        return "This PDF is locked, so nobody can look into it before it is opened."
    # Longer names count wherever they stand, also in what only looks like a stream's data: a comment can hold the
    # word "stream". Two letters come up by chance in packed data, and none of them does anything without a longer one.
    anywhere = {name for name in _names(content) if len(name) > 2}
    active = sorted({_ACTIVE[name] for name in plain | anywhere if name in _ACTIVE})
    return f"This PDF holds {' and '.join(active)}." if active else ""
