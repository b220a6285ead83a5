"""What an attached file is, by its content, and whether it may be kept. Pure.

A file is kept when it is wholly one of a few plain kinds and nothing in it runs. What cannot be looked into (an
encrypted PDF, an unknown filter) is refused as well: the panel opens these files.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from schoolgate.cells import begins_a_formula
from schoolgate.errors import Refusal, Refused
from schoolgate.requests.drafting import office, pdf, pictures

MOST_BYTES = 5 << 20
MOST_BYTES_IN_ALL = 25 << 20
MOST_FILES = 30
LONGEST_NAME = 100

_HOW = "Attach a PDF, PNG, JPEG, plain text, CSV, ODT or DOCX without macros."


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that may be kept.

    Attributes:
        name: cleaned; its ending says what it is.
        kind: media type.
    """

    name: str
    kind: str
    content: bytes


def clean_name(name: str) -> str:
    """A file's name without folders and without characters that could mislead; empty when nothing is left.

    Kept are letters, digits, space and ``. - _ ( )``: no separator of any system, no reversed reading, no quote that
    could end a header's value (RFC 6266).
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    plain = "".join(c if unicodedata.category(c)[0] in "LN" or c in " .-_()" else "_" for c in last)
    stem, dot, ending = " ".join(plain.split()).lstrip(".").rpartition(".")
    if not dot or not stem.strip(" ._"):
        return ""
    return f"{stem.strip()[: LONGEST_NAME - len(ending) - 1].strip()}.{ending.lower()}"


def _text(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "This is not a text file in UTF-8."
    if any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co") and c not in "\r\n\t\f" for c in text):
        return "This text has control characters or invisible ones in it."
    return ""


def _csv(content: bytes) -> str:
    problem = _text(content)
    if problem:
        return problem
    text = content.decode("utf-8-sig")
    first = text.partition("\n")[0]
    # A spreadsheet lets the first line choose what parts the cells, and so does the country it runs in.
    if re.match(r"\s*\"?\s*sep\s*=", first, re.IGNORECASE):
        return "The first line says what parts the cells. Leave it out, and put commas between them."
    for between in [","] + [one for one in ";\t|" if one in first and "," not in first]:
        try:
            rows = csv.reader(io.StringIO(text, newline=""), delimiter=between, strict=True)
            if any(begins_a_formula(cell) for row in rows for cell in row):
                return "A cell begins with =, +, - or @ and would be computed. Write it as a plain value."
        except csv.Error:
            return "This is not a table with commas."
    return ""


_KINDS: Mapping[str, tuple[str, Callable[[bytes], str]]] = MappingProxyType(
    {
        "pdf": ("application/pdf", pdf.problem),
        "png": ("image/png", pictures.png_problem),
        "jpg": ("image/jpeg", pictures.jpeg_problem),
        "jpeg": ("image/jpeg", pictures.jpeg_problem),
        "txt": ("text/plain", _text),
        "csv": ("text/csv", _csv),
        "odt": ("application/vnd.oasis.opendocument.text", office.odt_problem),
        "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", office.docx_problem),
    }
)
"""Ending of a name -> media type, and what is wrong with content that should be of it."""

ENDINGS = frozenset(_KINDS)
"""Endings of the files that are taken."""


def looks_like(content: bytes) -> str:
    """The ending that fits how a file begins; ``txt`` when it is text, empty when it is none of ours."""
    if content.startswith(b"%PDF-"):
        return "pdf"
    if content.startswith(pictures.PNG):
        return "png"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if content.startswith(b"PK\x03\x04"):
        return office.ending(content)
    return "txt" if _text(content) == "" else ""


_SAME: Mapping[str, str] = MappingProxyType({"jpeg": "jpg", "csv": "txt"})
"""Endings that content alone does not tell apart."""


def check_file(name: str, content: bytes, most: int = MOST_BYTES) -> Checked | Refused:
    """A file as it may be kept, or every reason why it may not.

    Args:
        name: as the sender calls it; it is cleaned.
        content: the whole file.
        most: how many bytes it may have.
    """
    cleaned = clean_name(name)
    ending = cleaned.rpartition(".")[2]
    found = []
    if not cleaned:
        found.append(Refusal("file-name", "The file needs a name with an ending, as in plan.pdf.", where="file"))
    elif ending not in _KINDS:
        found.append(Refusal("file-kind", "Files of this kind are not taken.", remedy=_HOW, where="file"))
    if not content:
        found.append(Refusal("file-empty", "The file is empty.", where="file"))
    if len(content) > most:
        found.append(Refusal("file-size", f"A file has at most {most >> 20} MB.", where="file"))
    if found:
        return Refused(tuple(found))
    kind, problem_of = _KINDS[ending]
    true = looks_like(content)
    if true != _SAME.get(ending, ending):
        said = f"It is called .{ending}, but what is in it is " + (
            f"of the kind .{true}." if true else "of no known kind."
        )
        return Refused((Refusal("file-not-what-it-says", said, remedy=_HOW, where="file"),))
    problem = problem_of(content)
    if problem:
        return Refused(
            (Refusal("file-content", problem, remedy="Save it anew without that, and attach it again.", where="file"),)
        )
    return Checked(cleaned, kind, content)
