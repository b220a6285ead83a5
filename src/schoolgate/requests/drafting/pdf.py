"""Whether a PDF runs or hides anything (ISO 32000-2). Pure.

Names are looked for as a reader would read them: escapes (``#4A`` for ``J``, section 7.3.5) undone, and inside every
stream that can be unpacked, because objects may lie in object streams (section 7.5.7). A reader finds an object by its
place in the file, so every place that begins as one is read as one, also inside a text or a comment; and packed data
ends where the packing says, not at the first word that looks like an end. Each step takes time in proportion to the
file, and there is a bound on all of them together: whoever sends a file must not be able to keep the check busy.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

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
    "Collection": "other files",
    "FFilter": "a part that lies in another file",
    "FDecodeParms": "a part that lies in another file",
}
"""Name -> what it is, in plain words."""

_MOST_UNPACKED = 50 << 20
_MOST_STEPS = 20_000_000
"""For each stream a thousand; for each piece of a dictionary twenty, and twenty for each 64 bytes of it. A file that a
program wrote needs far fewer."""

_CUT_OFF = "This PDF does not end as one does; it may have been cut off."
_UNPACKS = "This PDF unpacks to more than can be looked into."
_STRANGE = "A part of this PDF is packed in a way that cannot be looked into."
_NAME = re.compile(rb"/([^\x00\t\n\f\r ()<>\[\]{}/%]+)")
_OBJECT = re.compile(rb"[0-9][\x00\t\n\f\r ]+obj(?![A-Za-z])")
_BEGINS = re.compile(rb"stream(?:\r\n|\n|\r)")
_PAIRS = re.compile(rb"\s*[0-9]+\s+[0-9]+\s+(?:[0-9]|<<|\[|\(|/|[tfn])")
_ELSEWHERE = re.compile(rb"/(?:Filter|DecodeParms)\s*[0-9]")
# A dictionary in pieces (section 7.2): comments, texts' ends, strings of hex digits, brackets; the rest in one go.
_PIECE = re.compile(rb"%[^\r\n]*|<<|>>|<[0-9A-Fa-f\s]*>|\(|[^%<>()]+|[<>)]")
_IN_TEXT = re.compile(rb"\\.|[()]", re.DOTALL)
_FILTERS = frozenset(
    ("ASCIIHexDecode", "ASCII85Decode", "LZWDecode", "RunLengthDecode", "CCITTFaxDecode", "JBIG2Decode", "DCTDecode",
     "JPXDecode", "Crypt", "AHx", "A85", "LZW", "RL", "CCF", "DCT")
)  # fmt: skip
"""Ways of packing (section 7.4) other than Flate, with their short names."""


class _Endless(Exception):
    """There is more to look at than an honest file has."""


class _Steps:
    """How many steps are left."""

    def __init__(self) -> None:
        self._left = _MOST_STEPS

    def take(self, steps: int) -> None:
        """Note that so much was done.

        Raises:
            _Endless: it was one too many.
        """
        self._left -= steps
        if self._left < 0:
            raise _Endless


def _cost(length: int) -> int:
    return 20 * (1 + length // 64)


def _undone(data: bytes) -> bytes:
    return re.sub(rb"#([0-9A-Fa-f]{2})", lambda code: bytes([int(code[1], 16)]), data)


def _names(data: bytes) -> set[str]:
    return {_undone(name).decode("latin-1") for name in set(_NAME.findall(data))}


def _unpacked(content: memoryview, start: int, room: int) -> bytes | None:
    """What zlib unpacks from here, to the end that the packing has; None when nothing.

    Raises:
        _Endless: it is more than there is room for.
    """
    # A zlib header (RFC 1950): method 8, and a check that divides by 31.
    if start + 2 > len(content) or content[start] & 15 != 8 or (content[start] << 8 | content[start + 1]) % 31:
        return None
    unpacker, found, left = zlib.decompressobj(), [], room
    for at in range(start, len(content), 65_536):
        try:
            found.append(unpacker.decompress(content[at : at + 65_536], left + 1))
        except zlib.error:
            break  # what came before the damage is what a reader sees as well
        left -= len(found[-1])
        if left < 0:
            raise _Endless
        if unpacker.eof:
            break
    return b"".join(found) or None


def _after_text(content: bytes, at: int, steps: _Steps) -> int:
    """Where a text in round brackets ends, which may hold others (section 7.3.4.2)."""
    depth = 1
    while depth:
        found = _IN_TEXT.search(content, at)
        steps.take(_cost((found.end() if found else len(content)) - at))
        if found is None:
            return len(content)
        depth += {b"(": 1, b")": -1}.get(found[0], 0)
        at = found.end()
    return at


def _dictionary(content: bytes, at: int, steps: _Steps) -> tuple[bytes, int]:
    """The dictionary that begins here, without its texts and comments, and where it ends; empty when there is none."""
    kept, depth = [], 0
    while True:
        found = _PIECE.match(content, at)
        steps.take(_cost(len(found[0]) if found else 0))
        if found is None:
            return b"", at
        piece, at = found[0], found.end()
        if piece == b"<<":
            depth += 1
        elif piece == b">>":
            depth -= 1
        elif piece == b"(":
            at = _after_text(content, at, steps)
        if depth == 0 and piece != b">>" and (piece.strip(b"\x00\t\n\f\r ") and not piece.startswith(b"%")):
            return b"", at  # something else than a dictionary
        if not piece.startswith((b"%", b"(")):
            kept.append(piece)
        if depth <= 0 and piece == b">>":
            return b" ".join(kept), at


_TO_STREAM = re.compile(rb"(?:[\x00\t\n\f\r ]|%[^\r\n]*[\r\n])*stream(?:\r\n|\n|\r)")


def _object_streams(content: bytes, steps: _Steps) -> Iterator[tuple[bytes, int]]:
    """Every object stream: its dictionary, and where its data begins."""
    for found in _OBJECT.finditer(content):
        words, end = _dictionary(content, found.end(), steps)
        keys = _names(words)
        if "ObjStm" not in keys and not {"N", "First"} <= keys:
            continue
        begins = _TO_STREAM.match(content, end)
        steps.take(_cost((begins.end() if begins else len(content)) - end))
        if begins is not None:
            yield _undone(words), begins.end()


def _holding_objects(content: bytes) -> tuple[list[bytes], list[bytes]] | str:
    """What lies in object streams and what else is packed, or why it cannot be looked into.

    A stream counts as one of objects when its dictionary says so, or has an object stream's keys, or when its data
    begins as one: a reader follows the cross-references, whatever the dictionary is called.
    """
    inside: list[bytes] = []
    others: list[bytes] = []
    room, held = _MOST_UNPACKED, memoryview(content)
    try:
        steps = _Steps()
        for words, start in _object_streams(content, steps):
            # A predictor (section 7.4.4.4) writes differences, in which no name can be read.
            if _names(words) & (_FILTERS | {"Predictor"}) or _ELSEWHERE.search(words):
                return _STRANGE
            if b"/Filter" not in words:
                end = content.find(b"endstream", start)
                inside.append(content[start : end if end >= 0 else len(content)])
                room -= len(inside[-1])
                if room < 0:
                    raise _Endless
        for begins in _BEGINS.finditer(content):
            steps.take(1_000)
            data = _unpacked(held, begins.end(), room)
            if data is not None:
                room -= len(data)
                (inside if _PAIRS.match(data) else others).append(data)
    except _Endless:
        return _UNPACKS
    return inside, others


def _without_streams(content: bytes) -> bytes:
    """What is not a stream's data, as far as words tell."""
    kept, at = [], 0
    while (begins := _BEGINS.search(content, at)) is not None:
        end = content.find(b"endstream", begins.end())
        if end < 0:
            break
        kept.append(content[at : begins.start()])
        at = end + len(b"endstream")
    return b" ".join([*kept, content[at:]])


def _is_archive(content: bytes) -> bool:
    """Whether an unpacker would find an archive in it: it reads from the end, a reader of PDF from the beginning."""
    try:
        return zipfile.is_zipfile(io.BytesIO(content))
    except zipfile.BadZipFile:
        return True


def problem(content: bytes) -> str:
    """What is wrong with a PDF, or empty."""
    if re.match(rb"%PDF-[12]\.[0-9]", content) is None:
        return "This is not a PDF."
    if b"%%EOF" not in content[-1024:] or b"startxref" not in content:
        return _CUT_OFF
    if content[content.rfind(b"%%EOF") + 5 :].strip(b"\0\t\n\f\r ") or _is_archive(content):
        return "Something follows after this PDF's end, or it is a file of another kind as well."
    looked = _holding_objects(content)
    if isinstance(looked, str):
        return looked
    inside, others = looked
    plain = _names(_without_streams(content)).union(*(_names(part) for part in inside), ())
    if "Encrypt" in plain:
        return "This PDF is locked, so nobody can look into it before it is opened."
    # Longer names count wherever they stand, also in what only looks like a stream's data: a comment can hold the
    # word "stream". Two letters come up by chance in packed data, and none of them does anything without a longer one.
    anywhere = {name for part in (content, *others) for name in _names(part) if len(name) > 2}
    active = sorted({_ACTIVE[name] for name in plain | anywhere if name in _ACTIVE})
    return f"This PDF holds {' and '.join(active)}." if active else ""
