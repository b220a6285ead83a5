"""A pack as JSON values: everything that is held about one child, with the words of the dictionary. Pure.

Made of what the gate read and of what the rooms know; no clock, no database. Its shape is published:
``data/access-pack.schema.json`` (JSON Schema 2020-12).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from schoolgate import dictionary
from schoolgate.clock import day_of
from schoolgate.ids import Term
from schoolgate.rights.corrected import Changed, census_in_words, change_in_words
from schoolgate.rights.inwords import (
    answer_in_words,
    identity_in_words,
    identity_names,
    in_words,
    origin_of,
    school_in_words,
)
from schoolgate.rights.packs.withheld import Rows, Withheld
from schoolgate.rights.views import Line

FORM = "access-pack/1"

Json = Any
"""What JSON can hold."""


@dataclass(frozen=True, slots=True, repr=False)
class Known:
    """What the rooms know beside the record itself: each a list of (what, in words).

    Attributes:
        history: values that were put right, noted, taken out or erased.
        matching: what was decided about whose record this is.
        choices: what the family said yes and no to, and what is restricted.
        people: who may see the record, without names.
        cases: rights that were used, by reference.
        letters: what is known of letters to this account.
    """

    history: tuple[Changed, ...] = ()
    matching: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    letters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Held:
    """Everything a pack is made of.

    Attributes:
        identity: who the child is, item -> value.
        tables: lake table -> rows, after what is withheld was left out.
        sources: where each row came from, in the same order.
        lines: who was given anything.
        receipt: of the read.
        controller: who answers, with addresses, in lines.
    """

    pack: str
    asked_at: datetime
    made_at: datetime
    identity: Mapping[str, str]
    tables: Rows
    sources: Rows
    known: Known
    lines: Sequence[Line]
    withheld: Sequence[Withheld]
    receipt: Mapping[str, Any] = field(default_factory=dict)
    controller: tuple[str, ...] = ()


def as_values(held: Held, items: dictionary.Dictionary, keeping: Mapping[str, str]) -> dict[str, Json]:
    """The pack as JSON values.

    Args:
        held: what it is made of.
        items: the dictionary.
        keeping: item id -> how long it is kept, in words.
    """
    facts = [_table(table, held, items) for table in dictionary.lake_tables() if held.tables.get(table.name)]
    used = sorted({name for one in facts for row in one["rows"] for name in row["values"]})
    return {
        "schoolgate": FORM,
        "pack": held.pack,
        "asked_at": held.asked_at.isoformat(),
        "made_at": held.made_at.isoformat(),
        "controller": list(held.controller),
        "identity": _identity(held.identity, items),
        "facts": facts,
        "history": [_change(one) for one in held.known.history],
        "matching": list(held.known.matching),
        "choices": list(held.known.choices),
        "people": list(held.known.people),
        "cases": list(held.known.cases),
        "letters": list(held.known.letters),
        "recipients": [_recipient(line) for line in held.lines],
        "withheld": [
            {"rule": one.rule, "in_words": one.words, "provision": one.provision, "instead": one.instead}
            for one in held.withheld
        ],
        "dictionary": {name: _item(name, items, keeping) for name in used},
        "receipt": dict(held.receipt),
    }


def _change(one: Changed) -> Json:
    return {
        "item": one.item,
        "census": one.census,
        "kind": one.kind,
        "on": one.on.isoformat(),
        "before": one.old,
        "since": one.new,
        "note": one.note,
        "case": one.case,
        "in_words": change_in_words(one),
    }


def _identity(identity: Mapping[str, str], items: dictionary.Dictionary) -> list[Json]:
    names = identity_names()
    order = [*names, *sorted(set(identity) - set(names))]
    return [
        {
            "item": f"identity.{key}",
            "name": str(names.get(key, key.replace("_", " ").capitalize())),
            "value": identity[key],
            "in_words": identity_in_words(key, identity[key], items),
        }
        for key in order
        if identity.get(key)
    ]


_IN_YEAR = {str(term): place for place, term in enumerate((Term.SPRING, Term.SUMMER, Term.AUTUMN))}


def _table(table: dictionary.LakeTable, held: Held, items: dictionary.Dictionary) -> Json:
    rows = held.tables[table.name]
    origins: Sequence[Mapping[str, object]] = held.sources.get(table.name) or ({},) * len(rows)
    pairs = sorted(
        zip(rows, origins, strict=True),
        key=lambda pair: (int(str(pair[0].get("year") or 0)), _IN_YEAR.get(str(pair[0].get("term")), 0)),
        reverse=True,
    )
    return {
        "table": table.name,
        "title": _(table.title or table.name),
        "about": _(table.description) if table.description else "",
        "rows": [_row(table, row, origin, items) for row, origin in pairs],
    }


def _row(
    table: dictionary.LakeTable,
    row: Mapping[str, Any],
    origin: Mapping[str, object],
    items: dictionary.Dictionary,
) -> Json:
    values = {}
    for column in table.columns:
        value = row.get(column.name)
        if column.kind != "item" or value is None or value == "":
            continue
        item = items.get(column.item_id)
        values[column.item_id] = {
            "name": item.name if item else (column.title or column.name),
            "value": plain(value),
            "in_words": in_words(column, value, item),
        }
    return {
        "year": row.get("year"),
        "term": row.get("term"),
        "census": census_in_words(row.get("year"), row.get("term")),
        "school": school_in_words(row["urn"]) if row.get("urn") else None,
        "values": values,
        "source": _source(origin),
    }


def _source(origin: Mapping[str, Any]) -> Json:
    """Where a row came from (UK GDPR Article 15(1)(g)); None where a school must not be named."""
    if not origin:
        return None
    received = origin.get("received_at")
    return {
        "return": origin.get("return_id"),
        "row": origin.get("return_row"),
        "sent_by": school_in_words(origin["sent_by"]) if origin.get("sent_by") else None,
        "received_on": day_of(received).isoformat() if received else None,
        "recorded_at": plain(origin.get("recorded_at")),
    }


def plain(value: object) -> Json:
    """A value as JSON holds it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    return value if value is None or isinstance(value, bool | int | float) else str(value)


def _item(name: str, items: dictionary.Dictionary, keeping: Mapping[str, str]) -> Json:
    found = items.get(name)
    column = dictionary.lake_columns()[name]
    return {
        "name": found.name if found else (column.title or column.name),
        "description": found.description if found else "",
        "why": found.why if found else "",
        "law": found.law if found else "",
        "origin": origin_of(name),
        "kept": keeping.get(name, ""),
        "codes": {code.code: code.label for code in found.codes} if found else {},
    }


def _recipient(line: Line) -> Json:
    return {
        "agreement": line.agreement_id,
        "organisation": line.organisation,
        "purpose": line.purpose,
        "why": line.purpose_plain,
        "lawful_basis": line.lawful_basis,
        "special_category_basis": line.special_category_basis,
        "power_to_share": line.gateway,
        "items": list(line.items),
        "items_in_words": [one.name for one in line.items_in_words],
        "since": line.first_at.isoformat(),
        "last": line.last_at.isoformat(),
        "until": line.until.isoformat(),
        "standing": line.standing,
        "used_at": line.processed_at,
        "country": line.country,
        "safeguard": line.safeguard,
        "processors": [
            {"name": one.name, "does": one.role, "where": one.place, "country": one.country} for one in line.processors
        ],
        "linked_with": [{"what": one.with_what, "how": one.how, "by_whom": one.by_whom} for one in line.linked_with],
        "conditions": list(line.conditions),
        "destroyed": None
        if line.gone is None
        else {"on": line.gone.on.isoformat(), "how": line.gone.how, "seen_by": line.gone.seen_by},
        "corrections": [
            {
                "correction": one.correction,
                "told_on": one.told_on.isoformat(),
                "state": one.state,
                "did": one.did,
                "reason": one.said,
                "in_words": answer_in_words(one),
                "answered_on": one.acknowledged_on.isoformat() if one.acknowledged_on else None,
                "late_since": one.late_since.isoformat() if one.late_since else None,
            }
            for one in line.corrections
        ],
        "times": [
            {
                "release": one.release_id,
                "at": one.at.isoformat(),
                "state": one.state,
                "items": list(one.items),
                "delivered": one.delivered,
                "way": one.way or "answer",
                "log_index": one.log_index,
            }
            for one in line.releases
        ],
    }
