"""Nobody opens the bytes that a family sent: pictures and PDFs are taken apart and put together anew, or refused."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, String
from PIL import Image

from schoolgate.config import Config
from schoolgate.rights.cases import scanning
from schoolgate.rights.cases.apart import up_to_end
from schoolgate.rights.cases.apart.pages import only_pages
from schoolgate.rights.cases.apart.words import Unfit
from schoolgate.rights.cases.letters import letter_pdf
from schoolgate.rights.cases.models import Evidence, EvidencePiece
from tests.requests.attachments import docx, odt
from tests.rights.cases.papers import (
    CATALOG,
    PAGE,
    PLACE,
    PLAIN,
    annotated,
    at,
    drawn,
    filled_in,
    kept,
    noted_png,
    of_page,
    of_photo,
    paper,
    photo,
    refused,
    script,
    stream,
    written,
)  # fmt: skip
from tests.rights.cases.scene import Scene, codes

# What a PDF can do, and where it can be hidden.


def _filespec(pdf: Pdf) -> Dictionary:
    file = pdf.make_stream(b"MZ")
    file.Type = Name.EmbeddedFile
    return Dictionary(Type=Name.Filespec, F=String("a.exe"), EF=Dictionary(F=file))


def _hidden(pdf: Pdf, _: pikepdf.Page) -> None:
    pdf.Root.OpenAction = pdf.make_indirect(script())


ACTS: dict[str, tuple[bytes, str]] = {
    "a script when it opens": (paper(at("/OpenAction", lambda pdf: script())), "script"),
    "a script in the names": (
        paper(at("/Names", lambda pdf: Dictionary(JavaScript=Dictionary(Names=Array([String("a"), script()]))))),
        "script",
    ),
    "a script in an object stream": (
        paper(_hidden, object_stream_mode=pikepdf.ObjectStreamMode.generate, compress_streams=True),
        "script",
    ),
    "a script under an escaped name": (
        written({**PLAIN, 1: b"<</Type/Catalog/Pages 2 0 R/OpenAction<</S/J#61vaScript/J#53(x)>>>>"}),
        "script",
    ),
    "a script behind a link": (paper(annotated(Subtype=Name.Link, A=script())), "script"),
    "a step of the page": (paper(of_page("/AA", lambda pdf: Dictionary(O=Dictionary(S=Name.Named)))), "by itself"),
    "a program": (paper(at("/OpenAction", lambda pdf: Dictionary(S=Name.Launch, F=String("a.exe")))), "program"),
    "a file": (
        paper(at("/Names", lambda pdf: Dictionary(EmbeddedFiles=Dictionary(Names=Array([String("a"), _filespec(pdf)]))))),
        "another file",
    ),
    "a file of its own kind": (paper(at("/AF", lambda pdf: Array([_filespec(pdf)]))), "another file"),
    "a portfolio": (paper(at("/Collection", lambda pdf: Dictionary(View=Name.T))), "other files"),
    "a film": (paper(annotated(Subtype=Name.RichMedia)), "film"),
    "a film that plays itself": (paper(annotated(Subtype=Name.Screen, A=Dictionary(S=Name.Rendition))), "film"),
    "a model": (paper(annotated(Subtype=Name("/3D"))), "model"),
    "a form that sends": (
        paper(annotated(Subtype=Name.Widget, A=Dictionary(S=Name.SubmitForm, F=String("https://example.org")))),
        "form that sends",
    ),
    "a form that reads files": (paper(annotated(Subtype=Name.Widget, A=Dictionary(S=Name.ImportData))), "form that reads"),
    "an XFA form": (paper(at("/AcroForm", lambda pdf: Dictionary(Fields=Array([]), XFA=String("x")))), "form that can run"),
    "a link into another file": (
        paper(annotated(Subtype=Name.Link, A=Dictionary(S=Name.GoToR, F=String("\\\\example.org\\a.pdf")))),
        "another file",
    ),
    "a link into a file inside": (paper(annotated(Subtype=Name.Link, A=Dictionary(S=Name.GoToE))), "another file"),
    "a stream of another file": (
        written({**PLAIN, 4: b"<</Length 0/F(//example.org/a)>>\nstream\n\nendstream", 3: PAGE[:-2] + b"/Contents 4 0 R>>"}),
        "from elsewhere",
    ),
    "a page of another file": (
        written({**PLAIN, 4: stream(b"q Q", b"/Type/XObject/Subtype/Form/BBox[0 0 1 1]/Ref<</F(a)/Page 1>>"),
                 3: PAGE[:-2] + b"/Resources<</XObject<</A 4 0 R>>>>>>"}),
        "from elsewhere",
    ),
    "a program for a printer": (
        written({**PLAIN, 4: stream(b"showpage", b"/Type/XObject/Subtype/PS"),
                 3: PAGE[:-2] + b"/Resources<</XObject<</A 4 0 R>>>>>>"}),
        "program",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", ACTS)
def test_a_pdf_that_acts_embeds_or_fetches_is_refused_and_the_reason_says_which(home: Config, what: str) -> None:
    content, words = ACTS[what]
    assert words in refused(home, content)


@pytest.mark.parametrize("what", ACTS)
def test_who_takes_it_apart_refuses_it_as_well_whatever_was_seen_before(what: str) -> None:
    with pytest.raises(Unfit) as why:
        only_pages(ACTS[what][0])
    assert str(why.value) not in ("damaged", "endless")


def test_a_script_whose_objects_are_written_as_differences_is_refused(home: Config) -> None:
    body = b"4 0 <</S/JavaScript/JS(x)>>"
    rows = b"".join(
        b"\x02" + bytes([one]) for one in body
    )  # PNG's "up" over one column: unreadable but to who undoes it
    differences = b"/Type/ObjStm/N 1/First 4/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 1>>"
    sent = written({**PLAIN, 5: stream(rows, differences)})
    assert "cannot be looked into" in refused(home, sent)


@pytest.mark.parametrize("owner", ["", "secret"])
def test_a_locked_pdf_is_refused_also_where_everybody_may_open_it(home: Config, owner: str) -> None:
    locked = paper(encryption=pikepdf.Encryption(owner=owner or "x", user=owner))
    assert "locked" in refused(home, locked)


# What is more than one kind of file at once.


def _zip(comment: bytes = b"") -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as made:
        made.writestr("a.txt", "hidden")
        made.comment = comment
    return held.getvalue()


@pytest.mark.parametrize(
    "behind", [_zip(), _zip(b"%%EOF\n"), b"<script>x()</script>", b"MZ\x90", b"<html>%%EOF</html>"],
    ids=["zip", "zip that ends as a PDF", "script", "program", "page of the web"],
)  # fmt: skip
def test_what_stands_behind_a_pdf_is_refused(home: Config, behind: bytes) -> None:
    assert "follows after" in refused(home, paper() + behind)


@pytest.mark.parametrize("before", [_zip(), b"<script>x()</script>", b"\n", b"GIF89a"])
def test_what_stands_before_a_pdf_is_refused(home: Config, before: bytes) -> None:
    found = scanning.checked("letter.pdf", before + paper(), home)
    assert codes(found) == {"file-not-what-it-says"}


def test_a_page_of_the_web_inside_a_pdf_is_not_kept(home: Config) -> None:
    html = b"<script>harm()</script>"
    sent = written(PLAIN, head=b"%PDF-1.7\n%" + html + b"\n")
    assert html in sent
    assert b"harm" not in kept(home, "letter.pdf", sent)


@pytest.mark.parametrize(("name", "make"), [("a.jpg", photo), ("a.png", noted_png)])
@pytest.mark.parametrize("behind", [_zip(), b"<?php harm() ?>", paper(), photo()], ids=["zip", "php", "pdf", "film"])
def test_what_stands_behind_a_picture_is_left_out_and_the_picture_kept(
    name: str, make: Callable[[], bytes], behind: bytes
) -> None:
    assert up_to_end(make() + behind) == make()


@pytest.mark.parametrize(("name", "make"), [("a.jpg", photo), ("a.png", noted_png)])
def test_a_picture_with_an_archive_behind_it_is_none_when_it_is_kept(
    home: Config, name: str, make: Callable[[], bytes]
) -> None:
    found = kept(home, name, make() + _zip())
    assert Image.open(io.BytesIO(found)).size == (40, 30)
    assert not zipfile.is_zipfile(io.BytesIO(found))


@pytest.mark.parametrize("name", ["a.jpg", "a.png"])
def test_what_stands_before_a_picture_is_refused(home: Config, name: str) -> None:
    for before in (_zip(), b"<html>", b"%PDF-1.7\n"):
        found = scanning.checked(name, before + (photo() if name == "a.jpg" else noted_png()), home)
        assert codes(found) == {"file-not-what-it-says"}


# What is kept says nothing of where and when, and everything that is to be seen.


def test_a_photo_says_no_more_where_when_and_with_what_it_was_taken(home: Config) -> None:
    sent = photo()
    for told in (b"Exif", b"ExamplePhone", b"2026:11:03", PLACE):
        assert told in sent
        assert told not in kept(home, "a.jpg", sent)
    image = Image.open(io.BytesIO(kept(home, "a.jpg", sent)))
    assert not dict(image.getexif())
    assert image.size == (40, 30)


@pytest.mark.parametrize(
    ("turn", "size", "dark"),
    [(1, (40, 30), (2, 15)), (3, (40, 30), (37, 15)), (6, (30, 40), (15, 2)), (8, (30, 40), (15, 37))],
)
def test_a_photo_that_was_held_sideways_stands_upright(
    home: Config, turn: int, size: tuple[int, int], dark: tuple[int, int]
) -> None:
    image = Image.open(io.BytesIO(kept(home, "a.jpg", photo(turn)))).convert("L")
    assert image.size == size
    assert image.getpixel(dark) < 40  # type: ignore[operator]
    assert image.getpixel((size[0] - 1 - dark[0], size[1] - 1 - dark[1])) > 215  # type: ignore[operator]


def test_a_png_keeps_its_dots_and_none_of_its_notes(home: Config) -> None:
    found = kept(home, "a.png", noted_png())
    assert Image.open(io.BytesIO(found)).tobytes() == drawn().tobytes()
    assert [kind for kind in (b"tEXt", b"zTXt", b"iTXt", b"eXIf", PLACE, b"tIME") if kind in found] == []


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "LA", "I;16"])
def test_pictures_of_every_kind_of_colour_are_kept(home: Config, mode: str) -> None:
    held = io.BytesIO()
    sent = drawn().convert("L") if mode == "I;16" else drawn().convert(mode)
    (
        Image.frombytes("I;16", sent.size, b"".join(bytes((0, one)) for one in sent.tobytes()))
        if mode == "I;16"
        else sent
    ).save(held, "PNG")
    found = Image.open(io.BytesIO(kept(home, "a.png", held.getvalue())))
    assert found.convert("L").tobytes() == sent.convert("L").tobytes()


def test_a_photo_inside_a_pdf_says_no_more_where_it_was_taken(home: Config) -> None:
    sent = of_photo(photo())
    assert PLACE in sent
    assert b"Exif" in sent
    found = kept(home, "letter.pdf", sent)
    assert PLACE not in found
    assert b"Exif" not in found
    with pikepdf.open(io.BytesIO(found)) as pdf:
        image = Image.open(io.BytesIO(pdf.pages[0].Resources.XObject.I0.read_raw_bytes()))
        assert image.tobytes() == Image.open(io.BytesIO(photo())).tobytes()


def _linked(pdf: Pdf, page: pikepdf.Page) -> None:
    annotated(Subtype=Name.Link, A=Dictionary(S=Name.URI, URI=String("https://example.org/track")))(pdf, page)
    pdf.Root.OpenAction = Array([page.obj, Name.Fit])
    pdf.docinfo["/Author"] = "Somebody"


def test_links_first_places_and_names_stay_behind_and_the_words_are_kept(home: Config) -> None:
    found = kept(home, "letter.pdf", paper(_linked, pages=3))
    with pikepdf.open(io.BytesIO(found)) as pdf:
        assert set(pdf.Root.keys()) == {"/Type", "/Pages"}
        assert [b"Our letter" in page.Contents.read_bytes() for page in pdf.pages] == [True] * 3
        assert all("/Annots" not in page for page in pdf.pages)
    for gone in (b"example.org", b"Somebody", b"OpenAction"):
        assert gone not in found


def test_what_a_family_filled_into_a_form_stands_on_the_page(home: Config) -> None:
    with pikepdf.open(io.BytesIO(kept(home, "letter.pdf", filled_in()))) as pdf:
        assert "/AcroForm" not in pdf.Root
        inside = [one.read_bytes() for one in pdf.pages[0].Resources.XObject.values()]  # type: ignore[attr-defined]
        assert any(b"What we filled in" in one for one in inside)


def _drawn_by_the_reader(pdf: Pdf, page: pikepdf.Page) -> None:
    annotated(Subtype=Name.Widget, FT=Name.Tx, T=String("n"), V=String("typed"), F=4, DA=String("/F1 9 Tf 0 g"))(
        pdf, page
    )
    fonts = Dictionary(Font=page.Resources.Font)
    pdf.Root.AcroForm = Dictionary(Fields=page.obj.Annots, DR=fonts, NeedAppearances=True, DA=String("/F1 9 Tf 0 g"))


def test_what_was_filled_in_is_drawn_also_where_a_reader_would_have_drawn_it() -> None:
    assert b"typed" not in paper(_drawn_by_the_reader).partition(b"/V (typed)")[2]
    assert b"typed" in only_pages(paper(_drawn_by_the_reader))


def test_a_letter_of_ours_that_a_family_sends_back_is_taken(home: Config) -> None:
    ours = letter_pdf("# A letter\n\nWords of it.\n", "RC-2345-6789")
    with pikepdf.open(io.BytesIO(kept(home, "letter.pdf", ours))) as made, pikepdf.open(io.BytesIO(ours)) as sent:
        words = [[page.Contents.read_bytes() for page in pdf.pages] for pdf in (made, sent)]
    assert words[0] == words[1]


def test_a_letter_of_a_font_may_be_called_as_an_action_is(home: Config) -> None:
    font = (
        b"<</Type/Font/Subtype/Type3/FontBBox[0 0 9 9]/FontMatrix[1 0 0 1 0 0]/FirstChar 65/LastChar 66/Widths[9 9]"
        b"/Encoding<</Differences[65/A/AF]>>/CharProcs 7 0 R>>"
    )
    page = PAGE[:-2] + b"/Resources<</Font<</F1 4 0 R>>>>/Contents 6 0 R>>"
    drawing, words = stream(b"9 0 d0"), stream(b"BT /F1 9 Tf (AB) Tj ET")
    sent = written({**PLAIN, 3: page, 4: font, 5: drawing, 6: words, 7: b"<</A 5 0 R/AF 5 0 R>>"})
    with pikepdf.open(io.BytesIO(kept(home, "letter.pdf", sent))) as pdf:
        assert set(pdf.pages[0].Resources.Font.F1.CharProcs.keys()) == {"/A", "/AF"}


def test_a_page_that_takes_its_size_from_the_tree_keeps_it(home: Config) -> None:
    tree = b"<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 123 456]/Rotate 90>>"
    sent = written({1: CATALOG, 2: tree, 3: b"<</Type/Page/Parent 2 0 R>>"})
    with pikepdf.open(io.BytesIO(kept(home, "letter.pdf", sent))) as pdf:
        assert [int(one) for one in pdf.pages[0].MediaBox] == [0, 0, 123, 456]  # type: ignore[call-overload]
        assert pdf.pages[0].Rotate == 90


def test_what_a_later_version_took_out_is_not_kept(home: Config) -> None:
    before = written({**PLAIN, 4: stream(b"(Our old address) Tj", b""), 3: PAGE[:-2] + b"/Contents 4 0 R>>"})
    place, start = before.rfind(b"startxref\n") + 10, len(before)
    later = b"4 0 obj\n" + stream(b"(gone) Tj", b"") + b"\nendobj\n"
    table = b"xref\n4 1\n%010d 00000 n \ntrailer\n<</Root 1 0 R/Size 5/Prev %d>>\nstartxref\n%d\n%%%%EOF\n"
    sent = before + later + table % (start, int(before[place:].split()[0]), start + len(later))
    found = kept(home, "letter.pdf", sent)
    assert b"(gone) Tj" in found
    assert b"old address" not in found


def test_nothing_is_lost_when_a_file_is_refused(scene: Scene) -> None:
    reference = scene.challenged()
    before = scene.show(reference)
    assert codes(scene.send(reference, "letter.pdf", ACTS["a script when it opens"][0])) == {"file-content"}
    assert scene.show(reference).steps == before.steps
    assert not Evidence.objects.exists()
    assert not EvidencePiece.objects.exists()
    assert scene.send(reference, "letter.pdf", paper()) == 1
    assert scene.send(reference, "photo.jpg", photo()) == 2
    held = scene.show(reference).evidence
    assert [one.kind for one in held] == ["application/pdf", "image/jpeg"]


# Text documents.


def test_a_photo_in_a_document_says_no_more_where_it_was_taken_and_nothing_stands_between_its_parts(
    home: Config,
) -> None:
    words = b"<w:document>Our letter</w:document>"
    plain = docx(**{"word__document.xml": words, "word__media__a.jpg": photo(), "word__media__b.png": noted_png()})
    with zipfile.ZipFile(io.BytesIO(kept(home, "letter.docx", plain))) as archive:
        assert archive.read("word/document.xml") == words
        inside = [archive.read(f"word/media/{name}") for name in ("a.jpg", "b.png")]
    assert [told for told in (PLACE, b"Exif", b"ExamplePhone", b"eXIf") for one in inside if told in one] == []
    for before, after in zip((photo(), noted_png()), inside, strict=True):
        assert Image.open(io.BytesIO(after)).tobytes() == Image.open(io.BytesIO(before)).tobytes()


def test_a_document_does_not_say_who_wrote_it_and_when(home: Config) -> None:
    author = "<x><creator>Somebody Synthetic</creator><created>2026-08-31</created></x>"
    for name, made in (
        ("letter.docx", docx(**{"docProps__core.xml": author, "docProps__app.xml": author})),
        ("letter.odt", odt(**{"meta.xml": author})),
    ):
        with zipfile.ZipFile(io.BytesIO(kept(home, name, made))) as archive:
            assert not [one for one in archive.namelist() if b"Synthetic" in archive.read(one)]
            assert [one for one in archive.namelist() if one.endswith(("core.xml", "meta.xml"))]


def test_an_odt_is_still_one_and_says_first_what_it_is(home: Config) -> None:
    found = kept(home, "letter.odt", odt(**{"Pictures__a.jpg": photo()}))
    assert found[30:77] == b"mimetypeapplication/vnd.oasis.opendocument.text"
    assert kept(home, "letter.odt", found) == found
    assert PLACE not in found


def test_a_damaged_photo_in_a_document_is_refused(home: Config) -> None:
    assert "damaged" in refused(home, docx(**{"word__media__a.jpg": photo()[:-40]}), "letter.docx")
