"""A PDF's pages, put into a new PDF: what acts, embeds or fetches is refused, all else that is no page stays behind.

qpdf reads the file as a reader would: escapes in names undone, object streams unpacked, the cross-references followed
(ISO 32000-2, sections 7.3.5, 7.5.7, 7.5.8). Nothing is repaired: a page that a repair does not find would be lost
without a word. Runs shut in (`child`).
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterable, Iterator

import pikepdf

from schoolgate.rights.cases.apart.notes import Damaged, plain_jpeg
from schoolgate.rights.cases.apart.words import MOST_DOTS, MOST_PAGES, MOST_STEPS, Unfit

_ACTS = {
    "/JavaScript": "script",
    "/JS": "script",
    "/Launch": "program",
    "/PS": "program",
    "/EmbeddedFile": "file",
    "/EmbeddedFiles": "file",
    "/Filespec": "file",
    "/EF": "file",
    "/AF": "file",
    "/Collection": "file",
    "/GoToE": "elsewhere",
    "/GoToR": "elsewhere",
    "/FFilter": "elsewhere",
    "/XFA": "form",
    "/SubmitForm": "form",
    "/ImportData": "form",
    "/RichMedia": "film",
    "/Movie": "film",
    "/Sound": "film",
    "/Rendition": "film",
    "/Screen": "film",
    "/3D": "film",
    "/AA": "alone",
}
"""Name (section 7.3.5), as a key or as a value -> what is said of it."""

_SHORT = len("/AA")
"""A name as short as this may be a letter's in a font (section 9.6.5), too; it counts where it can act."""

_NAMED = frozenset(("/Font", "/XObject", "/CharProcs", "/ExtGState", "/ColorSpace", "/Pattern", "/Shading",
                    "/Properties", "/Encoding", "/Dests", "/ColorSpaces", "/Colorants"))  # fmt: skip
"""Dictionaries whose keys the maker of a PDF chose: a letter of a font may be called AA."""

_PAGE = frozenset(("/Type", "/MediaBox", "/CropBox", "/Rotate", "/UserUnit", "/Resources", "/Contents", "/Group"))
"""What of a page is kept (table 31); links, notes and steps that run stay behind."""

_BESIDE = ("/Metadata", "/PieceInfo", "/OPI", "/Alternates", "/LastModified", "/StructParent", "/StructParents",
           "/Measure", "/PtData", "/Thumb")  # fmt: skip
"""What may stand beside a page's parts and is no part of how it looks: who made it, where, with what."""


def _inside(whole: Iterable[pikepdf.Object]) -> Iterator[tuple[str, pikepdf.Object]]:
    """Every dictionary, list, stream and name, with the key that it stands under; what is referred to comes by itself.

    Raises:
        Unfit: there are more than can be looked at.
    """
    left, steps = [("", one) for one in whole if isinstance(one, pikepdf.Object)], 0
    while left:
        key, one = left.pop()
        yield key, one
        if isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
            below = list(one.items())
        elif isinstance(one, pikepdf.Array):
            below = [(key, part) for part in one]
        else:
            continue
        steps += len(below) + 1
        if steps > MOST_STEPS:
            raise Unfit("endless")
        left += [(name, part) for name, part in below if isinstance(part, pikepdf.Object) and not part.is_indirect]


def _is_named_by_its_maker(value: object) -> bool:
    """Whether this may be a letter or a font: two letters may be what somebody called one."""
    is_font = isinstance(value, pikepdf.Dictionary) and value.get("/Type") == pikepdf.Name.Font
    return is_font or isinstance(value, pikepdf.Stream)


def _refuse_what_acts(pdf: pikepdf.Pdf) -> None:
    for key, one in _inside([*pdf.objects, pdf.trailer]):
        if isinstance(one, pikepdf.Name):
            name = str(one)
            if name in _ACTS and (len(name) > _SHORT or key in ("/S", "/Subtype", "/Type")):
                raise Unfit(_ACTS[name])
        if not isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
            continue
        for name, value in one.items():
            if name in _ACTS and not (len(name) <= _SHORT and (key in _NAMED or _is_named_by_its_maker(value))):
                raise Unfit(_ACTS[name])
        if isinstance(one, pikepdf.Stream) and "/F" in one:
            raise Unfit("elsewhere")  # a stream whose data lies in another file (table 5)
        if one.get("/Subtype") == pikepdf.Name.Form and "/Ref" in one:
            raise Unfit("elsewhere")  # a page of another file (section 8.10.4)
        if one.get("/Subtype") == pikepdf.Name.Image:
            _look_at_size(one)


def _look_at_size(image: pikepdf.Object) -> None:
    width, height = image.get("/Width", 0), image.get("/Height", 0)
    if not (isinstance(width, int) and isinstance(height, int)):
        raise Unfit("damaged")
    if width * height > MOST_DOTS:
        raise Unfit("large-inside")


def _without_notes(one: pikepdf.Stream) -> None:
    """A photo inside a PDF (section 7.4.8) without its camera's notes."""
    packing = one.get("/Filter")
    names = [str(part) for part in packing] if isinstance(packing, pikepdf.Array) else [str(packing)]
    if "/DCTDecode" not in names and "/DCT" not in names:
        return
    data = one.read_raw_bytes()
    if names == ["/FlateDecode", "/DCTDecode"]:
        unpacker = zlib.decompressobj()
        data = unpacker.decompress(data, MOST_DOTS)
        if unpacker.unconsumed_tail:
            raise Unfit("endless")
    elif names != ["/DCTDecode"]:
        raise Unfit("damaged")
    held = one.get("/DecodeParms")
    how = held[-1] if isinstance(held, pikepdf.Array) else held
    try:
        one.write(plain_jpeg(data), filter=pikepdf.Name.DCTDecode,
                  decode_parms=how if isinstance(how, pikepdf.Dictionary) else None)  # fmt: skip
    except Damaged:
        raise Unfit("damaged") from None


def _scrub(pdf: pikepdf.Pdf) -> None:
    for key, one in _inside(pdf.objects):
        if isinstance(one, pikepdf.Dictionary | pikepdf.Stream) and key not in _NAMED:
            for name in _BESIDE:
                if name in one:
                    del one[name]
        if isinstance(one, pikepdf.Stream):
            _without_notes(one)


def only_pages(content: bytes) -> bytes:
    """A new PDF with the pages alone; what was filled into a form stands on them.

    Raises:
        Unfit: it is locked, damaged, has too much in it, or holds what acts.
    """
    try:
        pdf = pikepdf.open(io.BytesIO(content), attempt_recovery=False, suppress_warnings=True)
    except pikepdf.PasswordError:
        raise Unfit("locked") from None
    with pdf:
        if pdf.is_encrypted:
            raise Unfit("locked")
        _refuse_what_acts(pdf)
        count = len(pdf.pages)
        if not 0 < count <= MOST_PAGES:
            raise Unfit("pages" if count else "empty")
        form = pdf.Root.get("/AcroForm")
        if isinstance(form, pikepdf.Dictionary) and bool(form.get("/NeedAppearances", False)):
            pdf.generate_appearance_streams()
        pdf.flatten_annotations("screen")  # what is filled in becomes part of the page, what is hidden does not
        for page in pdf.pages:
            for name in set(page.obj.keys()) - _PAGE:
                del page.obj[name]
        with pikepdf.new() as made:
            made.pages.extend(pdf.pages)
            _scrub(made)
            _refuse_what_acts(made)
            out = io.BytesIO()
            made.save(
                out,
                object_stream_mode=pikepdf.ObjectStreamMode.disable,
                stream_decode_level=pikepdf.StreamDecodeLevel.none,
                compress_streams=False,
                deterministic_id=True,
            )
    return out.getvalue()
