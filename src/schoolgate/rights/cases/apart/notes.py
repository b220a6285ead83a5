"""What stands beside a picture in its file: notes of the camera, and whatever was put behind its end. Pure."""

from __future__ import annotations

import struct
from collections.abc import Iterator

_PNG = b"\x89PNG\r\n\x1a\n"
_SCAN, _END, _COMMENT = 0xDA, 0xD9, 0xFE
_NOTES = range(0xE0, 0xF0)
"""Markers for applications (ITU-T T.81, table B.1): place, time, name and a small copy of the picture stand there."""


class Damaged(Exception):
    """The parts of a picture do not follow each other as they should."""


_DOTS = frozenset((b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD", b"pHYs"))
"""Chunks of a PNG (W3C, Portable Network Graphics, section 11) that say how it looks."""


def _chunks(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Kind, beginning and end of each chunk of a PNG, to its last."""
    at = len(_PNG)
    while at + 12 <= len(content):
        end = at + 12 + int.from_bytes(content[at : at + 4], "big")
        kind = content[at + 4 : at + 8]
        yield kind, at, end
        if kind == b"IEND":
            return
        at = end
    raise Damaged


def _parts(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, beginning and end of each part of a JPEG from the start to its end; a scan's data belongs to its head."""
    at = 2
    while at + 2 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker == 0xFF:  # fill bytes may stand before a marker (B.1.1.2)
            at += 1
            continue
        if marker == _END:
            yield marker, at, at + 2
            return
        if at + 4 > len(content):
            break
        end = at + 2 + int.from_bytes(content[at + 2 : at + 4], "big")
        if marker == _SCAN:
            end = _scan_end(content, end)
        yield marker, at, end
        at = end
    raise Damaged


def _scan_end(content: bytes, at: int) -> int:
    """Where the next marker stands; FF 00 is data, FF D0 to D7 are restarts (B.1.1.5, B.2.1)."""
    while (at := content.find(b"\xff", at)) >= 0 and at + 1 < len(content):
        following = content[at + 1]
        if following not in (0x00, 0xFF) and not 0xD0 <= following <= 0xD7:
            return at
        at += 1 if following == 0xFF else 2
    raise Damaged


def up_to_end(content: bytes) -> bytes:
    """A picture without what was put behind its end (phones put films there); anything else as it is."""
    try:
        if content.startswith(_PNG):
            return content[: max(end for _, _, end in _chunks(content))]
        if content.startswith(b"\xff\xd8\xff"):
            return content[: max(end for _, _, end in _parts(content))]
    except Damaged:
        return content  # whoever looks into it says so
    return content


def plain_png(content: bytes) -> bytes:
    """A PNG without notes and without what stands behind its end; its dots are not touched.

    Raises:
        Damaged: it is none.
    """
    return _PNG + b"".join(content[at:end] for kind, at, end in _chunks(content) if kind in _DOTS)


def plain_jpeg(content: bytes) -> bytes:
    """A JPEG without notes and without what stands behind its end; the picture itself is not touched.

    Kept of the notes is what says how colours are meant: JFIF's own first part and Adobe's (T.871; T.872, 6.5.3).

    Raises:
        Damaged: it is none.
    """
    if not content.startswith(b"\xff\xd8"):
        raise Damaged
    kept = [b"\xff\xd8"]
    for marker, at, end in _parts(content):
        part = content[at:end]
        of_colours = (marker == 0xE0 and part[4:9] == b"JFIF\0") or (marker == 0xEE and part[4:9] == b"Adobe")
        if of_colours:
            part = part[:4] + part[4 : 18 if marker == 0xE0 else 16]  # a small copy, or notes, may follow inside
            if marker == 0xE0:
                part = part[:16] + b"\0\0"
            kept.append(part[:2] + struct.pack(">H", len(part) - 2) + part[4:])
        elif marker != _COMMENT and marker not in _NOTES:
            kept.append(part)
    return b"".join(kept)
