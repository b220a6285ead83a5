"""What staff did on behalf of a family, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as lazy

from schoolgate import rights

DONE: Mapping[str, Promise] = {
    "object": lazy("said no to a use"),
    "object-no-more": lazy("took a “no” back"),
    "stop": lazy("asked that the record is not used for now"),
    "stop-no-more": lazy("let the record be used again"),
    "copy-ask": lazy("asked for a copy of everything"),
    "copy-piece": lazy("printed the copy, to post it"),
    "case-open": lazy("opened a case"),
    "case-challenge": lazy("said that something is wrong"),
    "case-say": lazy("answered in a case, took it further, or took it back"),
    "decline": lazy("declined an item"),
    "decline-no-more": lazy("took back that an item was declined"),
    "link-end": lazy("ended a person’s right to act for the child"),
}
"""Name of an act -> what staff did, after "staff"."""


@dataclass(frozen=True, slots=True)
class Done:
    """One act, as a page shows it.

    Attributes:
        did: what was done, in words.
        why: the reason that staff wrote down; empty where it was done for somebody else.
        own: whether it was done for whoever looks.
    """

    at: datetime
    did: str | Promise
    why: str
    own: bool


def in_words(helped: tuple[rights.Helped, ...]) -> list[Done]:
    """Every act in words, the latest first."""
    return [Done(one.at, DONE.get(one.act, one.act), one.reason, one.own) for one in reversed(helped)]
