"""Writing a made-up nation's returns as School Census XML, one school a file, one pupil at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TextIO
from xml.sax.saxutils import escape

import numpy as np

from schoolgate.dictionary import Establishment, establishment
from schoolgate.ids import UPN_LETTERS, CensusPoint, Term, Urn
from schoolgate.progress import Progress, silent
from schoolgate.synthetic.nation import Child, children, choose_schools, neighbour, size_of, term_number

MISTAKES = (
    ("check-letter", "1510"),
    ("dob-impossible", "1600"),
    ("sex-missing", "1610"),
    ("entry-after-census", "1880"),
)
_WEEKS = {Term.AUTUMN: (10, 1), Term.SPRING: (1, 3), Term.SUMMER: (5, 3)}
_SESSIONS = 120


@dataclass(frozen=True, slots=True)
class _Entry:
    """A child in one return: on roll or gone, and how it came."""

    child: Child
    on_roll: bool
    entered: date
    left: date | None
    enrolment: str


def census_day(point: CensusPoint) -> date:
    """The Thursday on which the census is taken."""
    month, week = _WEEKS[point.term]
    first = date(point.year, month, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 7 * (week - 1))


def _entries(
    schools: Sequence[Establishment], at: int, scale: float, seed: int, point: CensusPoint, first: CensusPoint
) -> Iterator[_Entry]:
    """Those who stayed, those who left since the first census, and those who came."""
    school, later = schools[at], term_number(point) > term_number(first)
    entered = date(first.academic_year, 9, 3)
    moved_on = census_day(first) + timedelta(days=40)
    for child in children(school, size_of(school, scale), seed, first):
        gone = later and child.moves and neighbour(schools, at) != at
        yield _Entry(child, not gone, entered, moved_on if gone else None, "M" if child.dual else "C")
    for other in range(len(schools)):
        if other == at or neighbour(schools, other) != at:
            continue
        for child in children(schools[other], size_of(schools[other], scale), seed, first):
            if later and child.moves:
                yield _Entry(child, True, moved_on + timedelta(days=3), None, "C")
            elif child.dual:
                yield _Entry(child, True, entered, None, "S")


def _part(**values: object) -> str:
    return "".join(
        f"<{name}>{escape(str(value))}</{name}>" for name, value in values.items() if value not in ("", None)
    )


def _year_group(child: Child, point: CensusPoint, first: CensusPoint) -> str:
    number = child.year_group + point.academic_year - first.academic_year
    return {-1: "N2", 0: "R"}.get(number, str(number))


def _pupil(entry: _Entry, point: CensusPoint, first: CensusPoint, mistake: str, rng: np.random.Generator) -> str:
    child, later = entry.child, term_number(point) > term_number(first)
    upn = child.upn if later or not child.temporary_upn else child.temporary_upn
    if mistake == "check-letter":
        upn = UPN_LETTERS[(UPN_LETTERS.index(upn[0]) + 1) % len(UPN_LETTERS)] + upn[1:]
    dob = "2015-02-30" if mistake == "dob-impossible" else child.dob
    entered = census_day(point) + timedelta(days=9) if mistake == "entry-after-census" else entry.entered
    missed = int(rng.poisson(child.absence * _SESSIONS))
    unauthorised = int(rng.binomial(missed, 0.3))
    details = "".join(
        f"<SessionDetail>{_part(AttendanceReason=code, AbsenceSessions=count)}</SessionDetail>"
        for code, count in (("I", missed - unauthorised), ("O", unauthorised))
        if count
    )
    suspended = child.year_group >= 7 and rng.random() < (0.04 if child.fsm else 0.012)
    meals = _part(FSMstartDate=f"{first.academic_year}-09-01", UKcountry="ENG")
    away = _part(Category="SUSP", Reason="DB", StartDate=entry.entered, Sessions=4)
    home = _part(PAON="1", Street="Synthetic Street", PostCode=child.postcode)
    parts = [
        "<PupilIdentifiers>",
        _part(
            UPN=upn, FormerUPN=child.temporary_upn if later else "",
            Surname=child.new_surname if later and child.new_surname else child.surname, Forename=child.forename,
            FormerSurname=child.surname if later and child.new_surname else "",
            Sex="" if mistake == "sex-missing" else child.sex, DOB=dob,
        ),
        "</PupilIdentifiers><PupilCharacteristics>",
        _part(Ethnicity=child.ethnicity, Language=child.language, ServiceChild="N", YoungCarer="N"),
        "</PupilCharacteristics><PupilStatus>",
        _part(
            EnrolStatus=entry.enrolment, EntryDate=entered, LeavingDate=entry.left, PartTime="false", Boarder="N",
            NCyearActual=_year_group(child, point, first), ClassType="N" if child.year_group < 0 else "O",
        ),
        "</PupilStatus><SpecialEducationalNeeds>",
        _part(SENprovision=child.sen),
        f"<SENneeds><SENneed>{_part(SENtypeRank=1, SENtype='SLCN')}</SENneed></SENneeds>" if child.sen != "N" else "",
        "</SpecialEducationalNeeds>",
        f"<FSMperiods><FSMperiod>{meals}</FSMperiod></FSMperiods>" if child.fsm else "",
        f"<TermlyExclusions><TermlyExclusion>{away}</TermlyExclusion></TermlyExclusions>" if suspended else "",
        f"<Attendance><TermlyAttendance><SessionsPossible>{_SESSIONS}</SessionsPossible>",
        f"<SessionDetails>{details}</SessionDetails></TermlyAttendance></Attendance>",
        f"<HomeInformation><Addresses><Address>{home}</Address></Addresses></HomeInformation>",
    ]  # fmt: skip
    tag = "PupilOnRoll" if entry.on_roll else "PupilNoLongerOnRoll"
    return f"<{tag}>{''.join(parts)}</{tag}>\n"


def _write(
    out: TextIO, schools: Sequence[Establishment], at: int, scale: float, seed: int, point: CensusPoint,
    first: CensusPoint, mistake_rate: float,
) -> list[dict[str, object]]:  # fmt: skip
    school = schools[at]
    wrong = np.random.default_rng([seed, 3, int(school.urn), term_number(point)])
    rng = np.random.default_rng([seed, 4, int(school.urn), term_number(point)])
    head = _part(Collection="SC", Term=point.term, Year=point.year, ReferenceDate=census_day(point))
    source = _part(
        SourceLevel="S", LEA=school.laestab.authority, Estab=school.laestab.establishment, URN=int(school.urn),
        SoftwareCode="SYNTHETIC", Release="SYNTHETIC-1", SerialNo=1, DateTime=f"{census_day(point)}T12:00:00",
    )  # fmt: skip
    out.write(
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        f"<Message><Header><CollectionDetails>{head}</CollectionDetails><Source>{source}</Source></Header>\n"
        f"<School>{_part(SchoolName=school.name, Phase=school.phase)}</School>\n<Pupils><PupilsOnRoll>\n"
    )
    planted: list[dict[str, object]] = []
    row = 0
    for on_roll in (True, False):
        for entry in _entries(schools, at, scale, seed, point, first):
            if entry.on_roll is not on_roll:
                continue
            row += 1
            kind = ""
            if wrong.random() < mistake_rate:
                kind, rule = MISTAKES[int(wrong.integers(len(MISTAKES)))]
                census = f"{point.term}-{point.year}"
                planted.append({"urn": int(school.urn), "census": census, "row": row, "kind": kind, "rule": rule})
            out.write(_pupil(entry, point, first, kind, rng))
        out.write(
            "</PupilsOnRoll><PupilsNoLongerOnRoll>\n" if on_roll else "</PupilsNoLongerOnRoll></Pupils></Message>\n"
        )
    return planted


def generate(
    directory: Path,
    *,
    schools: int | Sequence[Urn],
    points: Sequence[CensusPoint],
    seed: int,
    pupils: int | None = None,
    mistake_rate: float = 0.0,
    progress: Progress = silent,
) -> tuple[Path, ...]:
    """Write one return a school and census, and ``mistakes.json``, which says what was planted where.

    The same arguments give the same bytes; without mistakes, the same children.

    Args:
        directory: where to write.
        schools: how many, or which.
        points: censuses, the first of which fixes who is where.
        seed: the nation's seed.
        pupils: about how many in all; None for schools of their usual size.
        mistake_rate: share of rows with a planted mistake.
        progress: told how far it is.
    """
    chosen = (
        choose_schools(schools, seed)
        if isinstance(schools, int)
        else tuple(found for urn in schools if (found := establishment(int(urn))) is not None)
    )
    usual = sum(size_of(school, 1.0) for school in chosen)
    scale = 1.0 if pupils is None else pupils / usual
    directory.mkdir(parents=True, exist_ok=True)
    first = min(points)
    paths: list[Path] = []
    planted: list[dict[str, object]] = []
    for point in points:
        for at, school in enumerate(chosen):
            path = directory / f"SYNTHETIC_{school.laestab}_{point.term}_{point.year}.xml"
            with path.open("w", encoding="utf-8") as out:
                planted += _write(out, chosen, at, scale, seed, point, first, mistake_rate)
            paths.append(path)
            progress("writing synthetic returns", len(paths), len(points) * len(chosen))
    (directory / "mistakes.json").write_text(json.dumps(planted, indent=1) + "\n")
    return tuple(paths)
