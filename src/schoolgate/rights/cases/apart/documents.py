"""A text document (ODT, DOCX) packed anew, its parts and nothing between them; its pictures without their notes.

What the parts may hold was looked into before (`requests.drafting.check_file`), and they are kept as they are. Runs
shut in (`child`).
"""

from __future__ import annotations

import io
import zipfile

from schoolgate.rights.cases.apart.notes import Damaged, plain_jpeg, plain_png
from schoolgate.rights.cases.apart.words import MOST_UNPACKED, Unfit


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
            made.writestr(zipfile.ZipInfo(one.filename), _part(sent.read(one)), how)
    return out.getvalue()


def _part(data: bytes) -> bytes:
    try:
        if data.startswith(b"\xff\xd8\xff"):
            return plain_jpeg(data)
        return plain_png(data) if data.startswith(b"\x89PNG\r\n\x1a\n") else data
    except Damaged:
        raise Unfit("damaged") from None
