"""Writing a school's return: who is in it, in what order, every module of every pupil."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from xml.sax.saxutils import escape

import numpy as np

from schoolgate.dictionary import CensusShape, census_shape
from schoolgate.ids import CensusPoint, Term
from schoolgate.synthetic import beside
from schoolgate.synthetic.areas import Area
from schoolgate.synthetic.days import before, census_day, exclusion_terms, term_start
from schoolgate.synthetic.happened import Happened
from schoolgate.synthetic.lives import Population
from schoolgate.synthetic.rows import Column, Roll, RowBuilder, Wanted, wanted
from schoolgate.synthetic.status import Status, status
from schoolgate.synthetic.tables import Flags, Ints
from schoolgate.synthetic.terms import TermEvents, term_events

MODULES = {
    "PupilIdentifiers": (
        "UPN", "FormerUPN", "UniqueLearnerNumber", "Surname", "Forename", "MiddleNames", "PreferredSurname",
        "FormerSurname", "Sex", "DOB",
    ),
    "PupilCharacteristics": (
        "Ethnicity", "Language", "ServiceChild", "PostLookedAfterArrangements", "YoungCarer", "YSSA", "FundedHours",
        "HoursAtSetting", "ExtendedHours", "EYPPR", "TopUpFunding", "SchoolLunchTaken",
    ),
    "PupilStatus": (
        "EnrolStatus", "ClassType", "EntryDate", "LeavingDate", "PartTime", "Boarder", "NCyearActual", "QualHrs",
    ),
    "SpecialEducationalNeeds": ("SENprovision", "SENunitIndicator", "ResourcedProvisionIndicator", "SENneeds"),
    "": (
        "FSMperiods", "TermlyExclusions", "Attendance", "APPlacementDetails", "SchoolArrangedAP", "ProgrammeAims",
        "HomeInformation",
    ),
}  # fmt: skip
"""Modules in the order of a return, and the columns in each; those of the last bring their own module."""

_KINDS = {"SP": "special", "PR": "pru"}


@dataclass(slots=True)
class Rows:
    """The rows of one roll, ready to be written: a list of XML pieces for each column.

    Attributes:
        columns: by name; a piece is "" where a pupil has no such item.
        asked: rows (from 0) with something a query asks about.
    """

    on_roll: bool
    size: int
    columns: dict[str, Column]
    asked: list[tuple[int, str]]
    meals: int = 0


@dataclass(slots=True)
class Return:
    """A school's return of one census."""

    area: Area
    number: int
    point: CensusPoint
    on_roll: Rows
    off_roll: Rows

    @property
    def name(self) -> str:
        """Its file name."""
        return f"SYNTHETIC_{self.area.places[self.number].school.laestab}_{self.point.term}_{self.point.year}.xml"


class AreaReturns:
    """All returns of one area, for any of the censuses its population was made for."""

    def __init__(self, area: Area, people: Population, seed: int, query_rate: float) -> None:
        self.area, self.people, self.query_rate, self._seed = area, people, query_rate, seed
        order = np.argsort(people.stays.place, kind="stable")
        ends = np.cumsum(np.bincount(people.stays.place, minlength=len(area.places)))
        self.by_place = [np.sort(order[end - n : end]) for end, n in zip(ends, np.diff(np.r_[0, ends]), strict=True)]
        self._status: dict[int, Status] = {}
        self._events: dict[tuple[int, CensusPoint], TermEvents] = {}

    def status_of(self, academic_year: int) -> Status:
        """The children's status in an academic year."""
        if academic_year not in self._status:
            self._status[academic_year] = status(self.people.children, academic_year)
        return self._status[academic_year]

    def _events_of(self, number: int, term: CensusPoint) -> TermEvents:
        key = (number, term)
        if key not in self._events:
            school = self.area.places[number].school
            self._events[key] = term_events(
                self._seed, int(school.urn), _KINDS.get(school.phase, ""), term, self.people.stays,
                self.by_place[number], self.people.children, self.status_of(term.academic_year),
            )  # fmt: skip
        return self._events[key]

    def forget_before(self, point: CensusPoint) -> None:
        """Let go of the events that no census from this one on collects."""
        kept = {*exclusion_terms(point), before(point)}
        self._events = {key: found for key, found in self._events.items() if key[1] in kept}

    def build(self, number: int, point: CensusPoint) -> Return:
        """One school's return."""
        shape = census_shape(point.year, point.term)
        terms = {*exclusion_terms(point), before(point)}
        happened = Happened(point, shape, {term: self._events_of(number, term) for term in terms})
        on = _Assembly(self, number, point, shape, happened, on_roll=True)
        off = _Assembly(self, number, point, shape, happened, on_roll=False)
        return Return(self.area, number, point, on.rows(), off.rows())


class _Assembly:
    """Puts the columns of one roll together."""

    def __init__(
        self, of: AreaReturns, number: int, point: CensusPoint, shape: CensusShape, happened: Happened, *, on_roll: bool
    ) -> None:
        self._happened, self._on_roll, self._shape = happened, on_roll, shape
        self._wanted: Wanted = wanted(shape)
        self._stays, self._children = of.people.stays, of.people.children
        self._exclusions = happened.exclusions()
        self._start = term_start(point).toordinal()
        self._previous_start = term_start(before(point)).toordinal()
        here = of.by_place[number]
        year_status = of.status_of(point.academic_year)
        chosen, dual = self._present(here) if on_roll else self._gone(here)
        roll = Roll(of.area, number, on_roll, chosen, dual)
        self._builder = RowBuilder(
            roll,
            self._wanted,
            self._children,
            self._stays,
            year_status,
            of.query_rate,
        )
        if not on_roll:
            keep = self._told()
            roll = Roll(of.area, number, on_roll, chosen[keep], dual[keep])
            self._builder = RowBuilder(
                roll,
                self._wanted,
                self._children,
                self._stays,
                year_status,
                of.query_rate,
            )

    def _present(self, here: Ints) -> tuple[Ints, Flags]:
        stays, day = self._stays, self._wanted.day
        chosen = here[(stays.entered[here] <= day) & (stays.left[here] >= day)]
        second = stays.subsidiary & (stays.entered <= day) & (stays.left >= day)
        two = np.zeros(len(self._children.sex), dtype=bool)
        two[stays.child[second]] = True
        return chosen, two[stays.child[chosen]] & ~stays.subsidiary[chosen]

    def _gone(self, here: Ints) -> tuple[Ints, Flags]:
        stays, day = self._stays, self._wanted.day
        past = here[(stays.left[here] < day) & (stays.left[here] >= day - 600)]
        # Who has come back stands among those on roll, and once only.
        back = here[(stays.entered[here] <= day) & (stays.left[here] >= day)]
        chosen = past[~np.isin(stays.child[past], stays.child[back])]
        _, last = np.unique(stays.child[chosen][::-1], return_index=True)
        chosen = np.sort(chosen[len(chosen) - 1 - last])
        return chosen, np.zeros(len(chosen), dtype=bool)

    def _in_period(self, youngest: int) -> Flags:
        """Whether each was here, of school age and no boarder, in the term whose attendance is collected."""
        build = self._builder
        of_age = (build.august >= youngest) & (build.august <= 15) & ~build.boarder
        here: Flags = of_age & (build.entered < self._start) & (build.left >= self._previous_start)
        return here

    def _told(self) -> Flags:
        """Leavers a census asks for (rule 1925): with attendance in the last term, or with an exclusion collected."""
        excluded = [stay in self._exclusions for stay in self._builder.roll.stays.tolist()]
        told: Flags = self._in_period(4) | np.array(excluded, dtype=bool)
        return told

    def rows(self) -> Rows:
        """Every column."""
        build = self._builder
        stays = build.roll.stays
        nothing = [""] * build.size
        columns = build.identifiers() | build.characteristics() | build.status()
        meals = 0
        if self._on_roll:
            columns |= build.needs()
            columns["FSMperiods"], meals = beside.meals(build)
        columns["TermlyExclusions"] = [self._exclusions.get(stay, "") for stay in stays.tolist()]
        annual = np.zeros(build.size, dtype=bool)
        if "annualsessionspossible" in self._wanted.on and build.kind in ("SP", "PR") and self._on_roll:
            annual = (build.august >= 5) & (build.august <= 15) & ~build.boarder
        columns["Attendance"] = self._happened.attendance(stays, self._in_period(5), build.entered, annual, self._stays)
        columns["APPlacementDetails"] = beside.placements(build)
        columns["SchoolArrangedAP"] = beside.arranged(build, self._shape) if self._on_roll else nothing
        columns["ProgrammeAims"] = beside.aims(build)
        columns["HomeInformation"] = beside.home(build)
        return Rows(self._on_roll, build.size, columns, build.asked, meals)


def _template(rows: Rows) -> tuple[str, list[Column]]:
    """What a row looks like, and the columns that go into it in order."""
    tag = "PupilOnRoll" if rows.on_roll else "PupilNoLongerOnRoll"
    text, columns = f"<{tag}>", []
    for module, names in MODULES.items():
        present = [rows.columns[name] for name in names if name in rows.columns]
        if not present:
            continue
        inside = "%s" * len(present)
        text += f"<{module}>{inside}</{module}>" if module else inside
        columns += present
    return f"{text}</{tag}>\n", columns


def written(found: Return) -> Iterable[str]:
    """The return's XML, in pieces."""
    school, point = found.area.places[found.number].school, found.point
    day: date = census_day(point)
    meals = ""
    if point.term is Term.SPRING:
        # Not everyone eligible eats on the day.
        meals = f"<FreeMealsTaken>{found.on_roll.meals * 4 // 5}</FreeMealsTaken>"
    yield (
        "<?xml version='1.0' encoding='UTF-8'?>\n<!-- SYNTHETIC: no child in this file exists. -->\n"
        f"<Message><Header><CollectionDetails><Collection>SC</Collection><Term>{point.term}</Term>"
        f"<Year>{point.year}</Year><ReferenceDate>{day}</ReferenceDate></CollectionDetails>"
        f"<Source><SourceLevel>S</SourceLevel><LEA>{school.laestab.authority}</LEA>"
        f"<Estab>{school.laestab.establishment}</Estab><URN>{int(school.urn)}</URN>"
        "<SoftwareCode>SYNTHETIC</SoftwareCode><Release>SYNTHETIC-1</Release><SerialNo>1</SerialNo>"
        f"<DateTime>{day}T12:00:00</DateTime></Source></Header>\n"
        f"<School><SchoolName>{escape(school.name)}</SchoolName><Phase>{school.phase}</Phase>{meals}</School>\n"
        "<Pupils><PupilsOnRoll>\n"
    )
    yield from _lines(found.on_roll)
    yield "</PupilsOnRoll><PupilsNoLongerOnRoll>\n"
    yield from _lines(found.off_roll)
    yield "</PupilsNoLongerOnRoll></Pupils></Message>\n"


def _lines(rows: Rows) -> Iterable[str]:
    if rows.size:
        template, columns = _template(rows)
        for row in zip(*columns, strict=True):
            yield template % row
