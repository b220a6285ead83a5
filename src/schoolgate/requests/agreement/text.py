"""An agreement's text: headings, paragraphs and list points, as one canonical text and back.

The text is what is hashed and signed; pages and the PDF are made from it, so that nobody signs one thing and is
shown another. Pure.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

_MARKS = ("#", "-", "\\")


@dataclass(frozen=True, slots=True)
class Line:
    """One line.

    Attributes:
        kind: ``title``, ``heading``, ``paragraph`` or ``point``.
        text: on one line.
    """

    kind: str
    text: str


Document = tuple[Line, ...]

_BEGIN = {"title": "# ", "heading": "## ", "paragraph": "", "point": "- "}


def line(kind: str, text: str) -> Line:
    """A line of these words; every run of white space is one space, so that a text has one form."""
    return Line(kind, " ".join(text.split()))


def as_text(document: Document) -> str:
    """The canonical text: one line each, in UTF-8, each ended by a line feed."""
    return "".join(f"{_BEGIN[one.kind]}{_shielded(one)}\n" for one in document)


def _shielded(one: Line) -> str:
    """A paragraph that begins like a mark is told apart from the mark."""
    return f"\\{one.text}" if one.kind == "paragraph" and one.text.startswith(_MARKS) else one.text


def read(text: str) -> Document:
    """The lines of a canonical text; `as_text` of them is the text again."""
    return tuple(_line(one) for one in text.split("\n")[:-1])


def _line(text: str) -> Line:
    for kind in ("heading", "title", "point"):
        if text.startswith(_BEGIN[kind]):
            return Line(kind, text[len(_BEGIN[kind]) :])
    return Line("paragraph", text[1:] if text.startswith("\\") else text)


def text_hash(text: str) -> str:
    """SHA-256 of a text's UTF-8 bytes, in hexadecimal: what is signed, and what the register holds."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


@dataclass(frozen=True, slots=True)
class Difference:
    """One line of a comparison.

    Attributes:
        kind: ``same``, ``added`` or ``removed``.
    """

    kind: str
    line: Line


def compare(before: str, after: str) -> tuple[Difference, ...]:
    """What changed between two texts, line by line in reading order."""
    old, new = read(before), read(after)
    found: list[Difference] = []

    def all_of(kind: str, lines: Sequence[Line]) -> None:
        found.extend(Difference(kind, one) for one in lines)

    matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=False)
    for tag, a1, a2, b1, b2 in matcher.get_opcodes():
        if tag == "equal":
            all_of("same", old[a1:a2])
        else:
            all_of("removed", old[a1:a2])
            all_of("added", new[b1:b2])
    return tuple(found)
