"""A census as a stage: returns of any year and term that are right in everything a test does not change."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cache

from schoolgate.collect.checking import Checked, check
from schoolgate.collect.elements import PLAIN
from schoolgate.collect.pack import rules
from schoolgate.collect.reader import ReturnHeader, read_return
from schoolgate.collect.rulebook import Census, collects
from schoolgate.dictionary import Establishment, census_shape, establishment, establishments
from schoolgate.ids import Term, upn_check_letter


def upn(serial: int, authority: str = "202") -> str:
    rest = f"{authority}201916{serial:03}"
    return upn_check_letter(rest) + rest


def uln(serial: int) -> str:
    """The first right number from a nine-digit beginning on: some beginnings have none (rule 1575)."""
    for start in range(927_600_000 + serial * 20, 927_600_020 + serial * 20):
        rest = sum(w * int(d) for w, d in zip(range(10, 1, -1), str(start), strict=True)) % 11
        if rest:
            return f"{start}{10 - rest}"
    raise AssertionError


@cache
def school_of(phase: str) -> Establishment:
    """A school of this phase; the register has no middle school deemed primary (MP) and no early years (EY) apart."""
    known = {"MP": "MS", "EY": "NS"}.get(phase, phase)
    found = establishment(100008) if known == "PS" else None
    return found or next(one for one in establishments() if one.phase == known)


def element(name: str, **values: object) -> str:
    return f"<{name}>" + "".join(f"<{n}>{v}</{n}>" for n, v in values.items() if v is not None) + f"</{name}>"


def sessions(possible: object, *codes: tuple[str | None, object], kind: str = "TermlyAttendance") -> str:
    details = "".join(element("SessionDetail", AttendanceReason=c, AbsenceSessions=n) for c, n in codes)
    return (
        f"<Attendance><{kind}>"
        + (f"<SessionsPossible>{possible}</SessionsPossible>" if possible is not None else "")
        + f"<SessionDetails>{details}</SessionDetails></{kind}></Attendance>"
    )


def fsm(start: date | str | None, end: date | str | None = None, country: str = "ENG") -> str:
    return element("FSMperiod", FSMstartDate=start, FSMendDate=end, UKcountry=country)


DECLINED = {"ethnicity": "REFU", "language": "REF", "servicechild": "R", "plaa": "N", "youngcarer": "N"}
"""What the family of one pupil, whose UPN is `upn(999)`, declined, and the codes to send instead."""


def declined(upns: Iterable[str]) -> Mapping[str, Mapping[str, str]]:
    return {one: DECLINED for one in upns if one == upn(999)}


class Scene:
    """One census."""

    def __init__(self, year: int, term: Term) -> None:
        self.year, self.term = year, term
        self.shape = census_shape(year, term)
        header = ReturnHeader("SC", term, str(year), "", "S", "202", "2019", "100008", "", "", "PS", "")
        self.census = Census(header, self.shape)
        self.day = self.census.census_day
        self.start, self.before = self.census.start, self.census.previous_start
        self._serial = 0

    def __repr__(self) -> str:
        return f"{self.term}-{self.year}"

    def asks(self, column: str, table: str = "pupilonroll") -> bool:
        return collects(self.shape, table, column)

    def born(self, age: int) -> date:
        """Of this age on the 31 August before the school year."""
        return date(self.census.academic_year - age, 3, 4)

    def pupil(
        self,
        age: int = 9,
        *,
        on: bool = True,
        attendance: str | None = None,
        parts: str = "",
        leave_out: Iterable[str] = (),
        **changes: object,
    ) -> str:
        """One pupil, right for this census: `parts` are more modules, a change to None leaves an item out."""
        self._serial += 1
        fixd = {3: "N2", 4: "R"}.get(age, str(min(age - 4, 14)) if age > 4 else "N1")
        values: dict[str, object] = {
            "UPN": upn(self._serial % 1000), "Surname": "Canarysynth", "Forename": "Testforename",
            "Sex" if self.asks("sex") else "Gender": "F", "DOB": self.born(age), "Ethnicity": "WBRI",
            "Language": "ENG", "EnrolStatus": "C", "EntryDate": date(self.census.academic_year - 1, 9, 1),
            "PartTime": "false", "Boarder": "N", "NCyearActual": fixd, "SENprovision": "N",
            "UniqueLearnerNumber": uln(self._serial) if age >= 13 else None,
            "EYPPR": "N" if age <= 4 else None, "YSSA": "Yes" if age >= 12 else None,
            "LeavingDate": None if on else self.before + timedelta(days=30),
        }  # fmt: skip
        values.update(changes)
        if attendance is None:
            attendance = sessions(100, ("I", 3)) if 5 <= age <= 15 else ""
        inside = "".join(
            element(module, **{n: values[n] for n in columns if values.get(n) is not None})
            for module, columns in PLAIN.items()
            if module not in leave_out
        )
        tag = "PupilOnRoll" if on else "PupilNoLongerOnRoll"
        return f"<{tag}>{inside}{parts}{attendance}</{tag}>"

    def sent(
        self, *here: str, gone: Iterable[str] = (), phase: str = "PS", kind: str = "", meals: object = 0,
        reference: object = None, urn: int = 0,
    ) -> bytes:  # fmt: skip
        """A return of these pupils, of a school of that phase or of the one named."""
        place = school_of(phase) if not urn else establishment(urn)
        assert place is not None
        head = element(
            "CollectionDetails", Collection="SC", Term=self.term, Year=self.year,
            ReferenceDate=self.day if reference is None else reference,
        )  # fmt: skip
        source = element(
            "Source", SourceLevel="S", LEA=place.laestab[:3], Estab=place.laestab[3:], URN=place.urn, SerialNo=1
        )
        school = element(
            "School", SchoolName="Argyle Primary School", Phase=phase, SchoolType=kind or None, FreeMealsTaken=meals
        )
        return (
            f"<?xml version='1.0' encoding='UTF-8'?><Message><Header>{head}{source}</Header>{school}<Pupils>"
            f"<PupilsOnRoll>{''.join(here)}</PupilsOnRoll>"
            f"<PupilsNoLongerOnRoll>{''.join(gone)}</PupilsNoLongerOnRoll></Pupils></Message>"
        ).encode()

    def many(self, count: int = 20, age: int = 9, **changes: object) -> list[str]:
        return [self.pupil(age, **changes) for _ in range(count)]  # type: ignore[arg-type]

    def some_with_meals(self) -> list[str]:
        """Thirty pupils that no rule finds anything in, of several ages; six have had free meals."""
        meals = f"<FSMperiods>{fsm(date(self.census.academic_year, 8, 1))}</FSMperiods>"
        placed = self.arranged(LeavingDate=self.before + timedelta(days=20)) if self.asks_arranged() else ""
        pupils = [self.pupil(age, parts=meals if n == 0 else "") for age in (4, 5, 6, 7, 8, 10) for n in range(5)]
        return [*pupils[:-1], self.pupil(9, parts=placed)]

    def asks_arranged(self) -> bool:
        return self.asks("apsettingtype", "schoolarrangedapdetail")

    def arranged(self, **changes: object) -> str:
        """A placement the school arranged."""
        values: dict[str, object] = {
            "URN": None, "UKPRN": None, "APSettingType": "OTH", "PlacementReason": "BHS",
            "EntryDate": self.before, "LeavingDate": None, "APAttendancePattern": "PT", "APSessionsPerWeek": 2,
        }  # fmt: skip
        values.update(changes)
        return f"<SchoolArrangedAP>{element('SchoolArrangedAPDetail', **values)}</SchoolArrangedAP>"

    def placed(self, **changes: object) -> str:
        """How a pupil came to this alternative provision."""
        values: dict[str, object] = {"PrevURN": "100049", "APReason": "PEX", "SENprovisionEntry": "N"}
        values.update(changes)
        return f"<APPlacementDetails>{element('APPlacement', **values)}</APPlacementDetails>"

    def away(self, **changes: object) -> str:
        """A suspension in the period this census collects."""
        reason = "Reason1" if self.asks("reason1", "termlyexclusions") else "Reason"
        category = "SUSP" if "SUSP" in self.census.codes("termlyexclusions", "category") else "FIXD"
        values: dict[str, object] = {
            "Category": category, reason: "DB", "StartDate": self.census.exclusions[0], "Sessions": 4,
        }  # fmt: skip
        values.update(changes)
        return f"<TermlyExclusions>{element('TermlyExclusion', **values)}</TermlyExclusions>"

    def found(self, data: bytes) -> Checked:
        """What this census's pack finds."""
        header, rows = read_return(io.BytesIO(data))
        return check(rules(self.year, self.term), Census(header, self.shape, declined), rows)

    def numbers(self, data: bytes) -> set[str]:
        """The numbers of the rules that were broken."""
        return {count.rule for count in self.found(data).counts}
