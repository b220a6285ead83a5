"""A tiny catalogue, made up, in the form that gettext reads (GNU gettext manual, “The Format of GNU MO Files”)."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path

HEAD = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n"


def write(folder: Path, language: str, words: Mapping[str, str]) -> None:
    """Put a catalogue where Django looks for one."""
    pairs = sorted((one.encode(), other.encode()) for one, other in {"": HEAD, **words}.items())
    start = 28 + 16 * len(pairs)
    tables, text = (b"", b""), b""
    for number in (0, 1):
        table = b""
        for pair in pairs:
            table += struct.pack("<II", len(pair[number]), start + len(text))
            text += pair[number] + b"\0"
        tables = (*tables[:number], table, *tables[number + 1 :])
    head = struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    place = folder / language / "LC_MESSAGES"
    place.mkdir(parents=True)
    (place / "django.mo").write_bytes(head + tables[0] + tables[1] + text)
