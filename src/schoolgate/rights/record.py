"""A family's look at the record itself: a read, so often a day and no oftener (`data/looks.toml`)."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from schoolgate.clock import Clock, custodians_day, day_of
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.ids import Pmr
from schoolgate.rights.claims import row_of
from schoolgate.rights.ports import REAL_GATE, installation
from schoolgate.rights.views import ChildLink, GatePort

if TYPE_CHECKING:
    from schoolgate.gate import SubjectRecord


def read_looks(text: str) -> int:
    """Read `data/looks.toml`: how many looks of one account at one child there are in a day.

    Raises:
        SchoolgateError: not understood, without a source, or none at all.
    """
    try:
        held = tomllib.loads(text)["looks"]
        a_day, source = int(held["a_day"]), str(held["source"])
    except (KeyError, TypeError, ValueError) as problem:
        raise SchoolgateError("How often a family may look in a day is not understood.", code="looks") from problem
    if a_day < 1 or not source.strip():
        raise SchoolgateError(
            "A family may look at its child's record every day, and a source says how often.",
            hint="Set a_day to one or more, and name the source.",
            code="looks",
        )
    return a_day


@cache
def looks_a_day() -> int:
    """How many looks of one account at one child there are in a day, in this installation."""
    return read_looks((files(__package__) / "data" / "looks.toml").read_text(encoding="utf-8"))


def my_record(
    link: ChildLink,
    *,
    clock: Clock,
    config: Config | None = None,
    gate: GatePort = REAL_GATE,
    for_copy: bool = False,
) -> SubjectRecord:
    """Everything held about the child (UK GDPR Article 15). The look is a read and is in the log.

    Args:
        link: of the account to the child.
        clock: the time.
        config: the installation.
        gate: the gate.
        for_copy: whether it is the one read of a copy of everything, which no number of looks keeps from being made.

    Raises:
        UnknownLink: not this account's child.
        SchoolgateError: the account has looked as often as it may today (``looks-today``): nothing is read, and nothing
            is written to the log. Some that come at the very same moment may all be answered.
    """
    row, actor, places = row_of(link), link.actor, installation(config)
    if not for_copy:
        today = custodians_day(clock)
        seen = gate.exposures_of(Pmr(row.pupil), config=places)
        if sum(one.looked == actor and day_of(one.exposure.at) == today for one in seen) >= looks_a_day():
            raise SchoolgateError(
                f"This account looked {looks_a_day()} times today.", hint="Look again tomorrow.", code="looks-today"
            )
    return gate.subject_access(Pmr(row.pupil), actor, config=places, clock=clock, confirmed=row.confirmed_at)
