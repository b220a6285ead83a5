"""The activities of the record of processing: from agreements as they stand, and from what the log says ran."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from schoolgate import dictionary, people, requests
from schoolgate.errors import SchoolgateError
from schoolgate.oversight.entries import Entry
from schoolgate.oversight.own import Controller, controller, own_activities
from schoolgate.oversight.processing import COLLECTION, IDENTITY, Activity, Category, Ran, Undeclared, compare
from schoolgate.oversight.retention import HeldTooLong, held_too_long, kept_until, rules
from schoolgate.requests import SUBJECT_ACCESS

_TERMS = {"AUT": "autumn", "SPR": "spring", "SUM": "summer"}
_GATE = (
    "Every read passes one gate: checked against the agreement, recorded before anything is handed over, and public.",
    "Names and numbers of pupils are sealed apart (AES-256-GCM); the recipient sees a reference made for it alone.",
)
_NOTHING_ERASED = "Nothing is erased by itself yet: what is held longer than its rule says is named here from that day."
_AT_HOME = "In the United Kingdom; nothing is transferred."


@dataclass(frozen=True, slots=True)
class ProcessingRecord:
    """The record of processing.

    Attributes:
        controller: who answers for all of it, and how they are reached.
        activities: the collection, each agreement, and what the custodian does beside.
        undeclared: what ran and is not declared; there can be nothing here, and a check fails when there is.
        held_too_long: what the custodian's own store holds longer than its rule says.
    """

    controller: Controller
    activities: tuple[Activity, ...]
    undeclared: tuple[Undeclared, ...]
    held_too_long: tuple[HeldTooLong, ...] = ()


def _categories(items: Iterable[str], columns: Mapping[str, dictionary.LakeColumn]) -> tuple[Category, ...]:
    found = []
    for item in sorted(items):
        column = columns.get(item)
        found.append(
            Category(item, column.title or item, column.identifiability, column.sensitivity)
            if column
            else Category(item, item)
        )
    return tuple(found)


def _looked_at(found: requests.Agreement) -> frozenset[str]:
    """What an agreement's own cohort and places look at in every query."""
    items = {f"census_pupil.{one.column}" for one in found.cohort}
    items |= {"census_pupil.la"} if found.authorities or found.regions else set()
    return frozenset(items | ({"census_pupil.urn"} if found.schools or found.authorities or found.regions else set()))


def _custodians() -> tuple[str, ...]:
    return tuple(one.name for one in people.organisations() if one.kind == "custodian") or ("The custodian",)


def custodian() -> Controller:
    """Who answers for the store, and how they are reached."""
    return controller(_custodians())


def _purposes(found: requests.Agreement) -> tuple[str, ...]:
    purpose = dictionary.find_purpose(found.purpose)
    said = [f"{purpose.name if purpose else found.purpose}: {found.purpose_plain}", found.lawful_basis]
    said += [found.special_category_basis] if found.special_category_basis else []
    return (*said, found.gateway)


def _people(found: requests.Agreement) -> tuple[str, ...]:
    years = ", ".join(str(a) if a == b else f"{a} to {b}" for a, b in found.years)
    terms = " and ".join(_TERMS.get(term, term) for term in found.terms)
    said = [f"Pupils of state schools in England, in the {terms or 'termly'} censuses of {years}"]
    said += [f"those whose {one.column} is {' or '.join(one.values)}" for one in found.cohort]
    places = [dictionary.authority_name(one) for one in found.authorities]
    places += [area.name for one in found.regions if (area := dictionary.find_region(one))]
    places += [school.name for one in found.schools if (school := dictionary.establishment(int(one)))]
    said += [f"in {place}" for place in places]
    return (*said, "also pupils who have died") if found.deceased else tuple(said)


def _security(found: requests.Agreement) -> tuple[str, ...]:
    return (*_GATE, f"Processed at: {found.processed_at}", *found.conditions)


def _transfers(found: requests.Agreement, spec: requests.ApplicationSpec) -> tuple[str, ...]:
    abroad = [f"{found.country}: {found.transfer_safeguard or 'covered by adequacy regulations'}"]
    said = [] if dictionary.same_country(found.country, dictionary.HOME) else abroad
    said += [
        f"{one.country}, processor {one.name}"
        for one in spec.processors
        if not dictionary.same_country(one.country, dictionary.HOME)
    ]
    return tuple(said) or (_AT_HOME,)


def _limits(found: requests.Agreement, spec: requests.ApplicationSpec) -> tuple[str, ...]:
    if found.built_in:
        return ("As long as the record is kept: a right has no last day.",)
    said = [f"Used from {found.valid_from.isoformat()} to {found.valid_until.isoformat()}"]
    if spec.retention_until is not None:
        said.append(f"Kept until {spec.retention_until.isoformat()}: {spec.retention_why}")
    return (*said, f"Destroyed: {spec.destruction}") if spec.destruction else tuple(said)


def _of_agreement(
    found: requests.Agreement,
    spec: requests.ApplicationSpec,
    ran: Ran,
    columns: Mapping[str, dictionary.LakeColumn],
    custodians: tuple[str, ...],
) -> Activity:
    items = found.items.union(*(one.items for one in found.additions if one.signed))
    by_name = {item for item in ran.items if item.startswith(IDENTITY)}
    own = (f"{found.organisation_name}, for its own use",) if found.id != SUBJECT_ACCESS else ()
    return Activity(
        id=found.id,
        state=found.state,
        controllers=(*custodians, *own),
        purposes=_purposes(found),
        people=_people(found),
        categories=_categories(items | by_name, columns),
        recipients=(
            found.organisation_name,
            *(f"{one.name} ({one.role}, {one.country}), for {found.organisation_name}" for one in spec.processors),
        ),
        transfers=_transfers(found, spec),
        time_limits=_limits(found, spec),
        security=_security(found),
        ran=ran,
        never_used=tuple(sorted(items - set(ran.items))),
    )


def _held(columns: Mapping[str, dictionary.LakeColumn]) -> tuple[Category, ...]:
    """Everything that the store keeps of a pupil: facts, identity, and what only the returns as they came have."""
    names = {one.id: (one.name, one.identifiability, one.sensitivity or "") for one in dictionary.identity_items()}
    names |= {f"return.{one.id}": (f"{one.name}, as the school sent it", None, "") for one in dictionary.asked_facts()}
    for item, column in columns.items():
        names[item] = (column.title or item, column.identifiability, column.sensitivity)
    return tuple(Category(item, *names[item], kept_years=rule.years) for item, rule in sorted(kept_until().items()))


def _collection(ran: Ran, columns: Mapping[str, dictionary.LakeColumn], custodians: tuple[str, ...]) -> Activity:
    return Activity(
        id=COLLECTION,
        state="active",
        controllers=custodians,
        purposes=(
            "Collecting the School Census, matching each row to a pupil's record, and keeping it",
            "UK GDPR Article 6(1)(c) and (e); Article 9(2)(g)",
            "Education Act 1996 s.537A; Education (Information About Individual Pupils) (England) Regulations 2013",
        ),
        people=("Pupils of state schools in England",),
        categories=_held(columns),
        recipients=("Nobody, but through the gate under one of the agreements below",),
        transfers=(_AT_HOME,),
        time_limits=(*(one.in_words for one in rules()), _NOTHING_ERASED),
        security=(_GATE[1], "A return is checked whole before it is accepted; after that only the gate reads."),
        ran=ran,
    )


@dataclass(frozen=True, slots=True)
class Checked:
    """What the log says of all processing, without the activities themselves: there may be twenty thousand.

    Attributes:
        ran: agreement (and the collection) -> what ran.
    """

    controller: Controller
    ran: Mapping[str, Ran]
    undeclared: tuple[Undeclared, ...]
    held_too_long: tuple[HeldTooLong, ...]


def _looks() -> Callable[[str], frozenset[str]]:
    @cache
    def looked_at(agreement_id: str) -> frozenset[str]:
        try:
            return _looked_at(requests.get(agreement_id))
        except SchoolgateError:
            return frozenset()

    return looked_at


def check_processing(entries: Iterable[Entry], today: date | None = None) -> Checked:
    """Compare what ran with what was agreed, and what is held with its rules.

    Args:
        entries: the log's, from the first.
        today: the custodian's day, by which the store's own time limits are looked at; None: they are not.
    """
    compared = compare(entries, _looks())
    late = () if today is None else held_too_long(compared.censuses, today, compared.destroyed)
    return Checked(custodian(), compared.ran, compared.undeclared, late)


def standing_activities(checked: Checked) -> tuple[Activity, ...]:
    """What no panel decided on: the collection, and what the custodian does beside."""
    names = checked.controller.names
    collection = _collection(checked.ran.get(COLLECTION, Ran()), dictionary.lake_columns(), names)
    return (collection, *own_activities(names))


def agreement_activities(agreement_ids: Sequence[str] | None, checked: Checked) -> tuple[Activity, ...]:
    """The activities of these agreements, as they are given; of all, in order of application, when None."""
    columns, names = dictionary.lake_columns(), checked.controller.names
    specs = {one.agreement_id: one.spec for one in requests.applications(agreement_ids) if one.agreement_id}
    made = {
        found.id: _of_agreement(
            found, specs.get(found.id) or requests.ApplicationSpec(), checked.ran.get(found.id, Ran()), columns, names
        )
        for found in requests.agreements(agreement_ids)
    }
    return tuple(made.values() if agreement_ids is None else (made[one] for one in agreement_ids if one in made))


def record_of_processing(entries: Iterable[Entry], today: date | None = None) -> ProcessingRecord:
    """The whole record of processing, with what ran.

    Args:
        entries: the log's, from the first.
        today: the custodian's day, by which the store's own time limits are looked at; None: they are not.
    """
    checked = check_processing(entries, today)
    collection, *own = standing_activities(checked)
    made = (collection, *agreement_activities(None, checked), *own)
    return ProcessingRecord(checked.controller, made, checked.undeclared, checked.held_too_long)
