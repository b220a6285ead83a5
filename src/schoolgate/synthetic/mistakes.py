"""Mistakes planted in right returns, one a row, each with the rule that finds it.

A mistake changes the pieces of its own row and of no other, so that a return with mistakes differs from the right
one in those rows alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from schoolgate.ids import UPN_LETTERS, CensusPoint, Term, upn_check_letter
from schoolgate.synthetic.days import census_day
from schoolgate.synthetic.returns import Return, Rows
from schoolgate.synthetic.terms import REFORM


@dataclass(frozen=True, slots=True)
class Row:
    """One pupil's pieces of XML, to be read and changed."""

    rows: Rows
    at: int
    point: CensusPoint

    def __getitem__(self, name: str) -> str:
        column = self.rows.columns.get(name)
        return column[self.at] if column is not None else ""

    def __setitem__(self, name: str, text: str) -> None:
        self.rows.columns[name][self.at] = text

    def value(self, name: str) -> str:
        """What the column's first element says."""
        found = re.search(r">([^<]*)<", self[name])
        return found.group(1) if found else ""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A kind of mistake.

    Attributes:
        kind: its name.
        rule: number of the rule that finds it.
        needs: the column it changes; a row without it is left alone.
        change: changes the row, or returns False when it cannot be made in this row.
        on_roll: whether it is made among pupils on roll or among leavers.
    """

    kind: str
    rule: str
    needs: str
    change: Callable[[Row], bool]
    on_roll: bool = True


def _set(name: str, text: str) -> Callable[[Row], bool]:
    def change(row: Row) -> bool:
        row[name] = text
        return True

    return change


def _upn(change: Callable[[str], str]) -> Callable[[Row], bool]:
    def changed(row: Row) -> bool:
        row["UPN"] = f"<UPN>{change(row.value('UPN'))}</UPN>"
        return True

    return changed


def _with_letter(rest: str) -> str:
    return upn_check_letter(rest) + rest


def _dob(text: Callable[[Row], str]) -> Callable[[Row], bool]:
    def change(row: Row) -> bool:
        if row["ExtendedHours"] or row["EYPPR"]:
            return False  # their ages are looked at too, and one mistake is meant
        row["DOB"] = f"<DOB>{text(row)}</DOB>"
        return True

    return change


def _day(name: str, days: int) -> Callable[[Row], bool]:
    def change(row: Row) -> bool:
        row[name] = f"<{name}>{census_day(row.point) + timedelta(days=days)}</{name}>"
        return True

    return change


def _entry_before_birth(row: Row) -> bool:
    if not row["Attendance"]:
        return False  # whoever came this term would have to have some
    row["EntryDate"] = f"<EntryDate>{date.fromisoformat(row.value('DOB')) - timedelta(days=30)}</EntryDate>"
    return True


def _left_on_roll(row: Row) -> bool:
    row["EntryDate"] += f"<LeavingDate>{census_day(row.point) - timedelta(days=3)}</LeavingDate>"
    return True


def _retired_code(row: Row) -> bool:
    termly, _, rest = row["Attendance"].partition("</TermlyAttendance>")
    if "<AttendanceReason>I<" not in termly:
        return False
    code = "Y" if row.point >= REFORM else "F"
    changed = termly.replace("<AttendanceReason>I<", f"<AttendanceReason>{code}<")
    row["Attendance"] = f"{changed}</TermlyAttendance>{rest}"
    return True


def _too_many_sessions(row: Row) -> bool:
    termly, _, rest = row["Attendance"].partition("</TermlyAttendance>")
    missed = sum(int(number) for number in re.findall(r"<AbsenceSessions>(\d+)<", termly))
    if missed < 2:
        return False
    changed = re.sub(r"(<SessionsPossible>)\d+", rf"\g<1>{missed - 1}", termly)
    row["Attendance"] = f"{changed}</TermlyAttendance>{rest}"
    return True


def _meals(pattern: str, text: Callable[[Row], str]) -> Callable[[Row], bool]:
    def change(row: Row) -> bool:
        if "FSMendDate" in row["FSMperiods"]:
            return False
        row["FSMperiods"] = re.sub(pattern, text(row), row["FSMperiods"])
        return True

    return change


def _after_census(row: Row) -> str:
    return f"<FSMstartDate>{census_day(row.point) + timedelta(days=10)}<"


def _provision(row: Row) -> bool:
    if row.value("SENprovision") != "N":
        return False
    row["SENprovision"] = "<SENprovision>X</SENprovision>"
    return True


def _year_group(row: Row) -> bool:
    group = row.value("NCyearActual")
    if not group.isdigit() or not 4 <= int(group) <= 10:
        return False
    row["NCyearActual"] = f"<NCyearActual>{int(group) + 3}</NCyearActual>"
    return True


def _funded(row: Row) -> bool:
    if not row.value("NCyearActual").isdigit():
        return False
    row["FundedHours"] = "<FundedHours>15</FundedHours>"
    return True


def _category(row: Row) -> bool:
    old, new = ("SUSP", "FIXD") if "<Category>SUSP<" in row["TermlyExclusions"] else ("FIXD", "SUSP")
    if f"<Category>{old}<" not in row["TermlyExclusions"]:
        return False
    row["TermlyExclusions"] = row["TermlyExclusions"].replace(f"<Category>{old}<", f"<Category>{new}<")
    return True


def _learner_number(row: Row) -> bool:
    number = row.value("UniqueLearnerNumber")
    wrong = number[:9] + str((int(number[9]) + 1) % 10)
    row["UniqueLearnerNumber"] = f"<UniqueLearnerNumber>{wrong}</UniqueLearnerNumber>"
    return True


def _former_same(row: Row) -> bool:
    row["FormerUPN"] = f"<FormerUPN>{row.value('UPN')}</FormerUPN>"
    return True


def _enrolment(row: Row) -> bool:
    if row.value("EnrolStatus") != "C":
        return False
    row["EnrolStatus"] = "<EnrolStatus>Q</EnrolStatus>"
    return True


def _next_letter(upn: str) -> str:
    return UPN_LETTERS[(UPN_LETTERS.index(upn[0]) + 1) % 23] + upn[1:]


DUPLICATE = "upn-of-another"

MISTAKES: tuple[Mistake, ...] = (
    Mistake("upn-check-letter", "1510", "UPN", _upn(_next_letter)),
    Mistake(DUPLICATE, "1520", "UPN", lambda row: True),
    Mistake("upn-missing", "1500", "UPN", _set("UPN", "")),
    Mistake("upn-authority", "1530", "UPN", _upn(lambda upn: _with_letter("999" + upn[4:]))),
    Mistake("upn-letter-inside", "1540", "UPN", _upn(lambda upn: upn[:6] + "A" + upn[7:])),
    Mistake("upn-last-character", "1550", "UPN", _upn(lambda upn: upn[:12] + "S")),
    Mistake("former-upn-same", "SG-2", "UPN", _former_same),
    Mistake("learner-number-wrong", "1575", "UniqueLearnerNumber", _learner_number),
    Mistake("learner-number-missing", "1570", "UniqueLearnerNumber", _set("UniqueLearnerNumber", "")),
    Mistake("surname-missing", "SG-3", "Surname", _set("Surname", "")),
    Mistake("forename-missing", "SG-4", "Forename", _set("Forename", "")),
    Mistake("surname-with-digits", "SG-10", "Surname", _set("Surname", "<Surname>M15takesynth</Surname>")),
    Mistake("birth-impossible", "SG-5", "DOB", _dob(lambda row: f"{row.point.year - 9}-02-30")),
    Mistake("birth-in-future", "SG-6", "DOB", _dob(lambda row: str(census_day(row.point) + timedelta(days=40)))),
    Mistake("sex-missing", "SG-7", "Sex", _set("Sex", "")),
    Mistake("entry-after-census", "1880", "EntryDate", _day("EntryDate", 9)),
    Mistake("entry-before-birth", "SG-11", "EntryDate", _entry_before_birth),
    Mistake("leaving-date-on-roll", "SG-12", "EntryDate", _left_on_roll),
    Mistake("enrolment-unknown", "SG-13", "EnrolStatus", _enrolment),
    Mistake("year-group-odd", "SG-18", "NCyearActual", _year_group),
    Mistake("ethnicity-unknown", "SG-19", "Ethnicity", _set("Ethnicity", "<Ethnicity>QQQQ</Ethnicity>")),
    Mistake("language-unknown", "SG-20", "Language", _set("Language", "<Language>QQQ</Language>")),
    Mistake("service-child-unknown", "1741", "ServiceChild", _set("ServiceChild", "<ServiceChild>Q</ServiceChild>")),
    Mistake("funded-hours-at-five", "1851", "NCyearActual", _funded),
    Mistake("meals-after-census", "1762", "FSMperiods", _meals(r"<FSMstartDate>[^<]*<", _after_census)),
    Mistake("meals-country", "SG-25", "FSMperiods", _meals(r"<UKcountry>ENG<", lambda row: "<UKcountry>QQQ<")),
    Mistake("sen-type-missing", "SG-29", "SENneeds", _set("SENneeds", "")),
    Mistake("sen-provision-unknown", "SG-27", "SENprovision", _provision),
    Mistake("attendance-code-retired", "SG-32", "Attendance", _retired_code),
    Mistake("sessions-too-many", "SG-35", "Attendance", _too_many_sessions),
    Mistake("exclusion-category-of-another-time", "SG-36", "TermlyExclusions", _category),
    Mistake("leaver-without-date", "1920", "LeavingDate", _set("LeavingDate", ""), on_roll=False),
    Mistake("leaver-check-letter", "1510", "UPN", _upn(_next_letter), on_roll=False),
    Mistake("leaver-sex-missing", "SG-7", "Sex", _set("Sex", ""), on_roll=False),
)
"""Every kind. Rules whose number is the ministry's have digits; the house's own begin with SG (see collect)."""

_GENDER = {"SG-7": "SG-8"}
"""Until summer 2023 the census asks for gender, with a rule of its own."""


def plant(found: Return, seed: int, mistake_rate: float) -> Iterator[dict[str, object]]:
    """Plant mistakes in a return and say where: URN, census, row in the file, kind, and the rule that finds it."""
    if mistake_rate <= 0:
        return
    point, urn = found.point, int(found.area.places[found.number].school.urn)
    rng = np.random.default_rng([seed, 40, urn, point.year, point.term.order])
    for rows, first in ((found.on_roll, 0), (found.off_roll, found.on_roll.size)):
        asked = {row for row, _ in rows.asked}
        chosen = [row for row in np.flatnonzero(rng.random(rows.size) < mistake_rate).tolist() if row not in asked]
        right = sorted(set(range(rows.size)) - set(chosen) - asked)
        kinds = [mistake for mistake in MISTAKES if mistake.on_roll is rows.on_roll]
        for at in chosen:
            row = Row(rows, at, point)
            entry = _one(row, [kinds[n] for n in rng.permutation(len(kinds)).tolist()], right, rng)
            if entry is not None:
                yield {"urn": urn, "census": f"{point.term}-{point.year}", "row": first + at + 1, **entry}


def _one(row: Row, kinds: Iterable[Mistake], right: list[int], rng: np.random.Generator) -> dict[str, object] | None:
    for mistake in kinds:
        if not row[mistake.needs]:
            continue
        if mistake.kind == DUPLICATE:
            if not right:
                continue
            other = right.pop(int(rng.integers(len(right))))
            row["UPN"] = row.rows.columns["UPN"][other]
            return {"kind": mistake.kind, "rule": mistake.rule, "with": other + 1}
        if mistake.change(row):
            gender = row.point < CensusPoint(2023, Term.AUTUMN)
            return {"kind": mistake.kind, "rule": _GENDER.get(mistake.rule, mistake.rule) if gender else mistake.rule}
    return None
