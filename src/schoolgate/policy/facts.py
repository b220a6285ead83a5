"""What the rules look at, and small questions about it that several rules ask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from schoolgate.dictionary import Purpose, country, find_purpose
from schoolgate.policy.terms import Addition, AgreementTerms, Holding, Notice, PersonTerms, QueryShape, Used


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything about one read.

    Attributes:
        items: the items of all scans together.
    """

    agreement: AgreementTerms
    person: PersonTerms
    today: date
    items: frozenset[str]
    shape: QueryShape
    used: Used
    holding: Holding


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """Everything about one item of a read.

    Attributes:
        kind: of the dictionary's column; None when there is none.
        needs_consent: whether it may be read only of pupils whose family said yes.
    """

    item: str
    kind: str | None
    needs_consent: bool
    agreement: AgreementTerms
    today: date


def first_use(notice: Notice) -> date | None:
    """The first day of use after a notice; None when it is not published.

    The day of publication does not count, so that the families have every one of the days in full.
    """
    if notice.published is None:
        return None
    return notice.published + timedelta(days=notice.days + 1)


def is_waiting(notice: Notice, today: date) -> bool:
    """Whether a notice is missing, or its days are not over."""
    if notice.days <= 0:
        return False
    first = first_use(notice)
    return first is None or today < first


def in_effect(addition: Addition, today: date) -> bool:
    """Whether what an amendment added may be used."""
    return addition.signed and not is_waiting(addition.notice, today)


def purpose_of(facts: Facts) -> Purpose | None:
    """The agreement's purpose, as the published taxonomy has it today."""
    return find_purpose(facts.agreement.purpose)


def covered(facts: Facts) -> str:
    """How far adequacy regulations cover the countries of processing: home, all, some or none, the least counting."""
    found = (country(place) for place in facts.agreement.places)
    return max(("none" if one is None else one.covered for one in found), key=_FROM_HOME.index)


_FROM_HOME = ("home", "all", "some", "none")
