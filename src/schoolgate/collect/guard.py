"""What must not be in a file at all, looked for in its bytes before the parser sees them.

The parser is told to read UTF-8 whatever the file declares, so a forbidden mark cannot hide behind an encoding
(UTF-16, UTF-7, EBCDIC), behind megabytes of padding, or across the border of two pieces.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Protocol

from schoolgate.errors import SchoolgateError

MAX_BYTES = 512 * 2**20
PIECE = 65_536

_BOM = b"\xef\xbb\xbf"
_DECLARATION = re.compile(rb"<\?xml\s[^>]{0,200}\?>")
_ENCODING = re.compile(rb"encoding\s*=\s*[\"']([^\"']*)[\"']")
_DTD = ("The file has a DTD or defines entities, which a return never needs.", "return-dtd")
_FORBIDDEN = {
    b"<!DOCTYPE": _DTD,
    b"<!ENTITY": _DTD,
    b"<?": ("The file has a processing instruction, which a return never needs.", "return-instruction"),
    b"xmlns": ("The file uses XML namespaces, which a return does not.", "return-namespace"),
    b"\x00": ("The file is not UTF-8 text.", "return-encoding"),
}
_LONGEST = max(len(mark) for mark in _FORBIDDEN) - 1


_AGAIN = "Export it again from your management information system."


class ReturnUnreadable(SchoolgateError):
    """The file is not a return that can be taken in. Nothing of it was kept."""

    def __init__(self, what: str, *, hint: str = _AGAIN, code: str) -> None:
        super().__init__(what, hint=hint, code=code)


class Readable(Protocol):
    """Anything bytes are read from."""

    def read(self, size: int = -1, /) -> bytes:
        """Read on."""
        ...


def _refuse(what: str, code: str) -> ReturnUnreadable:
    return ReturnUnreadable(what, code=code)


def _after_declaration(first: bytes) -> bytes:
    """The first piece without byte order mark and XML declaration, whose encoding must be UTF-8."""
    if not first:
        raise ReturnUnreadable("The file is empty.", code="return-empty")
    if first[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise _refuse("The file is not UTF-8 text.", "return-encoding")
    body = first.removeprefix(_BOM)
    if not body.lstrip().startswith(b"<"):
        raise _refuse("The file is not XML.", "return-format")
    declared = _DECLARATION.match(body)
    if declared is None:
        return body
    named = _ENCODING.search(declared.group())
    if named is not None and named.group(1).lower() not in (b"utf-8", b"utf8", b"us-ascii", b"ascii"):
        raise _refuse("The file declares an encoding other than UTF-8.", "return-encoding")
    return body[declared.end() :]


def guarded(source: Readable) -> Iterator[bytes]:
    """The file's bytes in pieces, or a refusal at the first piece that holds what no return holds.

    Raises:
        ReturnUnreadable: empty, too large, not UTF-8, not XML, or with DTD, entities, instructions or namespaces.
    """
    text = codecs.getincrementaldecoder("utf-8")("strict")
    read, tail = 0, b""
    while piece := _whole_piece(source):
        fresh = piece if read else _after_declaration(piece)
        read += len(piece)
        if read > MAX_BYTES:
            raise ReturnUnreadable(
                f"The file is larger than {MAX_BYTES // 2**20} MiB.", hint="Send one school a file.", code="return-size"
            )
        seen = tail + fresh
        for mark, (what, code) in _FORBIDDEN.items():
            if mark in seen:
                raise _refuse(what, code)
        tail = seen[-_LONGEST:]
        try:
            text.decode(piece)
        except UnicodeDecodeError:
            raise _refuse("The file is not UTF-8 text.", "return-encoding") from None
        yield piece
    if not read:
        _after_declaration(b"")
    try:
        text.decode(b"", final=True)
    except UnicodeDecodeError:
        raise _refuse("The file is not UTF-8 text.", "return-encoding") from None


def _whole_piece(source: Readable) -> bytes:
    """A full piece unless the file ends: a pipe that gives a byte at a time must not split the declaration."""
    parts, wanted = [], PIECE
    while wanted and (part := source.read(wanted)):
        parts.append(part)
        wanted -= len(part)
    return b"".join(parts)
