"""Rules on what a pupil is entitled to and needs: background, early years, free meals, special educational needs."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

from schoolgate.collect.reader import day
from schoolgate.collect.rulebook import Census, Pupil, Rule, number_of
from schoolgate.collect.rules_status import in_codes
from schoolgate.ids import Term

_SPRING = (Term.SPRING,)
_NURSERY = frozenset({"E1", "E2", "N1", "N2"})
_SEN_TYPES_BESIDE_SHAPE = frozenset({"NSA"})
"""SEN support but no specialist assessment of the type of need: in the ministry's list, not in the census shapes."""


def _required_from_five(column: str, pupil: Pupil, census: Census) -> bool:
    value = pupil.get(column)
    if value is None:
        return pupil.august_age is not None and pupil.august_age >= 5
    return value not in census.codes("pupilonroll", column)


def _ethnicity(pupil: Pupil, census: Census) -> bool:
    return _required_from_five("ethnicity", pupil, census)


def _language(pupil: Pupil, census: Census) -> bool:
    return _required_from_five("language", pupil, census)


def three_year_old(pupil: Pupil, census: Census) -> bool:
    """Three at the start of the school year, or turning three before this term began (dates as in rule 3100)."""
    first = date(census.academic_year - 4, 9, 1)
    last = {
        Term.AUTUMN: date(census.academic_year - 3, 8, 31),
        Term.SPRING: date(census.academic_year - 3, 12, 31),
        Term.SUMMER: date(census.academic_year - 2, 3, 31),
    }[census.term]
    return pupil.dob is not None and first <= pupil.dob <= last


def four_in_nursery(pupil: Pupil, census: Census) -> bool:
    """Four at the start of the school year, not of compulsory age yet, and in a nursery year group."""
    first = {
        Term.AUTUMN: date(census.academic_year - 5, 9, 1),
        Term.SPRING: date(census.academic_year - 4, 1, 1),
        Term.SUMMER: date(census.academic_year - 4, 4, 1),
    }[census.term]
    last = date(census.academic_year - 4, 8, 31)
    return pupil.dob is not None and first <= pupil.dob <= last and pupil.get("ncyearactual") in _NURSERY


def _premium_three(pupil: Pupil, census: Census) -> bool:
    return three_year_old(pupil, census) and pupil.get("eyppr") not in ("Y", "N")


def _premium_four(pupil: Pupil, census: Census) -> bool:
    return four_in_nursery(pupil, census) and pupil.get("eyppr") not in ("Y", "N")


def _extended_hours(pupil: Pupil, census: Census) -> bool:
    if not pupil.given("extendedhours"):
        return False
    code = pupil.given("eligibilitycode") or pupil.given("thirtyhourcode")
    return not code or not (three_year_old(pupil, census) or four_in_nursery(pupil, census))


def _funded_hours_at_five(pupil: Pupil, census: Census) -> bool:
    return pupil.given("fundedhours") and pupil.august_age is not None and pupil.august_age >= 5


def _hours_at_setting_at_five(pupil: Pupil, census: Census) -> bool:
    return pupil.given("hoursatsetting") and pupil.august_age is not None and pupil.august_age >= 5


def _fsm_after_census(pupil: Pupil, census: Census) -> bool:
    if not pupil.row.fsm_periods:
        return False
    starts = (day(period.get("fsmstartdate")) for period in pupil.row.fsm_periods)
    return any(start is not None and start > census.census_day for start in starts)


def _fsm_period(pupil: Pupil, census: Census) -> bool:
    for period in pupil.row.fsm_periods:
        start, end = day(period.get("fsmstartdate")), day(period.get("fsmenddate"))
        if start is None or ("fsmenddate" in period and end is None):
            return True
        if end is not None and (end < start or end <= census.previous_census_day):
            return True
    return False


def eligible_for_meals(pupil: Pupil, when: date) -> bool:
    """Whether a free school meal period covers a day."""
    for period in pupil.row.fsm_periods:
        start, end = day(period.get("fsmstartdate")), day(period.get("fsmenddate"))
        if start is not None and start <= when and (end is None or end >= when):
            return True
    return False


def _fsm_country(pupil: Pupil, census: Census) -> bool:
    if not pupil.row.fsm_periods:
        return False
    codes = census.codes("fsmperiod", "ukcountry")
    return any("ukcountry" in period and period["ukcountry"] not in codes for period in pupil.row.fsm_periods)


def _fsm_overlap(pupil: Pupil, census: Census) -> bool:
    if len(pupil.row.fsm_periods) < 2:
        return False
    spans = sorted(
        (start, day(period.get("fsmenddate")) or date.max)
        for period in pupil.row.fsm_periods
        if (start := day(period.get("fsmstartdate"))) is not None
    )
    return any(later[0] <= earlier[1] for earlier, later in pairwise(spans))


def _sen_types(census: Census) -> frozenset[str]:
    return census.codes("provisions", "specialschooltype") | _SEN_TYPES_BESIDE_SHAPE


def _sen_type_unknown(pupil: Pupil, census: Census) -> bool:
    needs = pupil.row.sen_needs
    return bool(needs) and any(need.get("sentype") not in _sen_types(census) for need in needs)


def _sen_type_missing(pupil: Pupil, census: Census) -> bool:
    return pupil.get("senprovision") in ("E", "K", "S", "A", "P") and not pupil.row.sen_needs


def _sen_type_without_provision(pupil: Pupil, census: Census) -> bool:
    return bool(pupil.row.sen_needs) and pupil.get("senprovision") in (None, "N")


def _sen_ranks(pupil: Pupil, census: Census) -> bool:
    needs = pupil.row.sen_needs
    if not needs:
        return False
    ranks = [number_of(need.get("sentyperank")) for need in needs]
    return 1 not in ranks or len(set(ranks)) != len(ranks)


RULES: tuple[Rule, ...] = (
    Rule("1741", "error", "servicechild", "The service child indicator is not a code of this census.", "Choose Y, N, U or R.", in_codes("servicechild"), source="oneitss-1802", column=("pupilonroll", "servicechild")),
    Rule("1762", "error", "fsmstartdate", "A free school meal period starts after census day.", "Leave the period out of this return.", _fsm_after_census, source="oneitss-1802"),
    Rule("1763", "error", "fsmenddate", "A free school meal period is not within the period this census collects.", "Leave out periods that ended before the last census; check the dates.", _fsm_period, source="oneitss-1802", reading="The period: from the day after the last census (dates of several years' bulletins); a period without a start, or that ends before it starts, is in none."),
    Rule("1846", "error", "eyppr", "Early years pupil premium must be recorded for three-year-olds.", "Record yes or no.", _premium_three, source="scholarpack-1846", column=("pupilonroll", "eyppr")),
    Rule("1848", "error", "eyppr", "Early years pupil premium must be recorded for four-year-olds in E1, E2, N1 and N2.", "Record yes or no.", _premium_four, source="scholarpack-1848", column=("pupilonroll", "eyppr")),
    Rule("1851", "error", "fundedhours", "Funded hours are given for a pupil of five or over.", "Take the hours out, or check the date of birth.", _funded_hours_at_five, source="aspen", reading="Age on the 31 August before the school year.", column=("pupilonroll", "fundedhours")),
    Rule("1854", "error", "hoursatsetting", "Hours at the setting are given for a pupil of five or over.", "Take the hours out, or check the date of birth.", _hours_at_setting_at_five, source="aspen", reading="As 1851.", column=("pupilonroll", "hoursatsetting")),
    Rule("3100", "error", "extendedhours", "Extended hours are given outside the ages and year groups for them, or without an eligibility code.", "Check the date of birth, the year group and the code, or take the hours out.", _extended_hours, source="juniper-3100", column=("pupilonroll", "extendedhours")),
    Rule("SG-19", "error", "ethnicity", "The ethnicity is not a code of this census, or is missing for a pupil of five or over.", "Choose a code of this year's list; REFU and NOBT are codes.", _ethnicity, column=("pupilonroll", "ethnicity")),
    Rule("SG-20", "error", "language", "The language is not a code of this census, or is missing for a pupil of five or over.", "Choose a code of this year's list.", _language, column=("pupilonroll", "language")),
    Rule("SG-21", "error", "plaa", "The post looked-after arrangement is not a code of this census.", "Choose a code of this year's list.", in_codes("plaa"), column=("pupilonroll", "plaa")),
    Rule("SG-22", "error", "youngcarer", "The young carer indicator is not a code of this census.", "Choose P, S or N.", in_codes("youngcarer"), column=("pupilonroll", "youngcarer")),
    Rule("SG-23", "error", "yssa", "The youth support services answer is not a code of this census.", "Choose a code of this year's list.", in_codes("yssa"), column=("pupilonroll", "yssa")),
    Rule("SG-24", "error", "eyppbf", "The basis of early years pupil premium is not a code of this census.", "Choose a code of this year's list.", in_codes("eyppbf"), column=("pupilonroll", "eyppbf")),
    Rule("SG-25", "error", "ukcountry", "The country of a free school meal period is not a code of this census.", "Choose ENG, NIR, SCT or WLS.", _fsm_country, column=("fsmperiod", "ukcountry")),
    Rule("SG-26", "error", "fsmstartdate", "Two free school meal periods overlap.", "Join them, or correct a date.", _fsm_overlap),
    Rule("SG-27", "error", "senprovision", "The SEN provision is missing or not a code of this census.", "Choose N, K or E (codes that have been retired are not accepted).", in_codes("senprovision", required=True), column=("pupilonroll", "senprovision")),
    Rule("SG-28", "error", "sentype", "A SEN type is not one of the ministry's types of need.", "Choose a type of the list.", _sen_type_unknown, terms=_SPRING, column=("senneeds", "sentype")),
    Rule("SG-29", "error", "sentype", "A pupil with SEN provision has no type of need.", "Record the primary need.", _sen_type_missing, terms=_SPRING, column=("senneeds", "sentype")),
    Rule("SG-30", "error", "sentype", "A pupil without SEN provision has a type of need.", "Take the need out, or correct the provision.", _sen_type_without_provision, terms=_SPRING, column=("senneeds", "sentype")),
    Rule("SG-31", "error", "sentyperank", "Needs must be ranked from 1, each rank once.", "Rank the primary need 1 and the next 2.", _sen_ranks, terms=_SPRING, column=("senneeds", "sentyperank")),
)  # fmt: skip
