"""Rules on who a pupil is: numbers, names, birth, sex."""

from __future__ import annotations

from schoolgate.collect.rulebook import EVERYONE, OFF_ROLL, Census, Pupil, RowCheck, Rule, age_on
from schoolgate.collect.upn import AUTHORITIES, check_letter_wrong, digits, last_character_right
from schoolgate.ids import uln_problem, upn_problem


def missing(column: str) -> RowCheck:
    """The item is not given."""

    def check(pupil: Pupil, census: Census) -> bool:
        return pupil.get(column) is None

    return check


def _upns(pupil: Pupil) -> tuple[str, ...]:
    upn, former = pupil.get("upn"), pupil.get("formerupn")
    if former is None:
        return (upn,) if upn is not None else ()
    return (upn, former) if upn is not None else (former,)


def _check_letter(pupil: Pupil, census: Census) -> bool:
    return any(len(upn) == 13 and check_letter_wrong(upn) for upn in _upns(pupil))


def _authority(pupil: Pupil, census: Census) -> bool:
    return any(len(upn) == 13 and upn[1:4] not in AUTHORITIES for upn in _upns(pupil))


def _digits(pupil: Pupil, census: Census) -> bool:
    return any(len(upn) != 13 or not digits(upn[4:12]) for upn in _upns(pupil))


def _last_character(pupil: Pupil, census: Census) -> bool:
    return any(len(upn) == 13 and not last_character_right(upn) for upn in _upns(pupil))


def _former_is_same(pupil: Pupil, census: Census) -> bool:
    former = pupil.get("formerupn")
    return former is not None and former == pupil.get("upn")


def _temporary(pupil: Pupil, census: Census) -> bool:
    upn = pupil.get("upn")
    return upn is not None and upn[-1:].isalpha() and upn_problem(upn) is None


def _uln_expected(pupil: Pupil, census: Census) -> bool:
    return pupil.age is not None and pupil.age >= 14 and pupil.get("uniquelearnernumber") is None


def _uln_expected_on_leaving(pupil: Pupil, census: Census) -> bool:
    if pupil.dob is None or pupil.leaving is None or pupil.get("uniquelearnernumber") is not None:
        return False
    return age_on(pupil.dob, pupil.leaving) >= 14


def _uln_wrong(pupil: Pupil, census: Census) -> bool:
    uln = pupil.get("uniquelearnernumber")
    return uln is not None and uln_problem(uln) is not None


def _dob_wrong(pupil: Pupil, census: Census) -> bool:
    return pupil.dob is None


def _dob_after(pupil: Pupil, census: Census) -> bool:
    return pupil.dob is not None and pupil.dob > census.census_day


def _age_strange(pupil: Pupil, census: Census) -> bool:
    return pupil.august_age is not None and pupil.august_age > 19


def _sex_wrong(pupil: Pupil, census: Census) -> bool:
    return pupil.get("sex") not in ("M", "F")


def _gender_wrong(pupil: Pupil, census: Census) -> bool:
    return pupil.get("gender") not in ("M", "F")


def _names_illegal(pupil: Pupil, census: Census) -> bool:
    names = (pupil.get("surname") or "") + (pupil.get("forename") or "")
    return any(character in _ILLEGAL for character in names)


_ILLEGAL = frozenset('0123456789<>|\\_@#$%&*+=[]{}"')

RULES: tuple[Rule, ...] = (
    Rule("1500", "error", "upn", "The pupil has no UPN.", "Issue a UPN, or a temporary one while you ask the former school.", missing("upn"), source="arbor-upn", who=EVERYONE),
    Rule("1510", "error", "upn", "A UPN or former UPN has the wrong check letter.", "Compare it with the former school's; a character was probably mistyped.", _check_letter, source="arbor-upn", who=EVERYONE),
    Rule("1530", "error", "upn", "Characters 2 to 4 of a UPN or former UPN are not a local authority's number.", "Check the UPN with the school that issued it.", _authority, source="arbor-upn", who=EVERYONE),
    Rule("1540", "error", "upn", "Characters 5 to 12 of a UPN or former UPN must be digits.", "Check the UPN with the school that issued it.", _digits, source="arbor-upn", reading="The source lists the number with 1500 to 1550; which test is 1540 and which 1550 follows the order of the ministry's own messages.", who=EVERYONE),
    Rule("1550", "error", "upn", "Character 13 of a UPN or former UPN must be a digit or a letter that UPNs use.", "Check the UPN with the school that issued it.", _last_character, source="arbor-upn", reading="As 1540.", who=EVERYONE),
    Rule("1570", "error", "uniquelearnernumber", "A pupil of 14 or over has no unique learner number.", "Add the ULN from the Learner Records Service.", _uln_expected, source="arbor-uln"),
    Rule("1573", "error", "uniquelearnernumber", "A pupil who was 14 or over on leaving has no unique learner number.", "Add the ULN from the Learner Records Service.", _uln_expected_on_leaving, source="arbor-uln", who=OFF_ROLL),
    Rule("1575", "error", "uniquelearnernumber", "The unique learner number is not ten digits with a right check digit.", "Compare it with the Learner Records Service.", _uln_wrong, source="arbor-uln", who=EVERYONE),
    Rule("SG-1", "query", "upn", "Please check: the pupil still has a temporary UPN.", "Ask the former school for the permanent UPN, or explain.", _temporary),
    Rule("SG-2", "error", "formerupn", "The former UPN is the same as the UPN.", "Leave the former UPN out.", _former_is_same, who=EVERYONE),
    Rule("SG-3", "error", "surname", "The surname is missing.", "Enter the full legal surname.", missing("surname"), who=EVERYONE),
    Rule("SG-4", "error", "forename", "The forename is missing.", "Enter the full legal forename.", missing("forename"), who=EVERYONE),
    Rule("SG-5", "error", "dob", "The date of birth is missing or not a date.", "Enter it as year-month-day.", _dob_wrong, who=EVERYONE),
    Rule("SG-6", "error", "dob", "The date of birth is after census day.", "Check the year.", _dob_after, who=EVERYONE),
    Rule("SG-7", "error", "sex", "Sex must be M or F.", "Enter the legal sex.", _sex_wrong, who=EVERYONE, column=("pupilonroll", "sex")),
    Rule("SG-8", "error", "gender", "Gender must be M or F.", "Enter it as the census of that year asks.", _gender_wrong, who=EVERYONE, column=("pupilonroll", "gender")),
    Rule("SG-9", "query", "dob", "Please check: the pupil was over 19 at the start of the school year.", "Check the date of birth, or explain.", _age_strange),
    Rule("SG-10", "query", "surname", "Please check: a name holds digits or signs that names do not have.", "Correct the name, or explain.", _names_illegal, who=EVERYONE),
)  # fmt: skip
