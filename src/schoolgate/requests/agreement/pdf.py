"""A version's text as a PDF to keep and to print: tagged, so that a screen reader reads it, with its font inside.

Written by hand after ISO 32000-1 (PDF 1.7), sections 9.7 (fonts), 14.7 and 14.8 (structure and tags): the same text
gives the same bytes, with no date in them. What counts is the text; the PDF names its hash.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from schoolgate.requests.agreement.glyphs import Font, font
from schoolgate.requests.agreement.text import Line, line, read
from schoolgate.requests.agreement.versions import ORGANISATION, VersionView

_WIDE, _HIGH, _MARGIN = 595.28, 841.89, 64.0
"""A4, in points."""

_STYLES = {
    "title": (19.0, 25.0, 10.0),
    "heading": (13.5, 19.0, 14.0),
    "paragraph": (10.0, 14.5, 5.0),
    "point": (10.0, 14.5, 3.0),
}
"""Kind of line -> size, height of a line, room above."""

_TAGS = {"title": "H1", "heading": "H2", "paragraph": "P", "point": "P"}


@dataclass(slots=True)
class _Element:
    """One element of the structure: its tag, and the marked pieces of pages that make it up."""

    tag: str
    pieces: list[tuple[int, int]] = field(default_factory=list)


@dataclass(slots=True)
class _Page:
    """A page being filled: drawing operators, and which element each marked piece belongs to."""

    drawn: list[str] = field(default_factory=list)
    owners: list[int] = field(default_factory=list)


def as_pdf(version: VersionView) -> bytes:
    """The PDF of a version: its text, then its hash and who has signed it when."""
    lines = [*read(version.text), *_below(version)]
    title = lines[0].text if lines else "Agreement"
    return document_pdf(lines, f"{title}, version {version.number}", "; the text itself, whose hash is given above,")


def document_pdf(document: Sequence[Line], title: str, elsewhere: str = "") -> bytes:
    """The PDF of any document of titles, headings, paragraphs and points.

    Args:
        document: its lines.
        title: what the file is called in a reader's window.
        elsewhere: where a sign is found that this file's font has no shape for, when it is anywhere.
    """
    letters, lines = font(), list(document)
    if missing := letters.missing("".join(one.text for one in lines)):
        lines.append(
            line(
                "paragraph",
                f"Signs of this text that have no shape in this file's font: {missing}. A placeholder is drawn for"
                f" each{f'{elsewhere} has them' if elsewhere else ''}.",
            )
        )
    pages, elements = _laid_out(lines, letters)
    return _file(pages, elements, letters, title)


def _below(version: VersionView) -> Iterator[Line]:
    """What stands beside the text: not part of what is hashed."""
    yield line("heading", "Beside the text")
    number = f"Agreement {version.agreement_id}, " if version.agreement_id else ""
    yield line(
        "paragraph", f"{number}version {version.number}. SHA-256 of the text above, in UTF-8: {version.text_hash}"
    )
    for one in version.signatures:
        side = "the organisation" if one.side == ORGANISATION else "the custodian"
        yield line(
            "point", f"Signed for {side} on {one.at:%-d %B %Y at %H:%M} UTC: entry {one.log_index} of the register."
        )
    if not version.signatures:
        yield line("paragraph", "Nobody has signed it.")


def _wrapped(text: str, letters: Font, size: float, wide: float) -> list[str]:
    """A text in lines that fit; a word longer than a line is cut."""
    lines, now = [], ""
    for word in text.split(" "):
        trial = f"{now} {word}" if now else word
        if letters.width(trial) * size <= wide:
            now = trial
            continue
        if now:
            lines.append(now)
        now = word
        while letters.width(now) * size > wide:
            cut = len(now)
            while letters.width(now[:cut]) * size > wide:
                cut -= 1
            lines.append(now[:cut])
            now = now[cut:]
    return [*lines, now]


def _laid_out(lines: Sequence[Line], letters: Font) -> tuple[list[_Page], list[_Element]]:
    pages, elements = [_Page()], [_Element("Document")]
    top = _HIGH - _MARGIN
    for number, one in enumerate(lines):
        size, high, above = _STYLES[one.kind]
        indent = 14.0 if one.kind == "point" else 0.0
        wide = _WIDE - 2 * _MARGIN - indent
        shown = ("• " if one.kind == "point" else "") + one.text
        broken = _wrapped(shown, letters, size, wide)
        element = len(elements)
        elements.append(_Element(_TAGS[one.kind]))
        top -= above if number else 0
        # A heading does not stand alone at a page's foot.
        if one.kind in ("title", "heading") and top - high * len(broken) - 60 < _MARGIN:
            pages, top = [*pages, _Page()], _HIGH - _MARGIN
        while broken:
            room = max(0, int((top - _MARGIN) // high))
            if not room:
                pages, top = [*pages, _Page()], _HIGH - _MARGIN
                continue
            part, broken = broken[:room], broken[room:]
            _draw(pages, elements, element, part, (_MARGIN + indent, top, size, high), letters)
            top -= high * len(part)
    for number, page in enumerate(pages, start=1):
        page.drawn.append("/Artifact BMC")
        foot = f"{number} / {len(pages)}"
        page.drawn.append(_text(letters, foot, _WIDE - _MARGIN - letters.width(foot) * 8, _MARGIN / 2, 8))
        page.drawn.append("EMC")
    return pages, elements


def _draw(
    pages: list[_Page],
    elements: list[_Element],
    element: int,
    part: Sequence[str],
    place: tuple[float, float, float, float],
    letters: Font,
) -> None:
    """Draw lines on the last page, marked as a piece of an element."""
    left, top, size, high = place
    page, mark = pages[-1], len(pages[-1].owners)
    page.owners.append(element)
    elements[element].pieces.append((len(pages) - 1, mark))
    page.drawn.append(f"/{elements[element].tag} <</MCID {mark}>> BDC")
    for number, text in enumerate(part):
        page.drawn.append(_text(letters, text + " ", left, top - high * number - size, size))
    page.drawn.append("EMC")


def _text(letters: Font, text: str, left: float, base: float, size: float) -> str:
    return f"BT /F1 {size:g} Tf {left:.2f} {base:.2f} Td <{letters.encoded(text)}> Tj ET"


class _Objects:
    """The numbered objects of a file."""

    def __init__(self) -> None:
        self._made: list[bytes] = []

    def reserve(self) -> int:
        """A number for an object that is written later."""
        self._made.append(b"")
        return len(self._made)

    def put(self, number: int, body: str) -> None:
        """Write a reserved object."""
        self._made[number - 1] = body.encode("latin-1")

    def add(self, body: str) -> int:
        """Write an object; its number."""
        number = self.reserve()
        self.put(number, body)
        return number

    def stream(self, data: bytes, head: str = "", *, packed: bool = True) -> int:
        """Write a stream; its number."""
        number = self.reserve()
        held = zlib.compress(data, 9) if packed else data
        kind = " /Filter /FlateDecode" if packed else ""
        start = f"<</Length {len(held)}{kind}{head}>>\nstream\n".encode("latin-1")
        self._made[number - 1] = start + held + b"\nendstream"
        return number

    def whole(self, root: int, info: int) -> bytes:
        """The file."""
        out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        places = []
        for number, body in enumerate(self._made, start=1):
            places.append(len(out))
            out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
        table = len(out)
        out += f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n".encode()
        out += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
        out += f"trailer\n<</Size {len(places) + 1} /Root {root} 0 R /Info {info} 0 R>>\n".encode()
        return bytes(out + f"startxref\n{table}\n%%EOF\n".encode())


def _string(text: str) -> str:
    """A text string of a PDF: UTF-16 with its mark (section 7.9.2.2)."""
    return f"<feff{text.encode('utf-16-be').hex()}>"


def _xml(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _metadata(title: str) -> bytes:
    """XMP: the title and the language (ISO 16684-1)."""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF'
        ' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{_xml(title)}</rdf:li></rdf:Alt></dc:title>'
        "<dc:language><rdf:Bag><rdf:li>en-GB</rdf:li></rdf:Bag></dc:language>"
        '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def _file(pages: Sequence[_Page], elements: Sequence[_Element], letters: Font, title: str) -> bytes:
    objects = _Objects()
    root, tree, structure = objects.reserve(), objects.reserve(), objects.reserve()
    face = _face(objects, letters)
    numbers = [objects.reserve() for _ in pages]
    tagged = [objects.reserve() for _ in elements]
    for place, (page, number) in enumerate(zip(pages, numbers, strict=True)):
        drawn = objects.stream("\n".join(page.drawn).encode("latin-1"))
        objects.put(
            number,
            f"<</Type /Page /Parent {tree} 0 R /MediaBox [0 0 {_WIDE} {_HIGH}] /Contents {drawn} 0 R"
            f" /Resources <</Font <</F1 {face} 0 R>>>> /StructParents {place} /Tabs /S>>",
        )
    kids = " ".join(f"{number} 0 R" for number in tagged[1:])
    objects.put(tagged[0], f"<</Type /StructElem /S /Document /P {structure} 0 R /K [{kids}]>>")
    for element, number in zip(elements[1:], tagged[1:], strict=True):
        parts = " ".join(f"<</Type /MCR /Pg {numbers[page]} 0 R /MCID {mark}>>" for page, mark in element.pieces)
        objects.put(number, f"<</Type /StructElem /S /{element.tag} /P {tagged[0]} 0 R /K [{parts}]>>")
    owners = " ".join(
        f"{place} [{' '.join(f'{tagged[owner]} 0 R' for owner in page.owners)}]" for place, page in enumerate(pages)
    )
    parents = objects.add(f"<</Nums [{owners}]>>")
    objects.put(
        structure,
        f"<</Type /StructTreeRoot /K [{tagged[0]} 0 R] /ParentTree {parents} 0 R /ParentTreeNextKey {len(pages)}>>",
    )
    objects.put(tree, f"<</Type /Pages /Count {len(pages)} /Kids [{' '.join(f'{one} 0 R' for one in numbers)}]>>")
    meta = objects.stream(_metadata(title), " /Type /Metadata /Subtype /XML", packed=False)
    objects.put(
        root,
        f"<</Type /Catalog /Pages {tree} 0 R /Lang (en-GB) /MarkInfo <</Marked true>> /StructTreeRoot {structure} 0 R"
        f" /ViewerPreferences <</DisplayDocTitle true>> /Metadata {meta} 0 R>>",
    )
    info = objects.add(f"<</Title {_string(title)}>>")
    return objects.whole(root, info)


def _face(objects: _Objects, letters: Font) -> int:
    """The font, whole, with the way back from its glyphs to text."""
    held = objects.stream(letters.data, f" /Length1 {len(letters.data)}")
    box = " ".join(str(one) for one in letters.box)
    descriptor = objects.add(
        f"<</Type /FontDescriptor /FontName /DejaVuSans /Flags 32 /FontBBox [{box}] /ItalicAngle 0"
        f" /Ascent {letters.ascent} /Descent {letters.descent} /CapHeight {letters.ascent} /StemV 80"
        f" /FontFile2 {held} 0 R>>"
    )
    widths = " ".join(str(one) for one in letters.widths)
    inner = objects.add(
        "<</Type /Font /Subtype /CIDFontType2 /BaseFont /DejaVuSans /CIDSystemInfo <</Registry (Adobe)"
        f" /Ordering (Identity) /Supplement 0>> /FontDescriptor {descriptor} 0 R /W [0 [{widths}]]"
        " /CIDToGIDMap /Identity>>"
    )
    back = objects.stream(letters.to_unicode())
    return objects.add(
        f"<</Type /Font /Subtype /Type0 /BaseFont /DejaVuSans /Encoding /Identity-H /DescendantFonts [{inner} 0 R]"
        f" /ToUnicode {back} 0 R>>"
    )
