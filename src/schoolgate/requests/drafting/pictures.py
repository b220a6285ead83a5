"""Whether a picture is wholly what it says: each part in its place and nothing after the end. Pure."""

from __future__ import annotations

import struct
import zlib

PNG = b"\x89PNG\r\n\x1a\n"
MOST_PIXELS = 50_000_000


def png_problem(content: bytes) -> str:
    """What is wrong with a PNG (W3C, Portable Network Graphics, section 5), or empty."""
    at, first, last = len(PNG), b"", b""
    while at + 12 <= len(content):
        (length,) = struct.unpack(">I", content[at : at + 4])
        kind, data = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        check = content[at + 8 + length : at + 12 + length]
        if len(check) != 4 or struct.unpack(">I", check)[0] != zlib.crc32(kind + data):
            return "This picture is damaged."
        if not first:
            first = kind
            if kind != b"IHDR" or length != 13:
                return "This is not a PNG picture."
            width, height = struct.unpack(">II", data[:8])
            if not 0 < width * height <= MOST_PIXELS:
                return "This picture is too large to open safely."
        at, last = at + 12 + length, kind
        if kind == b"IEND":
            break
    if last != b"IEND":
        return "This picture is cut off."
    return "Something follows after the picture's end." if at != len(content) else ""


def jpeg_problem(content: bytes) -> str:
    """What is wrong with a JPEG (ITU-T T.81, annex B), or empty."""
    at, seen = 2, False
    while at + 4 <= len(content):
        if content[at] != 0xFF:
            return "This picture is damaged."
        marker = content[at + 1]
        if marker == 0xFF:  # fill bytes may stand before a marker (B.1.1.2)
            at += 1
            continue
        (length,) = struct.unpack(">H", content[at + 2 : at + 4])
        if length < 2:
            return "This picture is damaged."
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[at + 5 : at + 9].ljust(4, b"\0"))
            if not 0 < width * height <= MOST_PIXELS:
                return "This picture is too large to open safely."
            seen = True
        at += 2 + length
        if marker == 0xDA:
            at = _after_scan(content, at)
            if content[at : at + 2] == b"\xff\xd9":
                if not seen:
                    return "This is not a JPEG picture."
                return "Something follows after the picture's end." if at + 2 != len(content) else ""
    return "This picture is cut off."


def _after_scan(content: bytes, at: int) -> int:
    """Where the next marker stands after a scan's data; FF 00 is data, FF D0 to D7 are restarts (B.1.1.5, B.2.1)."""
    while True:
        at = content.find(b"\xff", at)
        if at < 0 or at + 1 >= len(content):
            return len(content)
        following = content[at + 1]
        if following not in (0x00, 0xFF) and not 0xD0 <= following <= 0xD7:
            return at
        at += 1 if following == 0xFF else 2
