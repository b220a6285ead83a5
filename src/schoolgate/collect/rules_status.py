"""Rules on how a pupil is enrolled: entry, leaving, status, year group, hours of post-16 study."""

from __future__ import annotations

from datetime import timedelta

from schoolgate.collect.rulebook import EVERYONE, OFF_ROLL, Census, Pupil, RowCheck, Rule, hours_of
from schoolgate.ids import Term

_YES_NO = frozenset({"0", "1", "true", "false"})
_AGES = {
    "NS": (2, 7), "PS": (2, 13), "MP": (8, 14),
    "50": (2, 7), "51": (2, 7), "01": (2, 9), "16": (2, 9), "02": (2, 10), "03": (2, 11), "04": (2, 13),
    "17": (7, 12), "18": (2, 11), "42": (2, 8), "43": (7, 11), "49": (2, 13), "05": (8, 13), "06": (9, 14),
    "45": (9, 13),
}  # fmt: skip
"""Ages by school type; by phase, the widest of its types, where a return does not name the type."""

_YOUNG = {"E1": (0, 4), "E2": (0, 5), "N1": (0, 4), "N2": (0, 5), "R": (3, 6)}


def in_codes(column: str, *, table: str = "pupilonroll", required: bool = False) -> RowCheck:
    """The item's value is not a code of this census, or is missing where it must be given."""

    def check(pupil: Pupil, census: Census) -> bool:
        value = pupil.get(column)
        if value is None:
            return required
        return value not in census.codes(table, column)

    return check


def _age_for_type(pupil: Pupil, census: Census) -> bool:
    ages = _AGES.get(census.header.school_type) or _AGES.get(census.header.phase)
    if ages is None or pupil.dob is None or pupil.august_age is None:
        return False
    youngest = pupil.august_age
    if ages[0] == 2:  # two-year-olds count as two from the end of the term before
        turned = census.start - timedelta(days=1)
        youngest = turned.year - pupil.dob.year - ((turned.month, turned.day) < (pupil.dob.month, pupil.dob.day))
    return youngest < ages[0] or pupil.august_age > ages[1]


def _entry_wrong(pupil: Pupil, census: Census) -> bool:
    return pupil.entry is None or pupil.entry > census.census_day


def _entry_before_birth(pupil: Pupil, census: Census) -> bool:
    return pupil.entry is not None and pupil.dob is not None and pupil.entry < pupil.dob


def _leaving_wrong(pupil: Pupil, census: Census) -> bool:
    left = pupil.leaving
    return left is None or left >= census.census_day or (pupil.entry is not None and left < pupil.entry)


def _leaver_without_reason(pupil: Pupil, census: Census) -> bool:
    row, left = pupil.row, pupil.leaving
    if left is None or left >= census.census_day:
        return False
    if row.exclusions or row.learner_fams or row.ap_placements or row.arranged_ap:
        return False
    if census.term is Term.AUTUMN and row.programme_aims:
        return False
    if census.term is not Term.AUTUMN and row.learner_support:
        return False
    attended = (
        pupil.entry is not None
        and pupil.entry < census.start
        and census.previous_start <= left
        and pupil.august_age is not None
        and 4 <= pupil.august_age <= 15
        and pupil.get("boarder") in (None, "N")
    )
    return not attended


def _leaving_on_roll(pupil: Pupil, census: Census) -> bool:
    return pupil.get("leavingdate") is not None


def _part_time_wrong(pupil: Pupil, census: Census) -> bool:
    value = pupil.get("parttime")
    return value is not None and value not in _YES_NO


def _year_group_odd(pupil: Pupil, census: Census) -> bool:
    year, age = pupil.get("ncyearactual"), pupil.august_age
    if year is None or age is None:
        return False
    if year in _YOUNG:
        low, high = _YOUNG[year]
        return not low <= age <= high
    return year.isascii() and year.isdigit() and abs(age - 4 - int(year)) > 1


def _sum(pupil: Pupil, first: str, second: str) -> float:
    return hours_of(pupil.get(first)) + hours_of(pupil.get(second))


def _too_many_hours(pupil: Pupil, census: Census) -> bool:
    return _sum(pupil, "qualhrspreviousyear", "nonqualhrspreviousyear") > 4_000


def _few_hours(pupil: Pupil, census: Census) -> bool:
    given = pupil.given("qualhrspreviousyear") or pupil.given("nonqualhrspreviousyear")
    if not given:
        return False
    if not pupil.on_roll:
        ended = (aim.get("learningactualenddate") for aim in pupil.row.learning_aims)
        if not any(day is not None and day < census.start.isoformat() for day in ended):
            return False
    return _sum(pupil, "qualhrspreviousyear", "nonqualhrspreviousyear") < 40


def _t_level_aims(pupil: Pupil) -> bool:
    return any(aim.get("progtype") == "31" for aim in pupil.row.learning_aims)


def _t_level_without_hours(pupil: Pupil, census: Census) -> bool:
    since = (census.start - timedelta(days=1)).isoformat()
    studied = any(
        aim.get("progtype") == "31" and (aim.get("learningstartdate") is None or aim["learningstartdate"] > since)
        for aim in pupil.row.learning_aims
    )
    return studied and _sum(pupil, "tlevelqualhrs", "tlevelnonqualhrs") <= 0


def _t_level_hours_without_aim(pupil: Pupil, census: Census) -> bool:
    return _sum(pupil, "tlevelqualhrs", "tlevelnonqualhrs") > 0 and not _t_level_aims(pupil)


def _both_kinds_without_aims(pupil: Pupil, census: Census) -> bool:
    if _sum(pupil, "tlevelqualhrs", "tlevelnonqualhrs") <= 0 or _sum(pupil, "qualhrs", "nonqualhrs") <= 0:
        return False
    kinds = {aim.get("progtype") for aim in pupil.row.programme_aims}
    return "31" not in kinds or not kinds & {"01", "30"}


def _programme_empty(pupil: Pupil, census: Census) -> bool:
    return any(aim.get("learningaims") == "0" for aim in pupil.row.programme_aims)


def _module_missing(pupil: Pupil, census: Census) -> bool:
    wanted = _MODULES if pupil.on_roll else _MODULES_OFF_ROLL
    return not wanted <= pupil.row.modules


_MODULES = frozenset({"PupilIdentifiers", "PupilCharacteristics", "PupilStatus", "SpecialEducationalNeeds"})
_MODULES_OFF_ROLL = frozenset({"PupilIdentifiers", "PupilStatus"})
_AUTUMN = (Term.AUTUMN,)

RULES: tuple[Rule, ...] = (
    Rule("1601", "query", "dob", "Please check: the pupil's age is out of range for the school's type.", "Check the date of birth, and the school's phase and type, or explain.", _age_for_type, source="scholarpack-1601", reading="Phases NS, PS and MP, whose ages the source lists; the widest range of the phase where the type is not given.", phases=("NS", "PS", "MP")),
    Rule("1880", "error", "entrydate", "The entry date is missing or after census day.", "Enter the day the pupil joined.", _entry_wrong, source="oneitss-1802"),
    Rule("1889", "error", "qualhrspreviousyear", "Last year's planned hours add up to more than 4,000.", "Check the planned hours of last year.", _too_many_hours, source="bromcom-1889", who=EVERYONE, terms=_AUTUMN, column=("pupilonroll", "qualhrspreviousyear")),
    Rule("1893", "query", "qualhrspreviousyear", "Please check: last year's planned hours add up to less than 40.", "Check the planned hours of last year, or explain.", _few_hours, source="bromcom-1893", who=EVERYONE, terms=_AUTUMN, column=("pupilonroll", "qualhrspreviousyear")),
    Rule("1894", "error", "tlevelqualhrs", "A pupil with a T Level learning aim has no T Level hours.", "Enter the planned T Level hours.", _t_level_without_hours, source="bromcom-1889", terms=_AUTUMN, column=("pupilonroll", "tlevelqualhrs")),
    Rule("1895", "error", "tlevelqualhrs", "A pupil with T Level hours has no T Level learning aim.", "Take the hours out, or add the learning aim.", _t_level_hours_without_aim, source="bromcom-1889", terms=_AUTUMN, column=("pupilonroll", "tlevelqualhrs")),
    Rule("1896", "error", "tlevelqualhrs", "A pupil with T Level hours and other hours needs a programme aim for each.", "Add programme aim 31 and programme aim 01 or 30, or correct the hours.", _both_kinds_without_aims, source="bromcom-1889", terms=_AUTUMN, column=("pupilonroll", "tlevelqualhrs")),
    Rule("1920", "error", "leavingdate", "A leaver needs a leaving date before census day and not before entry.", "Enter the day the pupil left.", _leaving_wrong, source="oneitss-1802", who=OFF_ROLL),
    Rule("1925", "query", "leavingdate", "Please check: this leaver has nothing in the period that this census collects.", "Take the pupil out, or explain.", _leaver_without_reason, source="bromcom-1925", who=OFF_ROLL),
    Rule("2903", "error", "programmeaims", "A programme aim has no learning aim.", "Check that the learning aims start within the programme.", _programme_empty, source="bromcom-2903", who=EVERYONE, terms=_AUTUMN, column=("programmeaims", "progtype")),
    Rule("9999", "error", "modules", "A whole part of the pupil's record is missing.", "Complete the record as it was on census day, or on leaving.", _module_missing, source="scomis-9999", reading="Which parts must be there is this project's reading: identifiers and status for everyone, characteristics and special needs on roll.", who=EVERYONE),
    Rule("SG-11", "error", "entrydate", "The entry date is before the date of birth.", "Check both dates.", _entry_before_birth, who=EVERYONE),
    Rule("SG-12", "error", "leavingdate", "A pupil on roll has a leaving date.", "Take the date out, or move the pupil to those no longer on roll.", _leaving_on_roll),
    Rule("SG-13", "error", "enrolstatus", "The enrolment status is missing or not a code of this census.", "Choose C, M, S, F or O.", in_codes("enrolstatus", required=True), column=("pupilonroll", "enrolstatus")),
    Rule("SG-14", "error", "boarder", "The boarder status is not a code of this census.", "Choose a code of this year's list.", in_codes("boarder"), column=("pupilonroll", "boarder")),
    Rule("SG-15", "error", "ncyearactual", "The year group is missing or not a code of this census.", "Enter the year group the pupil is taught in.", in_codes("ncyearactual", required=True), column=("pupilonroll", "ncyearactual")),
    Rule("SG-16", "error", "classtype", "The class type is not a code of this census.", "Choose N (nursery) or O (other).", in_codes("classtype"), column=("pupilonroll", "classtype")),
    Rule("SG-17", "error", "parttime", "Part-time must be true or false.", "Correct it.", _part_time_wrong, who=EVERYONE, column=("pupilonroll", "parttime")),
    Rule("SG-18", "query", "ncyearactual", "Please check: the year group is more than a year from the pupil's age.", "Check year group and date of birth, or explain.", _year_group_odd),
)  # fmt: skip
