"""One school's return as columns of XML: what every pupil of it says, item by item.

Built from columns of numbers, so that a pupil costs a few look-ups and one formatting. An item that a census does
not collect is in no column (`schoolgate.dictionary.census_shape` says which).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np

from schoolgate.dictionary import CensusShape
from schoolgate.ids import CensusPoint
from schoolgate.synthetic import names
from schoolgate.synthetic.areas import Area
from schoolgate.synthetic.children import ETHNICITIES, LANGUAGES, PLAA, SERVICE, YSSA, Children
from schoolgate.synthetic.days import before, census_day
from schoolgate.synthetic.lives import Stays
from schoolgate.synthetic.status import SEN_CODES, Status
from schoolgate.synthetic.tables import Flags, Floats, Ints, Shares, rate, shares

Column = list[str]
ASKED = {"temporary-upn": "SG-1"}
"""What a right row may show that a query asks about, and the query's rule."""


@dataclass(frozen=True, slots=True)
class Roll:
    """The rows of one school's return, before they are written.

    Attributes:
        number: position of the school among the area's places.
        on_roll: whether these are the pupils on roll.
        stays: numbers of the stays, in the order of the rows.
        dual: whether the child has a second school, by row.
    """

    area: Area
    number: int
    on_roll: bool
    stays: Ints
    dual: Flags


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a census collects, from its shape."""

    point: CensusPoint
    day: int
    on: frozenset[str]
    off: frozenset[str]
    tables: frozenset[str]
    eyppbf: tuple[str, ...]

    def has(self, name: str) -> bool:
        """Whether a table is collected, by the beginning of its name."""
        return any(table.startswith(name) for table in self.tables)


def wanted(shape: CensusShape) -> Wanted:
    """What a census collects."""
    point = CensusPoint(shape.year, shape.term)
    on = shape.tables["pupilonroll"]
    basis = tuple(code.code for code in on["eyppbf"].codes) if "eyppbf" in on else ()
    return Wanted(
        point, census_day(point).toordinal(), frozenset(on), frozenset(shape.tables["pupilnolongeronroll"]),
        frozenset(shape.tables), basis,
    )  # fmt: skip


@cache
def _dates() -> tuple[int, tuple[str, ...]]:
    first = date(1990, 1, 1).toordinal()
    return first, tuple(date.fromordinal(first + n).isoformat() for n in range(45 * 366))


def dates(ordinals: Ints) -> Column:
    """Dates as a return writes them."""
    first, texts = _dates()
    return [texts[n] for n in (ordinals - first).tolist()]


def _coded(tag: str, codes: Sequence[str], at: Ints) -> Column:
    table = [f"<{tag}>{code}</{tag}>" for code in codes]
    return [table[n] for n in at.tolist()]


def _where(shown: Flags, column: Column) -> Column:
    return [text if show else "" for show, text in zip(shown.tolist(), column, strict=True)]


def _tagged(tag: str, texts: Sequence[str]) -> Column:
    return [f"<{tag}>{text}</{tag}>" for text in texts]


def _flag(tag: str, yes: Flags) -> Column:
    return _coded(tag, ("false", "true"), yes.astype(np.int64))


YEAR_GROUPS = ("N1", "N2", "R", *(str(n) for n in range(1, 15)))


class RowBuilder:
    """Builds the columns of one roll."""

    def __init__(
        self, roll: Roll, wanted_: Wanted, children: Children, stays: Stays, status: Status, query_rate: float
    ) -> None:
        self.roll, self.wanted, self.stays = roll, wanted_, stays
        self.children, self.of = children, status
        self.child = stays.child[roll.stays]
        self.size = len(roll.stays)
        self.group = status.group[self.child]
        self.entered, self.left = stays.entered[roll.stays], stays.left[roll.stays]
        self.birth = children.birth[self.child]
        self.sen = status.sen[self.child]
        self.query_rate = query_rate
        self.asked: list[tuple[int, str]] = []
        """Rows (from 0) that show something a query asks about, and which."""
        place = roll.area.places[roll.number]
        self.kind = place.school.phase
        self.boarder = children.boarder[self.child] & (self.group >= 7) & (self.kind in ("SS", "SP", "AT"))
        self.august = self._age(date(wanted_.point.academic_year, 8, 31))
        self.age = self._age(date.fromordinal(wanted_.day))

    def _age(self, when: date) -> Ints:
        """Age in whole years: a year is over on the anniversary."""
        first, texts = _dates()
        born = [texts[n] for n in (self.birth - first).tolist()]
        today = when.isoformat()[5:]
        return np.array([when.year - int(text[:4]) - (text[5:] > today) for text in born], dtype=np.int64)

    def collected(self, column: str) -> bool:
        """Whether this census asks for an item of these rows."""
        return column in (self.wanted.on if self.roll.on_roll else self.wanted.off)

    # -- identifiers

    def _upns(self) -> tuple[Column, Column]:
        """UPNs, and former ones: a temporary number gives way to the permanent one, and stays as the former."""
        children, child = self.children, self.child
        places = self.roll.area.places
        giver = [str(places[n].school.laestab) for n in children.allocated_by[child].tolist()]
        upns = names.upns(giver, children.allocated_in[child], children.slot[child], children.rank[child])
        former = [""] * self.size
        laestab = str(places[self.roll.number].school.laestab)
        ranks = self.stays.temporary[self.roll.stays]
        seen_before = self.entered <= census_day(before(self.wanted.point)).toordinal()
        for row in np.flatnonzero(ranks >= 0).tolist():
            entered = date.fromordinal(int(self.entered[row]))
            year = entered.year - (entered.month < 8)
            group = year - int(children.cohort[child[row]])
            number = names.temporary_upn(laestab, year, group, int(ranks[row]))
            if not seen_before[row] and children.odd[child[row]] < self.query_rate and self.roll.on_roll:
                upns[row] = number
                self.asked.append((row, "temporary-upn"))
            else:
                former[row] = f"<FormerUPN>{number}</FormerUPN>"
        return _tagged("UPN", upns), former

    def identifiers(self) -> dict[str, Column]:
        """The module PupilIdentifiers."""
        children, child = self.children, self.child
        upn, former = self._upns()
        surnames, forenames = names.surnames(), names.forenames()
        renamed = children.renamed[child] <= self.wanted.day
        first = [surnames[n] for n in children.surname[child].tolist()]
        second = [surnames[n] for n in children.new_surname[child].tolist()]
        learner = _tagged("UniqueLearnerNumber", names.learner_numbers(children.learner[child]))
        middle = [
            f"<MiddleNames>{forenames[n]}</MiddleNames>" if n >= 0 else "" for n in children.middle[child].tolist()
        ]
        preferred = children.odd[child] > 1 - rate("preferred_surname")
        found = {
            "UPN": upn,
            "FormerUPN": former,
            "UniqueLearnerNumber": _where(self.age >= 14, learner),
            "Surname": _tagged(
                "Surname", [b if new else a for new, a, b in zip(renamed.tolist(), first, second, strict=True)]
            ),
            "Forename": _coded("Forename", forenames, children.forename[child]),
            "MiddleNames": middle,
            "PreferredSurname": _where(preferred & ~renamed, _tagged("PreferredSurname", second)),
            "FormerSurname": _where(renamed, _tagged("FormerSurname", first)),
            "Sex": _coded("Sex" if self.collected("sex") else "Gender", ("M", "F"), children.sex[child]),
            "DOB": _tagged("DOB", dates(self.birth)),
        }
        if not self.collected("preferredsurname"):
            del found["PreferredSurname"]
        return found

    # -- characteristics

    def characteristics(self) -> dict[str, Column]:
        """The module PupilCharacteristics."""
        children, child = self.children, self.child
        found: dict[str, Column] = {}
        if self.collected("ethnicity"):
            found["Ethnicity"] = _coded("Ethnicity", ETHNICITIES, children.ethnicity[child])
        if self.collected("language"):
            found["Language"] = _coded("Language", LANGUAGES, children.language[child])
        if not self.roll.on_roll:
            return found
        if self.collected("servicechild"):
            found["ServiceChild"] = _coded("ServiceChild", SERVICE, children.service[child])
        if self.collected("plaa"):
            found["PostLookedAfterArrangements"] = _coded("PostLookedAfterArrangements", PLAA, children.plaa[child])
        if self.collected("youngcarer"):
            carer = children.carer[child]
            by = np.where(carer < rate("young_carer") * 0.7, 1, np.where(carer < rate("young_carer"), 2, 0))
            found["YoungCarer"] = _coded("YoungCarer", ("N", "S", "P"), np.where(self.group < 1, 0, by))
        if self.collected("yssa"):
            found["YSSA"] = _where(self.august >= 12, _coded("YSSA", YSSA, children.yssa[child]))
        found |= self._early_years()
        if self.collected("topupfunding"):
            found["TopUpFunding"] = _flag("TopUpFunding", (self.sen == 2) & (children.odd[child] < rate("top_up")))
        if self.collected("schoollunchtaken"):
            infant = (self.group >= 0) & (self.group <= 2)
            eats = self.fewer(infant & (children.hours[child] < 0.87), infant, children.hours[child], 0.95)
            found["SchoolLunchTaken"] = _where(infant, _flag("SchoolLunchTaken", eats))
        return found

    def _early_years(self) -> dict[str, Column]:
        children, child = self.children, self.child
        lot, found = children.hours[child], {}
        nursery, three = self.group < 0, self.group == -1
        found["FundedHours"] = _where(nursery, ["<FundedHours>15</FundedHours>"] * self.size)
        found["HoursAtSetting"] = _where(nursery, _coded("HoursAtSetting", ("30", "15"), (lot > 0.4).astype(np.int64)))
        if self.collected("extendedhours"):
            # Working families' second fifteen hours, from three years of age.
            longer = three & (lot < 0.33)
            code = "EligibilityCode" if self.collected("eligibilitycode") else "ThirtyHourCode"
            texts = [
                f"<ExtendedHours>15</ExtendedHours><{code}>500{n:08}</{code}>"
                for n in (children.learner[child] % 100_000_000).tolist()
            ]
            found["ExtendedHours"] = _where(longer, texts)
        if self.collected("eyppr"):
            eligible = self.of.meals[child]
            basis = self.wanted.eyppbf[0] if self.wanted.eyppbf else ""
            yes = "<EYPPR>Y</EYPPR>" + (f"<EYPPBF>{basis}</EYPPBF>" if basis else "")
            known = nursery & (self._age(date.fromordinal(self.wanted.day)) >= 3)
            found["EYPPR"] = _where(known, [yes if meals else "<EYPPR>N</EYPPR>" for meals in eligible.tolist()])
        return found

    # -- status

    def status(self) -> dict[str, Column]:
        """The module PupilStatus."""
        lot = self.children.hours[self.child]
        found = {
            "EntryDate": _tagged("EntryDate", dates(self.entered)),
            "PartTime": _flag("PartTime", (self.group < 0) & (lot > 0.4)),
            "Boarder": _coded("Boarder", ("N", "B"), self.boarder.astype(np.int64)),
        }
        if not self.roll.on_roll:
            found["LeavingDate"] = _tagged("LeavingDate", dates(self.left))
            return found
        subsidiary = self.stays.subsidiary[self.roll.stays]
        enrolment = np.where(subsidiary, 2, np.where(self.roll.dual, 1, 0))
        found["EnrolStatus"] = _coded("EnrolStatus", ("C", "M", "S"), enrolment)
        found["NCyearActual"] = _coded("NCyearActual", YEAR_GROUPS, self.group + 2)
        if self.collected("classtype"):
            found["ClassType"] = _coded("ClassType", ("O", "N"), (self.group < 0).astype(np.int64))
        if self.collected("qualhrs"):
            sixth = self.group >= 12
            hours = [f"<QualHrs>{a}</QualHrs><Non_qualHrs>{b}</Non_qualHrs>" for a, b in ((540, 60), (600, 40))]
            found["QualHrs"] = _where(sixth, [hours[n] for n in (lot > 0.6).astype(np.int64).tolist()])
        return found

    def needs(self) -> dict[str, Column]:
        """The module SpecialEducationalNeeds."""
        children, child = self.children, self.child
        found = {"SENprovision": _coded("SENprovision", SEN_CODES, self.sen)}
        with_need = self.sen > 0
        if self.collected("senunitindicator") and self.kind not in ("SP", "PR"):
            odd = children.odd[child]
            unit = _flag("SENunitIndicator", odd < rate("unit"))
            resourced = _flag("ResourcedProvisionIndicator", odd > 1 - rate("resourced"))
            found["SENunitIndicator"] = _where(with_need, unit)
            found["ResourcedProvisionIndicator"] = _where(with_need, resourced)
        if self.wanted.has("senneeds"):
            found["SENneeds"] = self._types_of_need()
        return found

    def _types_of_need(self) -> Column:
        texts = [""] * self.size
        for at in (1, 2):
            mix: Shares = shares("need", SEN_CODES[at])
            rows = np.flatnonzero(self.sen == at)
            child = self.child[rows]
            first = mix.pick(self.children.need[child])
            lot = self.children.second_need[child]
            second = mix.pick(np.minimum(lot / rate("second_need"), 0.999999))
            more = (lot < rate("second_need")) & (second != first)
            for row, one, two, both in zip(rows.tolist(), first.tolist(), second.tolist(), more.tolist(), strict=True):
                ranked = [mix.codes[one], mix.codes[two]] if both else [mix.codes[one]]
                inside = "".join(
                    f"<SENneed><SENtypeRank>{rank}</SENtypeRank><SENtype>{code}</SENtype></SENneed>"
                    for rank, code in enumerate(ranked, 1)
                )
                texts[row] = f"<SENneeds>{inside}</SENneeds>"
        return texts

    def fewer(self, yes: Flags, among: Flags, lots: Floats, most: float) -> Flags:
        """At most this share of some of the rows: those with the lowest lots, the same ones census after census.

        A query asks about schools beyond it (rules 1750 to 1752 and 1877); such schools are real, but a return
        without queries cannot have them.
        """
        rows = np.flatnonzero(yes & among)
        room = int(most * int(among.sum()))
        if self.query_rate > 0 or len(rows) <= room:
            return yes
        kept = yes.copy()
        kept[rows[np.argsort(lots[rows], kind="stable")[room:]]] = False
        return kept
