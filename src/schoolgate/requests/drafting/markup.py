"""Looking at the parts of a text document as a reader does: parsed, not by how they are spelt. Pure.

One thing can be written in many ways in XML: under another prefix, with a letter as ``&#69;``, in another encoding. So
what counts is what the parser gives: each element's local name, its attributes, and the text of those asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from xml.parsers import expat

MOST_ELEMENTS = 1_000_000
"""Of all parts of a document together; a book of 1,000 pages has fewer."""


class Unseen(Exception):
    """A part that cannot be looked into; the text says why."""


@dataclass(frozen=True, slots=True)
class Element:
    """The beginning of an element.

    Attributes:
        name: local name, without its prefix.
        attributes: local name -> value, as read.
    """

    name: str
    attributes: Mapping[str, str]


def is_markup(name: str, data: bytes) -> bool:
    """Whether a part is XML: by its name, or because it begins as XML does whatever it is called; an empty one is none.

    LibreOffice writes an empty ``Configurations2/accelerator/current.xml`` into each document.
    """
    if not data.strip():
        return False
    begins = data.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:1] == b"<"
    return begins or name.lower().endswith((".xml", ".rels"))


class Looker:
    """Reads the parts of one document, one after the other."""

    def __init__(self) -> None:
        self._left = MOST_ELEMENTS

    def look(self, data: bytes, at: Callable[[Element], None], said: Callable[[str], None] = lambda text: None) -> None:
        """Call `at` for the beginning of each element, in order, and `said` for the text between.

        Raises:
            Unseen: a part that is damaged, has a document type, or makes the document too large.
        """
        parser = expat.ParserCreate()

        def begins(name: str, attributes: dict[str, str]) -> None:
            self._left -= 1
            if self._left < 0:
                raise Unseen("This document unpacks to more than can be looked into.")
            at(Element(_local(name), {_local(key): value for key, value in attributes.items()}))

        def document_type(*_ignored: object) -> None:
            # A document type can fetch and can grow without end (XML 1.0, sections 4.2.2 and 4.4).
            raise Unseen("A part of this document is written in a way that cannot be looked into.")

        parser.StartElementHandler = begins
        parser.CharacterDataHandler = said
        parser.StartDoctypeDeclHandler = document_type
        try:
            parser.Parse(data, True)
        except (expat.ExpatError, LookupError, ValueError):
            raise Unseen("A part of this document is damaged.") from None


def _local(name: str) -> str:
    return name.rpartition(":")[2]
