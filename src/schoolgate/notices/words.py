"""Words that several texts share: lists, counts, days, what kinds of organisation and purposes are called.

Every sentence goes through gettext, so that a catalogue makes the same notice in another language; so do the names that
our own lists give to facts, items and purposes (`said`). Names of organisations, laws and countries, and what an
applicant wrote, are shown as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext, ngettext_lazy

from schoolgate import dictionary
from schoolgate.notices.picture import LIVE, Use

_KINDS: Mapping[str, Any] = {
    "university": ngettext_lazy("%(n)d university", "%(n)d universities", "n"),
    "research-institute": ngettext_lazy("%(n)d research institute", "%(n)d research institutes", "n"),
    "government-department": ngettext_lazy("%(n)d part of the government", "%(n)d parts of the government", "n"),
    "public-body": ngettext_lazy("%(n)d public body", "%(n)d public bodies", "n"),
    "local-authority": ngettext_lazy("%(n)d council", "%(n)d councils", "n"),
    "police": ngettext_lazy("%(n)d police force", "%(n)d police forces", "n"),
    "charity": ngettext_lazy("%(n)d charity", "%(n)d charities", "n"),
    "company": ngettext_lazy("%(n)d company", "%(n)d companies", "n"),
    "custodian": ngettext_lazy("%(n)d office of this database", "%(n)d offices of this database", "n"),
    "regulator": ngettext_lazy("%(n)d regulator", "%(n)d regulators", "n"),
}

_ONE: Mapping[str, Any] = {
    "university": lazy("a university"),
    "research-institute": lazy("a research institute"),
    "government-department": lazy("a part of the government"),
    "public-body": lazy("a public body"),
    "local-authority": lazy("a council"),
    "police": lazy("a police force"),
    "charity": lazy("a charity"),
    "company": lazy("a company"),
    "custodian": lazy("an office of this database"),
    "regulator": lazy("a regulator"),
}

_FOR_CHILDREN: Mapping[str, Any] = {
    "education-research": lazy("find out how children learn"),
    "official-statistics": lazy("count how many pupils there are"),
    "school-funding": lazy("work out how much money each school gets"),
    "safeguarding": lazy("keep children safe"),
    "school-improvement": lazy("help schools teach better"),
    "subject-access": lazy("show you your own facts"),
    "own-pupils": lazy("help your own school"),
    "immigration-enforcement": lazy("check who may live in the country"),
    "crime-investigation": lazy("help the police with a crime"),
    "commercial-product": lazy("make something to sell"),
}


def in_use(uses: Sequence[Use]) -> list[Use]:
    """The uses that go on today: begun, and not stopped."""
    return [use for use in uses if use.standing == LIVE and not use.first_use]


def coming(uses: Sequence[Use]) -> list[Use]:
    """The uses that are agreed and have not begun."""
    return [use for use in uses if use.standing == LIVE and use.first_use]


def said(text: str) -> str:
    """Words of the dictionary's lists in the reader's language; `listed_words` names them for a catalogue."""
    return _(text) if text else ""


def kinds_counted(uses: Sequence[Use]) -> tuple[str, ...]:
    """How many organisations of each kind, in words, the commonest first."""
    by_kind: dict[str, set[str]] = {}
    for use in uses:
        by_kind.setdefault(use.kind, set()).add(use.who)
    ordered = sorted(by_kind.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return tuple(counted_kind(kind, len(who)) for kind, who in ordered)


def counted_kind(kind: str, count: int) -> str:
    """“3 universities”."""
    words = _KINDS.get(kind)
    return str(words % {"n": count}) if words is not None else f"{count} {kind}"


def kind_name(kind: str) -> str:
    """“a university”."""
    return str(_ONE.get(kind, kind))


def purpose_name(purpose_id: str) -> str:
    """A purpose's name."""
    found = dictionary.find_purpose(purpose_id)
    return said(found.name) if found is not None else purpose_id


def purpose_for_children(purpose_id: str) -> str:
    """What a purpose is about, in a child's words: “find out how children learn”."""
    words = _FOR_CHILDREN.get(purpose_id)
    return str(words) if words is not None else purpose_name(purpose_id)


def item_name(item_id: str) -> str:
    """A lake item's name."""
    found = dictionary.lake_columns().get(item_id)
    return said(found.title if found else "") or item_id


def listed(parts: Iterable[str], most: int = 0) -> str:
    """“a, b and c”; of more than `most` the rest is counted."""
    given = list(parts)
    shown = given[:most] if most and len(given) > most else given
    more = len(given) - len(shown)
    if more:
        return ngettext("%(names)s and %(n)d more", "%(names)s and %(n)d more", more) % {
            "names": ", ".join(shown), "n": more,
        }  # fmt: skip
    if len(shown) < 2:
        return "".join(shown)
    return _("%(first)s and %(last)s") % {"first": ", ".join(shown[:-1]), "last": shown[-1]}


def lower_first(text: str) -> str:
    """The text with a small letter at its beginning, but for abbreviations."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def plain_day(iso: str) -> str:
    """“1 September 2026”."""
    found = date.fromisoformat(iso)
    return f"{found.day} {MONTHS[found.month]} {found.year}"


def census_name(term: str) -> str:
    """“autumn”, in the reader's language."""
    return {"AUT": _("autumn"), "SPR": _("spring"), "SUM": _("summer")}.get(term, term)


def years_in_words(years: tuple[tuple[int, int], ...]) -> str:
    """“2024 to 2026, 2028”."""
    return ", ".join(
        str(first) if first == last else _("%(first)s to %(last)s") % {"first": first, "last": last}
        for first, last in years
    )


def may_object(purpose_id: str) -> bool:
    """Whether a family's no stops a purpose."""
    found = dictionary.find_purpose(purpose_id)
    return found is not None and not found.statutory_override


def is_laid_down(purpose_id: str) -> bool:
    """Whether a law expressly lays the use down, so that it waits for no notice (UK GDPR Article 14(5)(c)).

    It is told of all the same; and a purpose that families were never told of has days of its own in every agreement.
    """
    found = dictionary.find_purpose(purpose_id)
    return found is not None and found.statutory_override


def by_purpose(uses: Sequence[Use]) -> tuple[tuple[str, tuple[Use, ...]], ...]:
    """Uses by purpose, in the order of the published list."""
    known = [one.id for one in dictionary.purposes()]
    ids = sorted({use.purpose for use in uses}, key=lambda one: (known.index(one) if one in known else len(known), one))
    return tuple((one, tuple(use for use in uses if use.purpose == one)) for one in ids)


def each(values: Iterable[str], make: Callable[[str], str] = str) -> tuple[str, ...]:
    """Each value once, in order of first appearance, made into words."""
    return tuple(make(value) for value in dict.fromkeys(values))
