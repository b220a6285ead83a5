"""Whether a text document (ODT, DOCX) runs, fetches or hides anything. Pure.

Both are ZIP archives (OASIS OpenDocument 1.3 part 2; ECMA-376 part 2).
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib

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


def _xml_problem(name: str, data: bytes) -> str:
    # A document type declaration can fetch and can grow without end (XML 1.0, sections 4.2.2 and 4.4).
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data or data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return f"The part {name[:60]} of this document is written in a way that cannot be looked into."
    return ""


def _xml(parts: dict[str, bytes]) -> str:
    for name, data in parts.items():
        if name.endswith((".xml", ".rels")) and (found := _xml_problem(name, data)):
            return found
    return ""


def odt_problem(content: bytes) -> str:
    """What is wrong with an OpenDocument text, or empty."""
    parts = _parts(content)
    if isinstance(parts, str):
        return parts
    if parts.get("mimetype") != _ODT or "content.xml" not in parts:
        return "This is not an OpenDocument text."
    for name, data in parts.items():
        lower = name.lower()
        if lower.startswith(("basic/", "scripts/")) or b"<script:" in data or b"office:scripts>" in data:
            return "This document holds a macro."
        if lower.startswith("object") or b"<draw:object" in data or b"<draw:plugin" in data or b"<draw:applet" in data:
            return "This document holds another document or a program."
    if b"<office:event-listeners" in parts["content.xml"] or b"<text:dde-connection" in parts["content.xml"]:
        return "This document runs something when it is opened."
    return _xml(parts)


_FETCHES = re.compile(rb"<Relationship\b[^>]*>")


def docx_problem(content: bytes) -> str:
    """What is wrong with a Word document, or empty."""
    parts = _parts(content)
    if isinstance(parts, str):
        return parts
    types = parts.get("[Content_Types].xml", b"")
    if _DOCX_MAIN not in types:
        return "This is not a Word document without macros."
    for name in parts:
        lower = name.lower()
        if "vbaproject" in lower or "vbadata" in lower or lower.endswith(".bin") or "macro" in lower:
            return "This document holds a macro."
        if lower.startswith(("word/embeddings/", "word/activex/")):
            return "This document holds another document or a program."
    if b"macroEnabled" in types or b"vbaProject" in types:
        return "This document holds a macro."
    for name, data in parts.items():
        if not name.endswith(".rels"):
            continue
        for relation in _FETCHES.findall(data):
            # A link that a reader clicks is harmless; a template, picture or frame is fetched by itself.
            if b'"External"' in relation.replace(b"'", b'"') and not re.search(rb"/hyperlink[\"']", relation):
                return "This document fetches something from elsewhere when it is opened."
    if any(re.search(rb"\b(?:DDE|DDEAUTO)\b", data) for name, data in parts.items() if name.startswith("word/")):
        return "This document runs something when it is opened."
    return _xml(parts)
