"""What a census says happened: attendance of the term before, suspensions and exclusions, as XML by row."""

from __future__ import annotations

import numpy as np

from schoolgate.dictionary import CensusShape
from schoolgate.ids import CensusPoint, Term
from schoolgate.synthetic.days import Period, attendance_term, before, exclusion_terms, periods
from schoolgate.synthetic.lives import Stays
from schoolgate.synthetic.rows import Column, dates
from schoolgate.synthetic.tables import Flags, Ints
from schoolgate.synthetic.terms import SUSPENSION_REASONS, Absence, TermEvents

_KINDS = ("TermlyAttendance", "SummerHalfTerm2Attendance")


class Happened:
    """The events of the terms that a census collects, at one school."""

    def __init__(self, point: CensusPoint, shape: CensusShape, events: dict[CensusPoint, TermEvents]) -> None:
        self._point, self._events = point, events
        self._absent = events[attendance_term(point)]
        self._tables = shape.tables
        columns = next(c for name, c in shape.tables.items() if name.startswith("termlyexclusions"))
        self._numbered = "reason1" in columns
        known = {code.code for code in columns["reason1" if self._numbered else "reason"].codes}
        self._reasons = tuple(code if code in known else "OT" for code in SUSPENSION_REASONS.codes)
        categories = {code.code for code in columns["category"].codes}
        self._suspension = "SUSP" if "SUSP" in categories else "FIXD"

    def exclusions(self) -> dict[int, str]:
        """Stay -> its suspensions and exclusions, as the census collects them."""
        found: dict[int, list[str]] = {}
        for term in exclusion_terms(self._point):
            events = self._events[term]
            away = events.exclusions
            rows = zip(
                events.stays[away.stay].tolist(), dates(away.start), away.sessions.tolist(), away.permanent.tolist(),
                away.reasons.tolist(), strict=True,
            )  # fmt: skip
            for stay, start, sessions, permanent, reasons in rows:
                found.setdefault(stay, []).append(self._exclusion(start, sessions, permanent, reasons))
        return {stay: f"<TermlyExclusions>{''.join(parts)}</TermlyExclusions>" for stay, parts in found.items()}

    def _exclusion(self, start: str, sessions: int, permanent: int, reasons: list[int]) -> str:
        codes = list(dict.fromkeys(self._reasons[n] for n in reasons if n >= 0))
        if self._numbered:
            why = "".join(f"<Reason{n}>{code}</Reason{n}>" for n, code in enumerate(codes, 1))
        else:
            why = f"<Reason>{codes[0]}</Reason>"
        category = "PERM" if permanent else self._suspension
        length = "" if permanent else f"<Sessions>{sessions}</Sessions>"
        return (
            f"<TermlyExclusion><Category>{category}</Category>{why}<StartDate>{start}</StartDate>{length}"
            "</TermlyExclusion>"
        )

    def attendance(self, stays: Ints, shown: Flags, entered: Ints, annual: Flags, all_stays: Stays) -> Column:
        """The module Attendance of these stays, where `shown`; with the year's sessions where `annual`."""
        texts = [""] * len(stays)
        at = np.searchsorted(self._absent.stays, stays)
        at = np.minimum(at, max(len(self._absent.stays) - 1, 0))
        there = shown & (len(self._absent.stays) > 0)
        if len(self._absent.stays):
            there &= self._absent.stays[at] == stays
        rows = np.flatnonzero(there)
        for number, (kind, absence) in enumerate(zip(_KINDS, self._absent.absences, strict=False)):
            parts = self._kind(kind, absence, at[rows], optional=number > 0)
            for row, part in zip(rows.tolist(), parts, strict=True):
                texts[row] += part
        for row in np.flatnonzero(annual).tolist():
            possible = self._whole_year(int(entered[row]), int(all_stays.left[stays[row]]))
            texts[row] += f"<AnnualAttendance><SessionsPossible>{possible}</SessionsPossible></AnnualAttendance>"
        return [f"<Attendance>{text}</Attendance>" if text else "" for text in texts]

    def _kind(self, kind: str, absence: Absence, rows: Ints, *, optional: bool) -> Column:
        possible = absence.possible[rows]
        counts = absence.missed[rows]
        if self._point.year < 2020:
            # Exclusions of that time are collected a term later than attendance, so the two cannot agree (rule 2485).
            code = absence.codes.index("E")
            other = absence.codes.index("C")
            counts = counts.copy()
            counts[:, other] += counts[:, code]
            counts[:, code] = 0
        details = [""] * len(rows)
        heads = [
            f"<SessionDetail><AttendanceReason>{code}</AttendanceReason><AbsenceSessions>" for code in absence.codes
        ]
        where, which = np.nonzero(counts)
        for row, code, number in zip(where.tolist(), which.tolist(), counts[where, which].tolist(), strict=True):
            details[row] += f"{heads[code]}{number}</AbsenceSessions></SessionDetail>"
        return [
            ""
            if optional and number == 0
            else f"<{kind}><SessionsPossible>{number}</SessionsPossible>"
            + (f"<SessionDetails>{text}</SessionDetails>" if text else "")
            + f"</{kind}>"
            for number, text in zip(possible.tolist(), details, strict=True)
        ]

    def _whole_year(self, entered: int, left: int) -> int:
        """Sessions possible in the school year before this autumn."""
        year = self._point.year
        terms = (CensusPoint(year - 1, Term.AUTUMN), CensusPoint(year, Term.SPRING), before(self._point))
        return sum(_possible(part, entered, left) for term in terms for part in periods(term))


def _possible(part: Period, entered: int, left: int) -> int:
    days = min(left, part.last) - max(entered, part.first) + 1
    return max(days, 0) * part.sessions // (part.last - part.first + 1)
