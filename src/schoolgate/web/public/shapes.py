"""What machines are told of a case, an organisation, an item: a table each, for JSON, CSV and the API's description."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from schoolgate import published
from schoolgate.web.public import sources
from schoolgate.web.public.standing import NO_END

_TEXT: Mapping[str, Any] = {"type": "string"}
_NUMBER: Mapping[str, Any] = {"type": "integer", "minimum": 0}
_YES: Mapping[str, Any] = {"type": "boolean"}
_TEXTS: Mapping[str, Any] = {"type": "array", "items": {"type": "string"}}
_INDEX: Mapping[str, Any] = {"type": ["integer", "null"], "minimum": 0}


@dataclass(frozen=True, slots=True)
class Column:
    """One thing that is told.

    Attributes:
        shape: its JSON Schema.
        says: what it is.
        of: takes it from the value.
    """

    name: str
    shape: Mapping[str, Any]
    says: str
    of: Callable[[Any], Any]


def _fact(key: str) -> Callable[[published.Case], str]:
    return lambda case: str(case.facts.get(key, "") or "")


def _last_day(case: published.Case) -> str:
    until = _fact("valid_until")(case)
    return "" if until >= NO_END else until


def _facts(key: str) -> Callable[[published.Case], list[str]]:
    def of(case: published.Case) -> list[str]:
        value = case.facts.get(key)
        return [str(part) for part in value] if isinstance(value, list) else []

    return of


def _of_second(of: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda pair: of(pair[1])


CASE: tuple[Column, ...] = (
    Column("id", _TEXT, "The agreement's id, or the application's; H-… for a share from an old list.",
           lambda case: case.name),
    Column("application", _TEXT, "The application's id; empty when there is none.", lambda case: case.application),
    Column("agreement", _TEXT, "The agreement's id; empty when there is none.", lambda case: case.agreement),
    Column("witnessed", _YES, "False for a share from an old list, which this register did not see.",
           lambda case: not case.imported),
    Column("organisation", _TEXT, "Who asks, under the name it has now.", lambda case: case.organisation_name),
    Column("organisation_id", _TEXT, "The organisation's name in addresses.", lambda case: case.organisation),
    Column("kind", _TEXT, "Kind of recipient, e.g. university, company, police.", lambda case: case.kind),
    Column("request_kind", _TEXT, "Kind of request, e.g. research, law-enforcement; empty when none is public.",
           lambda case: case.request_kind),
    Column("title", _TEXT, "Title; empty when none is public.", lambda case: case.title),
    Column("purpose", _TEXT, "Purpose's id in the published taxonomy.", lambda case: case.purpose),
    Column("purpose_plain", _TEXT, "Why, in the organisation's own words.", lambda case: case.plain),
    Column("status", {"type": "string", "enum": []}, "Where it stands.", lambda case: case.status),
    Column("emergency", _YES, "Decided in an emergency.", lambda case: case.emergency),
    Column("stopped", _YES, "Use was stopped and asked about.", lambda case: case.stopped),
    Column("overdue", _YES, "The data was not destroyed in time.", lambda case: case.overdue),
    Column("lawful_basis", _TEXT, "UK GDPR Article 6 (and 9).", _fact("lawful_basis")),
    Column("gateway", _TEXT, "The power to share.", _fact("gateway")),
    Column("valid_from", _TEXT, "First day of use, ISO 8601; empty when none is set.", _fact("valid_from")),
    Column("valid_until", _TEXT, "Last day of use, ISO 8601; empty when none is set.", _last_day),
    Column("processed_at", _TEXT, "Where it is used.", _fact("processed_at")),
    Column("country", _TEXT, "In which country.", _fact("country")),
    Column("areas", _TEXTS, "Whose pupils; all of England when empty.", _facts("areas")),
    Column("reasons", _TEXTS, "The panel's reasons.", _facts("reasons")),
    Column("conditions", _TEXTS, "The panel's conditions.", _facts("conditions")),
    Column("received_at", _TEXT, "When it was asked for, ISO 8601 in UTC.", lambda case: case.received_at),
    Column("decided_at", _TEXT, "When it was decided.", lambda case: case.decided_at),
    Column("signed_at", _TEXT, "When it was signed.", lambda case: case.signed_at),
    Column("ended_at", _TEXT, "When it ended.", lambda case: case.ended_at),
    Column("destruction_due", _TEXT, "By when data had to be destroyed, when it was not.", _fact("destruction_due")),
    Column("destroyed_at", _TEXT, "When it was certified that the data is destroyed.", _fact("destroyed_at")),
    Column("releases", _NUMBER, "How many reads this register saw; 0 for what it did not see.",
           lambda case: case.releases),
    Column("first_read_at", _TEXT, "When data was read first, ISO 8601 in UTC; empty when it was not.",
           lambda case: case.first_read_at),
    Column("last_read_at", _TEXT, "When data was read last; empty when it was not.", lambda case: case.last_read_at),
    Column("own_child", _YES, "True for families, and schools for them, looking at their own child: not an outside"
           " recipient.", lambda case: case.is_own),
    Column("refused", _NUMBER, "How many queries the gate refused.", lambda case: case.refused),
    Column("lookups", _NUMBER, "How many look-ups of pupils.", lambda case: case.lookups),
    Column("text_sha256", _TEXT, "SHA-256 of the signed text; empty when none is public.", _fact("text_hash")),
    Column("first_entry", _NUMBER, "Log index of its first entry.", lambda case: case.id),
    Column("last_entry", _NUMBER, "Log index of its newest entry.", lambda case: case.last_index),
    Column("data_sets", _TEXTS, "Of a share from an old list: the data sets it names.", _facts("data_sets")),
    Column("identifiability", _TEXT, "Of a share from an old list: as it says.", _fact("identifiability")),
    Column("safe_setting", _TEXT, "Of a share from an old list: as it says.", _fact("safe_setting")),
    Column("stated_status", _TEXT, "Of a share from an old list: as it says.", _fact("stated_status")),
)  # fmt: skip
"""A request, agreement or imported share."""

ITEM: tuple[Column, ...] = (
    Column("item", _TEXT, "The item's id in the dictionary.", lambda line: line.item),
    Column("asked", _YES, "It was asked for.", lambda line: line.asked),
    Column("agreed", _YES, "It was agreed; what families see of their own child is theirs by law, and true here too.",
           lambda line: line.agreed or line.case.is_own),
    Column("times", _NUMBER, "How many reads held it.", lambda line: line.times),
    Column("first_entry", _INDEX, "Log index of the first read.", lambda line: line.first_index),
    Column("latest_entry", _INDEX, "Log index of the latest read.", lambda line: line.latest_index),
    Column("first_at", _TEXT, "When it was read first, ISO 8601 in UTC; empty when it was not.",
           lambda line: line.first_at),
    Column("latest_at", _TEXT, "When it was read last; empty when it was not.", lambda line: line.latest_at),
    Column("comes_with_each_record", _YES, "A made-up reference, the year or the term: nobody has to ask for it.",
           lambda line: line.item in sources.comes_with_each_record()),
)  # fmt: skip
"""An item under a case."""

ITEM_OF_CASE: tuple[Column, ...] = (
    Column("id", _TEXT, "The agreement's id, or the application's.", lambda line: line.case.name),
    Column("organisation", _TEXT, "Who, under the name it has now.", lambda line: line.case.organisation_name),
    Column("organisation_id", _TEXT, "The organisation's name in addresses.", lambda line: line.case.organisation),
    Column("kind", _TEXT, "Kind of recipient.", lambda line: line.case.kind),
    Column("own_child", _YES, "Families, and schools for them, looking at their own child.",
           lambda line: line.case.is_own),
    Column("purpose", _TEXT, "Purpose's id in the published taxonomy.", lambda line: line.case.purpose),
    Column("status", _TEXT, "Where it stands.", lambda line: line.case.status),
    Column("item_name", _TEXT, "The item's name in plain words.", lambda line: sources.item_name(line.item)),
    *ITEM,
)  # fmt: skip
"""An item with the case it is of: one row of a table of who was given what since when."""

RELEASE: tuple[Column, ...] = (
    Column("release", _TEXT, "The release's id.", lambda one: one.release),
    Column("at", _TEXT, "When, ISO 8601 in UTC.", lambda one: one.at),
    Column("state", {"type": "string", "enum": ["begun", "delivered", "failed"]}, "How it ended.",
           lambda one: one.state),
    Column("pupils", _TEXT, "How many pupils, rounded; empty while it is counted.", lambda one: one.pupils),
    Column("items", _NUMBER, "How many items.", lambda one: one.items),
    Column("entry", _NUMBER, "Log index.", lambda one: one.index),
    Column("settled_entry", _INDEX, "Log index of the entry that counts its pupils.", lambda one: one.settled_index),
)  # fmt: skip
"""A read."""

RELEASE_OF_CASE: tuple[Column, ...] = (
    Column("id", _TEXT, "The agreement's id.", lambda pair: pair[0].name),
    Column("organisation", _TEXT, "Who, under the name it has now.", lambda pair: pair[0].organisation_name),
    Column("organisation_id", _TEXT, "The organisation's name in addresses.", lambda pair: pair[0].organisation),
    Column("kind", _TEXT, "Kind of recipient.", lambda pair: pair[0].kind),
    Column("own_child", _YES, "Families, and schools for them, looking at their own child.",
           lambda pair: pair[0].is_own),
    Column("purpose", _TEXT, "Purpose's id in the published taxonomy.", lambda pair: pair[0].purpose),
    *(Column(one.name, one.shape, one.says, _of_second(one.of)) for one in RELEASE),
)  # fmt: skip
"""A read with the case it is of: one row of a table of when what was handed over, to whom."""

ORGANISATION: tuple[Column, ...] = (
    Column("id", _TEXT, "Its name in addresses.", lambda home: home.slug),
    Column("name", _TEXT, "The name it has now.", lambda home: home.name),
    Column("kind", _TEXT, "Kind of recipient.", lambda home: home.kind),
    Column("former_names", _TEXTS, "Names it had.", lambda home: [name for name, _index in home.former]),
    Column("became_part_of", _TEXT, "The organisation it became part of: its id, or its name when it has no page; empty"
           " when it is still there.", lambda home: (home.into.slug or home.into.name) if home.into else ""),
    Column("took_in", _TEXTS, "Ids of organisations that became part of it; its cases are theirs too.",
           lambda home: [one.slug for one in home.took_in]),
)  # fmt: skip
"""An organisation."""


def told(columns: tuple[Column, ...], value: Any) -> dict[str, Any]:
    """What is told of a value."""
    return {column.name: column.of(value) for column in columns}


def schema(columns: tuple[Column, ...]) -> dict[str, Any]:
    """The JSON Schema of what is told."""
    shapes = {}
    for column in columns:
        shape = dict(column.shape)
        if shape.get("enum") == []:
            shape["enum"] = list(published.STATUSES)
        shapes[column.name] = {**shape, "description": column.says}
    return {
        "type": "object",
        "required": [column.name for column in columns],
        "additionalProperties": False,
        "properties": shapes,
    }
