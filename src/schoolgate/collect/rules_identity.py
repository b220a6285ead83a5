"""Rules on who a pupil is and how they are enrolled."""

from __future__ import annotations

from schoolgate.collect.reader import PupilRow
from schoolgate.collect.rulebook import Census, RowCheck, Rule, age_on, day, get
from schoolgate.ids import UPN_LETTERS, uln_problem, upn_check_letter, upn_problem

# Local authority numbers a UPN may begin with (rule 1530): those in use now and those a UPN kept from before a
# reorganisation. From the published list (about 2018), with Dorset and BCP added in 2019.
_AUTHORITIES = frozenset(
    f"{number:03}"
    for first, last in (
        (1, 5), (201, 213), (301, 320), (330, 336), (340, 344), (350, 359), (370, 373), (380, 384), (390, 394),
        (420, 420), (660, 681), (701, 708), (800, 803), (805, 808), (810, 813), (815, 816), (820, 823), (825, 826),
        (830, 831), (835, 841), (845, 846), (850, 852), (855, 857), (860, 861), (865, 896), (908, 909), (916, 916),
        (919, 919), (921, 921), (925, 926), (928, 929), (931, 931), (933, 933), (935, 938), (940, 943),
    )
    for number in range(first, last + 1)
)  # fmt: skip


def _upns(row: PupilRow) -> list[str]:
    return [value for value in (get(row, "upn"), get(row, "formerupn")) if value]


def _upn_missing(row: PupilRow, census: Census) -> bool:
    return not get(row, "upn")


def _check_letter(row: PupilRow, census: Census) -> bool:
    def wrong(upn: str) -> bool:
        rest = upn[1:]
        legal = len(upn) == 13 and rest[:11].isdigit() and (rest[11:].isdigit() or rest[11:] in UPN_LETTERS)
        return legal and upn[0] != upn_check_letter(rest)

    return any(wrong(upn) for upn in _upns(row))


def _authority(row: PupilRow, census: Census) -> bool:
    return any(len(upn) == 13 and upn[1:4] not in _AUTHORITIES for upn in _upns(row))


def _digits(row: PupilRow, census: Census) -> bool:
    return any(len(upn) != 13 or not upn[4:12].isdigit() for upn in _upns(row))


def _last_character(row: PupilRow, census: Census) -> bool:
    return any(len(upn) == 13 and not (upn[12].isdigit() or upn[12] in UPN_LETTERS) for upn in _upns(row))


def _former_is_same(row: PupilRow, census: Census) -> bool:
    return bool(get(row, "formerupn")) and get(row, "formerupn") == get(row, "upn")


def _temporary(row: PupilRow, census: Census) -> bool:
    upn = get(row, "upn")
    return upn_problem(upn) is None and not upn[12].isdigit()


def _age(row: PupilRow, census: Census) -> int | None:
    dob = day(get(row, "dob"))
    return age_on(dob, census.census_day) if dob else None


def _uln_expected(row: PupilRow, census: Census) -> bool:
    age = _age(row, census)
    return row.on_roll and age is not None and age >= 14 and not get(row, "uniquelearnernumber")


def _uln_wrong(row: PupilRow, census: Census) -> bool:
    uln = get(row, "uniquelearnernumber")
    return bool(uln) and uln_problem(uln) is not None


def _missing(name: str) -> RowCheck:
    def check(row: PupilRow, census: Census) -> bool:
        return not get(row, name)

    return check


def _dob_wrong(row: PupilRow, census: Census) -> bool:
    return day(get(row, "dob")) is None


def _dob_after(row: PupilRow, census: Census) -> bool:
    dob = day(get(row, "dob"))
    return dob is not None and dob > census.census_day


def _age_strange(row: PupilRow, census: Census) -> bool:
    age = _age(row, census)
    return age is not None and age >= 0 and not 2 <= age <= 19


def _sex_wrong(row: PupilRow, census: Census) -> bool:
    column = "sex" if census.collected("sex") else "gender"
    return get(row, column) not in {"M", "F"}


def _entry_wrong(row: PupilRow, census: Census) -> bool:
    entry = day(get(row, "entrydate"))
    return entry is None or entry > census.census_day


def _entry_before_birth(row: PupilRow, census: Census) -> bool:
    entry, dob = day(get(row, "entrydate")), day(get(row, "dob"))
    return entry is not None and dob is not None and entry < dob


def _leaving_wrong(row: PupilRow, census: Census) -> bool:
    if row.on_roll:
        return False
    left, entry = day(get(row, "leavingdate")), day(get(row, "entrydate"))
    return left is None or left >= census.census_day or (entry is not None and left < entry)


def _leaving_on_roll(row: PupilRow, census: Census) -> bool:
    return row.on_roll and bool(get(row, "leavingdate"))


def _leaver_without_reason(row: PupilRow, census: Census) -> bool:
    left = day(get(row, "leavingdate"))
    if row.on_roll or left is None or row.exclusions:
        return False
    return not (census.previous_term_start <= left < census.census_day)


RULES: tuple[Rule, ...] = (
    Rule("1500", "error", "The pupil has no UPN.", "Issue a UPN, or a temporary one while you ask the former school.", "upn", _upn_missing),
    Rule("1510", "error", "A UPN or former UPN has the wrong check letter.", "Compare it with the former school's; a character was probably mistyped.", "upn", _check_letter),
    Rule("1530", "error", "Characters 2 to 4 of a UPN are not a local authority's number.", "Check the UPN with the school that issued it.", "upn", _authority),
    Rule("1540", "error", "Characters 5 to 12 of a UPN must be digits.", "Check the UPN with the school that issued it.", "upn", _digits),
    Rule("1550", "error", "Character 13 of a UPN must be a digit or a letter that UPNs use.", "Check the UPN with the school that issued it.", "upn", _last_character),
    Rule("1560", "error", "The former UPN is the same as the UPN.", "Leave the former UPN out.", "formerupn", _former_is_same, confirmed=False),
    Rule("1555", "query", "Please check: the pupil still has a temporary UPN.", "Ask the former school for the permanent UPN, or explain.", "upn", _temporary, confirmed=False),
    Rule("1570", "query", "Please check: pupils of 14 and over have a unique learner number.", "Add the ULN from the Learner Records Service, or explain.", "uniquelearnernumber", _uln_expected, first_year=2016),
    Rule("1575", "error", "The unique learner number is not ten digits with a right check digit.", "Compare it with the Learner Records Service.", "uniquelearnernumber", _uln_wrong),
    Rule("1580", "error", "The surname is missing.", "Enter the full legal surname.", "surname", _missing("surname"), confirmed=False),
    Rule("1590", "error", "The forename is missing.", "Enter the full legal forename.", "forename", _missing("forename"), confirmed=False),
    Rule("1600", "error", "The date of birth is missing or not a date.", "Enter it as year-month-day.", "dob", _dob_wrong, confirmed=False),
    Rule("1605", "error", "The date of birth is after census day.", "Check the year.", "dob", _dob_after, confirmed=False),
    Rule("1610", "error", "Sex must be M or F.", "Enter the legal sex.", "sex", _sex_wrong, confirmed=False),
    Rule("1620", "query", "Please check: the pupil is under 2 or over 19.", "Check the date of birth, or explain.", "dob", _age_strange, confirmed=False),
    Rule("1880", "error", "The entry date is missing or after census day.", "Enter the day the pupil joined.", "entrydate", _entry_wrong),
    Rule("1890", "error", "The entry date is before the date of birth.", "Check both dates.", "entrydate", _entry_before_birth, confirmed=False),
    Rule("1920", "error", "A leaver needs a leaving date before census day and not before entry.", "Enter the day the pupil left.", "leavingdate", _leaving_wrong),
    Rule("1910", "error", "A pupil on roll has a leaving date.", "Take the date out, or move the pupil to those no longer on roll.", "leavingdate", _leaving_on_roll, confirmed=False),
    Rule("1925", "query", "Please check: this leaver left before the period of this census and has no exclusion in it.", "Take the pupil out, or explain.", "leavingdate", _leaver_without_reason),
)  # fmt: skip
