"""The register in pictures: releases over time, who was given data, and how private it was."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from schoolgate import published
from schoolgate.web.ports import clock
from schoolgate.web.public import drawing, sources
from schoolgate.web.public.kinds import kind_words
from schoolgate.web.public.pages import public_page
from schoolgate.web.public.standing import up_to_date

_MONTHS = 36
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")

Numbers = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture.

    Attributes:
        heads: of the table beside it.
        note: what was counted.
        most: how many of its numbers are drawn, the last ones; None for all. The table has all.
    """

    title: Any
    note: Any
    heads: tuple[Any, Any]
    numbers: Callable[[], Numbers]
    draw: Callable[[str, Numbers], str]
    most: int | None = None

    def drawn(self, numbers: Numbers) -> Numbers:
        """Those of its numbers that are drawn."""
        return numbers if self.most is None else numbers[-self.most :]

    def drawn_title(self, numbers: Numbers) -> str:
        """Its title, with what is not drawn said."""
        if self.most is None or len(numbers) <= self.most:
            return str(self.title)
        return _("%(title)s: the last %(n)d months") % {"title": self.title, "n": self.most}


def _months(prefix: str) -> Callable[[], Numbers]:
    """Every month from the first read to now, those without a read too: that nothing was read is seen as well."""

    def numbers() -> Numbers:
        counted = {key: count for key, count in published.tallies(prefix).items() if _MONTH.fullmatch(key)}
        if not counted:
            return ()
        until = max(*counted, f"{clock().now():%Y-%m}")
        first, last = (int(key[:4]) * 12 + int(key[5:7]) - 1 for key in (min(counted), until))
        keys = [f"{month // 12:04d}-{month % 12 + 1:02d}" for month in range(first, last + 1)]
        return tuple((key, counted.get(key, 0)) for key in keys)

    return numbers


def _kinds(prefix: str) -> Callable[[], Numbers]:
    def numbers() -> Numbers:
        counted = published.tallies(prefix)
        return tuple(
            (kind_words(kind), number) for kind, number in sorted(counted.items(), key=lambda one: (-one[1], one[0]))
        )

    return numbers


def _sensitivity() -> Numbers:
    """Times items were given to others, by how private the item is; without what comes with each record."""
    items, always = sources.open_items(), sources.comes_with_each_record()
    counted: Counter[str] = Counter()
    for item, times in published.tallies("item:").items():
        if item in always:
            continue
        found = items.get(item) if items else None
        counted[(found.sensitivity if found else None) or ""] += times
    names = {
        "A": _("A: so private that it is never used outside"),
        "B": _("B: about keeping children safe"),
        "C": _("C: private"),
        "D": _("D: private, and specially protected by law"),
        "E": _("E: not very private"),
        "": _("not graded"),
    }
    return tuple((words, counted[grade]) for grade, words in names.items()) if counted else ()


PICTURES: Mapping[str, Picture] = {
    "releases": Picture(
        lazy("Times data was handed over, month by month"),
        lazy("Every read by somebody outside that passed the gate, those that failed too."),
        (lazy("Month"), lazy("Times")),
        _months("releases-month:"),
        drawing.columns,
        _MONTHS,
    ),
    "recipients": Picture(
        lazy("Who was given data"),
        lazy("Times data was handed over, by what kind of recipient it was at that time."),
        (lazy("Who"), lazy("Times")),
        _kinds("releases-kind:"),
        drawing.bars,
    ),
    "agreements": Picture(
        lazy("Who has had an agreement"),
        lazy("Agreements signed, by what kind of recipient it was then. One that was changed later counts once."),
        (lazy("Who"), lazy("Agreements")),
        _kinds("agreements-kind:"),
        drawing.bars,
    ),
    "sensitivity": Picture(
        lazy("How private the data was"),
        lazy("Each item of each read counts once. The year, the term and the made-up reference are left out."),
        (lazy("How private"), lazy("Times")),
        _sensitivity,
        lambda title, numbers: drawing.bars(title, numbers, drawing.SHADES),
    ),
    "own": Picture(
        lazy("Families and schools looking at their own child, month by month"),
        lazy("They are in none of the other pictures: nothing left for anybody outside."),
        (lazy("Month"), lazy("Times")),
        _months("own-month:"),
        drawing.columns,
        _MONTHS,
    ),
}
"""Every picture by its name in addresses."""


@public_page
def index(request: HttpRequest) -> HttpResponse:
    """All pictures, each with the same numbers as a table."""
    fresh = up_to_date()
    context = {
        "section": "register",
        "pictures": [
            {
                "name": name,
                "title": one.title,
                "note": one.note,
                "heads": one.heads,
                "numbers": numbers,
                "drawn_title": one.drawn_title(numbers),
                "is_cut": len(one.drawn(numbers)) < len(numbers),
                "says": drawing.said(one.drawn(numbers)),
            }
            for name, one in PICTURES.items()
            for numbers in (one.numbers(),)
        ],
        "behind": fresh.behind,
        "imported": published.numbers()["imported"],
    }
    return render(request, "schoolgate/public/pictures.html", context)


@public_page
def picture(request: HttpRequest, name: str) -> HttpResponse:
    """One picture."""
    up_to_date()
    found = PICTURES.get(name)
    if found is None:
        raise Http404
    numbers = found.numbers()
    drawn = found.draw(found.drawn_title(numbers), found.drawn(numbers))
    return HttpResponse(drawn, content_type="image/svg+xml; charset=utf-8")
