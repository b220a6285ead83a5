"""Changes in plain words, for the difference view."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from schoolgate import dictionary
from schoolgate.notices import differ, words
from schoolgate.notices.differ import Change, Side


def _fact_name(fact_id: str) -> str:
    return next((words.said(fact.name) for fact in dictionary.asked_facts() if fact.id == fact_id), fact_id)


def _pair(value: str) -> tuple[str, str]:
    first, _bar, last = value.partition("|")
    return first, last


def change_words(change: Change) -> str:
    """One change as a sentence: “For the first time it is used by a company.”"""
    said = _sentence(change)
    return " ".join([said, _("A law lays this down, so it may begin at once.")]) if change.by_law else said


def _sentence(change: Change) -> str:
    made = (_NEW if change.is_new else _GONE)[change.what]
    if change.what == differ.USE:
        kind, purpose = _pair(change.value)
        return str(made) % {"kind": words.kind_name(kind), "purpose": words.purpose_name(purpose)}
    if change.what == differ.GIVEN:
        purpose, item = _pair(change.value)
        return str(made) % {"item": words.item_name(item), "purpose": words.purpose_name(purpose)}
    return str(made) % {"value": value_words(change.what, change.value)}


def value_words(what: str, value: str) -> str:
    """A value of one kind in words."""
    if what == differ.PURPOSE:
        return words.purpose_name(value)
    if what == differ.KIND:
        return words.kind_name(value)
    if what == differ.GIVEN:
        return words.item_name(_pair(value)[1] or value)
    if what in (differ.ASKED, differ.DROPPED, differ.DECLINE):
        return _fact_name(value)
    return value


def side_words(side: Side) -> tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """A line of the difference view in words: heading, before, now, added, gone."""
    heading = {
        differ.PURPOSE: _("What it is used for"),
        differ.KIND: _("Who uses it"),
        differ.COUNTRY: _("In which countries"),
        differ.GIVEN: _("What is given"),
        differ.ASKED: _("What schools are asked"),
    }[side.what]
    made = [tuple(value_words(side.what, v) for v in part) for part in (side.before, side.now, side.added, side.gone)]
    return heading, made[0], made[1], made[2], made[3]


_NEW = {
    differ.PURPOSE: lazy("For the first time it is used for: %(value)s."),
    differ.KIND: lazy("For the first time it is used by %(value)s."),
    differ.COUNTRY: lazy("For the first time it is used in: %(value)s."),
    differ.USE: lazy("For the first time %(kind)s uses it for: %(purpose)s."),
    differ.GIVEN: lazy("For the first time this is given for %(purpose)s: %(item)s."),
    differ.ASKED: lazy("For the first time schools are asked: %(value)s."),
    differ.DECLINE: lazy("From now on you may decline to give: %(value)s."),
}

_GONE = {
    differ.PURPOSE: lazy("It is no longer used for: %(value)s."),
    differ.KIND: lazy("It is no longer used by %(value)s."),
    differ.COUNTRY: lazy("It is no longer used in: %(value)s."),
    differ.USE: lazy("No more %(kind)s uses it for: %(purpose)s."),
    differ.GIVEN: lazy("This is no longer given for %(purpose)s: %(item)s."),
    differ.DECLINE: lazy("You can no longer decline to give: %(value)s."),
    differ.DROPPED: lazy("No longer collected: %(value)s."),
    differ.ENDED: lazy("An agreement is over: %(value)s."),
}
