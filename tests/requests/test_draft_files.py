"""Attachments: what a file is, by its content; nothing that runs, fetches or hides is kept."""

from __future__ import annotations

import base64
import hashlib
import io
import random
import struct
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schoolgate import requests
from schoolgate.clock import FixedClock
from schoolgate.people import person
from schoolgate.requests import drafting
from schoolgate.requests.drafting.filetype import LONGEST_NAME, MOST_BYTES, Checked, check, clean_name
from schoolgate.requests.drafting.models import Content, DraftAttachment, UploadPiece
from tests.requests.cast import Cast, codes
from tests.requests.drafts import begun, filled_in


def pdf(*objects: bytes, trailer: bytes = b"") -> bytes:
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (number, one) for number, one in enumerate(objects, start=1))
    return b"%PDF-1.7\n" + body + b"trailer\n<</Root 1 0 R" + trailer + b">>\nstartxref\n9\n%%EOF\n"


def stream(data: bytes, head: bytes = b"") -> bytes:
    packed = zlib.compress(data)
    return b"<</Length %d /Filter /FlateDecode %s>>\nstream\n%s\nendstream" % (len(packed), head, packed)


def png(width: int = 1, height: int = 1) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


def jpeg(width: int = 1) -> bytes:
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, 1, width, 1) + b"\x01\x11\x00"
    scan = b"\xff\xda" + struct.pack(">HB", 8, 1) + b"\x01\x00\x00\x3f\x00" + b"\x12\xff\x00\x34\xff\xd0\x56"
    return b"\xff\xd8\xff\xe0\x00\x04JF" + frame + scan + b"\xff\xd9"


def archive(parts: dict[str, bytes], comment: bytes = b"") -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as made:
        for name, data in parts.items():
            made.writestr(zipfile.ZipInfo(name), data)
        made.comment = comment
    return held.getvalue()


MAIN = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
LINK = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def docx(**parts: bytes) -> bytes:
    told = b'<Types><Override PartName="/word/document.xml" ContentType="' + MAIN + b'"/></Types>'
    plain = {"[Content_Types].xml": told, "word/document.xml": b"<w:document/>"}
    return archive({**plain, **{name.replace("__", "/"): data for name, data in parts.items()}})


def odt(**parts: bytes) -> bytes:
    plain = {"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<office:document-content/>"}
    return archive({**plain, **{name.replace("__", "/"): data for name, data in parts.items()}})


PAGE = b"<</Type /Catalog /Pages 2 0 R>>"
GOOD = {
    "plan.pdf": pdf(PAGE, stream(b"BT (Hello) Tj ET")),
    "objects.pdf": pdf(PAGE, stream(b"1 0 2 9 <</A 1>> <</B 2>>", b"/Type /ObjStm /N 2 /First 8")),
    "picture.png": png(),
    "photo.jpg": jpeg(),
    "photo.jpeg": jpeg(),
    "notes.txt": "A line – with a dash\r\nand another\n".encode(),
    "table.csv": b"year,absence\n2024,-1.5\n2025,+3\n2026,12%\n",
    "letter.docx": docx(),
    "link.docx": docx(
        **{
            "word___rels__document.xml.rels": b'<Relationships><Relationship Id="r1" Type="'
            + LINK
            + b'/hyperlink" Target="https://example.org" TargetMode="External"/></Relationships>'
        }
    ),
    "report.odt": odt(),
}

BAD: list[tuple[str, str, bytes, str]] = [
    ("a script", "a.pdf", pdf(b"<</OpenAction <</S /JavaScript /JS (x)>>>>"), "file-content"),
    ("a script under an escaped name", "a.pdf", pdf(b"<</S /J#61vaScr#69pt>>"), "file-content"),
    (
        "a script in an object stream",
        "a.pdf",
        pdf(PAGE, stream(b"7 0 <</S /JavaScript>>", b"/Type /ObjStm /N 1 /First 4")),
        "file-content",
    ),
    (
        "a script in an object stream that is called nothing",
        "a.pdf",
        pdf(PAGE, stream(b"7 0 <</S /JavaScript>>")),
        "file-content",
    ),
    (
        "a script behind a comment that looks like a stream",
        "a.pdf",
        pdf(PAGE, b"% stream\n<</S /JavaScript>>\n% endstream"),
        "file-content",
    ),
    ("a program that is started", "a.pdf", pdf(b"<</S /Launch /F (x)>>"), "file-content"),
    ("a file in a file", "a.pdf", pdf(b"<</Names <</EmbeddedFiles 2 0 R>>>>"), "file-content"),
    ("an action of its own", "a.pdf", pdf(b"<</AA <</O 3 0 R>>>>"), "file-content"),
    ("a locked one", "a.pdf", pdf(PAGE, trailer=b" /Encrypt 3 0 R"), "file-content"),
    (
        "one packed in a strange way",
        "a.pdf",
        pdf(PAGE, b"<</Type /ObjStm /N 1 /First 4 /Filter [/ASCII85Decode /FlateDecode]>>\nstream\nabc\nendstream"),
        "file-content",
    ),
    (
        "one that unpacks without end",
        "a.pdf",
        pdf(PAGE, stream(b"\0" * (51 << 20), b"/Type /ObjStm /N 1 /First 4")),
        "file-content",
    ),
    ("one cut off", "a.pdf", pdf(PAGE)[:-10], "file-content"),
    ("a PDF called a picture", "a.png", pdf(PAGE), "file-not-what-it-says"),
    ("a page of the web called text", "a.pdf", b"<script>alert(1)</script>", "file-not-what-it-says"),
    ("a program", "a.exe", b"MZ\x90\x00", "file-kind"),
    ("a program called a PDF", "a.pdf", b"MZ\x90\x00\x01\x02", "file-not-what-it-says"),
    ("a page of the web", "a.html", b"<p>Hello</p>", "file-kind"),
    ("a picture with something after it", "a.png", png() + b"PK\x03\x04", "file-content"),
    ("a damaged picture", "a.png", png()[:-6] + b"\0\0\0\0\0\0", "file-content"),
    ("a picture without end", "a.png", png()[:-12], "file-content"),
    ("a picture that swallows the memory", "a.png", png(100_000, 100_000), "file-content"),
    ("a photo with something after it", "a.jpg", jpeg() + b"<?php", "file-content"),
    ("a photo cut off", "a.jpg", jpeg()[:-2], "file-content"),
    ("a photo of no size", "a.jpg", jpeg(0), "file-content"),
    ("text that turns the reading round", "a.txt", "a \u202e b".encode(), "file-not-what-it-says"),
    ("text in another encoding", "a.txt", "Zürich".encode("latin-1"), "file-not-what-it-says"),
    ("a formula", "a.csv", b'name,x\n"=HYPERLINK(""http://example.org"")",1\n', "file-content"),
    ("a formula after a space", "a.csv", b"name,x\n +cmd|' /C calc'!A0,1\n", "file-content"),
    ("an at sign", "a.csv", b"@SUM(1)\n", "file-content"),
    ("a macro", "a.docx", docx(**{"word__vbaProject.bin": b"x"}), "file-content"),
    ("a macro by its type", "a.docx", docx(**{"docProps__x.xml": b"", "word__vbaData.xml": b""}), "file-content"),
    ("a document in a document", "a.docx", docx(**{"word__embeddings__a.docx": b"x"}), "file-content"),
    (
        "a template from elsewhere",
        "a.docx",
        docx(
            **{
                "word___rels__settings.xml.rels": b"<Relationships><Relationship Type='"
                + LINK
                + b"/attachedTemplate' Target='http://example.org/t.dotm' TargetMode='External'/></Relationships>"
            }
        ),
        "file-content",
    ),
    (
        "an entity",
        "a.docx",
        docx(**{"word__styles.xml": b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'}),
        "file-content",
    ),
    ("a field that fetches", "a.docx", docx(**{"word__footer.xml": b"<w:instrText>DDEAUTO c:\\x</w:instrText>"}), "file-content"),
    ("a macro in an ODT", "a.odt", odt(**{"Basic__Standard__Module1.xml": b"x"}), "file-content"),
    ("an object in an ODT", "a.odt", odt(**{"Object 1__content.xml": b"x"}), "file-content"),
    ("an ODT that runs", "a.odt", archive({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<office:event-listeners/>"}), "file-content"),
    ("a spreadsheet called a text", "a.odt", archive({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b""}), "file-content"),
    ("an archive called a document", "a.docx", archive({"a.txt": b"x"}), "file-not-what-it-says"),
    ("a document with something before it", "a.docx", b"GIF89a" + docx(), "file-not-what-it-says"),
    ("a document with something hidden at its end", "a.docx", archive({"[Content_Types].xml": MAIN, "word/document.xml": b""}, b"<?php"), "file-content"),
    ("an empty file", "a.pdf", b"", "file-empty"),
    ("a file too large", "a.txt", b"x" * (MOST_BYTES + 1), "file-size"),
    ("a file without a name", "", b"x", "file-name"),
    ("a name that is an ending", ".pdf", pdf(PAGE), "file-name"),
]  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_a_plain_file_is_taken(name: str) -> None:
    found = check(name, GOOD[name])
    assert isinstance(found, Checked), found
    assert found.name == name
    assert "/" in found.kind


@pytest.mark.parametrize(("what", "name", "content", "code"), BAD, ids=[row[0] for row in BAD])
def test_what_runs_or_is_not_what_it_says_is_refused(what: str, name: str, content: bytes, code: str) -> None:
    assert codes(check(name, content)) == {(code, "file")}


@pytest.mark.parametrize(
    ("given_name", "cleaned"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\Example\\plan.PDF", "plan.pdf"),
        ("a\u202efdp.exe", "a_fdp.exe"),
        ('x"; filename="y.html', "x__ filename__y.html"),
        ("  two   spaces .pdf", "two spaces.pdf"),
        ("line\nbreak.txt", "line_break.txt"),
        ("Pläne für Schulen.pdf", "Pläne für Schulen.pdf"),
        ("…", ""),
        ("noending", ""),
        ("a.b.c.pdf", "a.b.c.pdf"),
    ],
)
def test_names_are_cleaned(given_name: str, cleaned: str) -> None:
    assert clean_name(given_name) == cleaned


@given(name=st.text(max_size=300))
def test_no_name_leaves_the_folder_or_a_header(name: str) -> None:
    cleaned = clean_name(name)
    assert not set(cleaned) & set('/\\"\r\n\0;:<>')
    assert not cleaned.startswith(".")
    assert len(cleaned) <= max(LONGEST_NAME, len(cleaned.rpartition(".")[2]) + 2)


@given(content=st.binary(max_size=400), name=st.sampled_from(sorted(GOOD)))
def test_no_content_makes_the_check_fail_in_another_way(content: bytes, name: str) -> None:
    assert isinstance(check(name, content), Checked | requests.Refused)


@pytest.mark.parametrize("name", GOOD)
def test_a_file_with_a_byte_changed_is_taken_or_refused_and_never_breaks_the_check(name: str) -> None:
    chance = random.Random(7)
    for _ in range(200):
        broken = bytearray(GOOD[name])
        broken[chance.randrange(len(broken))] = chance.randrange(256)
        assert isinstance(check(name, bytes(broken)), Checked | requests.Refused)


def put(draft: drafting.DraftView, name: str, content: bytes, actor: str, clock: FixedClock) -> object:
    for number in range(max(1, -(-len(content) // drafting.PIECE))):
        piece = content[number * drafting.PIECE : (number + 1) * drafting.PIECE]
        taken = drafting.attach_piece(draft.id, number, base64.b64encode(piece).decode(), actor, clock)
        assert taken == number + 1, taken
    return drafting.attach(draft.id, name, hashlib.sha256(content).hexdigest(), actor, clock)


def test_a_file_comes_in_pieces_and_is_kept_by_its_hash(cast: Cast, clock: FixedClock) -> None:
    draft = begun(cast, clock)
    large = b"a line of text\n" * 20_000
    made = put(draft, "../large.txt", large, cast.researcher, clock)
    assert made == drafting.Attachment("large.txt", "text/plain", hashlib.sha256(large).hexdigest(), len(large))
    assert not UploadPiece.objects.exists()
    assert isinstance(made, drafting.Attachment)
    assert drafting.attachment(draft.id, made.sha256, person(cast.colleague)) == (made, large)
    with pytest.raises(drafting.UnknownDraft):
        drafting.attachment(draft.id, made.sha256, person(cast.seller))
    with pytest.raises(drafting.UnknownDraft):
        drafting.attachment(draft.id, "0" * 64, person(cast.researcher))


def test_a_piece_that_is_missing_or_changed_is_noticed(cast: Cast, clock: FixedClock) -> None:
    draft = begun(cast, clock)
    piece = base64.b64encode(b"abc").decode()
    assert codes(drafting.attach_piece(draft.id, 1, piece, cast.researcher, clock)) == {("file-piece", "file")}
    assert codes(drafting.attach_piece(draft.id, 0, "not base64!", cast.researcher, clock)) == {("file-piece", "file")}
    too_long = base64.b64encode(b"x" * (drafting.PIECE + 1)).decode()
    assert codes(drafting.attach_piece(draft.id, 0, too_long, cast.researcher, clock)) == {("file-piece", "file")}
    drafting.attach_piece(draft.id, 0, piece, cast.researcher, clock)
    assert codes(drafting.attach(draft.id, "a.txt", "0" * 64, cast.researcher, clock)) == {("file-piece", "file")}
    assert codes(drafting.attach_piece(draft.id, 0, piece, cast.colleague, clock)) == {("not-an-author", "actor")}


def test_names_are_taken_once_and_all_together_have_a_limit(
    cast: Cast, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = begun(cast, clock)
    put(draft, "a.txt", b"one", cast.researcher, clock)
    assert codes(put(draft, "a.txt", b"two", cast.researcher, clock)) == {("file-name", "file")}  # type: ignore[arg-type]
    monkeypatch.setattr("schoolgate.requests.drafting.keep.MOST_BYTES_IN_ALL", 5)
    assert codes(put(draft, "b.txt", b"two", cast.researcher, clock)) == {("file-size", "file")}  # type: ignore[arg-type]


def test_what_was_handed_in_stays_and_what_was_not_is_gone_when_it_is_taken_away(cast: Cast, clock: FixedClock) -> None:
    draft = filled_in(cast, clock, dpia_reference="dpia.pdf")
    kept = put(draft, "dpia.pdf", GOOD["plan.pdf"], cast.researcher, clock)
    gone = put(draft, "slip.txt", b"a slip", cast.researcher, clock)
    assert isinstance(kept, drafting.Attachment)
    assert isinstance(gone, drafting.Attachment)
    assert drafting.detach(draft.id, gone.sha256, cast.researcher, clock) == gone.sha256
    assert not Content.objects.filter(sha256=gone.sha256).exists()
    now = drafting.find(draft.id, person(cast.researcher))
    made = requests.insist(drafting.submit_draft(draft.id, now.revision, cast.researcher, clock))
    assert codes(drafting.detach(draft.id, kept.sha256, cast.researcher, clock)) == {("not-possible-now", "")}
    requests.insist(requests.return_application(made.id, ["Another one, please."], cast.custodian, clock))
    assert drafting.detach(draft.id, kept.sha256, cast.researcher, clock) == kept.sha256
    assert drafting.find(made.id, person(cast.custodian)).attachments == (kept,)
    assert drafting.attachment(made.id, kept.sha256, person(cast.custodian))[1] == GOOD["plan.pdf"]
    assert DraftAttachment.objects.get().removed_at is not None
    assert codes(drafting.detach(draft.id, kept.sha256, cast.researcher, clock)) == {("file-unknown", "file")}
