"""The font of the PDFs: which sign has which glyph, and how wide it is. Read from the font's own tables (OpenType).

DejaVu Sans, cut down to Latin (Welsh and all of Europe's), Greek, Cyrillic and common signs. Its licence lies beside
it.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

_UNKNOWN = 0xFFFD
_A_BATCH = 100
"""Most lines of one block of a CMap (PDF 1.7, 9.10.3, after Adobe's technical note 5014)."""


@dataclass(frozen=True, slots=True)
class Font:
    """A font that can be measured and put into a PDF.

    Attributes:
        data: the file.
        glyphs: code point -> glyph.
        widths: of each glyph, in thousandths of its size.
        box: what its largest glyphs take, in thousandths.
    """

    data: bytes = field(repr=False)
    glyphs: Mapping[int, int] = field(repr=False)
    widths: tuple[int, ...] = field(repr=False)
    box: tuple[int, int, int, int]
    ascent: int
    descent: int

    def glyph(self, sign: str) -> int:
        """A sign's glyph; of one that the font lacks, the placeholder's."""
        return self.glyphs.get(ord(sign), self.glyphs.get(_UNKNOWN, 0))

    def width(self, text: str) -> float:
        """How wide a text is at size 1."""
        return sum(self.widths[self.glyph(sign)] for sign in text) / 1000

    def encoded(self, text: str) -> str:
        """A text's glyphs in hexadecimal, two bytes each."""
        return "".join(f"{self.glyph(sign):04x}" for sign in text)

    def missing(self, text: str) -> int:
        """How many signs of a text the font lacks."""
        return sum(ord(sign) not in self.glyphs for sign in text)

    def to_unicode(self) -> bytes:
        """The CMap that tells a reader which text a glyph stands for."""
        back = {glyph: code for code, glyph in sorted(self.glyphs.items(), reverse=True)}
        lines = [f"<{glyph:04x}> <{chr(code).encode('utf-16-be').hex()}>" for glyph, code in sorted(back.items())]
        blocks = [lines[at : at + _A_BATCH] for at in range(0, len(lines), _A_BATCH)]
        body = "\n".join("\n".join([f"{len(block)} beginbfchar", *block, "endbfchar"]) for block in blocks)
        return (
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
            "/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n"
            "/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
            "1 begincodespacerange <0000> <ffff> endcodespacerange\n"
            f"{body}\nendcmap CMapName currentdict /CMap defineresource pop end end\n"
        ).encode("ascii")


@cache
def font() -> Font:
    """The font that is shipped."""
    return read_font((files(__package__) / "data" / "DejaVuSans-subset.ttf").read_bytes())


def read_font(data: bytes) -> Font:
    """A TrueType font's tables."""
    count = struct.unpack_from(">H", data, 4)[0]
    tables = {}
    for number in range(count):
        tag, _, at, _ = struct.unpack_from(">4sLLL", data, 12 + 16 * number)
        tables[tag.decode("ascii")] = at
    units = struct.unpack_from(">H", data, tables["head"] + 18)[0]
    box = struct.unpack_from(">4h", data, tables["head"] + 36)
    ascent, descent = struct.unpack_from(">2h", data, tables["hhea"] + 4)
    measured = struct.unpack_from(">H", data, tables["hhea"] + 34)[0]
    total = struct.unpack_from(">H", data, tables["maxp"] + 4)[0]
    advances = [struct.unpack_from(">H", data, tables["hmtx"] + 4 * number)[0] for number in range(measured)]
    advances += [advances[-1]] * (total - measured)

    def scaled(value: int) -> int:
        return round(value * 1000 / int(units))

    return Font(
        data=data,
        glyphs=_glyphs(data, tables["cmap"]),
        widths=tuple(scaled(one) for one in advances),
        box=(scaled(box[0]), scaled(box[1]), scaled(box[2]), scaled(box[3])),
        ascent=scaled(ascent),
        descent=scaled(descent),
    )


def _glyphs(data: bytes, at: int) -> Mapping[int, int]:
    """The character map of format 4: segments of code points."""
    for number in range(struct.unpack_from(">H", data, at + 2)[0]):
        start = at + struct.unpack_from(">L", data, at + 8 + 8 * number)[0]
        if struct.unpack_from(">H", data, start)[0] == 4:
            return _segments(data, start)
    raise ValueError("the font has no character map of format 4")


def _segments(data: bytes, start: int) -> Mapping[int, int]:
    doubled = struct.unpack_from(">H", data, start + 6)[0]
    ends, starts = start + 14, start + 16 + doubled
    deltas, offsets = starts + doubled, starts + 2 * doubled
    found: dict[int, int] = {}
    for place in range(0, doubled, 2):
        last, first, delta, offset = (
            struct.unpack_from(">H", data, table + place)[0] for table in (ends, starts, deltas, offsets)
        )
        for code in range(first, min(last, 0xFFFE) + 1):
            if offset == 0:
                glyph = (code + delta) & 0xFFFF
            else:
                glyph = struct.unpack_from(">H", data, offsets + place + offset + 2 * (code - first))[0]
                glyph = (glyph + delta) & 0xFFFF if glyph else 0
            if glyph:
                found[code] = glyph
    return found
