"""For how long a fact may be held back, read from `data/withholding.toml`. Pure."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.resources import files

from schoolgate.errors import SchoolgateError


@dataclass(frozen=True, slots=True)
class Terms:
    """How long at most, and how soon it is looked at again."""

    longest: timedelta
    review: timedelta


def read_terms(text: str) -> Terms:
    """Read the terms.

    Raises:
        SchoolgateError: not understood, without a source, or without an end.
    """
    try:
        held = tomllib.loads(text)["withholding"]
        longest, review, source = int(held["longest_days"]), int(held["review_days"]), str(held["source"])
    except (KeyError, TypeError, ValueError) as problem:
        raise SchoolgateError("The terms of holding a fact back are not understood.", code="withholding") from problem
    if not 0 < review <= longest <= 3 * 366 or not source.strip():
        raise SchoolgateError(
            "A fact is held back for a time, is looked at again within it, and a source says why.",
            hint="Set longest_days to three years at most, review_days to no more than that, and name the source.",
            code="withholding",
        )
    return Terms(timedelta(days=longest), timedelta(days=review))


@cache
def the_terms() -> Terms:
    """The terms of this installation.

    Raises:
        SchoolgateError: as `read_terms`.
    """
    return read_terms((files(__package__) / "data" / "withholding.toml").read_text(encoding="utf-8"))
