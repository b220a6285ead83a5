"""What changed between two pictures, and whether families must be told before it begins. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from schoolgate.notices.picture import Fact, Picture, Use
from schoolgate.notices.words import is_laid_down

PURPOSE, KIND, COUNTRY, USE, GIVEN, ASKED, DECLINE, DROPPED, ENDED = (
    "purpose", "kind", "country", "use", "given", "asked", "decline", "dropped", "ended",
)  # fmt: skip

NEEDS_NOTICE = frozenset({PURPOSE, KIND, COUNTRY, USE, GIVEN, ASKED})
"""What may not begin before families were told: a new purpose, kind of recipient, country, kind of recipient for a
purpose, item for a purpose, fact that schools are asked (UK GDPR Articles 13(3) and 14(4))."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change.

    Attributes:
        what: one of the names above.
        value: a purpose's or fact's id, a kind, a country; of `USE` ``kind|purpose``, of `GIVEN` ``purpose|item``.
        agreements: those it comes with; empty for what schools are asked.
        is_new: whether it was not there before; False for what is there no longer.
        by_law: whether a law lays down every use that it comes with, so that the gate does not hold it back.
    """

    what: str
    value: str
    agreements: tuple[str, ...] = ()
    is_new: bool = True
    by_law: bool = False

    @property
    def needs_notice(self) -> bool:
        """Whether it waits for a notice."""
        return self.is_new and self.what in NEEDS_NOTICE and not self.by_law


def facets(use: Use) -> tuple[tuple[str, str], ...]:
    """What of a use families must have been told of, as (what, value)."""
    return (
        (PURPOSE, use.purpose),
        (KIND, use.kind),
        *((COUNTRY, country) for country in use.countries),
        (USE, f"{use.kind}|{use.purpose}"),
        *((GIVEN, f"{use.purpose}|{item}") for item in use.all_items),
    )


def _found(picture: Picture) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for use in picture.live:
        for facet in facets(use):
            found.setdefault(facet, []).append(use.agreement)
    return found


def _at_once(picture: Picture) -> frozenset[str]:
    """The agreements that no notice holds back: laid down by law, and without days of their own."""
    return frozenset(use.agreement for use in picture.live if is_laid_down(use.purpose) and not use.first_use)


def _says_more(facet: tuple[str, str], known: Iterable[tuple[str, str]]) -> bool:
    """Whether a facet tells more than a change that is listed already: a new purpose brings its own items."""
    what, value = facet
    listed = set(known)
    if what == USE:
        kind, _, purpose = value.partition("|")
        return (KIND, kind) not in listed and (PURPOSE, purpose) not in listed
    if what == GIVEN:
        return (PURPOSE, value.partition("|")[0]) not in listed
    return True


def changes(before: Picture | None, now: Picture) -> tuple[Change, ...]:
    """Every change from one picture to a later one, in the order in which they are told.

    With no picture before, everything is new: that is the first notice.
    """
    old = _found(before) if before is not None else {}
    new = _found(now)
    at_once = _at_once(now)
    added = {facet: agreements for facet, agreements in new.items() if facet not in old}
    gone = {facet: agreements for facet, agreements in old.items() if facet not in new}
    found = [
        Change(*facet, tuple(sorted(agreements)), is_new=is_new, by_law=is_new and at_once.issuperset(agreements))
        for facets_, is_new in ((added, True), (gone, False))
        for facet, agreements in facets_.items()
        if _says_more(facet, facets_)
    ]
    ended = (
        {use.agreement for use in before.live} - {use.agreement for use in now.live} if before is not None else set()
    )
    found += [Change(ENDED, one, (one,), is_new=False) for one in ended]
    found += _of_facts(before.facts if before is not None else (), now.facts)
    order = (PURPOSE, KIND, COUNTRY, USE, GIVEN, ASKED, DECLINE, DROPPED, ENDED)
    return tuple(sorted(found, key=lambda one: (not one.is_new, order.index(one.what), one.value)))


def _of_facts(before: Iterable[Fact], now: Iterable[Fact]) -> list[Change]:
    old, new = _asked(before), _asked(now)
    found = [Change(ASKED, one) for one in new if one not in old]
    found += [Change(DROPPED, one, is_new=False) for one in old if one not in new]
    return found + [
        Change(DECLINE, one, is_new=fact.may_decline)
        for one, fact in new.items()
        if one in old and old[one].may_decline != fact.may_decline
    ]


def _asked(facts: Iterable[Fact]) -> Mapping[str, Fact]:
    return {fact.id: fact for fact in facts if not fact.last}


@dataclass(frozen=True, slots=True)
class Side:
    """One line of the difference view: what it was and what it is, each a list.

    Attributes:
        what: one of the names above.
        before, now: values, sorted.
        added, gone: what is in one of them alone.
    """

    what: str
    before: tuple[str, ...]
    now: tuple[str, ...]

    @property
    def added(self) -> tuple[str, ...]:
        """What is new."""
        return tuple(value for value in self.now if value not in self.before)

    @property
    def gone(self) -> tuple[str, ...]:
        """What is there no longer."""
        return tuple(value for value in self.before if value not in self.now)


_SIDES: tuple[tuple[str, Callable[[Picture], Iterable[str]]], ...] = (
    (PURPOSE, lambda picture: (use.purpose for use in picture.live)),
    (KIND, lambda picture: (use.kind for use in picture.live)),
    (COUNTRY, lambda picture: (country for use in picture.live for country in use.countries)),
    (GIVEN, lambda picture: (item for use in picture.live for item in use.all_items)),
    (ASKED, lambda picture: (fact.id for fact in picture.asked)),
)


def sides(before: Picture | None, now: Picture) -> tuple[Side, ...]:
    """Before and after, beside each other, for what families are told of."""
    return tuple(
        Side(what, tuple(sorted(set(values(before)))) if before is not None else (), tuple(sorted(set(values(now)))))
        for what, values in _SIDES
    )
