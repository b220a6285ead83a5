"""The return's elements by module, and the columns they become: data/shape.md as tables.

`tests/collect/test_reader.py` holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Mapping

_COLUMNS = {
    "PostLookedAfterArrangements": "plaa",
    "AbsenceSessions": "sessions",
    "LearnFAMType": "learnerfamtype",
    "LearnFAMCode": "learnerfamcode",
    "LearnFAMHours": "learnerfamhours",
}


def column_of(element: str) -> str:
    """The census tables' column of an element."""
    return _COLUMNS.get(element, element.lower().replace("_", ""))


def _columns(elements: str) -> Mapping[str, str]:
    return {name: column_of(name) for name in elements.split()}


HEADER = _columns("Collection Term Year ReferenceDate SourceLevel LEA Estab URN SoftwareCode Release SerialNo DateTime")
SCHOOL = _columns("SchoolName Phase SchoolType FreeMealsTaken")

PLAIN: Mapping[str, Mapping[str, str]] = {
    "PupilIdentifiers": _columns(
        "UPN FormerUPN UniqueLearnerNumber Surname Forename MiddleNames PreferredSurname FormerSurname Sex Gender DOB"
    ),
    "PupilCharacteristics": _columns(
        "Ethnicity Language ServiceChild PostLookedAfterArrangements YoungCarer YSSA FundedHours HoursAtSetting"
        " ExtendedHours EligibilityCode ThirtyHourCode EYPPR EYPPBF DAFIndicator TopUpFunding SchoolLunchTaken"
    ),
    "PupilStatus": _columns(
        "EnrolStatus ClassType EntryDate LeavingDate PartTime Boarder NCyearActual QualHrs Non_qualHrs"
        " QualHrsPreviousYear Non_qualHrsPreviousYear TLevelQualHrs TLevelNon_qualHrs"
    ),
    "SpecialEducationalNeeds": _columns("SENprovision SENunitIndicator ResourcedProvisionIndicator"),
}
"""Modules whose elements become fields of the pupil."""

_SESSIONS = _columns("AttendanceReason AbsenceSessions")

LISTS: Mapping[str, Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "SENneeds": {"SENneed": ("sen_needs", _columns("SENtypeRank SENtype"))},
    "FSMperiods": {"FSMperiod": ("fsm_periods", _columns("FSMstartDate FSMendDate UKcountry"))},
    "TermlyExclusions": {
        "TermlyExclusion": (
            "exclusions",
            _columns("Category Reason Reason1 Reason2 Reason3 StartDate Sessions SENprovision"),
        )
    },
    "LearnerFAMs": {"LearnerFAM": ("learner_fams", _columns("LearnFAMType LearnFAMCode LearnFAMHours"))},
    "LearnerSupport": {"LearnerSupportItem": ("learner_support", _columns("SupportCode"))},
    "APPlacementDetails": {"APPlacement": ("ap_placements", _columns("PrevURN APReason SENprovisionEntry"))},
    "SchoolArrangedAP": {
        "SchoolArrangedAPDetail": (
            "arranged_ap",
            _columns(
                "URN UKPRN CompanyNumber APSettingType PlacementReason EntryDate LeavingDate APAttendancePattern"
                " APSessionsPerWeek SENprovisionEntry SENprovisionLeaving"
            ),
        )
    },
    "ProgrammeAims": {"ProgrammeAim": ("programme_aims", _columns("ProgType ProgrammeStartDate"))},
    "LearningAims": {"LearningAim": ("learning_aims", _columns("QN ProgType LearningStartDate LearningActualEndDate"))},
    "Addresses": {"Address": ("addresses", _columns("SAON PAON Street Locality Town PostCode"))},
}
"""Containers, the element that repeats in each, the row's list it goes to, and its columns."""

ATTENDANCE: Mapping[str, tuple[str, str]] = {
    "TermlyAttendance": ("termlysessionspossible", "sessions"),
    "SummerHalfTerm2Attendance": ("summerhalfterm2sessionspossible", "summer_sessions"),
    "AnnualAttendance": ("annualsessionspossible", "annual_sessions"),
}
"""Kinds of attendance: the column of the sessions possible, and the row's list of sessions by reason."""

SESSION_COLUMNS = _SESSIONS
MODULES = frozenset(PLAIN) | {
    "FSMperiods", "TermlyExclusions", "Attendance", "LearnerFAMs", "LearnerSupport", "APPlacementDetails",
    "SchoolArrangedAP", "ProgrammeAims", "HomeInformation",
}  # fmt: skip

ITEMS = frozenset(
    {"SessionsPossible", *HEADER, *SCHOOL, *SESSION_COLUMNS}
    | {name for names in PLAIN.values() for name in names}
    | {name for parts in LISTS.values() for _, names in parts.values() for name in names}
)
"""Every element that holds a text of its own."""
