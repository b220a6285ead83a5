"""Rules on the return as a whole: its header, its school, repeated numbers, and proportions that look odd.

A proportion of a handful says nothing, so proportions are looked at from `MIN_PUPILS` up; that bound, and the
thresholds that no source gives, are this project's and are said in each rule's `reading`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from schoolgate.collect.reader import day
from schoolgate.collect.rulebook import EVERYONE, Census, Pupil, Rule, WholeCheck, number_of
from schoolgate.collect.rules_needs import eligible_for_meals
from schoolgate.collect.upn import digits
from schoolgate.dictionary import establishment
from schoolgate.ids import Term

MIN_PUPILS = 20

_INFANTS = ("R", "1", "2")
_TAKEN = ("1", "true")
_CLOSE = {"NS": ("EY",), "PS": ("MP",), "MS": ("MP",), "SS": ("MS",)}
"""Phases of a census that the register may hold under another: early years; a middle school deemed either way."""


class Header:
    """The reference date is census day."""

    def __init__(self, census: Census) -> None:
        self._right = day(census.header.reference) == census.census_day

    def see(self, pupil: Pupil) -> None:
        """Pupils say nothing about it."""

    def rows(self) -> Iterable[int]:
        """The return, when it is another day."""
        return () if self._right else (0,)


class NobodyOnRoll:
    """A return without a pupil on roll would take a whole school's pupils out of the term."""

    def __init__(self, census: Census) -> None:
        self._found = False

    def see(self, pupil: Pupil) -> None:
        """One more pupil."""
        self._found = self._found or pupil.on_roll

    def rows(self) -> Iterable[int]:
        """The return, when nobody was on roll."""
        return () if self._found else (0,)


class PhaseIsCode:
    """The phase is a code of the census: with any other, the rules of a phase would apply to nobody."""

    def __init__(self, census: Census) -> None:
        self._right = census.header.phase in census.codes("school", "phase")

    def see(self, pupil: Pupil) -> None:
        """Pupils say nothing about it."""

    def rows(self) -> Iterable[int]:
        """The return, when it is no code."""
        return () if self._right else (0,)


class PhaseOfRegister:
    """The phase is that of the register's school, or one that the register does not tell apart from it."""

    def __init__(self, census: Census) -> None:
        phase, urn = census.header.phase, census.header.urn
        school = establishment(int(urn)) if digits(urn) else None
        is_code = phase in census.codes("school", "phase")
        self._right = school is None or not is_code or phase in (school.phase, *_CLOSE.get(school.phase, ()))

    def see(self, pupil: Pupil) -> None:
        """Pupils say nothing about it."""

    def rows(self) -> Iterable[int]:
        """The return, when they clearly differ."""
        return () if self._right else (0,)


class MealsGiven:
    """The number of free meals taken on census day is given."""

    def __init__(self, census: Census) -> None:
        self._given = number_of(census.header.free_meals_taken) is not None

    def see(self, pupil: Pupil) -> None:
        """Pupils say nothing about it."""

    def rows(self) -> Iterable[int]:
        """The return, when it is not."""
        return () if self._given else (0,)


class MealsAndEligible:
    """Free meals taken on census day, against pupils eligible on it."""

    def __init__(self, census: Census) -> None:
        self._taken, self._day, self._eligible = number_of(census.header.free_meals_taken), census.census_day, 0

    def see(self, pupil: Pupil) -> None:
        """One more pupil."""
        self._eligible += pupil.on_roll and eligible_for_meals(pupil, self._day)

    def rows(self) -> Iterable[int]:
        """The return, when more were taken than pupils are eligible."""
        return (0,) if self._taken is not None and self._taken > self._eligible else ()


class Repeated:
    """An item that no two pupils of the return may share; both rows are named."""

    def __init__(self, column: str) -> None:
        self._column = column
        self._first: dict[str, int] = {}
        self._rows: dict[int, None] = {}

    def see(self, pupil: Pupil) -> None:
        """One more pupil."""
        value = pupil.get(self._column)
        if value is not None:
            first = self._first.setdefault(value, pupil.row.row)
            if first != pupil.row.row:
                self._rows[first] = self._rows[pupil.row.row] = None

    def rows(self) -> Iterable[int]:
        """Every row whose value another has too."""
        return sorted(self._rows)


class Share:
    """How many of the pupils a rule is about are as it asks."""

    def __init__(
        self,
        about: Callable[[Pupil], bool],
        counts: Callable[[Pupil], bool],
        odd: Callable[[float], bool],
    ) -> None:
        self._about, self._counts, self._odd = about, counts, odd
        self._all = self._some = 0

    def see(self, pupil: Pupil) -> None:
        """One more pupil."""
        if pupil.on_roll and self._about(pupil):
            self._all += 1
            self._some += self._counts(pupil)

    def rows(self) -> Iterable[int]:
        """The return, when the share is odd and of enough pupils."""
        return (0,) if self._all >= MIN_PUPILS and self._odd(self._some / self._all) else ()


def _share(
    about: Callable[[Pupil], bool], counts: Callable[[Pupil], bool], odd: Callable[[float], bool]
) -> Callable[[Census], WholeCheck]:
    return lambda census: Share(about, counts, odd)


def _everyone(pupil: Pupil) -> bool:
    return True


def _in_year(*years: str) -> Callable[[Pupil], bool]:
    return lambda pupil: pupil.get("ncyearactual") in years


def _fsm(pupil: Pupil) -> bool:
    return bool(pupil.row.fsm_periods)


def _five_or_over(pupil: Pupil) -> bool:
    return pupil.august_age is not None and pupil.august_age >= 5


def _twelve_or_over(pupil: Pupil) -> bool:
    return pupil.august_age is not None and pupil.august_age >= 12


def _language_not_obtained(pupil: Pupil) -> bool:
    return pupil.get("language") in ("NOT", "ZZZ")


def _sole(pupil: Pupil) -> bool:
    return pupil.get("enrolstatus") == "C"


def _yssa(pupil: Pupil) -> bool:
    return pupil.given("yssa")


def _infant(pupil: Pupil) -> bool:
    year = pupil.get("ncyearactual")
    return year in _INFANTS or (year == "X" and pupil.august_age is not None and 4 <= pupil.august_age <= 6)


def _lunch(pupil: Pupil) -> bool:
    return pupil.get("schoollunchtaken") in _TAKEN


def _more_than(share: float) -> Callable[[float], bool]:
    return lambda found: found > share


def _none(found: float) -> bool:
    return found == 0


def _less_than(share: float) -> Callable[[float], bool]:
    return lambda found: found < share


_SPRING = (Term.SPRING,)
_MEALS = ("school", "freemealstaken")
_FROM_20 = "Looked at from 20 pupils up."

RULES: tuple[Rule, ...] = (
    Rule("100", "error", "referencedate", "The reference date is not census day.", "Enter the day of this census.", whole=Header, source="oneitss-1802", who=EVERYONE),
    Rule("1310", "error", "freemealstaken", "The number of free meals taken on census day is missing.", "Enter the number, 0 when none were taken.", whole=MealsGiven, source="arbor-1310", terms=_SPRING, column=_MEALS),
    Rule("1320", "query", "freemealstaken", "Please check: more free meals were taken than pupils are eligible.", "Leave out pupils with universal infant meals alone, or explain.", whole=MealsAndEligible, source="oneitss-1802", terms=_SPRING, column=_MEALS),
    Rule("1520", "error", "upn", "More than one pupil of this return has this UPN, on roll or no longer on roll.", "Check both pupils' numbers.", whole=lambda census: Repeated("upn"), source="arbor-upn", who=EVERYONE),
    Rule("1578", "error", "uniquelearnernumber", "More than one pupil of this return has this unique learner number.", "Check both pupils' numbers.", whole=lambda census: Repeated("uniquelearnernumber"), source="arbor-uln", who=EVERYONE),
    Rule("1750", "query", "fsmperiods", "Please check: more than 45% of pupils had free school meals since the last census.", "Check the periods, or explain.", whole=_share(_everyone, _fsm, _more_than(0.45)), source="notepad-2016", reading="Not in special schools or alternative provision, where such a share is usual. " + _FROM_20, phases=("NS", "PS", "MP", "MS", "SS", "AT")),
    Rule("1751", "query", "fsmperiods", "Please check: more than 50% of Reception had free school meals since the last census.", "Universal infant meals are not entered here; check, or explain.", whole=_share(_in_year("R"), _fsm, _more_than(0.5)), source="notepad-2016", reading=_FROM_20),
    Rule("1752", "query", "fsmperiods", "Please check: more than 50% of Year 1 had free school meals since the last census.", "Universal infant meals are not entered here; check, or explain.", whole=_share(_in_year("1"), _fsm, _more_than(0.5)), source="notepad-2016", reading=_FROM_20),
    Rule("1760", "query", "fsmperiods", "Please check: no pupil had free school meals since the last census.", "Enter the periods, or explain.", whole=_share(_everyone, _fsm, _none), source="notepad-2016", reading=_FROM_20),
    Rule("1780", "query", "yssa", "Please check: no youth support services answer is given for any expected pupil.", "Enter the answers, or explain.", whole=_share(_twelve_or_over, _yssa, _none), source="notepad-2016", reading="Expected: 12 or over on 31 August. " + _FROM_20, column=("pupilonroll", "yssa")),
    Rule("1850", "query", "language", "Please check: for many pupils of five and over the language has not been obtained.", "Ask the families, or explain.", whole=_share(_five_or_over, _language_not_obtained, _more_than(0.1)), source="notepad-2016", reading="More than 10%: the source says high. " + _FROM_20, column=("pupilonroll", "language")),
    Rule("1870", "query", "enrolstatus", "Please check: few pupils are registered at this school alone.", "Check the enrolment statuses, or explain.", whole=_share(_everyone, _sole, _less_than(0.8)), source="notepad-2016", reading="Less than 80%: the source says low. Not in alternative provision, where dual registration is the rule. " + _FROM_20, phases=("NS", "PS", "MP", "MS", "SS", "SP", "AT"), column=("pupilonroll", "enrolstatus")),
    Rule("1877", "query", "schoollunchtaken", "Please check: more than 95% of infants took a school lunch on census day.", "Check the lunches, or explain.", whole=_share(_infant, _lunch, _more_than(0.95)), source="notepad-2016", reading=_FROM_20, column=("pupilonroll", "schoollunchtaken")),
    Rule("SG-45", "error", "pupilsonroll", "The return has no pupil on roll.", "List every pupil on roll; a school that is closing writes to the custodian instead.", whole=NobodyOnRoll, who=EVERYONE),
    Rule("SG-46", "error", "phase", "The school's phase is missing or not a code of this census.", "Enter the phase in the School part, such as PS for a primary school.", whole=PhaseIsCode, who=EVERYONE),
    Rule("SG-47", "query", "phase", "Please check: the school's phase is not the one the register has for this URN.", "Correct the phase, or explain what changed.", whole=PhaseOfRegister, who=EVERYONE),
)  # fmt: skip
