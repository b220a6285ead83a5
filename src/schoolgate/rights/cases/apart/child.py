"""The process that takes one file apart: shut in before it looks, and gone when it has answered.

Run as ``python -I -m schoolgate.rights.cases.apart.child WALL KIND`` by `running` and nobody else: the file comes in on
standard input, and out goes one word, a new line, and where the word is ``ok`` the file as it is kept. An error that
is not named here ends the process, which is a "no" as well; its words go nowhere.
"""

from __future__ import annotations

import io
import sys
import zipfile

import pikepdf
from PIL import Image

from schoolgate import gate
from schoolgate.rights.cases.apart.documents import packed_anew
from schoolgate.rights.cases.apart.pages import only_pages
from schoolgate.rights.cases.apart.pictures import ORIENTATION, anew
from schoolgate.rights.cases.apart.words import Unfit

MEMORY, PROCESSOR, SIZE = 1 << 30, 20, 64 << 20


def _warm() -> None:
    """Do once what is done later: what Python and the libraries load on first use is then there."""
    notes = Image.Exif()
    notes[ORIENTATION] = 6
    for kind, name in (("image/png", "PNG"), ("image/jpeg", "JPEG")):
        for colours in ("RGB", "P") if name == "PNG" else ("RGB", "CMYK"):
            held = io.BytesIO()
            Image.new(colours, (8, 8)).save(held, name, exif=notes)
            anew(kind, held.getvalue())
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ä", "x")  # a name in each of the ways that there are, so that their codecs are loaded
        archive.writestr("a", "x")
    packed_anew(held.getvalue())
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        held = io.BytesIO()
        pdf.save(held)
    only_pages(held.getvalue())


def _answer(kind: str, content: bytes) -> tuple[str, bytes]:
    try:
        if kind == "application/pdf":
            return "ok", only_pages(content)
        return "ok", anew(kind, content) if kind.startswith("image/") else packed_anew(content)
    except Unfit as no:
        return str(no), b""
    except MemoryError:
        return "endless", b""


def main() -> None:
    """One file."""
    wall, kind = sys.argv[1:]
    _warm()
    gate.shut_in(wall, memory=MEMORY, processor=PROCESSOR, size=SIZE)
    word, made = _answer(kind, sys.stdin.buffer.read())
    sys.stdout.buffer.write(word.encode() + b"\n" + made)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
