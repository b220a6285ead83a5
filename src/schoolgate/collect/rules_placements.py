"""Rules on alternative provision and on learner funding and monitoring."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from schoolgate.collect.reader import day
from schoolgate.collect.rulebook import EVERYONE, OFF_ROLL, Census, Pupil, Rule, hours_of
from schoolgate.dictionary import establishment

_SINGLE = ("C", "F", "O")
_URN = re.compile(r"[1-9][0-9]{5}")
_AP = ("approvisiondetail", "apreason")
_ARRANGED = ("schoolarrangedapdetail", "apsettingtype")


def _registered_here_alone(pupil: Pupil) -> bool:
    return not pupil.on_roll or pupil.get("enrolstatus") in _SINGLE


def _previous_urn(pupil: Pupil, census: Census) -> bool:
    if not pupil.row.ap_placements or not _registered_here_alone(pupil):
        return False
    return any("prevurn" in place and not _URN.fullmatch(place["prevurn"]) for place in pupil.row.ap_placements)


def _reason(pupil: Pupil, census: Census) -> bool:
    if not pupil.row.ap_placements or not _registered_here_alone(pupil):
        return False
    codes = census.codes(*_AP)
    return any(place.get("apreason") not in codes for place in pupil.row.ap_placements)


def _plan_named_but_none(pupil: Pupil, census: Census) -> bool:
    named = any(place.get("apreason") == "EHC" for place in pupil.row.ap_placements)
    return named and pupil.get("senprovision") != "E"


def _no_place_named(pupil: Pupil, census: Census) -> bool:
    return any(
        not (place.get("urn") or place.get("ukprn") or place.get("apsettingtype")) for place in pupil.row.arranged_ap
    )


def _leaver_still_placed(pupil: Pupil, census: Census) -> bool:
    for place in pupil.row.arranged_ap:
        left = day(place.get("leavingdate"))
        if left is None or (pupil.leaving is not None and left > pupil.leaving):
            return True
    return False


def _several_full_time(pupil: Pupil, census: Census) -> bool:
    if len(pupil.row.arranged_ap) < 2:
        return False
    still = [place for place in pupil.row.arranged_ap if "leavingdate" not in place]
    return len(still) > 1 and any(place.get("apattendancepattern") != "PT" for place in still)


def _placed_but_single(pupil: Pupil, census: Census) -> bool:
    if not pupil.row.arranged_ap or pupil.get("enrolstatus") not in _SINGLE:
        return False
    urns = (place["urn"] for place in pupil.row.arranged_ap if "leavingdate" not in place and "urn" in place)
    return any(_URN.fullmatch(urn) and establishment(int(urn)) is not None for urn in urns)


def _placement_expected(pupil: Pupil, census: Census) -> bool:
    return pupil.get("enrolstatus") in _SINGLE and not pupil.row.ap_placements


def _placement_reason(pupil: Pupil, census: Census) -> bool:
    codes = census.codes("schoolarrangedapdetail", "placementreason")
    return any(place.get("placementreason") not in codes for place in pupil.row.arranged_ap)


def _placement_dates(pupil: Pupil, census: Census) -> bool:
    for place in pupil.row.arranged_ap:
        entry, left = day(place.get("entrydate")), day(place.get("leavingdate"))
        if entry is None or ("leavingdate" in place and (left is None or left < entry)):
            return True
    return False


def _placement_pattern(pupil: Pupil, census: Census) -> bool:
    codes = census.codes("schoolarrangedapdetail", "apattendancepattern")
    return any(place.get("apattendancepattern") not in codes for place in pupil.row.arranged_ap)


def _tutoring_without_hours(pupil: Pupil, census: Census) -> bool:
    return any(
        fam.get("learnerfamcode") == "01" and hours_of(fam.get("learnerfamhours")) <= 0
        for fam in pupil.row.learner_fams
    )


def _fam_code(pupil: Pupil, census: Census) -> bool:
    kinds = census.codes("learnerfam", "learnerfamtype")
    return any(fam.get("learnerfamtype") not in kinds for fam in pupil.row.learner_fams)


class _NonePlaced:
    """No pupil of the return has a placement of a kind."""

    def __init__(self, kind: str) -> None:
        self._kind, self._found = kind, False

    def see(self, pupil: Pupil) -> None:
        """One more pupil."""
        self._found = self._found or bool(getattr(pupil.row, self._kind))

    def rows(self) -> Iterable[int]:
        """The return, when nobody was placed."""
        return () if self._found else (0,)


def _none_placed(kind: str) -> Callable[[Census], _NonePlaced]:
    return lambda census: _NonePlaced(kind)


_CHECKED_YEARS = "Seen in help pages of autumn 2022 to 2023, so in force here for 2022 and 2023 alone."

RULES: tuple[Rule, ...] = (
    Rule("2360", "error", "prevurn", "The previous school's URN of an alternative provision placement is not a URN.", "Enter the six digits from Get Information about Schools.", _previous_urn, source="arbor-ap", reading="Six digits, the first not zero; closed schools are not in the register kept here, so it is not looked up.", who=EVERYONE, column=_AP),
    Rule("2361", "error", "apreason", "The reason of an alternative provision placement is missing or not a code.", "Choose a code of the list.", _reason, source="arbor-ap", who=EVERYONE, column=_AP),
    Rule("2363", "error", "apreason", "The placement is because the school is named on an EHC plan, but the SEN provision says there is none.", "Correct the reason or the SEN provision.", _plan_named_but_none, source="arbor-ap", column=_AP),
    Rule("2364", "error", "urn", "A placement that the school arranged names neither URN, UKPRN nor the type of setting.", "Say where the pupil is.", _no_place_named, source="arbor-ap", who=EVERYONE, column=_ARRANGED),
    Rule("2372", "error", "leavingdate", "A leaver's placement that the school arranged must end, at the latest when the pupil left.", "Enter the day the placement ended.", _leaver_still_placed, source="scholarpack-2372", who=OFF_ROLL, column=_ARRANGED),
    Rule("2392", "error", "apattendancepattern", "A pupil with several open placements is not part-time (PT) at each.", "Correct the attendance pattern, or end a placement.", _several_full_time, source="scomis-2023", column=("schoolarrangedapdetail", "apattendancepattern")),
    Rule("2917", "error", "enrolstatus", "A pupil with an open placement at another school in England must be dually registered.", "End the placement, or register the pupil as dual.", _placed_but_single, source="scholarpack-2917", column=_ARRANGED),
    Rule("3131", "error", "apreason", "A pupil registered in alternative provision alone needs placement information.", "Enter how and from where the pupil came.", _placement_expected, source="scomis-2023", reading="From spring 2023, when the module became mandatory (Devon).", phases=("PR",), first_year=2023, column=_AP),
    Rule("4012", "error", "learnerfamhours", "A pupil recorded for the National Tutoring Programme has no hours.", "Enter the hours of tutoring.", _tutoring_without_hours, source="bromcom-4012", who=EVERYONE, column=("learnerfam", "learnerfamhours")),
    Rule("4015", "query", "arrangedap", "Please check: no alternative provision placement arranged by the school is given.", "Add the placements, or explain that there were none.", whole=_none_placed("arranged_ap"), source="scholarpack-4015", reading=_CHECKED_YEARS, first_year=2022, last_year=2023, column=_ARRANGED, phases=("PS", "MP", "MS", "SS", "SP", "AT")),
    Rule("4016", "query", "approvision", "Please check: no alternative provision placement is given.", "Add the placements, or explain that there were none.", whole=_none_placed("ap_placements"), source="scholarpack-4015", reading=_CHECKED_YEARS, first_year=2022, last_year=2023, column=_AP, phases=("PR",)),
    Rule("SG-41", "error", "placementreason", "The reason of a placement that the school arranged is missing or not a code.", "Choose a code of the list.", _placement_reason, who=EVERYONE, column=("schoolarrangedapdetail", "placementreason")),
    Rule("SG-42", "error", "entrydate", "A placement that the school arranged has no start, or ends before it starts.", "Correct the dates.", _placement_dates, who=EVERYONE, column=_ARRANGED),
    Rule("SG-43", "error", "apattendancepattern", "The attendance pattern of a placement that the school arranged is missing or not a code.", "Choose FT or PT.", _placement_pattern, who=EVERYONE, column=("schoolarrangedapdetail", "apattendancepattern")),
    Rule("SG-44", "error", "learnerfamtype", "The type of learner funding and monitoring is not a code of this census.", "Choose a code of this year's list.", _fam_code, who=EVERYONE, column=("learnerfam", "learnerfamtype")),
)  # fmt: skip
