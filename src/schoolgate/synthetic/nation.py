"""Made-up children on real schools. Everything follows from a seed; nothing here is a person.

Shares are rounded from the ministry's published statistics (see data/SOURCES.md); they are joined so that what
goes together in the figures goes together here: language with ethnicity, special needs with sex and free school
meals, absence with both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from schoolgate.dictionary import Establishment, establishments
from schoolgate.ids import CensusPoint, Term, upn_check_letter

SIZES = {"NS": 60, "PS": 280, "MS": 400, "SS": 1000, "AT": 900, "SP": 110, "PR": 30}
YEARS = {"NS": (-1, -1), "PS": (0, 6), "MS": (5, 8), "SS": (7, 11), "AT": (0, 11), "SP": (0, 11), "PR": (7, 11)}
SHARES = (("PS", 0.72), ("SS", 0.16), ("SP", 0.06), ("PR", 0.03), ("NS", 0.03))
"""Shares of schools by phase (Schools, pupils and their characteristics 2024/25, rounded)."""

ETHNICITIES = ("WBRI", "WOTH", "APKN", "AIND", "ABAN", "BAFR", "BCRB", "MWBC", "OOTH", "REFU")
ETHNICITY_SHARES = (0.60, 0.08, 0.05, 0.05, 0.03, 0.06, 0.02, 0.05, 0.05, 0.01)
OTHER_LANGUAGE = {"WBRI": 0.01, "WOTH": 0.75, "APKN": 0.55, "AIND": 0.55, "ABAN": 0.65, "BAFR": 0.5, "OOTH": 0.7}
LANGUAGES = {"WOTH": "POL", "APKN": "URD", "AIND": "PNJ", "ABAN": "BNG", "BAFR": "SOM", "OOTH": "ARA"}
_FIRST = ("Ar", "Be", "Ca", "Do", "El", "Fa", "Gi", "Ho", "Il", "Jo", "Ka", "Lu", "Mi", "No", "Or", "Pe", "Ro", "Sa")
_LAST = ("lo", "ra", "nin", "ven", "mel", "dor", "sha", "tan", "wick", "bel", "rus", "kin")


@dataclass(frozen=True, slots=True)
class Child:
    """One made-up child at its first school, as of the first census. Printing it is harmless: it is nobody."""

    serial: int
    upn: str
    temporary_upn: str
    surname: str
    forename: str
    new_surname: str
    sex: str
    dob: date
    year_group: int
    ethnicity: str
    language: str
    fsm: bool
    sen: str
    moves: bool
    dual: bool
    postcode: str
    absence: float


def choose_schools(count: int, seed: int) -> tuple[Establishment, ...]:
    """A believable mix of real schools in neighbouring authorities."""
    rng = np.random.default_rng([seed, 1])
    near = [school for school in establishments() if school.laestab.authority in {f"{n}" for n in range(201, 214)}]
    chosen: list[Establishment] = []
    for phase, share in SHARES:
        pool = [school for school in near if school.phase == phase]
        wanted = min(len(pool), max(1, round(count * share)))
        chosen += [pool[int(at)] for at in rng.choice(len(pool), wanted, replace=False)]
    return tuple(sorted(chosen[:count], key=lambda school: school.urn))


def _name(rng: np.random.Generator, ending: str = "") -> str:
    return _FIRST[int(rng.integers(len(_FIRST)))] + _LAST[int(rng.integers(len(_LAST)))] + ending


def _upn(laestab: str, year: int, serial: int, *, temporary: bool = False) -> str:
    rest = f"{laestab}{year % 100:02}{serial // 10 if temporary else serial:03}"
    if temporary:
        rest = f"{laestab}{year % 100:02}{serial % 100:02}" + "ABCDEFGHJK"[serial % 10]
    return upn_check_letter(rest) + rest


def children(school: Establishment, size: int, seed: int, first: CensusPoint) -> Iterator[Child]:
    """The children of one school at the first census, one at a time; twins now and then."""
    rng = np.random.default_rng([seed, 2, int(school.urn)])
    low, high = YEARS[school.phase]
    twin: Child | None = None
    for serial in range(size):
        child = _child(rng, school, serial, low + serial % (high - low + 1), first)
        if twin is not None:
            child = _as_twin(child, twin)
            twin = None
        elif rng.random() < 0.015:  # about 3 % of children are one of twins (ONS, birth characteristics)
            twin = child
        yield child


def _as_twin(child: Child, twin: Child) -> Child:
    from dataclasses import replace

    forename = child.forename if child.forename != twin.forename else child.forename + "an"
    return replace(
        child, surname=twin.surname, dob=twin.dob, year_group=twin.year_group, postcode=twin.postcode,
        ethnicity=twin.ethnicity, language=twin.language, forename=forename, moves=False, dual=False,
        new_surname="", temporary_upn="",
    )  # fmt: skip


def _child(rng: np.random.Generator, school: Establishment, serial: int, year_group: int, first: CensusPoint) -> Child:
    age = year_group + 4
    born_from = date(first.academic_year - age - 1, 9, 1)
    dob = born_from + timedelta(days=int(rng.integers(365)))
    sex = "M" if rng.random() < 0.511 else "F"
    ethnicity = ETHNICITIES[int(rng.choice(len(ETHNICITIES), p=ETHNICITY_SHARES))]
    other = rng.random() < OTHER_LANGUAGE.get(ethnicity, 0.1)
    fsm = bool(rng.random() < 0.257)
    risk = (1.35 if sex == "M" else 0.65) * (1.6 if fsm else 0.8)
    draw = rng.random()
    sen = "E" if draw < 0.053 * risk else "K" if draw < (0.053 + 0.142) * risk else "N"
    if school.phase == "SP":
        sen = "E"
    allocated = first.academic_year - max(0, year_group)
    temporary = rng.random() < 0.01
    return Child(
        serial=serial,
        upn=_upn(str(school.laestab), allocated, serial % 1000),
        temporary_upn=_upn(str(school.laestab), first.academic_year, serial, temporary=True) if temporary else "",
        surname=_name(rng, "synth"),
        forename=_name(rng),
        new_surname=_name(rng, "synth") if rng.random() < 0.005 else "",
        sex=sex,
        dob=dob,
        year_group=year_group,
        ethnicity=ethnicity,
        language=LANGUAGES.get(ethnicity, "OTB") if other else "ENG",
        fsm=fsm,
        sen=sen,
        moves=bool(rng.random() < 0.02),
        dual=bool(school.phase == "SS" and rng.random() < 0.003),
        postcode=f"ZZ{serial % 90 + 1} {serial % 9 + 1}ZZ",
        absence=float(rng.gamma(1.2, 0.05) * (1.7 if fsm else 1.0) * (1.4 if sen != "N" else 1.0)),
    )


def size_of(school: Establishment, scale: float) -> int:
    """How many pupils a school has here; serials stay below 1,000 so that UPNs do not repeat."""
    return min(999, max(3, round(SIZES[school.phase] * scale)))


def neighbour(schools: Sequence[Establishment], at: int) -> int:
    """Where children who move from this school go: the next one of its phase."""
    same = [index for index, school in enumerate(schools) if school.phase == schools[at].phase]
    return same[(same.index(at) + 1) % len(same)]


def term_number(point: CensusPoint) -> int:
    """Censuses counted on, for what changes with time."""
    return point.academic_year * 3 + {Term.AUTUMN: 0, Term.SPRING: 1, Term.SUMMER: 2}[point.term]
