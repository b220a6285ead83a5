"""Papers and pictures as a family might send them, and as somebody might who means harm. All made here."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, String
from PIL import Image

from schoolgate.config import Config
from schoolgate.errors import Refused
from schoolgate.requests.drafting import Checked
from schoolgate.rights.cases import scanning

PLACE = b"N51 30 12.3456"
"""What a camera might have written of where it was."""


def paper(change: Callable[[Pdf, pikepdf.Page], None] | None = None, pages: int = 1, **how: object) -> bytes:
    """A PDF that says "Our letter" on each page, changed before it is written; whole, with its cross-references."""
    with pikepdf.new() as pdf:
        for _ in range(pages):
            page = pdf.add_blank_page()
            page.Contents = pdf.make_stream(b"BT /F1 12 Tf 72 700 Td (Our letter) Tj ET")
            font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
            page.Resources = Dictionary(Font=Dictionary(F1=font))
        if change is not None:
            change(pdf, pdf.pages[0])
        held = io.BytesIO()
        pdf.save(held, **{"compress_streams": False, **how})  # type: ignore[arg-type]
    return held.getvalue()


def written(objects: dict[int, bytes], head: bytes = b"%PDF-1.7\n", trailer: bytes = b"") -> bytes:
    """A PDF from its objects as bytes, with true cross-references, so that nothing has to be repaired."""
    out, places = bytearray(head), {}
    for number, body in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start, most = len(out), max(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % most
    for number in range(1, most):
        out += b"%010d 00000 n \n" % places[number] if number in places else b"0000000000 65535 f \n"
    out += b"trailer\n<</Root 1 0 R/Size %d%s>>\nstartxref\n%d\n%%%%EOF\n" % (most, trailer, start)
    return bytes(out)


CATALOG, PAGES = b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>"
PLAIN = {1: CATALOG, 2: PAGES, 3: PAGE}


def stream(data: bytes, head: bytes = b"/Filter/FlateDecode") -> bytes:
    packed = zlib.compress(data) if b"FlateDecode" in head else data
    return b"<</Length %d%s>>\nstream\n%s\nendstream" % (len(packed), head, packed)


def at(key: str, value: Callable[[Pdf], pikepdf.Object]) -> Callable[[Pdf, pikepdf.Page], None]:
    """Something in the catalogue under a key."""

    def change(pdf: Pdf, _: pikepdf.Page) -> None:
        pdf.Root[key] = value(pdf)

    return change


def of_page(key: str, value: Callable[[Pdf], pikepdf.Object]) -> Callable[[Pdf, pikepdf.Page], None]:
    """Something of the page under a key."""

    def change(pdf: Pdf, page: pikepdf.Page) -> None:
        page.obj[key] = value(pdf)

    return change


def annotated(**held: object) -> Callable[[Pdf, pikepdf.Page], None]:
    """The page has one annotation."""

    def change(pdf: Pdf, page: pikepdf.Page) -> None:
        one = Dictionary(Type=Name.Annot, Rect=Array([0, 0, 50, 20]), **held)
        page.Annots = Array([pdf.make_indirect(one)])

    return change


def script() -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def filled_in(words: bytes = b"What we filled in") -> bytes:
    """A form whose field the family filled in."""

    def change(pdf: Pdf, page: pikepdf.Page) -> None:
        looks = pdf.make_stream(b"/Tx BMC BT /F1 9 Tf 2 4 Td (" + words + b") Tj ET EMC")
        looks.Type, looks.Subtype, looks.BBox = Name.XObject, Name.Form, Array([0, 0, 200, 20])
        looks.Resources = Dictionary(Font=page.Resources.Font)
        field = Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String("name"), V=String(words.decode()), F=4,
            Rect=Array([20, 20, 220, 40]), AP=Dictionary(N=looks), DA=String("/F1 9 Tf 0 g"),
        )  # fmt: skip
        made = pdf.make_indirect(field)
        page.Annots = Array([made])
        pdf.Root.AcroForm = Dictionary(Fields=Array([made]), DR=Dictionary(Font=page.Resources.Font))

    return paper(change)


def drawn(pixels: tuple[int, int] = (40, 30), mode: str = "RGB") -> Image.Image:
    """A picture that is dark on its left, so that one sees which way round it is."""
    image = Image.new(mode, pixels, "white")
    image.paste("black", (0, 0, pixels[0] // 2, pixels[1]))
    return image


def photo(turn: int = 1, pixels: tuple[int, int] = (40, 30)) -> bytes:
    """A photo as a telephone takes it: it says where, when, with what, and how it was held."""
    notes = Image.Exif()
    notes[274], notes[271], notes[306] = turn, "ExamplePhone", "2026:11:03 10:11:12"
    notes[0x8825] = {1: "N", 2: (51.0, 30.0, 12.3456), 3: "W", 4: (0.0, 7.0, 39.9), 29: "2026:11:03"}
    held = io.BytesIO()
    drawn(pixels).save(
        held, "JPEG", exif=notes, comment=PLACE, quality=80, xmp=b"<x:xmpmeta>" + PLACE + b"</x:xmpmeta>"
    )
    return held.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def noted_png() -> bytes:
    """A PNG with notes in each of the ways that there are."""
    held = io.BytesIO()
    drawn().save(held, "PNG")
    whole = held.getvalue()
    notes = Image.Exif()
    notes[0x8825] = {1: "N", 2: (51.0, 30.0, 12.3456)}
    added = (
        chunk(b"tEXt", b"Place\0" + PLACE)
        + chunk(b"zTXt", b"Place\0\0" + zlib.compress(PLACE))
        + chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + PLACE)
        + chunk(b"eXIf", notes.tobytes()[6:])
    )
    return whole[:33] + added + whole[33:]


def of_photo(sent: bytes, head: dict[str, object] | None = None) -> bytes:
    """A PDF with this photo on its page."""

    def change(pdf: Pdf, page: pikepdf.Page) -> None:
        held = Image.open(io.BytesIO(sent))
        image = pdf.make_stream(sent)
        image.Type, image.Subtype, image.Filter = Name.XObject, Name.Image, Name.DCTDecode
        image.Width, image.Height, image.BitsPerComponent, image.ColorSpace = *held.size, 8, Name.DeviceRGB
        image.Metadata = pdf.make_stream(PLACE)
        page.Resources.XObject = Dictionary(I0=image)
        page.Contents = pdf.make_stream(b"q 100 0 0 100 0 0 cm /I0 Do Q")

    return paper(change)


def kept(config: Config, name: str, content: bytes) -> bytes:
    """What is kept of a file that is taken."""
    found = scanning.checked(name, content, config)
    assert isinstance(found, Checked), found
    return found.content


def refused(config: Config, content: bytes, name: str = "letter.pdf") -> str:
    """The one reason why a file is not taken, in a family's words."""
    found = scanning.checked(name, content, config)
    assert isinstance(found, Refused), "it was taken"
    (why,) = found.reasons
    assert why.code == "file-content"
    assert why.remedy
    return why.reason
