"""How people without a computer are served: read from `data/helping.toml`, which names each rule's source. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from schoolgate.errors import SchoolgateError


@dataclass(frozen=True, slots=True)
class Helping:
    """The policy.

    Attributes:
        lasts: how long a conversation lasts.
        post_days: working days within which a letter leaves.
        channels: by which way somebody reaches us -> in words.
        how: way of identifying -> in words.
        fits: way to reach us -> how somebody may be identified there.
    """

    lasts: timedelta
    post_days: int
    channels: Mapping[str, str]
    how: Mapping[str, str]
    fits: Mapping[str, frozenset[str]]


def read_helping(text: str) -> Helping:
    """Read the policy.

    Raises:
        SchoolgateError: something in it is not understood, or a rule names no source.
    """
    try:
        held = tomllib.loads(text)
        minutes, days = int(held["conversation"]["minutes"]), int(held["letter"]["post_days"])
        channels = {str(one["id"]): str(one["words"]) for one in held["channel"]}
        how = {str(one["id"]): str(one["words"]) for one in held["how"]}
        fits = {str(one["id"]): frozenset(map(str, one["how"])) for one in held["channel"]}
        sources = [held["conversation"]["source"], held["letter"]["source"], *(one["source"] for one in held["how"])]
    except (KeyError, TypeError, ValueError) as problem:
        raise SchoolgateError("The policy on acting for a family is not understood.", code="helping") from problem
    known = set().union(*fits.values()) if fits else set()
    whole = 0 < minutes <= 24 * 60 and days > 0 and fits and all(fits.values()) and known <= set(how)
    if not whole or not all(str(one).strip() for one in (*sources, *channels.values(), *how.values())):
        raise SchoolgateError(
            "The policy on acting for a family is not whole.",
            hint="Each rule has words and a source; each way to reach us has a known way of identifying.",
            code="helping",
        )
    return Helping(
        timedelta(minutes=minutes), days, MappingProxyType(channels), MappingProxyType(how), MappingProxyType(fits)
    )


@cache
def the_policy() -> Helping:
    """The policy of this installation.

    Raises:
        SchoolgateError: as `read_helping`.
    """
    return read_helping((files(__package__) / "data" / "helping.toml").read_text(encoding="utf-8"))
