"""Reading a return as it streams in, within hard limits, without trusting it.

Whatever is hostile in XML is refused before anything is kept: DTD and entities (billion laughs, external
files), processing instructions, depth, size, endless text. Memory stays flat: one pupil at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import IO, Any

from lxml import etree

from schoolgate.errors import SchoolgateError
from schoolgate.ids import Term

MAX_BYTES = 512 * 2**20
MAX_DEPTH = 12
MAX_TEXT = 4_000
MAX_PUPILS = 20_000
"""Ten times the largest school in England."""

_RENAMED = {
    "postlookedafterarrangements": "plaa",
    "sessionspossible": "termlysessionspossible",
    "absencesessions": "sessions",
}
_LISTS = {
    "FSMperiod": "fsm_periods",
    "SENneed": "sen_needs",
    "TermlyExclusion": "exclusions",
    "SessionDetail": "sessions",
    "Address": "addresses",
}
_PUPILS = {"PupilOnRoll": True, "PupilNoLongerOnRoll": False}

Fields = Mapping[str, str]


class ReturnUnreadable(SchoolgateError):
    """The file is not a return that can be taken in. Nothing of it was kept."""


@dataclass(frozen=True, slots=True)
class ReturnHeader:
    """Who sends what: the header's own words, empty where it says nothing."""

    collection: str
    term: str
    year: str
    reference: str
    source_level: str
    lea: str
    estab: str
    urn: str
    software: str
    serial: str
    phase: str
    school_name: str

    @property
    def laestab(self) -> str:
        """Authority and establishment number together."""
        return self.lea + self.estab

    @property
    def reference_date(self) -> date:
        """Census day.

        Raises:
            ReturnUnreadable: it is not a date.
        """
        try:
            return date.fromisoformat(self.reference)
        except ValueError:
            raise ReturnUnreadable("The header's reference date is not a date.", code="return-header") from None


@dataclass(frozen=True, slots=True)
class PupilRow:
    """One pupil of a return. Its repr shows the row number and nothing of the child."""

    row: int
    on_roll: bool
    fields: Fields = field(repr=False)
    fsm_periods: tuple[Fields, ...] = field(repr=False, default=())
    sen_needs: tuple[Fields, ...] = field(repr=False, default=())
    exclusions: tuple[Fields, ...] = field(repr=False, default=())
    sessions: tuple[Fields, ...] = field(repr=False, default=())
    addresses: tuple[Fields, ...] = field(repr=False, default=())


class _Bounded:
    """A stream that ends with a clear refusal when it is longer than any return."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._read = stream, 0

    def read(self, size: int = -1) -> bytes:
        """Read on."""
        data = self._stream.read(size)
        self._read += len(data)
        if self._read > MAX_BYTES:
            raise ReturnUnreadable(
                "The file is larger than 512 MiB.", hint="Send one school a file.", code="return-size"
            )
        return data


def _refuse_prolog(first: bytes) -> None:
    head = first.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not first:
        raise ReturnUnreadable("The file is empty.", code="return-empty")
    if first[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in first:
        raise ReturnUnreadable("The file is not UTF-8 text.", hint="Save it as UTF-8.", code="return-encoding")
    if not head.startswith(b"<"):
        raise ReturnUnreadable("The file is not XML.", code="return-format")
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
        raise ReturnUnreadable(
            "The file has a DTD or defines entities, which a return never needs.",
            hint="Export it again from your management information system.",
            code="return-dtd",
        )


def _events(stream: IO[bytes]) -> Iterator[tuple[Any, Any]]:
    parser = etree.XMLPullParser(
        events=("start", "end", "pi"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
    )
    source, first = _Bounded(stream), True
    try:
        while chunk := source.read(65_536):
            if first:
                _refuse_prolog(chunk)
                first = False
            parser.feed(chunk)
            yield from parser.read_events()
        if first:
            _refuse_prolog(b"")
        parser.close()
        yield from parser.read_events()
    except etree.XMLSyntaxError as error:
        # The parser's message can repeat the text it stumbled over; only the place is passed on.
        line, _ = error.position
        raise ReturnUnreadable(
            f"The file is not well-formed XML (line {line}).", hint="It may have been cut off.", code="return-format"
        ) from None


def _text(element: etree._Element) -> str:
    text = element.text or ""
    if len(text) > MAX_TEXT:
        raise ReturnUnreadable("An element holds more text than any item has.", code="return-text")
    return text.strip()


def _check(event: str, element: etree._Element, depth: int) -> None:
    if event == "pi" or not isinstance(element.tag, str):
        raise ReturnUnreadable("The file has a processing instruction or an entity.", code="return-dtd")
    if event == "start" and depth > MAX_DEPTH:
        raise ReturnUnreadable(f"The file is nested more than {MAX_DEPTH} deep.", code="return-depth")
    if event == "start" and len(element.attrib) > 4:
        raise ReturnUnreadable("An element has more attributes than a return uses.", code="return-attributes")
    if event == "start" and depth == 1 and element.tag != "Message":
        raise ReturnUnreadable("The file is not a School Census return: its root is not Message.", code="return-root")
    if event == "start" and depth == 1 and element.getroottree().docinfo.internalDTD is not None:
        raise ReturnUnreadable("The file has a DTD, which a return never needs.", code="return-dtd")


def _values(element: etree._Element) -> dict[str, str]:
    found = {}
    for child in element:
        if len(child) == 0 and isinstance(child.tag, str):
            name = child.tag.lower()
            text = _text(child)
            if text:
                found[_RENAMED.get(name, name)] = text
    return found


def _pupil(element: etree._Element, row: int) -> PupilRow:
    fields: dict[str, str] = {}
    lists: dict[str, list[Fields]] = {name: [] for name in _LISTS.values()}
    pending = list(element)
    while pending:
        part = pending.pop(0)
        if not isinstance(part.tag, str):
            raise ReturnUnreadable("The file holds an entity where an item is expected.", code="return-dtd")
        if part.tag in _LISTS:
            lists[_LISTS[part.tag]].append(_values(part))
        else:
            fields.update(_values(part))
            pending += [child for child in part if len(child)]
    return PupilRow(row, _PUPILS[str(element.tag)], fields, **{name: tuple(found) for name, found in lists.items()})


def _header(values: Mapping[str, str]) -> ReturnHeader:
    names = (
        "collection", "term", "year", "referencedate", "sourcelevel", "lea", "estab", "urn", "softwarecode", "serialno",
        "phase", "schoolname",
    )  # fmt: skip
    return ReturnHeader(*(values.get(name, "") for name in names))


def read_return(stream: IO[bytes]) -> tuple[ReturnHeader, Iterator[PupilRow]]:
    """The header, then each pupil as it is read.

    Raises:
        ReturnUnreadable: not a return, or hostile; also while the pupils are read.
    """
    values: dict[str, str] = {}
    rows = _read(stream, values)
    first = next(rows, None)
    header = _header(values)
    if header.collection != "SC" or header.term not in set(Term) or not header.year.isdigit():
        raise ReturnUnreadable(
            "The header does not say that this is a School Census return (SC), of which term and year.",
            code="return-header",
        )

    def all_rows() -> Iterator[PupilRow]:
        if first is not None:
            yield first
            yield from rows

    return header, all_rows()


def _read(stream: IO[bytes], values: dict[str, str]) -> Iterator[PupilRow]:
    depth = row = 0
    for event, element in _events(stream):
        if event == "start":
            depth += 1
        _check(event, element, depth)
        if event != "end":
            continue
        depth -= 1
        if element.tag in ("CollectionDetails", "Source", "School"):
            values.update(_values(element))
        if element.tag in _PUPILS:
            row += 1
            if row > MAX_PUPILS:
                raise ReturnUnreadable(f"The return has more than {MAX_PUPILS:,} pupils.", code="return-pupils")
            yield _pupil(element, row)
            parent = element.getparent()
            element.clear()
            if parent is not None:
                while element.getprevious() is not None:
                    del parent[0]
        elif depth > 3 and len(element.text or "") > MAX_TEXT:
            raise ReturnUnreadable("An element holds more text than any item has.", code="return-text")
