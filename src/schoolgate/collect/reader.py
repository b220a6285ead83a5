"""Reading a return as it streams in, within hard limits, without trusting it.

`guard` looks at the bytes; here the tree is read one pupil at a time and thrown away behind it. Whatever stands
between two pupils is bounded (`MAX_GAP`), so memory stays flat whatever a file holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from lxml import etree

from schoolgate.collect.elements import ATTENDANCE, HEADER, LISTS, MODULES, PLAIN, SCHOOL, SESSION_COLUMNS
from schoolgate.collect.guard import Readable, ReturnUnreadable, guarded
from schoolgate.collect.refusals import misplaced, not_xml, too_deep, too_long, too_many, twice, wrong_root
from schoolgate.ids import Term

MAX_DEPTH = 12
MAX_TEXT = 4_000
MAX_ATTRIBUTES = 4
MAX_GAP = 2**18
"""Bytes read without a pupil coming to its end: a pupil's own record is a few thousand. It bounds what the parser
holds at once, and the names one file can make it remember for as long as the process lives."""
MAX_STRANGERS = 500
"""Different element names that the shape does not know."""
MAX_PASSED_OVER = 2_000_000
"""Elements passed over in all: a hundred for each pupil of the largest return that is taken in."""
MAX_PUPILS = 20_000
"""Ten times the largest school in England."""

_PUPILS = {"PupilOnRoll": "PupilsOnRoll", "PupilNoLongerOnRoll": "PupilsNoLongerOnRoll"}
_HAS_ATTRIBUTES = etree.XPath("boolean(descendant-or-self::*/@*)")
_HEADER_PARTS = {"CollectionDetails": HEADER, "Source": HEADER, "School": SCHOOL}

Fields = Mapping[str, str]


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
    school_type: str = ""
    free_meals_taken: str = ""

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
        found = day(self.reference)
        if found is None:
            raise ReturnUnreadable("The header's reference date is not a date.", code="return-header")
        return found


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
    summer_sessions: tuple[Fields, ...] = field(repr=False, default=())
    annual_sessions: tuple[Fields, ...] = field(repr=False, default=())
    learner_fams: tuple[Fields, ...] = field(repr=False, default=())
    learner_support: tuple[Fields, ...] = field(repr=False, default=())
    ap_placements: tuple[Fields, ...] = field(repr=False, default=())
    arranged_ap: tuple[Fields, ...] = field(repr=False, default=())
    programme_aims: tuple[Fields, ...] = field(repr=False, default=())
    learning_aims: tuple[Fields, ...] = field(repr=False, default=())
    modules: frozenset[str] = field(repr=False, default=frozenset())


def day(text: str | None) -> date | None:
    """A date written year-month-day, or None: Python's own reader also takes week dates and dates without dashes."""
    if not text or len(text) != 10 or text[4] != "-" or text[7] != "-":
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


class _Reading:
    """One file being read: what the header said so far, and what was met that the shape does not know."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self._parts: set[str] = set()
        self._strangers: set[str] = set()
        self._passed_over = 0
        self._where = "outside the pupils' records"

    # The elements themselves ---------------------------------------------------------------------------------

    def text(self, leaf: etree._Element) -> str:
        """An item's text, within bounds."""
        text = leaf.text
        if text is None:
            return ""
        if len(text) > MAX_TEXT:
            raise too_long(leaf.tag, self._where, MAX_TEXT)
        return text.strip()

    def stranger(self, element: etree._Element, depth: int) -> None:
        """An element the shape does not know: passed over, but not without limits."""
        if depth > MAX_DEPTH:
            raise too_deep(MAX_DEPTH)
        if not isinstance(element.tag, str):
            raise ReturnUnreadable("The file holds an entity where an item is expected.", code="return-dtd")
        self._passed_over += 1
        if self._passed_over > MAX_PASSED_OVER:
            raise ReturnUnreadable("The file is full of elements that no return has.", code="return-elements")
        self.text(element)
        self.attributes(element)
        self._name(element.tag)
        for child in element:
            self.stranger(child, depth + 1)

    def attributes(self, element: etree._Element) -> None:
        """An element's attributes, which no return needs: passed over, but not without limits."""
        names = element.keys()
        if len(names) > MAX_ATTRIBUTES:
            raise ReturnUnreadable("An element has more attributes than a return uses.", code="return-attributes")
        for name in names:
            self._name("@" + str(name))

    def _name(self, name: str) -> None:
        """The parser remembers every name it meets as long as the process lives, so there may not be many."""
        self._strangers.add(name)
        if len(self._strangers) > MAX_STRANGERS:
            raise ReturnUnreadable("The file is full of elements that no return has.", code="return-elements")

    def items(self, parent: etree._Element, known: Mapping[str, str], into: dict[str, str], depth: int) -> None:
        """The items directly below an element; whatever else stands there is looked at and passed over."""
        for leaf in parent:
            column = known.get(leaf.tag)
            if column is None or len(leaf):
                if leaf.tag not in LISTS:
                    self.stranger(leaf, depth + 1)
                continue
            text = self.text(leaf)
            if text:
                if column in into:
                    raise twice(leaf.tag, self._where)
                into[column] = text

    # A pupil -------------------------------------------------------------------------------------------------

    def pupil(self, element: etree._Element, row: int) -> PupilRow:
        """One pupil's record."""
        self._where = f"in pupil row {row}"
        if _HAS_ATTRIBUTES(element):
            for part in element.iter(etree.Element):
                self.attributes(part)
        fields: dict[str, str] = {}
        lists: dict[str, list[Fields]] = {}
        modules = set()
        for module in element:
            tag = module.tag
            if tag not in MODULES:
                self.stranger(module, 5)
                continue
            modules.add(tag)
            plain = PLAIN.get(tag)
            if plain is not None:
                self.items(module, plain, fields, 5)
                if tag == "SpecialEducationalNeeds":
                    self._containers(module, lists, 6)
            elif tag == "Attendance":
                self._attendance(module, fields, lists)
            elif tag == "HomeInformation":
                self._containers(module, lists, 6)
            else:
                self._repeated(module, lists, 5)
        return PupilRow(
            row,
            element.tag == "PupilOnRoll",
            fields,
            modules=frozenset(modules),
            **{name: tuple(found) for name, found in lists.items()},
        )

    def _containers(self, module: etree._Element, lists: dict[str, list[Fields]], depth: int) -> None:
        for container in module:
            if container.tag in LISTS:
                self._repeated(container, lists, depth)
            elif module.tag == "HomeInformation":
                self.stranger(container, depth)

    def _repeated(self, container: etree._Element, lists: dict[str, list[Fields]], depth: int) -> None:
        known = LISTS[container.tag]
        for part in container:
            place = known.get(part.tag)
            if place is None:
                self.stranger(part, depth + 1)
                continue
            name, columns = place
            found: dict[str, str] = {}
            self.items(part, columns, found, depth + 1)
            if name == "programme_aims":
                aims = lists.setdefault("learning_aims", [])
                before = len(aims)
                self._containers(part, lists, depth + 2)
                found["learningaims"] = str(len(aims) - before)
            lists.setdefault(name, []).append(found)

    def _attendance(self, module: etree._Element, fields: dict[str, str], lists: dict[str, list[Fields]]) -> None:
        for kind in module:
            place = ATTENDANCE.get(kind.tag)
            if place is None:
                self.stranger(kind, 6)
                continue
            column, name = place
            for part in kind:
                if part.tag == "SessionsPossible" and not len(part):
                    text = self.text(part)
                    if text:
                        fields[column] = text
                elif part.tag == "SessionDetails":
                    self._sessions(part, lists.setdefault(name, []))
                else:
                    self.stranger(part, 7)

    def _sessions(self, details: etree._Element, into: list[Fields]) -> None:
        for detail in details:
            if detail.tag != "SessionDetail":
                self.stranger(detail, 8)
                continue
            found: dict[str, str] = {}
            self.items(detail, SESSION_COLUMNS, found, 8)
            into.append(found)

    # The file ------------------------------------------------------------------------------------------------

    def header_part(self, element: etree._Element) -> None:
        """A part of the header, in its place and once; the same name elsewhere is none of ours."""
        parent = element.getparent()
        place = "Message" if element.tag == "School" else "Header"
        if parent is None or parent.tag != place:
            return
        if element.tag in self._parts or "pupils" in self._parts:
            raise ReturnUnreadable(
                "The header is given twice, or after the pupils.", hint="Give it once, first.", code="return-twice"
            )
        self._parts.add(str(element.tag))
        self._where = "in the header"
        self.items(element, _HEADER_PARTS[str(element.tag)], self.values, 3)

    def rows(self, source: Readable) -> Iterator[PupilRow]:
        """Every pupil, one at a time."""
        row = 0
        for event, element in self._events(source):
            if event == "start":
                self._root(element)
                self._place(element)
            elif element.tag in _HEADER_PARTS:
                self.header_part(element)
            elif element.tag in _PUPILS:
                row += 1
                if row > MAX_PUPILS:
                    raise too_many(MAX_PUPILS)
                self._parts.add("pupils")
                yield self.pupil(element, row)
                self._forget(element)

    def _root(self, element: etree._Element) -> None:
        if element.getparent() is None and element.tag != "Message":
            raise wrong_root()

    def _place(self, element: etree._Element) -> None:
        """A pupil stands in its list and nowhere else."""
        wanted = _PUPILS.get(str(element.tag))
        if wanted is None:
            return
        path = [str(above.tag) for above in element.iterancestors()]
        if path != [wanted, "Pupils", "Message"]:
            raise misplaced()

    def _forget(self, element: etree._Element) -> None:
        """Drop the pupil and all that stood before it, after a look at what the shape does not know."""
        self._where = "outside the pupils' records"
        element.clear()
        place: etree._Element | None = element
        while place is not None:
            parent = place.getparent()
            while (before := place.getprevious()) is not None and parent is not None:
                if before.tag not in _PUPILS and before.tag not in ("Header", "School", "PupilsOnRoll"):
                    self.stranger(before, 3)
                parent.remove(before)
            place = parent

    def _events(self, source: Readable) -> Iterator[tuple[str, Any]]:
        parser = etree.XMLPullParser(
            events=("start", "end"),
            tag=("Message", *_HEADER_PARTS, *_PUPILS),
            encoding="utf-8",
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            dtd_validation=False,
            huge_tree=False,
            remove_comments=True,
        )
        idle = 0
        try:
            for piece in guarded(source):
                parser.feed(piece)
                idle += len(piece)
                read: Iterator[Any] = parser.read_events()
                for event, element in read:
                    if event == "end" and element.tag in _PUPILS:
                        idle = 0
                    yield event, element
                if idle > MAX_GAP:
                    raise ReturnUnreadable(
                        f"The file goes on for more than {MAX_GAP // 1024} KiB without a pupil.",
                        code="return-gap",
                    )
            root = parser.close()
            yield from parser.read_events()
            self._root(root)
            for rest in root:
                if rest.tag not in ("Header", "School", "Pupils"):
                    self.stranger(rest, 2)
        except etree.XMLSyntaxError as error:
            raise not_xml(error, parser.feed_error_log, MAX_DEPTH) from None


def _header(values: Mapping[str, str]) -> ReturnHeader:
    names = (
        "collection", "term", "year", "referencedate", "sourcelevel", "lea", "estab", "urn", "softwarecode", "serialno",
        "phase", "schoolname", "schooltype", "freemealstaken",
    )  # fmt: skip
    return ReturnHeader(*(values.get(name, "") for name in names))


def read_return(stream: Readable) -> tuple[ReturnHeader, Iterator[PupilRow]]:
    """The header, then each pupil as it is read.

    Raises:
        ReturnUnreadable: not a return, or hostile; also while the pupils are read.
    """
    reading = _Reading()
    rows = reading.rows(stream)
    first = next(rows, None)
    header = _header(reading.values)
    if header.collection != "SC" or header.term not in set(Term) or not re.fullmatch(r"[0-9]{4}", header.year):
        raise ReturnUnreadable(
            "The header does not say that this is a School Census return (SC), of which term and year.",
            hint="CollectionDetails needs Collection SC, Term AUT, SPR or SUM, and Year in four digits.",
            code="return-header",
        )

    def all_rows() -> Iterator[PupilRow]:
        if first is not None:
            yield first
            yield from rows

    return header, all_rows()
