"""A family's choices in words: what a "no" is said to, and everything that stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from schoolgate import consent, dictionary, people, rights
from schoolgate.web.public.kinds import kind_words

EVERYTHING = "everything"
"""How an address writes that all is meant."""

NOT_SAID_NO_TO = ("subject-access",)
"""A family does not say no to its own looks: it just does not look."""

GROUNDS: Mapping[str, Any] = {
    "accuracy-contested": lazy("Something in it is wrong, and is being checked"),
    "unlawful-use": lazy("It was used in a way the law does not allow"),
    "legal-claim": lazy("I need it kept for a claim in court"),
    "objection-pending": lazy("I said no to a use, and it is not yet decided who is right"),
}
"""Reason for which a record is not used -> in words; the law's four (UK GDPR Article 18(1)(a) to (d))."""

BY: Mapping[str, Any] = {
    "you": lazy("you"),
    "another account": lazy("somebody else who acts for your child"),
    "staff": lazy("our staff"),
}
"""`rights.chosen.BY` in words."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a "no" is said to, in words.

    Attributes:
        of, target: as `consent.Scope` has them.
        name: what it is.
        plain: one sentence more.
        law: the law that lets the whole of it go on all the same; empty when none does.
        sits_at: how an address writes the target.
    """

    of: str
    target: str
    name: str
    plain: str
    law: str = ""

    @property
    def sits_at(self) -> str:
        """The target in an address."""
        return self.target or EVERYTHING


def _of_purpose(target: str) -> Said | None:
    for one in dictionary.purposes():
        if one.id == target and target not in NOT_SAID_NO_TO:
            law = _(one.provision) if one.statutory_override and one.provision else ""
            return Said("purpose", target, _(one.name), _(one.plain), law)
    return None


def _of_kind(target: str) -> Said | None:
    if target not in people.ORGANISATION_KINDS or target in consent.NOT_REFUSED:
        return None
    return Said("kind", target, kind_words(target), _("Whatever organisations of this kind ask for."))


def _of_recipient(target: str) -> Said | None:
    try:
        found = people.organisation(target)
    except people.UnknownOrganisation:
        return None
    if found.kind in consent.NOT_REFUSED:
        return None
    return Said("recipient", target, found.name, _("Whatever this organisation asks for, or does with it for others."))


def scope_words(of: str, target: str) -> Said | None:
    """What a "no" would be said to; None when there is no such thing."""
    if of == "all":
        return (
            None
            if target
            else Said("all", "", _("Every use that you may refuse"), _("Whoever asks, and for whatever."))
        )
    found = {"purpose": _of_purpose, "kind": _of_kind, "recipient": _of_recipient}.get(of)
    return None if found is None else found(target)


def targets(of: str) -> list[Said]:
    """Everything of one sort that may be said no to: purposes, or kinds of organisation."""
    names = [one.id for one in dictionary.purposes()] if of == "purpose" else list(people.ORGANISATION_KINDS)
    return [found for name in names if (found := scope_words(of, name)) is not None]


@dataclass(frozen=True, slots=True, repr=False)
class StandingNo:
    """A "no" that stands, in words. Its repr is hidden, as are the others': they are about a child.

    Attributes:
        can_end: whether this account may take it back.
        others: whether somebody else said it, too.
        stays: whether it stays when this account takes its own back.
        withheld: whether what it is said to is not told.
    """

    said: Said
    since: datetime
    by: str
    can_end: bool = True
    others: bool = False
    stays: bool = False
    withheld: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class StandingYes:
    """A "yes" that stands; `name` is the organisation's, or says that it is not told."""

    one: rights.SaidYes
    purpose: str
    by: str
    name: str


@dataclass(frozen=True, slots=True, repr=False)
class StandingStop:
    """A record that is not used for now; `by_staff` where our staff asked for it themselves."""

    reason: str
    words: str
    since: datetime
    by: str
    lifts_on: date | None
    can_end: bool
    by_staff: bool


@dataclass(frozen=True, slots=True, repr=False)
class StandingCheck:
    """An item that is being checked."""

    item: str
    since: datetime
    by: str


@dataclass(frozen=True, slots=True, repr=False)
class Standing:
    """Everything that stands."""

    no: tuple[StandingNo, ...]
    yes: tuple[StandingYes, ...]
    stopped: tuple[StandingStop, ...]
    checked: tuple[StandingCheck, ...]

    @property
    def is_nothing(self) -> bool:
        """Whether the family has chosen nothing."""
        return not (self.no or self.yes or self.stopped or self.checked)


WITHHELD_WORDS = lazy("An organisation. We do not say which, to keep your child safe")


def _no(one: rights.SaidNo) -> StandingNo:
    if one.target == rights.WITHHELD:
        said = Said(one.of, one.target, str(WITHHELD_WORDS), "")
        return StandingNo(said, one.since, str(BY[one.by]), one.can_end, one.others, one.stays, withheld=True)
    # What is no longer on a list stands all the same, under its id, and can be taken back.
    said = scope_words(one.of, one.target) or Said(one.of, one.target, one.name or one.target, "", one.provision)
    return StandingNo(said, one.since, str(BY[one.by]), one.can_end, one.others, one.stays)


def _yes(one: rights.SaidYes, purpose: str) -> StandingYes:
    name = str(WITHHELD_WORDS) if one.recipient == rights.WITHHELD else one.name
    return StandingYes(one, purpose, str(BY[one.by]), name)


def laid_out(found: rights.Choices) -> Standing:
    """Everything that stands, in words."""
    names = {one.id: one.name for one in dictionary.purposes()}
    return Standing(
        no=tuple(map(_no, found.no)),
        yes=tuple(_yes(one, names.get(one.purpose_id, one.purpose_id)) for one in found.yes),
        stopped=tuple(
            StandingStop(
                one.reason,
                str(GROUNDS[one.reason]),
                one.since,
                str(BY[one.by]),
                one.lifts_on,
                one.can_end,
                one.by == "staff",
            )
            for one in found.stopped
        ),
        checked=tuple(StandingCheck(one.item, one.since, str(BY[one.by])) for one in found.checked),
    )
