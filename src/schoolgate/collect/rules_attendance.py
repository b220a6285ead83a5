"""Rules on attendance, suspensions and permanent exclusions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from schoolgate.collect.reader import Fields, PupilRow, day
from schoolgate.collect.rulebook import EVERYONE, OFF_ROLL, Census, Pupil, RowCheck, Rule, number_of, sessions_of
from schoolgate.ids import Term

_ALL_BUT_NURSERY = ("PS", "MP", "MS", "SS", "SP", "AT", "PR")
_REASONS = ("reason", "reason1", "reason2", "reason3")


def _of_school_age(pupil: Pupil) -> bool:
    return pupil.august_age is not None and 5 <= pupil.august_age <= 15 and pupil.get("boarder") in (None, "N")


def _in_period(pupil: Pupil, census: Census) -> bool:
    """Whether the pupil was here in the term whose attendance is collected."""
    if not _of_school_age(pupil) or pupil.entry is None or pupil.entry >= census.start:
        return False
    return pupil.on_roll or (pupil.leaving is not None and pupil.leaving >= census.previous_start)


def _possible_missing(pupil: Pupil, census: Census) -> bool:
    value = pupil.get("termlysessionspossible")
    if value is None:
        return _in_period(pupil, census)
    return number_of(value) is None


def _possible_zero(pupil: Pupil, census: Census) -> bool:
    value = pupil.get("termlysessionspossible")
    return value is not None and number_of(value) == 0 and _of_school_age(pupil)


def _too_young_or_old(pupil: Pupil, census: Census) -> bool:
    if not (pupil.given("termlysessionspossible") or pupil.row.sessions) or pupil.august_age is None:
        return False
    boards = pupil.get("boarder") not in (None, "N")
    return boards or not 4 <= pupil.august_age <= 15


def _not_of_statutory_age_code(pupil: Pupil, census: Census) -> bool:
    if not pupil.row.sessions or pupil.august_age is None or not 5 <= pupil.august_age <= 15:
        return False
    return sessions_of(pupil.row.sessions, "X") > 0


def _of(name: str) -> Callable[[PupilRow], Sequence[Fields]]:
    def parts(row: PupilRow) -> Sequence[Fields]:
        found: Sequence[Fields] = getattr(row, name)
        return found

    return parts


def _codes_wrong(parts: Callable[[PupilRow], Sequence[Fields]], table: str) -> RowCheck:
    def check(pupil: Pupil, census: Census) -> bool:
        found = parts(pupil.row)
        if not found:
            return False
        codes = census.codes(table, "attendancereason")
        return any("attendancereason" in part and part["attendancereason"] not in codes for part in found)

    return check


def _sessions_without_code(parts: Callable[[PupilRow], Sequence[Fields]]) -> RowCheck:
    def check(pupil: Pupil, census: Census) -> bool:
        return any("sessions" in part and "attendancereason" not in part for part in parts(pupil.row))

    return check


def _sessions_not_numbers(pupil: Pupil, census: Census) -> bool:
    return any(number_of(part.get("sessions")) is None for part in pupil.row.sessions)


def _more_than_possible(pupil: Pupil, census: Census) -> bool:
    possible = number_of(pupil.get("termlysessionspossible"))
    if possible is None or not pupil.row.sessions:
        return False
    return sum(number_of(part.get("sessions")) or 0 for part in pupil.row.sessions) > possible


def _annual_missing(pupil: Pupil, census: Census) -> bool:
    return _of_school_age(pupil) and number_of(pupil.get("annualsessionspossible")) is None


def _starts(pupil: Pupil, category: frozenset[str]) -> Iterable[date]:
    for away in pupil.row.exclusions:
        start = day(away.get("startdate"))
        if start is not None and away.get("category") in category:
            yield start


_PERMANENT = frozenset({"PERM"})
_SUSPENDED = frozenset({"SUSP", "FIXD", "LNCH"})


def _permanent_outside(pupil: Pupil, census: Census) -> bool:
    if not pupil.row.exclusions:
        return False
    first, last = census.exclusions
    return any(not first <= start <= last for start in _starts(pupil, _PERMANENT))


def _suspension_outside(pupil: Pupil, census: Census) -> bool:
    if not pupil.row.exclusions:
        return False
    first, last = census.exclusions
    return any(not first <= start <= last for start in _starts(pupil, _SUSPENDED))


def _start_missing(pupil: Pupil, census: Census) -> bool:
    return any(day(away.get("startdate")) is None for away in pupil.row.exclusions)


def _category_wrong(pupil: Pupil, census: Census) -> bool:
    if not pupil.row.exclusions:
        return False
    codes = census.codes("termlyexclusions", "category")
    return any(away.get("category") not in codes for away in pupil.row.exclusions)


def _reason_wrong(pupil: Pupil, census: Census) -> bool:
    if not pupil.row.exclusions:
        return False
    codes = census.codes("termlyexclusions", "reason1") or census.codes("termlyexclusions", "reason")
    for away in pupil.row.exclusions:
        given = [away[name] for name in _REASONS if name in away]
        if not given or any(reason not in codes for reason in given):
            return True
    return False


def _sessions_of_suspension(pupil: Pupil, census: Census) -> bool:
    return any(
        away.get("category") in ("SUSP", "FIXD") and not number_of(away.get("sessions"))
        for away in pupil.row.exclusions
    )


class ExclusionsAndAttendance:
    """Suspensions and exclusions in the period of attendance, against sessions recorded as excluded (code E)."""

    def __init__(self, census: Census) -> None:
        self._period = (census.previous_start, census.start)
        self._excluded = self._recorded = False

    def see(self, pupil: Pupil) -> None:
        """One more pupil."""
        row = pupil.row
        if row.exclusions and not self._excluded:
            first, end = self._period
            self._excluded = any(
                first <= start < end for start in _starts(pupil, _PERMANENT | frozenset({"SUSP", "FIXD"}))
            )
        if row.sessions and not self._recorded:
            self._recorded = sessions_of(row.sessions, "E") > 0

    def rows(self) -> Iterable[int]:
        """The return, when one is there without the other."""
        return (0,) if self._excluded != self._recorded else ()


_AUTUMN = (Term.AUTUMN,)
_HALF_TERM = "summerhalfterm2sessiondetails"
_TERMLY = ("pupilonroll", "termlysessionspossible")

RULES: tuple[Rule, ...] = (
    Rule("2290", "error", "startdate", "A permanent exclusion started outside the period this census collects.", "Leave it out, or correct the start date.", _permanent_outside, source="connect-up-2020", who=EVERYONE),
    Rule("2470", "error", "termlysessionspossible", "Attendance is given for a pupil too young or too old for it, or a boarder.", "Take the attendance out, or check date of birth and boarder status.", _too_young_or_old, source="aspen", reading="Ages 4 to 15 on 31 August: the source says 5 to 15, later rules (1925, 2491) count four-year-olds in.", who=EVERYONE, column=_TERMLY),
    Rule("2485", "query", "attendancereason", "Please check: suspensions or exclusions do not agree with the sessions recorded as excluded (code E).", "Add the missing suspension, or correct the attendance codes, or explain.", whole=ExclusionsAndAttendance, source="connect-up-2020", reading="On the return as a whole and as a query: the source does not say level or kind. From 2020: the exclusions collected before were never of the term whose attendance was.", first_year=2020, phases=_ALL_BUT_NURSERY, column=_TERMLY),
    Rule("2491", "error", "attendancereason", "Code X is recorded for a pupil of statutory school age.", "Use another attendance code.", _not_of_statutory_age_code, source="arbor-2491", reading="2491 on roll, 2492 no longer on roll, from spring 2023, when X for coronavirus had ended.", first_year=2023, column=_TERMLY),
    Rule("2492", "error", "attendancereason", "Code X is recorded for a leaver of statutory school age.", "Use another attendance code.", _not_of_statutory_age_code, source="arbor-2491", reading="As 2491.", who=OFF_ROLL, first_year=2023, column=_TERMLY),
    Rule("2500", "error", "termlysessionspossible", "Sessions possible are missing or not a number of zero or more.", "Enter the sessions possible in the last term.", _possible_missing, source="oneitss-connect-up", reading="For pupils aged 5 to 15, not boarders, in school since before this term.", phases=_ALL_BUT_NURSERY, column=_TERMLY),
    Rule("2502", "query", "termlysessionspossible", "Please check: no sessions were possible. That is so only when a dual registered pupil spent the whole term at the other school.", "Correct the sessions, or explain.", _possible_zero, source="scholarpack-2502", who=EVERYONE, phases=_ALL_BUT_NURSERY, column=_TERMLY),
    Rule("2510", "error", "termlysessionspossible", "A leaver's sessions possible are missing or not a number of zero or more.", "Enter the sessions possible in the last term.", _possible_missing, source="oneitss-1802", reading="As 2500.", who=OFF_ROLL, phases=_ALL_BUT_NURSERY, column=_TERMLY),
    Rule("2572", "error", "attendancereason", "An attendance code of the second half of the summer term is not a code of this census.", "Use a code of the ministry's list.", _codes_wrong(_of("summer_sessions"), _HALF_TERM), source="bromcom-2572", who=EVERYONE, terms=_AUTUMN, column=(_HALF_TERM, "attendancereason")),
    Rule("2574", "error", "attendancereason", "Sessions of the second half of the summer term have no attendance code.", "Enter the code.", _sessions_without_code(_of("summer_sessions")), source="bromcom-2572", who=EVERYONE, terms=_AUTUMN, column=(_HALF_TERM, "attendancereason")),
    Rule("2611", "error", "annualsessionspossible", "The annual attendance is missing.", "Enter the sessions possible in the last school year.", _annual_missing, source="oneitss-connect-up", reading="Special schools and pupil referral units, while the census shapes have the annual columns.", terms=_AUTUMN, phases=("SP", "PR"), last_year=2016, column=("pupilonroll", "annualsessionspossible")),
    Rule("SG-32", "error", "attendancereason", "An attendance code is not a code of this census.", "Use a code of the ministry's list.", _codes_wrong(_of("sessions"), "termlysessiondetails"), who=EVERYONE, column=("termlysessiondetails", "attendancereason")),
    Rule("SG-33", "error", "attendancereason", "Sessions have no attendance code.", "Enter the code.", _sessions_without_code(_of("sessions")), who=EVERYONE, column=("termlysessiondetails", "attendancereason")),
    Rule("SG-34", "error", "sessions", "The number of sessions under a code is missing or not a number.", "Enter a whole number.", _sessions_not_numbers, who=EVERYONE, column=("termlysessiondetails", "attendancereason")),
    Rule("SG-35", "error", "sessions", "More sessions are recorded than were possible.", "Correct the sessions.", _more_than_possible, who=EVERYONE, column=_TERMLY),
    Rule("SG-36", "error", "category", "The category of a suspension or exclusion is not a code of this census.", "Choose a code of this year's list (FIXD became SUSP in 2020).", _category_wrong, who=EVERYONE, column=("termlyexclusions", "category")),
    Rule("SG-37", "error", "reason", "The reason of a suspension or exclusion is missing or not a code of this census.", "Choose a code of this year's list.", _reason_wrong, who=EVERYONE),
    Rule("SG-38", "error", "startdate", "The start of a suspension or exclusion is missing or not a date.", "Enter it as year-month-day.", _start_missing, who=EVERYONE),
    Rule("SG-39", "error", "sessions", "A suspension has no number of sessions.", "Enter the sessions it lasted.", _sessions_of_suspension, who=EVERYONE),
    Rule("SG-40", "query", "startdate", "Please check: a suspension started outside the period this census collects.", "Leave it out, correct the start date, or explain.", _suspension_outside, who=EVERYONE),
)  # fmt: skip
