"""A notice's text: layers of sections, as plain text with a fingerprint. Frozen values."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

SHORT, MORE, ALL = "short", "more", "all"
LAYERS = (SHORT, MORE, ALL)
"""First the few sentences everybody should know, then the reasons, then every single use."""


@dataclass(frozen=True, slots=True)
class Section:
    """One section.

    Attributes:
        heading: a few words.
        paragraphs: sentences in full.
        points: a list below them.
        note: a sentence below the list; empty for none.
    """

    heading: str
    paragraphs: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer.

    Attributes:
        id: one of `LAYERS`.
        title: what it is called on a page.
    """

    id: str
    title: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """A notice for one audience in one language.

    Attributes:
        audience: the audience's key.
        language: of Django's list, e.g. ``en-gb``.
        title: its heading.
        lead: one sentence under it.
    """

    audience: str
    language: str
    title: str
    lead: str
    layers: tuple[Layer, ...]

    @property
    def is_whole(self) -> bool:
        """Whether it has every layer."""
        return tuple(layer.id for layer in self.layers) == LAYERS

    def layer(self, name: str) -> Layer:
        """The layer of that id."""
        return next(layer for layer in self.layers if layer.id == name)

    @property
    def short(self) -> str:
        """The first layer as plain text: what is printed for book bags, and what its reading grade is measured on."""
        return "\n".join([self.title, self.lead, *_lines(self.layers[0])]) + "\n"

    @property
    def whole(self) -> str:
        """Every layer as plain text; the fingerprint is taken of this."""
        lines = [self.title, self.lead]
        for layer in self.layers:
            lines += ["", f"== {layer.title} ==", *_lines(layer)]
        return "\n".join(lines) + "\n"

    @property
    def sha256(self) -> str:
        """SHA-256 of `whole` in UTF-8."""
        return hashlib.sha256(self.whole.encode()).hexdigest()


def _lines(layer: Layer) -> Iterator[str]:
    for section in layer.sections:
        yield from ("", section.heading, *section.paragraphs)
        yield from (f"* {point}" for point in section.points)
        if section.note:
            yield section.note
