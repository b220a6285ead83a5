"""What a family may say no to: a purpose, a kind of organisation, one organisation, or all that it may refuse."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from schoolgate import dictionary, people
from schoolgate.errors import SchoolgateError

SCOPES: Mapping[str, str] = MappingProxyType(
    {
        "purpose": "one use",
        "kind": "one kind of organisation",
        "recipient": "one organisation",
        "all": "every use that a family may refuse",
    }
)
"""Scope of an objection -> in words."""

NOT_REFUSED = frozenset({"family"})
"""Kinds of recipient that nobody objects to: a family does not say no to its own looks."""


class UnknownPurpose(SchoolgateError):
    """The published taxonomy has no such purpose."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a "no" is said to.

    Attributes:
        of: one of `SCOPES`.
        target: id of the purpose, kind of organisation or organisation; empty where all is meant.
    """

    of: str
    target: str = ""


ALL = Scope("all")
"""Every use that a family may refuse."""


def known_purpose(purpose_id: str) -> dictionary.Purpose:
    """The purpose of this id.

    Raises:
        UnknownPurpose: not in the taxonomy.
    """
    for purpose in dictionary.purposes():
        if purpose.id == purpose_id:
            return purpose
    raise UnknownPurpose(
        "The published list of purposes has no such purpose.",
        hint="See the list of purposes on the dictionary page.",
        code="purpose-unknown",
    )


def _known_kind(kind: str) -> None:
    if kind not in people.ORGANISATION_KINDS or kind in NOT_REFUSED:
        raise SchoolgateError(
            "There is no such kind of organisation to say no to.",
            hint="Known: " + ", ".join(sorted(set(people.ORGANISATION_KINDS) - NOT_REFUSED)) + ".",
            code="kind-unknown",
        )


def _known_recipient(organisation_id: str) -> None:
    if people.organisation(organisation_id).kind in NOT_REFUSED:
        raise SchoolgateError("A family does not say no to its own looks.", code="kind-unknown")


def _nothing_more(target: str) -> None:
    if target:
        raise SchoolgateError("All is all: nothing is named beside it.", code="scope-unknown")


_CHECKS: Mapping[str, Callable[[str], object]] = MappingProxyType(
    {"purpose": known_purpose, "kind": _known_kind, "recipient": _known_recipient, "all": _nothing_more}
)


def checked(to: Scope | str) -> Scope:
    """The scope, when there is such a thing; a plain text is a purpose.

    Raises:
        UnknownPurpose: not in the taxonomy.
        UnknownOrganisation: nobody of this id.
        SchoolgateError: no such scope or kind.
    """
    scope = Scope("purpose", to) if isinstance(to, str) else to
    check = _CHECKS.get(scope.of)
    if check is None:
        raise SchoolgateError(
            "There is no such thing to say no to.", hint="Known: " + ", ".join(SCOPES) + ".", code="scope-unknown"
        )
    check(scope.target)
    return scope
