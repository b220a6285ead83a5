"""What was changed in a record or noted beside it: each fact by name, the value before and since in words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from schoolgate import dictionary
from schoolgate.clock import day_of
from schoolgate.config import Config
from schoolgate.ids import Pmr, Term
from schoolgate.rights.claims import pupil_of
from schoolgate.rights.inwords import day_in_words, identity_in_words, text_in_words
from schoolgate.rights.ports import REAL_GATE, installation
from schoolgate.rights.views import ChildLink, GatePort

if TYPE_CHECKING:
    from schoolgate.gate import CorrectionView, SubjectRecord

KINDS = ("corrected", "annotated", "declined", "erased")
"""What can have been done to a value. A page has plain words for any other, too."""


@dataclass(frozen=True, slots=True, repr=False)
class Changed:
    """One change of a record, or one note beside a value. Its repr is hidden: it is about a child.

    Attributes:
        kind: of `KINDS`; another that came later is kept as it is.
        item: ``table.column``, or ``identity.name``.
        name: what the item is called.
        census: "Autumn 2026"; empty for who the child is.
        old: the value before, in words; empty when there was none, and where it is kept no more.
        new: the value since, in words.
        note: the family's own words beside the value; empty where a place could stand in them.
        case: reference of the case that decided it; empty when nobody had to decide.
        travelled: whether it was worked out who had to be told.
        still: what the school's latest return says of it (`gate.CorrectionView.still`).
    """

    id: str
    kind: str
    item: str
    name: str
    year: int | None
    term: str
    census: str
    on: date
    old: str
    new: str
    note: str
    case: str
    travelled: bool
    still: str


def changed(
    link: ChildLink,
    record: SubjectRecord | None,
    *,
    items: dictionary.Dictionary | None,
    config: Config | None = None,
    gate: GatePort = REAL_GATE,
) -> tuple[Changed, ...]:
    """Every change of a child's record, the latest first.

    Args:
        link: of the account that asks.
        record: what this account was just shown; None: nothing. Values are pupil data: whoever shows them has read the
            record through the gate. Of a shielded child nothing is told of an item that the record does not show.
        items: the dictionary.
        config: the installation.
        gate: the gate.

    Raises:
        UnknownLink: not this account's child.
    """
    pupil = pupil_of(link)
    only = items_shown(record) if link.places_withheld else None
    found = changes_of(pupil, only, items=items, config=installation(config), gate=gate)
    return found if record is not None else tuple(replace(one, old="", new="", note="") for one in found)


def items_shown(record: SubjectRecord | None) -> frozenset[str]:
    """The items of which a record that was shown has a value."""
    if record is None:
        return frozenset()
    return items_held(record.tables) | {f"identity.{name}" for name in record.identity}


def items_held(tables: Mapping[str, Iterable[Mapping[str, object]]]) -> frozenset[str]:
    """The items of which rows have a value."""
    return frozenset(
        f"{table}.{name}" for table, rows in tables.items() for row in rows for name in row if row[name] is not None
    )


def changes_of(
    pupil: Pmr,
    only: Collection[str] | None,
    *,
    items: dictionary.Dictionary | None,
    config: Config,
    gate: GatePort = REAL_GATE,
) -> tuple[Changed, ...]:
    """The same of a child that was found; `only` holds the items of which a shielded child's family is told."""
    found = gate.corrections_of(pupil, config=config)
    return tuple(
        _in_words(one, items, is_shielded=only is not None)
        for one in reversed(found)
        if only is None or one.item in only
    )


def _in_words(one: CorrectionView, items: dictionary.Dictionary | None, *, is_shielded: bool) -> Changed:
    item = items.get(one.item) if items else None
    table, _dot, name = one.item.partition(".")

    def words(text: str) -> str:
        if not text:
            return ""
        if table == "identity":
            return identity_in_words(name, text, items)
        column = dictionary.lake_columns().get(one.item)
        return text_in_words(column, text, item) if column is not None else text

    return Changed(
        id=one.id,
        kind=one.kind,
        item=one.item,
        name=item.name if item else item_title(one.item),
        year=one.year,
        term=one.term,
        census=census_in_words(one.year, one.term),
        on=day_of(one.decided_at),
        old=words(one.old),
        new=words(one.new),
        # Somebody's own words can name a school, and whoever took over an account must not learn it here.
        note="" if is_shielded else one.note,
        case=one.case,
        travelled=one.travelled_on is not None,
        still=one.still,
    )


def item_title(item: str) -> str:
    """What an item is called where the dictionary is not at hand."""
    for one in dictionary.identity_items():
        if one.id == item:
            return _(one.name)
    column = dictionary.lake_columns().get(item)
    return (_(column.title) if column.title else column.name.replace("_", " ")) if column is not None else item


def census_in_words(year: int | None, term: str | None) -> str:
    """Term and year: "Autumn 2026"; empty for what belongs to no census."""
    if not (year and term):
        return ""
    return _("%(term)s %(year)s") % {"term": _(Term(term).label.capitalize()), "year": year}


def change_in_words(one: Changed) -> str:
    """One change as a sentence."""
    told = {
        "name": one.name, "day": day_in_words(one.on), "old": one.old or _("nothing"), "new": one.new or _("nothing"),
        "note": one.note, "case": one.case,
    }  # fmt: skip
    if one.kind == "corrected":
        said = _("%(name)s was put right on %(day)s: before “%(old)s”, since then “%(new)s”.") % told
    elif one.kind == "annotated" and one.note:
        said = _("A note stands beside %(name)s since %(day)s: “%(note)s”.") % told
    elif one.kind == "annotated":
        said = _("A note stands beside %(name)s since %(day)s. Its words are left out here.") % told
    elif one.kind == "declined":
        said = _("%(name)s was taken out on %(day)s, because your family would rather not say.") % told
    elif one.kind == "erased":
        said = _("%(name)s was erased on %(day)s. We do not keep what it was.") % told
    else:
        said = _("%(name)s was changed on %(day)s.") % told
    return f"{said} {_('The decision: case %(case)s.') % told}" if one.case else said
