"""The text of an agreement, from what was applied for and what the panel decided. Pure: the same in, the same text.

There is no date of today and no signature in it: who signed when stands beside it, over its hash.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from schoolgate.clock import plain_day
from schoolgate.dictionary import Item, authority_name, find_purpose, find_region, lake_items
from schoolgate.requests.agreement.clocks import deletion_days
from schoolgate.requests.agreement.text import Document, Line, line
from schoolgate.requests.conditions import Condition
from schoolgate.requests.terms import ApplicationSpec


@dataclass(frozen=True, slots=True)
class Agreed:
    """What an agreement's text is made of.

    Attributes:
        application_id: the application it came of.
        version: 1 for the first text, one more for each change.
        organisation, organisation_kind, country: the recipient, its kind in words, where it is established.
        spec: what was applied for.
        items: what the panel approved, and every addition that both sides signed.
        conditions: the panel's.
        people_count: how many persons may read; who they are stands in no text.
        valid_until: last day of use.
        notice_days: days between the notice to families and the first use; 0 when none is needed.
        added: items that this version adds.
        added_people: how many people this version adds.
    """

    application_id: str
    version: int
    organisation: str
    organisation_kind: str
    country: str
    spec: ApplicationSpec
    items: frozenset[str]
    conditions: tuple[Condition, ...]
    people_count: int
    valid_until: date
    notice_days: int = 0
    added: tuple[str, ...] = ()
    added_people: int = 0


@cache
def _clauses() -> Mapping[str, Any]:
    return tomllib.loads((files(__package__) / "data" / "clauses.toml").read_text(encoding="utf-8"))


@cache
def _items() -> Mapping[str, Item]:
    return {item.id: item for item in lake_items()}


def item_words(item_id: str, conditions: tuple[Condition, ...]) -> str:
    """An item in plain words, with the form it was approved in."""
    found = _items().get(item_id)
    said = f"{found.name} ({item_id})" if found is not None else item_id
    tiers = (
        f"; identifiability {found.identifiability} of 5, sensitivity {found.sensitivity}"
        if found is not None and found.identifiability is not None and found.sensitivity
        else ""
    )
    coarser = {one.parts[1]: one.parts[0] for one in conditions if one.kind == "coarser-item" and not one.problem}
    instead = f"; given in place of {coarser[item_id]}" if item_id in coarser else ""
    apart = sorted(
        {other for one in conditions if one.kind == "not-together" and item_id in one.parts for other in one.parts}
        - {item_id}
    )
    kept_apart = f"; never in one query with {', '.join(apart)}" if apart else ""
    counts = any(one.kind == "aggregate-only" for one in conditions)
    form = "; as numbers about many pupils only" if counts else "; record by record"
    return f"{said}{tiers}{form}{instead}{kept_apart}"


def compose(agreed: Agreed) -> Document:
    """The whole text."""
    return (
        *_opening(agreed),
        *_purpose(agreed),
        *_data(agreed),
        *_use(agreed),
        *_retention(agreed),
        *_standing("audit"),
        *_standing("breach"),
        *_families(agreed),
        *_standing("changes"),
        *_standing("signatures"),
    )


def _standing(part: str, **places: object) -> Iterator[Line]:
    said = _clauses()[part]
    yield line("heading", said["heading"])
    for clause in said["clauses"]:
        yield line("paragraph", clause.format_map(places) if places else clause)


def _facts(*facts: tuple[str, str]) -> Iterator[Line]:
    for name, value in facts:
        if value.strip():
            yield line("point", f"{name}: {value}")


def _opening(agreed: Agreed) -> Iterator[Line]:
    yield line("title", f"Agreement on pupil data under application {agreed.application_id}")
    yield line("paragraph", f"Version {agreed.version}. Standard clauses of {_clauses()['version']}.")
    if agreed.added or agreed.added_people:
        yield line(
            "paragraph",
            f"This version adds: {', '.join([*agreed.added, *_count(agreed.added_people)])}. What it adds may be used"
            f" when families have had {agreed.notice_days} full days of notice.",
        )
    yield line("heading", "Who agrees")
    yield from _facts(
        ("The custodian", "the department that holds the national pupil database, a controller"),
        ("The recipient", f"{agreed.organisation}, {agreed.organisation_kind}, in {agreed.country}, a controller"),
        ("Funded by", ", ".join(agreed.spec.funders)),
        ("Commercial interest", _commercial(agreed.spec)),
        ("People who may read", f"{agreed.people_count}, named to the custodian and accredited"),
    )


def _count(people: int) -> list[str]:
    return [f"{people} {'person' if people == 1 else 'people'}"] if people else []


def _commercial(spec: ApplicationSpec) -> str:
    return " — ".join(part for part in (spec.commercial_interest, spec.commercial_detail) if part)


def _purpose(agreed: Agreed) -> Iterator[Line]:
    spec = agreed.spec
    known = find_purpose(spec.purpose)
    yield line("heading", _clauses()["purpose"]["heading"])
    yield from _facts(
        ("Purpose", f"{known.name} ({spec.purpose})" if known is not None else spec.purpose),
        ("In the recipient's words", spec.purpose_plain),
        ("What the public gains", spec.public_benefit),
        ("Who could be harmed", spec.harm),
        ("How that is prevented", spec.harm_prevention),
        ("Lawful basis", spec.lawful_basis),
        ("Basis for special categories", spec.special_category_basis),
        ("Power to share", spec.gateway),
        ("Publication", spec.publication_plan),
    )
    yield from list(_standing("purpose"))[1:]


def _spans(spec: ApplicationSpec) -> str:
    return ", ".join(str(first) if first == last else f"{first} to {last}" for first, last in spec.years)


def _places(spec: ApplicationSpec) -> str:
    regions = [found.name if (found := find_region(one)) is not None else one for one in spec.regions]
    named = [
        *(f"{authority_name(one) or 'authority'} ({one})" for one in spec.authorities),
        *regions,
        *(f"school {one}" for one in spec.schools),
    ]
    return ", ".join(named) or "all of England"


def _data(agreed: Agreed) -> Iterator[Line]:
    spec = agreed.spec
    yield line("heading", "Which data")
    for item_id in sorted(agreed.items | set(agreed.added)):
        new = "; added by this version" if item_id in agreed.added else ""
        yield line("point", item_words(item_id, agreed.conditions) + new)
    pupils = "; ".join(f"{one.column} is {' or '.join(one.values)}" for one in spec.cohort)
    yield from _facts(
        ("Years of the School Census", _spans(spec)),
        ("Terms", ", ".join(spec.terms) or "all"),
        ("Pupils", pupils or "all of these years"),
        ("Schools in", _places(spec)),
        ("Pupils who have died", "included" if spec.deceased else "left out"),
        (
            "Joined with",
            "; ".join(f"{one.with_what}, {one.how}, by {one.by_whom}" for one in spec.linkage) or "nothing",
        ),
    )


def _use(agreed: Agreed) -> Iterator[Line]:
    spec = agreed.spec
    yield line("heading", _clauses()["use"]["heading"])
    first = plain_day(spec.valid_from) if spec.valid_from is not None else "the day of the last signature"
    yield from _facts(
        ("First day of use", first),
        ("Last day of use", plain_day(agreed.valid_until)),
        ("Where", f"{spec.processed_at}, {spec.country}"),
        ("What protects it abroad", spec.transfer_safeguard),
        *(
            ("Processor", ", ".join(filter(None, (one.name, one.organisation, one.role, one.place, one.country))))
            for one in spec.processors
        ),
        ("Processors", "" if spec.processors else "none"),
    )
    for condition in agreed.conditions:
        yield line("point", f"Condition of the panel: {condition.plain}")
    yield from list(_standing("use"))[1:]


def _retention(agreed: Agreed) -> Iterator[Line]:
    spec = agreed.spec
    days = deletion_days()
    by = spec.retention_until
    yield line("heading", _clauses()["retention"]["heading"])
    yield from _facts(
        ("Destroyed by", plain_day(by) if by is not None else f"{days} days after the last day of use"),
        ("Why it is kept until then", spec.retention_why),
        ("How it is destroyed", spec.destruction),
    )
    yield from list(_standing("retention", days=days))[1:]


def _families(agreed: Agreed) -> Iterator[Line]:
    yield from _standing("families")
    if agreed.notice_days:
        yield line("paragraph", f"Families have {agreed.notice_days} full days of notice before the first use.")
