"""The rules for an application: pure, and every reason at once. The rules are a table, in reading order."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date

from schoolgate.dictionary import authority_name, establishment, find_region
from schoolgate.errors import Refusal
from schoolgate.ids import Term
from schoolgate.people import OrganisationView, PersonView
from schoolgate.requests.drafting import further
from schoolgate.requests.drafting.reach import asked
from schoolgate.requests.terms import ApplicationSpec

LONGEST = 2_000
FIRST_YEAR, LAST_YEAR = 1996, 2100

REQUIRED: Mapping[str, str] = {
    "title": "a short name for the request",
    "organisation": "who asks",
    "people": "the persons who would use the data: at least one",
    "purpose": "a purpose of the published list",
    "purpose_plain": "why, in words a parent understands",
    "lawful_basis": "the basis in Article 6 of the UK GDPR",
    "gateway": "the power to share, with its provision",
    "items": "the items asked for: at least one",
    "years": "the years asked for: at least one",
    "valid_from": "the first day of use",
    "valid_until": "the last day of use",
    "processed_at": "where the data would be used",
    "country": "the country in which that is",
    **further.REQUIRED,
}
"""Field that must be filled in -> what it says."""

SPECIAL_CATEGORY: Mapping[str, str] = {
    "census_pupil.ethnicity": "ethnic origin",
    "census_pupil.senprovision": "health",
    "census_pupil.senunitindicator": "health",
    "census_pupil.resourcedprovisionindicator": "health",
    "census_pupil.topupfunding": "health",
    "census_sen_need.sentype": "health",
    "census_sen_need.sentyperank": "health",
}
"""Items that reveal what Article 9(1) of the UK GDPR protects, and what that is.

A place in a unit for special needs and the money that follows it tell as much as the plan they come with.
"""


RESERVED_PURPOSES = frozenset({"subject-access", "own-pupils"})
"""Purposes of the built-in agreement."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known when an application is checked.

    Attributes:
        organisation: the applicant, None when there is no such organisation.
        persons: named person id -> person, None when there is no such person.
        kinds: lake item id -> kind of column.
        types: lake item id -> type of column.
        purposes: ids of the published taxonomy.
        today: the custodian's date.
        applicant: who submits.
        processors: id of an organisation named as processor -> it, None when there is no such organisation.
        alike: name of a processor given without an id -> organisations of the directory that it may be.
    """

    organisation: OrganisationView | None
    persons: Mapping[str, PersonView | None]
    kinds: Mapping[str, str]
    types: Mapping[str, str]
    purposes: frozenset[str]
    today: date
    applicant: PersonView
    processors: Mapping[str, OrganisationView | None]
    alike: Mapping[str, tuple[OrganisationView, ...]]


def text_problem(text: str) -> str:
    """Why a text cannot be kept, or empty.

    Markup and formulas are kept as they are: text is never interpreted here, and every face escapes it.
    What is refused could not be shown as it is: control characters, and the marks that reverse the direction
    of reading, which can make a text look like another (Unicode Technical Report 36).
    """
    if len(text) > LONGEST:
        return f"This has more than {LONGEST:,} characters."
    # Cc control, Cf format, Cs surrogates (they cannot be stored as UTF-8), Co private use, Cn unassigned.
    at = next((n for n, c in enumerate(text) if unicodedata.category(c).startswith("C") and c not in "\n\t"), None)
    if at is None:
        return ""
    # Nobody finds what cannot be seen: it comes in unnoticed when a text is copied out of a document.
    before = " ".join(text[:at].split())[-40:]
    place = f"after “{before}”" if before else "at its beginning"
    return f"This has a control character or an invisible one in it, {place}. Delete it there and type the words anew."


def _missing(spec: ApplicationSpec, known: Known) -> Iterator[Refusal]:
    unread = {refusal.where for refusal in spec.unread}
    for field, what in REQUIRED.items():
        if not getattr(spec, field) and field not in unread:
            yield Refusal("field-missing", f"This is missing: {what}.", provision="application form", where=field)


_PUPIL_NUMBER = re.compile(r"(?<![0-9A-Za-z])[A-Z][0-9]{11}[0-9A-Z](?![0-9A-Za-z])")
"""The shape of a unique pupil number: the public register takes none, and a form needs none."""


def texts_of(spec: ApplicationSpec) -> Iterator[tuple[str, str]]:
    """Every text of an application, with where it stands."""
    for field in fields(spec):
        value = getattr(spec, field.name)
        if isinstance(value, str):
            yield field.name, value
        elif isinstance(value, tuple) and field.name != "unread":
            for number, part in enumerate(value, start=1):
                yield from ((f"{field.name}, {_called(part, number)}", text) for text in _inside(part))


def _called(part: object, number: int) -> str:
    return str(getattr(part, "item", "") or getattr(part, "question", "") or f"number {number}")[:60]


def _inside(part: object) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif is_dataclass(part):
        for field in fields(part):
            yield from _inside(getattr(part, field.name))
    elif isinstance(part, tuple):
        for one in part:
            yield from _inside(one)


def _texts(spec: ApplicationSpec, known: Known) -> Iterator[Refusal]:
    said: set[str] = set()
    for where, text in texts_of(spec):
        problem = text_problem(text)
        if not problem and _PUPIL_NUMBER.search(text):
            problem = "This holds what looks like a pupil's number. A form is read by many: take it out."
        # Items, places and people have rules of their own that name what is wrong with them.
        if problem and where not in said and where.partition(",")[0] not in _NAMED_ELSEWHERE:
            said.add(where)
            yield Refusal("text", problem, provision="application form", where=where)


_NAMED_ELSEWHERE = frozenset({"items", "people", "authorities", "regions", "schools", "terms", "cohort"})


def _organisation(spec: ApplicationSpec, known: Known) -> Iterator[Refusal]:
    if not spec.organisation:
        return
    if known.organisation is None:
        yield Refusal(
            "organisation-unknown",
            "There is no such organisation.",
            remedy="The custodian enters it with `people organisation add`.",
            where="organisation",
        )
    elif known.applicant.organisation_id != known.organisation.id:
        yield Refusal(
            "not-your-organisation",
            "You do not belong to the organisation that asks.",
            provision="an application is its own organisation's",
            where="organisation",
        )


def people_problems(
    ids: Sequence[str], persons: Mapping[str, PersonView | None], home: OrganisationView | None, today: date
) -> Iterator[Refusal]:
    """What is wrong with the people named."""
    for number, person_id in enumerate(ids, start=1):
        where = f"people, number {number}"
        person = persons.get(person_id)
        if person is None:
            yield Refusal("person-unknown", "There is no such person.", where=where)
            continue
        if person_id in ids[: number - 1]:
            yield Refusal("person-twice", "This person is named twice.", where=where)
        if person.role != "researcher":
            yield Refusal(
                "person-role",
                "Only a researcher can be named; this person decides or oversees.",
                provision="who decides does not use",
                where=where,
            )
        if home is not None and person.organisation_id != home.id:
            yield Refusal("person-elsewhere", "This person belongs to another organisation.", where=where)
            continue  # until when somebody elsewhere is accredited, and whether they left, is not this one's to know
        if person.left_on is not None:
            yield Refusal(
                "person-left",
                f"{person.id} has left the organisation.",
                provision="a form names who would use the data",
                remedy="Leave the person out.",
                where=where,
            )
        elif not person.accredited_on(today):
            yield not_accredited(person, where)


def _people(spec: ApplicationSpec, known: Known) -> Iterator[Refusal]:
    yield from people_problems(spec.people, known.persons, known.organisation, known.today)


def not_accredited(person: PersonView, where: str) -> Refusal:
    """The refusal for a person whose accreditation does not cover the day."""
    until = person.accredited_until
    return Refusal(
        "accreditation-expired" if until else "not-accredited",
        f"The accreditation of {person.id} expired on {until.day} {until:%B %Y}."
        if until
        else f"{person.id} holds no accreditation.",
        provision="Digital Economy Act 2017 s.70 (accredited researchers)",
        remedy="Renew it, or leave the person out.",
        where=where,
    )


def _purpose(spec: ApplicationSpec, known: Known) -> Iterator[Refusal]:
    if spec.purpose and spec.purpose not in known.purposes:
        yield Refusal(
            "purpose-unknown",
            "This is not a purpose of the published list.",
            remedy="The list has: " + ", ".join(sorted(known.purposes)) + ".",
            where="purpose",
        )
    if spec.purpose in RESERVED_PURPOSES:
        yield Refusal(
            "purpose-reserved",
            "What a family or a school does for its own child is built in; nobody applies for it.",
            provision="UK GDPR Article 15",
            where="purpose",
        )


def items_problems(items: Sequence[str], kinds: Mapping[str, str], article_9: str) -> Iterator[Refusal]:
    """What is wrong with items asked for; `article_9` is the basis stated for special categories."""
    for number, item in enumerate(items, start=1):
        where = f"items, number {number}"
        kind = kinds.get(item)
        if kind is None:
            yield Refusal(
                "item-unknown",
                f"The dictionary has no item {item[:80]}." if text_problem(item) == "" else "No such item.",
                remedy="Look it up in the dictionary, on its page or with `dictionary search WORDS`.",
                where=where,
            )
        elif kind == "provenance":
            yield Refusal("item-never-given", f"{item} says how a record came in; it is never given.", where=where)
    yield from special_problems(items, article_9)


def special_problems(items: Sequence[str], article_9: str) -> Iterator[Refusal]:
    """What is wrong where items reveal what is specially protected; `article_9` is the basis stated."""
    needs = sorted({SPECIAL_CATEGORY[item] for item in items if item in SPECIAL_CATEGORY})
    if needs and not article_9:
        yield Refusal(
            "special-category-basis",
            f"What is asked for reveals {' and '.join(needs)}; a basis in Article 9 is missing.",
            provision="UK GDPR Article 9(1)-(2)",
            remedy="State the condition for sensitive data, or leave those items out.",
            where="special_category_basis",
        )


def _items(spec: ApplicationSpec, known: Known) -> Iterator[Refusal]:
    yield from items_problems(spec.items, known.kinds, spec.special_category_basis)
    if not set(SPECIAL_CATEGORY) & set(spec.items):  # said already otherwise
        yield from special_problems(asked(spec), spec.special_category_basis)


def _years(spec: ApplicationSpec, known: Known) -> Iterator[Refusal]:
    for number, (first, last) in enumerate(spec.years, start=1):
        where = f"years, number {number}"
        if first > last:
            yield Refusal("years-order", "The first year is after the last.", where=where)
        elif first < FIRST_YEAR or last > LAST_YEAR:
            yield Refusal("years-range", f"Years go from {FIRST_YEAR} to {LAST_YEAR}.", where=where)
    for term in spec.terms:
        if term not in {known_term.value for known_term in Term}:
            yield Refusal("term-unknown", "A term is AUT, SPR or SUM.", where="terms")


def _dates(spec: ApplicationSpec, known: Known) -> Iterator[Refusal]:
    for name in ("valid_from", "valid_until", "retention_until", "ethics_date", "dpia_date"):
        day = getattr(spec, name)
        if day is not None and not FIRST_YEAR <= day.year < LAST_YEAR:
            yield Refusal("date-range", f"Dates go from {FIRST_YEAR} to {LAST_YEAR - 1}.", where=name)
    if spec.valid_from and spec.valid_until and spec.valid_until < spec.valid_from:
        yield Refusal("end-before-start", "The last day of use is before the first.", where="valid_until")
    elif spec.valid_until and spec.valid_until < known.today:
        yield Refusal("already-over", "The last day of use is past.", where="valid_until")


def _fits(value: str, kind: str) -> bool:
    if kind == "int":
        return value.removeprefix("-").isascii() and value.removeprefix("-").isdigit()
    if kind == "bool":
        return value in ("true", "false")
    return bool(value) and not text_problem(value)


def _cohort(spec: ApplicationSpec, known: Known) -> Iterator[Refusal]:
    for number, condition in enumerate(spec.cohort, start=1):
        where = f"cohort, number {number}"
        item = f"census_pupil.{condition.column}"
        if known.kinds.get(item) not in ("item", "frame"):
            yield Refusal(
                "cohort-column-unknown",
                "Pupils cannot be chosen by this: the School Census table has no such column.",
                remedy="Look for census_pupil in the dictionary, on its page or with `dictionary search WORDS`.",
                where=where,
            )
        elif not condition.values:
            yield Refusal("cohort-empty", "This condition names no value, so no pupil meets it.", where=where)
        elif not all(_fits(value, known.types[item]) for value in condition.values):
            yield Refusal("cohort-value", f"A value of {condition.column} cannot be like this.", where=where)


def _places(spec: ApplicationSpec, known: Known) -> Iterator[Refusal]:
    known_places: tuple[tuple[str, str, Callable[[str], bool]], ...] = (
        ("authorities", "a local authority's three-digit number", lambda text: bool(authority_name(text))),
        ("regions", "a region's code, as in E12000007", lambda text: find_region(text) is not None),
        (
            "schools",
            "a school's URN",
            lambda text: text.isascii() and text.isdigit() and bool(establishment(int(text))),
        ),
    )
    for field, what, is_known in known_places:
        for number, text in enumerate(getattr(spec, field), start=1):
            if len(text) > 60 or not is_known(text):
                yield Refusal("place-unknown", f"This is not {what}.", where=f"{field}, number {number}")


_RULES: tuple[Callable[[ApplicationSpec, Known], Iterator[Refusal]], ...] = (
    _missing,
    _texts,
    _organisation,
    _people,
    _purpose,
    _items,
    _years,
    _dates,
    _cohort,
    _places,
    *further.RULES,
)


def problems(spec: ApplicationSpec, known: Known) -> tuple[Refusal, ...]:
    """Every reason why this application cannot be taken in; empty when it can."""
    return (*spec.unread, *(refusal for rule in _RULES for refusal in rule(spec, known)))
