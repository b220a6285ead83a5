"""From a return's rows to the lake's facts: identities left behind, derived items worked out. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from schoolgate.ids import CensusPoint, Term

AUTHORISED = frozenset({"C", "C1", "C2", "E", "F", "H", "I", "J1", "M", "R", "S", "T", "X"})
UNAUTHORISED = frozenset({"G", "N", "O", "U"})
"""Attendance codes by kind of absence (DfE, "Working together to improve school attendance", 2024)."""

_TERM_STARTS = {Term.AUTUMN: (9, 1), Term.SPRING: (1, 1), Term.SUMMER: (4, 15)}
_TERM_ENDS = {Term.AUTUMN: (12, 31), Term.SPRING: (4, 14), Term.SUMMER: (8, 31)}

Fact = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sent:
    """The census a row was sent in."""

    point: CensusPoint
    urn: int
    authority: str
    phase: str
    reference_date: date
    return_id: str
    recorded_at: datetime


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.lstrip("-").isdigit() else None


def _hours(text: str | None) -> Decimal | None:
    try:
        return Decimal(text).quantize(Decimal("0.01")) if text else None
    except InvalidOperation:
        return None


def _flag(text: str | None) -> bool | None:
    return None if not text else text.lower() in ("true", "1", "y", "yes", "t")


def age_on_31_august(dob: date, point: CensusPoint) -> int:
    """Age in whole years on the 31 August before the academic year: the age a school year goes by."""
    day = date(point.academic_year, 8, 31)
    return day.year - dob.year - ((day.month, day.day) < (dob.month, dob.day))


def _eligible(periods: Iterable[Mapping[str, str]], day: date) -> bool:
    for period in periods:
        start, end = _day(period.get("fsmstartdate")), _day(period.get("fsmenddate"))
        if start is not None and start <= day and (end is None or end >= day):
            return True
    return False


def _missed(sessions: Iterable[Mapping[str, str]], codes: frozenset[str]) -> int:
    return sum(_number(s.get("sessions")) or 0 for s in sessions if s.get("attendancereason") in codes)


def pupil_fact(row: int, on_roll: bool, fields: Mapping[str, str], parts: Mapping[str, Any], sent: Sent) -> Fact:
    """The pupil's own row of the lake; whose it is, and which of several is the main one, is found out later."""
    dob = _day(fields.get("dob"))
    year, term = sent.point.year, sent.point.term
    sessions = parts["sessions"]
    return {
        "pupil": None, "year": year, "term": str(term), "la": sent.authority, "urn": sent.urn,
        "phase": sent.phase,
        "onroll": on_roll, "recordstatus": 0, "sex": fields.get("sex") or fields.get("gender") or None,
        "yearofbirth": dob.year if dob else None, "monthofbirth": dob.month if dob else None,
        "age": age_on_31_august(dob, sent.point) if dob else None, "ethnicity": fields.get("ethnicity") or None,
        "language": fields.get("language") or None, "enrolstatus": fields.get("enrolstatus") or None,
        "entrydate": _day(fields.get("entrydate")), "leavingdate": _day(fields.get("leavingdate")),
        "parttime": _flag(fields.get("parttime")), "boarder": fields.get("boarder") or None,
        "ncyearactual": fields.get("ncyearactual") or None, "classtype": fields.get("classtype") or None,
        "fsmeligible": _eligible(parts["fsm_periods"], sent.reference_date),
        "senprovision": fields.get("senprovision") or None, "senunitindicator": _flag(fields.get("senunitindicator")),
        "resourcedprovisionindicator": _flag(fields.get("resourcedprovisionindicator")),
        "servicechild": fields.get("servicechild") or None, "plaa": fields.get("plaa") or None,
        "youngcarer": fields.get("youngcarer") or None, "topupfunding": _flag(fields.get("topupfunding")),
        "schoollunchtaken": _flag(fields.get("schoollunchtaken")), "fundedhours": _hours(fields.get("fundedhours")),
        "hoursatsetting": _hours(fields.get("hoursatsetting")), "extendedhours": _hours(fields.get("extendedhours")),
        "sessionspossible": _number(fields.get("termlysessionspossible")),
        "sessionsauthorised": _missed(sessions, AUTHORISED), "sessionsunauthorised": _missed(sessions, UNAUTHORISED),
        "valid_from": date(year, *_TERM_STARTS[term]), "valid_to": date(year, *_TERM_ENDS[term]),
        "recorded_at": sent.recorded_at, "return_id": sent.return_id, "return_row": row,
    }  # fmt: skip


def module_facts(row: int, parts: Mapping[str, Any], sent: Sent) -> dict[str, list[Fact]]:
    """The rows of the lake's other tables for one pupil; whose they are is found out later."""
    frame: Fact = {
        "pupil": None, "year": sent.point.year, "term": str(sent.point.term), "urn": sent.urn,
        "recorded_at": sent.recorded_at, "return_id": sent.return_id, "return_row": row,
    }  # fmt: skip
    return {
        "census_fsm_period": [
            {**frame, "fsmstartdate": _day(p.get("fsmstartdate")), "fsmenddate": _day(p.get("fsmenddate")),
             "ukcountry": p.get("ukcountry") or None}
            for p in parts["fsm_periods"]
        ],
        "census_sen_need": [
            {**frame, "sentyperank": _number(p.get("sentyperank")), "sentype": p.get("sentype") or None}
            for p in parts["sen_needs"]
        ],
        "census_exclusion": [
            {**frame, "category": p.get("category") or None, "reason": p.get("reason") or p.get("reason1") or None,
             "startdate": _day(p.get("startdate")), "sessions": _number(p.get("sessions"))}
            for p in parts["exclusions"]
        ],
        "census_absence": [
            {**frame, "attendancereason": p.get("attendancereason") or None, "sessions": _number(p.get("sessions"))}
            for p in parts["sessions"]
        ],
    }  # fmt: skip


_ENROLMENT = {"C": 0, "M": 1, "F": 2, "O": 3, "S": 4}


def record_statuses(rows: list[Fact]) -> list[int]:
    """Which of one pupil's records in a term is the main one (NPD record status; 0 means the only one).

    Main: on roll before off roll; among those on roll by enrolment (current, main, …), then latest entry;
    among those off roll by latest leaving. The main of two is 1 to 4 by the rule that decided, of more 5 to 8;
    the others carry the same number plus 100.
    """
    if len(rows) == 1:
        return [0]

    def rank(row: Fact) -> tuple[int, int, int]:
        entered = row["entrydate"] or date.min
        left = row["leavingdate"] or date.min
        return (
            0 if row["onroll"] else 1,
            _ENROLMENT.get(row["enrolstatus"] or "", 9) if row["onroll"] else 0,
            -(entered if row["onroll"] else left).toordinal(),
        )

    order = sorted(range(len(rows)), key=lambda at: (rank(rows[at]), rows[at]["return_id"], rows[at]["return_row"]))
    on_roll = [at for at in order if rows[at]["onroll"]]
    if len(on_roll) == 1:
        rule = 1
    elif not on_roll:
        rule = 2
    else:
        rule = 3 if rank(rows[on_roll[0]])[1] != rank(rows[on_roll[1]])[1] else 4
    rule += 4 if len(rows) > 2 else 0
    return [rule if at == order[0] else rule + 100 for at in range(len(rows))]
