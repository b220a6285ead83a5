"""Kinds of recipient, of request and of use, in words. An id nobody knows is shown as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as lazy

KINDS: Mapping[str, Any] = {
    "university": lazy("Universities"),
    "research-institute": lazy("Research institutes"),
    "government-department": lazy("Government departments"),
    "public-body": lazy("Public bodies"),
    "local-authority": lazy("Local authorities"),
    "police": lazy("Police forces"),
    "charity": lazy("Charities"),
    "company": lazy("Companies"),
    "custodian": lazy("The custodian itself"),
    "regulator": lazy("The regulator"),
    "family": lazy("Families and schools looking at their own child"),
    "": lazy("Not stated"),
}
"""Kind of recipient -> in words, as `people.ORGANISATION_KINDS` has them."""

REQUEST_KINDS: Mapping[str, Any] = {
    "research": lazy("Research or statistics"),
    "operational": lazy("Running a public service"),
    "law-enforcement": lazy("Police, immigration, defence or security"),
    "matching": lazy("Matching a list of people"),
    "verification": lazy("A yes or no about one person"),
    "media": lazy("Newspapers, broadcasters, comparison sites"),
    "other": lazy("Something else"),
}
"""Kind of request -> in words, the same that who asks chooses from."""

USES: Mapping[str, Any] = {
    **REQUEST_KINDS,
    "extract": lazy("A locked file to take away"),
}
"""Kind of a read or of a look-up -> in words."""


def kind_words(kind: str) -> str:
    """A kind of recipient in words."""
    return str(KINDS.get(kind, kind))


def request_kind_words(kind: str) -> str:
    """A kind of request in words."""
    return str(REQUEST_KINDS.get(kind, kind))


def kind_of_entry(type_: str, key: str, kind: str) -> str:
    """A kind that an entry of the log states, in words: of who asks, of what is asked, or of how it is used."""
    if key == "request_kind":
        return request_kind_words(kind)
    return kind_words(kind) if type_.startswith("application.") else str(USES.get(kind, kind))
