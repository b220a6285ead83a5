"""The custodian's own numbers of days: read from `data/days.toml`, each with what it rests on. Pure."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any

from schoolgate.errors import SchoolgateError

_UNITS = {
    "source_days": "working days", "review_days": "working days", "overseer_days": "working days",
    "appeal_days": "days", "lift_days": "days", "silence_days": "days", "outside_days": "days",
    "post_days": "working days",
}  # fmt: skip
_LONGEST = 366


@dataclass(frozen=True, slots=True)
class CaseRules:
    """The custodian's own numbers.

    Attributes:
        source_days: working days the source has.
        review_days: working days an internal review has.
        overseer_days: working days the overseer has.
        appeal_days: days in which a family can ask for more after a decision; then the case closes.
        lift_days: days between telling the family of a decision and using a disputed item again, so that it can
            appeal before (UK GDPR Article 18(3)).
        silence_days: days without an answer to what was asked of the family, after which the case closes.
        outside_days: days after which the custodian asks how it stands before the regulator or a court.
        post_days: working days within which a letter on paper leaves the house.
    """

    source_days: int
    review_days: int
    overseer_days: int
    appeal_days: int
    lift_days: int
    silence_days: int
    outside_days: int
    post_days: int


def read_days(text: str) -> CaseRules:
    """Read the numbers.

    Raises:
        SchoolgateError: which number is not understood, and why; nothing is guessed in its place.
    """
    try:
        held: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise _wrong(f"it is no TOML ({problem})") from problem
    names = [one.name for one in fields(CaseRules)]
    for name in sorted({*names, *held}):
        row = held.get(name)
        if name not in names:
            raise _wrong(f"there is no number called {name}")
        if not isinstance(row, dict) or set(row) != {"value", "unit", "what", "source"}:
            raise _wrong(f"{name} needs value, unit, what and source, and nothing else")
        if type(row["value"]) is not int or not 1 <= row["value"] <= _LONGEST:
            raise _wrong(f"{name} must be a whole number from 1 to {_LONGEST}")
        if row["unit"] != _UNITS[name]:
            raise _wrong(f"{name} is counted in {_UNITS[name]}")
        if not str(row["what"]).strip() or not str(row["source"]).strip():
            raise _wrong(f"{name} does not say what it is for, or what it rests on")
    found = CaseRules(**{name: held[name]["value"] for name in names})
    if found.lift_days >= found.appeal_days:
        raise _wrong("lift_days must be fewer than appeal_days: a case is not over before its fact is used again")
    return found


def _wrong(why: str) -> SchoolgateError:
    return SchoolgateError(f"The days of families’ cases are not understood: {why}.", code="case-days")


@cache
def case_rules() -> CaseRules:
    """The numbers in force."""
    return read_days((files(__package__) / "data" / "days.toml").read_text(encoding="utf-8"))
