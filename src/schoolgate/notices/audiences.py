"""Whom a notice is for: the nation, a school, an age group, the families a census asks; and which uses concern them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from schoolgate import dictionary
from schoolgate.errors import SchoolgateError
from schoolgate.ids import Term
from schoolgate.notices.picture import Fact, Picture, Use

AGES: tuple[str, ...] = ("5-7", "8-11", "12-15", "16-18")
"""Age groups with a text of their own; the last two speak to the young person."""

TERMS = {"autumn": Term.AUTUMN, "spring": Term.SPRING, "summer": Term.SUMMER}


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a notice is for; all empty means the nation's parents.

    Attributes:
        urn: of a school, or None.
        ages: one of `AGES`, or "".
        term: one of `TERMS`, or "".
    """

    urn: int | None = None
    ages: str = ""
    term: str = ""

    @property
    def key(self) -> str:
        """A short name: ``nation``, ``school-100008``, ``school-100008-ages-8-11``, ``census-autumn``."""
        parts = [
            *([f"school-{self.urn}"] if self.urn is not None else []),
            *([f"ages-{self.ages}"] if self.ages else []),
            *([f"census-{self.term}"] if self.term else []),
        ]
        return "-".join(parts) or "nation"

    @property
    def school(self) -> dictionary.Establishment | None:
        """The school."""
        return dictionary.establishment(self.urn) if self.urn is not None else None


def audience(*, urn: str | int | None = None, ages: str = "", term: str = "") -> Audience:
    """An audience that exists.

    Raises:
        SchoolgateError: no such school, age group or census; an age group that the school does not teach.
    """
    number = None
    if urn not in (None, ""):
        text = str(urn).strip()
        number = int(text) if re.fullmatch(r"[0-9]{6}", text) else None
        if number is None or dictionary.establishment(number) is None:
            raise SchoolgateError(
                "There is no school of this number.", hint="A URN has six digits: look it up in the school's letters.",
                code="school-unknown",
            )  # fmt: skip
    if ages and ages not in AGES:
        raise SchoolgateError("There is no such age group.", hint=f"Known: {', '.join(AGES)}.", code="ages-unknown")
    if term and term not in TERMS:
        raise SchoolgateError("There is no such census.", hint=f"Known: {', '.join(TERMS)}.", code="census-unknown")
    found = Audience(number, ages, term)
    if found.school is not None and ages and ages not in ages_of(found.school):
        raise SchoolgateError("This school does not teach that age group.", code="ages-unknown")
    return found


def standard() -> tuple[Audience, ...]:
    """The audiences whose texts are kept with each published notice; a school's is made from the kept picture."""
    return (
        Audience(),
        *(Audience(ages=ages) for ages in AGES),
        *(Audience(term=term) for term in TERMS),
    )


def span(ages: str) -> tuple[int, int]:
    """First and last age of a group."""
    first, _, last = ages.partition("-")
    return int(first), int(last)


def ages_of(school: dictionary.Establishment) -> tuple[str, ...]:
    """The age groups that a school teaches."""
    return tuple(ages for ages in AGES if span(ages)[0] <= school.high_age and school.low_age <= span(ages)[1])


def _ages_in_year(value: str) -> tuple[int, int] | None:
    """The ages of pupils in a national curriculum year: year 1 turns six, reception turns five."""
    if value in ("R", "N1", "N2"):
        return {"R": (4, 5), "N2": (3, 4), "N1": (2, 4)}[value]
    return (int(value) + 4, int(value) + 5) if value.isdigit() and len(value) < 3 else None


def _may_be(column: str, values: tuple[str, ...], low: int, high: int) -> bool:
    """Whether pupils of these ages can meet a condition. What is not understood counts as yes: rather too much said."""
    if column not in ("ncyearactual", "age"):
        return True
    for value in values:
        ages = _ages_in_year(value) if column == "ncyearactual" else None
        if column == "age" and value.isdigit() and len(value) < 4:
            ages = (int(value), int(value) + 1)  # the age on 31 August: a birthday comes within the year
        if ages is None or (ages[0] <= high and low <= ages[1]):
            return True
    return False


def _reaches(use: Use, school: dictionary.Establishment) -> bool:
    """Whether a use covers pupils of a school."""
    if use.authorities or use.schools:
        inside = school.laestab.authority in use.authorities or str(int(school.urn)) in use.schools
        if not inside:
            return False
    own = {"phase": school.phase, "la": school.laestab.authority, "urn": str(int(school.urn))}
    return all(own[column] in values for column, values in use.cohort if column in own)


def concerns(use: Use, whom: Audience) -> bool:
    """Whether a use can be of data about a child of this audience."""
    if whom.term and use.terms and str(TERMS[whom.term]) not in use.terms:
        return False
    school = whom.school
    if school is not None and not _reaches(use, school):
        return False
    spans = [span(whom.ages)] if whom.ages else []
    spans += [(school.low_age, school.high_age)] if school is not None else []
    return all(_may_be(column, values, low, high) for column, values in use.cohort for low, high in spans)


def uses_for(picture: Picture, whom: Audience) -> tuple[Use, ...]:
    """The uses of a picture that concern an audience."""
    return tuple(use for use in picture.uses if concerns(use, whom))


def facts_for(facts: tuple[Fact, ...], whom: Audience) -> tuple[Fact, ...]:
    """The facts that concern an audience: a census's own, when it is for one."""
    return tuple(fact for fact in facts if not whom.term or str(TERMS[whom.term]) in fact.terms)
