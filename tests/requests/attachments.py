"""Files as somebody might attach them: plain ones, and ones that run, fetch, hide or keep the check busy."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from schoolgate.requests.drafting.filetype import MOST_BYTES


def pdf(*objects: bytes, trailer: bytes = b"") -> bytes:
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (number, one) for number, one in enumerate(objects, start=1))
    return b"%PDF-1.7\n" + body + b"trailer\n<</Root 1 0 R" + trailer + b">>\nstartxref\n9\n%%EOF\n"


def stream(data: bytes, head: bytes = b"") -> bytes:
    packed = zlib.compress(data)
    return b"<</Length %d /Filter /FlateDecode %s>>\nstream\n%s\nendstream" % (len(packed), head, packed)


def unpacked(data: bytes) -> bytes:
    """As zlib packs what it cannot make smaller: readable, in a frame of its own."""
    made = zlib.compressobj(0)
    return made.compress(data) + made.flush()


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
    "report.odt": odt(
        **{
            "Configurations2__accelerator__current.xml": b"",
            "meta.xml": b"<meta:template xlink:href='../Templates/a.ott'/>",
            "styles.xml": b"<x><draw:image xlink:href='Pictures/a.png'/><text:a xlink:href='https://example.org'/></x>",
        }
    ),
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
    ("a formula behind a line that parts the cells", "a.csv", b"sep=;\nname;=1+1\n", "file-content"),
    ("a formula between semicolons", "a.csv", b"name;x\nsum;=1+1\n", "file-content"),
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
    (
        "a template from elsewhere under another prefix",
        "a.docx",
        docx(
            **{
                "word___rels__settings.xml.rels": b"<r:Relationships xmlns:r='x'><r:Relationship Type='"
                + LINK
                + b"/image' Target='http://example.org/t.dotm' TargetMode='External'/></r:Relationships>"
            }
        ),
        "file-content",
    ),
    (
        "a picture from elsewhere, spelt in another way",
        "a.docx",
        docx(
            **{
                "word___RELS__document.xml.RELS": b"<Relationships><Relationship Type='"
                + LINK
                + b"/image' Target='http://example.org/t.png' TargetMode='&#69;xternal'/></Relationships>"
            }
        ),
        "file-content",
    ),
    (
        "a program in a part of another name",
        "a.docx",
        docx(
            **{
                "word___rels__document.xml.rels": b"<Relationships><Relationship Type='"
                + LINK
                + b"/oleObject' Target='media/a.dat'/></Relationships>"
            }
        ),
        "file-content",
    ),
    (
        "a field that runs, in two pieces",
        "a.docx",
        docx(**{"word__a.dat": b"<w:p><w:instrText> DD</w:instrText><w:instrText>E c:</w:instrText></w:p>"}),
        "file-content",
    ),
    ("a field that fetches a picture", "a.docx", docx(**{"word__a.xml": b"<w:fldSimple w:instr=' includepicture &quot;http://example.org&quot; '/>"}), "file-content"),
    ("a picture by its address", "a.docx", docx(**{"word__a.xml": b"<v:imagedata src='http://example.org/a.png'/>"}), "file-content"),
    ("a linked picture", "a.docx", docx(**{"word__a.xml": b"<a:blip r:link='r1'/>"}), "file-content"),
    ("more parts of markup than can be read", "a.docx", docx(**{"word__a.xml": b"<a>" + b"<b/>" * 1_000_001 + b"</a>"}), "file-content"),
    ("an ODT that fetches a picture", "a.odt", odt(**{"styles.xml": b"<x><draw:image xlink:href='http://example.org/a.png'/></x>"}), "file-content"),
    ("an ODT that signs in elsewhere", "a.odt", odt(**{"styles.xml": b"<x><d:image h:href='file://example.org/a.png'/></x>"}), "file-content"),
    ("an ODT that runs under another prefix", "a.odt", odt(**{"styles.xml": b"<x><s:event-listener/></x>"}), "file-content"),
    ("an ODT with a link to a macro", "a.odt", odt(**{"styles.xml": b"<t:a h:href='vnd.sun.star.script:x'/>"}), "file-content"),
    ("a locked ODT", "a.odt", odt(**{"META-INF__manifest.xml": b"<m:manifest><m:encryption-data/></m:manifest>"}), "file-content"),
    (
        "objects packed in a strange way behind much space",
        "a.pdf",
        pdf(PAGE, b"<</Type /ObjStm /N 1 /First 4 /Filter /LZWDecode" + b" " * 5000 + b">>\nstream\nabc\nendstream"),
        "file-content",
    ),
    (
        "objects written as differences, behind a text that looks like a stream",
        "a.pdf",
        pdf(
            PAGE,
            b"<</Type/ObjStm/N 1/First 4(stream\nendstream endobj 5 0 obj <<)/Filter/FlateDecode"
            b"/DecodeParms<</Predictor 12>> >>\nstream\n" + zlib.compress(b"abc") + b"\nendstream",
        ),
        "file-content",
    ),
    (
        "objects whose packing is named elsewhere",
        "a.pdf",
        pdf(PAGE, b"<</Type/ObjStm/N 1/First 4/Filter 5 0 R>>\nstream\nabc\nendstream"),
        "file-content",
    ),
    (
        "a script behind an end that is none",
        "a.pdf",
        pdf(PAGE, b"<</Type/ObjStm/N 1/First 4>>\nstream\n" + unpacked(b"7 0 endstream <</S /JavaScript>>") + b"\nendstream"),
        "file-content",
    ),
    ("an archive called a document", "a.docx", archive({"a.txt": b"x"}), "file-not-what-it-says"),
    ("a document with something before it", "a.docx", b"GIF89a" + docx(), "file-not-what-it-says"),
    ("a document with something hidden at its end", "a.docx", archive({"[Content_Types].xml": MAIN, "word/document.xml": b""}, b"<?php"), "file-content"),
    ("an empty file", "a.pdf", b"", "file-empty"),
    ("a file too large", "a.txt", b"x" * (MOST_BYTES + 1), "file-size"),
    ("a file without a name", "", b"x", "file-name"),
    ("a name that is an ending", ".pdf", pdf(PAGE), "file-name"),
]  # fmt: skip
