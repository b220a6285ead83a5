"""What a search is narrowed to: the form's choices, the search in words, and names that are typed looked up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import gettext as _

from schoolgate import dictionary, published
from schoolgate.web.public import sources
from schoolgate.web.public.asked import Asked
from schoolgate.web.public.kinds import KINDS, kind_words
from schoolgate.web.public.standing import MARKS, STATUS, status_words

LONGEST_NAME = 200
_MOST = 20


def choices() -> Mapping[str, Any]:
    """What a search can be narrowed to, for a form."""
    return {
        "purposes": [(one.id, one.name) for one in dictionary.purposes()],
        "kinds": [(kind, str(words)) for kind, words in KINDS.items() if kind],
        "statuses": [*((one, str(words)) for one, (words, _colour) in STATUS.items() if one != "imported")],
        "marks": [(one, str(words)) for one, (words, _colour) in MARKS.items()],
        "years": published.years(),
        "sorts": [
            ("newest", _("newest first")), ("oldest", _("oldest first")), ("organisation", _("by name")),
            ("releases", _("most often given data")), ("first", _("in the order they came")),
        ],
    }  # fmt: skip


def places() -> list[tuple[tuple[str, str], list[tuple[str, str]]]]:
    """Regions, each with the authorities in it, as the log names them and in words."""
    return [
        (
            (f"region {one.id}", one.name),
            sorted(
                ((f"authority {number}", dictionary.authority_name(number) or number) for number in one.authorities),
                key=lambda place: (place[1], place[0]),
            ),
        )
        for one in dictionary.regions()
    ]


def with_changes(query: published.Query, **changes: str) -> str:
    """The address of a search that is the same but for some things; an empty one narrows nothing any more."""
    pairs = {**dict(query.pairs), **changes}
    other = published.query_of({key: value for key, value in pairs.items() if value})
    return Asked(other or query, 1).address()


def narrowed_by(query: published.Query) -> list[tuple[str, str]]:
    """What narrows a search, in words; each with the address of the search without it."""
    words: dict[str, str] = {}
    if query.words:
        words["words"] = f"“{query.words}”"
    if query.case:
        words["case"] = query.case
    if query.organisation:
        known = published.organisation(query.organisation)
        words["organisation"] = known.name if known else query.organisation
    if query.purpose:
        words["purpose"] = sources.purpose_name(query.purpose)
    if query.item:
        words["item"] = sources.item_name(query.item)
    if query.kind:
        words["kind"] = kind_words(query.kind)
    if query.status:
        mark = MARKS.get(query.status)
        words["status"] = str(mark[0]) if mark else status_words(query.status)[0]
    if query.area:
        words["area"] = area_words(query.area)
    if query.year is not None:
        words["year"] = str(query.year)
    if query.imported:
        words["imported"] = _("from old lists")
    return [(text, with_changes(query, **{key: ""})) for key, text in words.items()]


def query_words(query: published.Query) -> str:
    """A search in one line, for a feed's title and for letters."""
    parts = [text for text, _address in narrowed_by(query)]
    return _("The register of who uses pupil data") + (f": {', '.join(parts)}" if parts else "")


def area_words(area: str) -> str:
    """A place as the log names it, in words."""
    kind, _space, code = area.partition(" ")
    if kind == "authority":
        return dictionary.authority_name(code) or area
    if kind == "region":
        region = dictionary.find_region(code)
        return region.name if region else area
    if kind == "school" and code.isascii() and code.isdigit() and len(code) < 10:
        school = dictionary.establishment(int(code))
        return school.name if school else area
    return area


@dataclass(frozen=True, slots=True)
class Which:
    """A name that was typed and is not the name of one thing.

    Attributes:
        label: what it should be a name of.
        typed: the name.
        maybe: (what may be meant, address of the search narrowed to it), at most some.
        is_more: whether there are others that have this in their name.
    """

    label: str
    typed: str
    maybe: tuple[tuple[str, str], ...]
    is_more: bool


@dataclass(frozen=True, slots=True)
class Picked:
    """What came of the names that were typed: the search with what they name, and those that must be chosen from."""

    query: published.Query
    open: tuple[Which, ...]


def picked(request: HttpRequest, query: published.Query) -> Picked | None:
    """Look up names typed into the form (``organisation_name``, ``item_name``); None when none was typed."""
    typed = {
        name: " ".join(request.GET.get(f"{name}_name", "").split())[:LONGEST_NAME] for name in ("organisation", "item")
    }
    if not any(typed.values()):
        return None
    found = {
        "organisation": _organisations(typed["organisation"]) if typed["organisation"] else [],
        "item": _items(typed["item"]) if typed["item"] else [],
    }
    known = {name: named[0][0] for name, named in found.items() if len(named) == 1}
    settled = replace(
        query, organisation=known.get("organisation", query.organisation), item=known.get("item", query.item)
    )
    labels = {"organisation": _("Organisation"), "item": _("Item of the record")}
    return Picked(
        settled,
        tuple(
            Which(
                labels[name],
                words,
                tuple((shown, _address(settled, name, one, typed, known)) for one, shown in found[name][:_MOST]),
                len(found[name]) > _MOST,
            )
            for name, words in typed.items()
            if words and name not in known
        ),
    )


def _address(query: published.Query, name: str, one: str, typed: Mapping[str, str], known: Mapping[str, str]) -> str:
    """The search narrowed to one thing; another name that was typed and is not settled is kept."""
    kept = {f"{key}_name": words for key, words in typed.items() if words and key != name and key not in known}
    there = replace(query, organisation=one) if name == "organisation" else replace(query, item=one)
    return f"?{urlencode([*there.pairs, *kept.items()])}"


def _organisations(words: str) -> list[tuple[str, str]]:
    found = published.organisations(words, most=_MOST + 1)
    exactly = [one for one in found if one[0] == words or one[1].casefold() == words.casefold()]
    return list(exactly if len(exactly) == 1 else found)


def _items(words: str) -> list[tuple[str, str]]:
    items = sources.open_items()
    if items is None:
        return [(words, words)]
    found = [(one.id, one.name) for one in items.find(words).items[: _MOST + 1]]
    exactly = [one for one in found if words.casefold() in (one[0].casefold(), one[1].casefold())]
    return exactly if len(exactly) == 1 else found
