"""Whether a text document (ODT, DOCX) runs, fetches or hides anything. Pure.

Both are ZIP archives (OASIS OpenDocument 1.3 part 2; ECMA-376 part 2). Every part that is XML is parsed, whatever it is
called: names of parts are the same in capitals (ECMA-376 part 2, section 6.2.2), and any name can hold any kind.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator

from schoolgate.requests.drafting.markup import Element, Looker, Unseen, is_markup

# What the standard library raises for an archive that is damaged, or (a RuntimeError) made in a way it does not know.
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    IndexError,
    OSError,
    RuntimeError,
    ValueError,
)
_MOST_PARTS = 2_000
_MOST_UNPACKED = 60 << 20
_ODT = b"application/vnd.oasis.opendocument.text"
_DOCX_MAIN = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def _open(content: bytes) -> zipfile.ZipFile | None:
    try:
        return zipfile.ZipFile(io.BytesIO(content))
    except _DAMAGED:
        return None


def ending(content: bytes) -> str:
    """``odt`` or ``docx``; empty when an archive is neither."""
    archive = _open(content)
    if archive is None:
        return ""
    names = archive.namelist()
    if names and names[0] == "mimetype":
        return "odt"
    return "docx" if "[Content_Types].xml" in names and "word/document.xml" in names else ""


def _parts(content: bytes) -> dict[str, bytes] | str:
    """Every part of the archive, unpacked; or what is wrong with it."""
    archive = _open(content)
    if archive is None:
        return "This document is damaged."
    listed = archive.infolist()
    if len(listed) > _MOST_PARTS or sum(one.file_size for one in listed) > _MOST_UNPACKED:
        return "This document unpacks to more than can be looked into."
    names = [one.filename for one in listed]
    if len({name.lower() for name in names}) != len(names):
        return "Two parts of this document have one name."
    if any(one.flag_bits & 0x1 for one in listed):
        return "This document is locked, so nobody can look into it before it is opened."
    # Bytes before the first part, or after the directory, could make it another kind of file as well.
    if archive.comment or (listed and min(one.header_offset for one in listed) != 0):
        return "Something stands before or after the document."
    try:
        return {one.filename: archive.read(one) for one in listed}
    except _DAMAGED:
        return "This document is damaged."


_MACRO = "This document holds a macro."
_HOLDS = "This document holds another document or a program."
_RUNS = "This document runs something when it is opened."
_FETCHES = "This document fetches something from elsewhere when it is opened."
_LOCKED = "This document is locked, so nobody can look into it before it is opened."

_ODT_ELEMENTS = {
    "script": _MACRO,
    "event-listener": _RUNS,
    "event-listeners": _RUNS,
    "submission": _RUNS,
    "dde-connection": _RUNS,
    "dde-connection-decl": _RUNS,
    "dde-source": _RUNS,
    "object": _HOLDS,
    "object-ole": _HOLDS,
    "plugin": _HOLDS,
    "applet": _HOLDS,
    "floating-frame": _FETCHES,
    "section-source": _FETCHES,
    "table-source": _FETCHES,
    "cell-range-source": _FETCHES,
    "auto-reload": _FETCHES,
    "encryption-data": _LOCKED,
}
"""Local name -> what is wrong with a document that has it (OpenDocument 1.3 part 3)."""


def _of_odt(element: Element) -> str:
    if element.name in _ODT_ELEMENTS:
        return _ODT_ELEMENTS[element.name]
    for key in ("href", "image-data"):
        address = element.attributes.get(key, "").strip().lower()
        if "script:" in address or address.startswith("macro:"):
            return _MACRO
        # A link that a reader clicks is harmless, and the place of a template is only noted; all else is loaded.
        if element.name not in ("a", "template") and _is_elsewhere(address):
            return _FETCHES
    return ""


def _is_elsewhere(address: str) -> bool:
    """Whether an address leads out of the archive (RFC 3986, section 4.2; a path of Windows among them)."""
    return ":" in address or address.startswith(("/", "\\", "..")) or "/../" in address


def odt_problem(content: bytes) -> str:
    """What is wrong with an OpenDocument text, or empty."""
    parts = _parts(content)
    if isinstance(parts, str):
        return parts
    if parts.get("mimetype") != _ODT or "content.xml" not in parts:
        return "This is not an OpenDocument text."
    for name in parts:
        if name.lower().startswith(("basic/", "scripts/")):
            return _MACRO
        if name.lower().startswith("object"):
            return _HOLDS
    looker = Looker()
    found: list[str] = []

    def at(element: Element) -> None:
        if problem := _of_odt(element):
            found.append(problem)

    try:
        for name, data in parts.items():
            if is_markup(name, data):
                looker.look(data, at)
            if found:
                return found[0]
    except Unseen as unseen:
        return found[0] if found else str(unseen)
    return ""


_RELATED = {
    "vbaproject": _MACRO,
    "wordvbadata": _MACRO,
    "oleobject": _HOLDS,
    "package": _HOLDS,
    "control": _HOLDS,
    "activexcontrolbinary": _HOLDS,
    "afchunk": _HOLDS,
    "subdocument": _HOLDS,
    "attachedtemplate": _FETCHES,
    "frame": _FETCHES,
}
"""Kind of relationship (ECMA-376 part 1, section 15) -> what is wrong with a document that has one."""

_FIELD = re.compile(
    r"\s*(?:(DDE|DDEAUTO|MACROBUTTON|QUOTE\s+[0-9])|INCLUDEPICTURE|INCLUDETEXT|INCLUDE|IMPORT|LINK|DATABASE|RD)\b", re.I
)
"""Fields that run or fetch (ECMA-376 part 1, section 17.16.5); QUOTE with numbers writes the name of another one."""


class _Docx:
    """What is found in a Word document's parts."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._code: list[str] = []
        self._in_code = False

    def at(self, element: Element) -> None:
        """The beginning of an element."""
        self._in_code = element.name in ("instrText", "delInstrText")
        if element.name in ("fldChar", "p"):
            self.field_ends()
        self.found += self._problems(element)

    def said(self, text: str) -> None:
        """Text: a field's code may come in many pieces."""
        if self._in_code:
            self._code.append(text)

    def field_ends(self) -> None:
        """A field's code is whole."""
        self.found += _of_field("".join(self._code))
        self._code = []

    def _problems(self, element: Element) -> Iterator[str]:
        given = element.attributes
        if element.name == "fldSimple":
            yield from _of_field(given.get("instr", ""))
        if element.name == "Relationship":
            kind = given.get("Type", "").strip().rpartition("/")[2].lower()
            if kind in _RELATED:
                yield _RELATED[kind]
            # A link that a reader clicks is harmless; a template, picture or frame is fetched by itself.
            elif kind != "hyperlink" and given.get("TargetMode", "Internal").strip().lower() != "internal":
                yield _FETCHES
        if element.name in ("Override", "Default"):
            kind = given.get("ContentType", "").lower()
            if "macroenabled" in kind or "vba" in kind:
                yield _MACRO
            if "oleobject" in kind or "activex" in kind:
                yield _HOLDS
        # Pictures that are linked and not held: by a relationship of any kind, or by their address.
        if (element.name == "blip" and given.get("link")) or (
            element.name in ("imagedata", "fill", "stroke")
            and any(_is_elsewhere(given.get(k, "")) for k in ("src", "href"))
        ):
            yield _FETCHES


def _of_field(code: str) -> Iterator[str]:
    found = _FIELD.match(code)
    if found:
        yield _RUNS if found[1] else _FETCHES


def docx_problem(content: bytes) -> str:
    """What is wrong with a Word document, or empty."""
    parts = _parts(content)
    if isinstance(parts, str):
        return parts
    if _DOCX_MAIN not in parts.get("[Content_Types].xml", b""):
        return "This is not a Word document without macros."
    for name in parts:
        lower = name.lower()
        if "vbaproject" in lower or "vbadata" in lower or lower.endswith(".bin") or "macro" in lower:
            return _MACRO
        if lower.startswith(("word/embeddings/", "word/activex/")):
            return _HOLDS
    looker, seen = Looker(), _Docx()
    try:
        for name, data in parts.items():
            if is_markup(name, data):
                looker.look(data, seen.at, seen.said)
                seen.field_ends()
            if seen.found:
                break
    except Unseen as unseen:
        return seen.found[0] if seen.found else str(unseen)
    return seen.found[0] if seen.found else ""
