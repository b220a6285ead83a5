"""A text document (ODT, DOCX) packed anew: its parts and nothing between them, without who wrote it and when; its
pictures without their notes.

What the parts may hold was looked into before (`requests.drafting.check_file`), and they are kept as they are. Runs
shut in (`child`).
"""

from __future__ import annotations

import io
import zipfile

from schoolgate.rights.cases.apart.notes import Damaged, plain_jpeg, plain_png
from schoolgate.rights.cases.apart.words import MOST_UNPACKED, Unfit

_ABOUT = {
    "docProps/core.xml": b'<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/'
    b'core-properties"/>',
    "docProps/app.xml": b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/'
    b'extended-properties"/>',
    "meta.xml": b'<office:document-meta xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    b' office:version="1.3"/>',
}
"""Parts that say who wrote a document, when, and on whose machine; the same with nothing in them (ECMA-376 part 2,
section 11; OpenDocument 1.3 part 3, section 4.3)."""


def packed_anew(content: bytes) -> bytes:
    """The document packed anew.

    Raises:
        Unfit: it unpacks to too much, or a picture in it is damaged.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as sent, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        if sum(one.file_size for one in sent.infolist()) > MOST_UNPACKED:
            raise Unfit("endless")
        for one in sent.infolist():
            # ODT: the first part says what it is and is not packed (OpenDocument 1.3 part 2, section 3.3).
            how = zipfile.ZIP_STORED if one.filename == "mimetype" else zipfile.ZIP_DEFLATED
            made.writestr(zipfile.ZipInfo(one.filename), _ABOUT.get(one.filename) or _part(sent.read(one)), how)
    return out.getvalue()


def _part(data: bytes) -> bytes:
    try:
        if data.startswith(b"\xff\xd8\xff"):
            return plain_jpeg(data)
        return plain_png(data) if data.startswith(b"\x89PNG\r\n\x1a\n") else data
    except Damaged:
        raise Unfit("damaged") from None
