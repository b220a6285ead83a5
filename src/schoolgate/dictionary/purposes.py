"""The published taxonomy of purposes, in terms of the Data Privacy Vocabulary (DPV), and what can carry each."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

UNTOLD_NOTICE_DAYS = 31
"""How long families have between the notice of a purpose they were not told of and its first use.

UK GDPR Article 13(3) asks for the notice before the use and names no time. Article 12(3) gives the custodian a month
to answer a request: a family that objects on the day of the notice has its answer before anything is used."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """A purpose data may be read for.

    Attributes:
        plain: what it means, for a family.
        dpv: the term of the Data Privacy Vocabulary it falls under.
        statutory_override: whether a law requires or allows it against an objection, with `provision`.
        bases: letters of UK GDPR Article 6(1) on which it can rest; empty when none can.
        gateways: words of the powers to share that reach it; empty when no power does.
        told: whether families are told of it when the census is collected; a purpose they are not told of needs a
            notice of its own before the first use (UK GDPR Article 13(3)).
        carried_by: the powers, with their provisions.
    """

    id: str
    name: str
    plain: str
    dpv: str
    statutory_override: bool
    provision: str
    bases: tuple[str, ...] = ()
    gateways: tuple[str, ...] = ()
    told: bool = False
    carried_by: str = ""

    @property
    def notice_days(self) -> int:
        """Days between its notice and the first use."""
        return 0 if self.told else UNTOLD_NOTICE_DAYS


@cache
def purposes() -> tuple[Purpose, ...]:
    """Every purpose, in the order they are shown."""
    text = (files(__package__) / "data" / "purposes.csv").read_text(encoding="utf-8")
    return tuple(
        Purpose(
            row["id"],
            row["name"],
            row["plain"],
            row["dpv"],
            row["statutory_override"] == "yes",
            row["provision"],
            tuple(row["bases"].split()),
            tuple(part for part in row["gateways"].split(";") if part),
            row["told"] == "yes",
            row["carried_by"],
        )
        for row in csv.DictReader(text.splitlines())
    )


def find_purpose(purpose_id: str) -> Purpose | None:
    """The purpose with this id, or None."""
    return next((purpose for purpose in purposes() if purpose.id == purpose_id), None)


_LETTER = re.compile(r"6\s*\(1\)\s*\((ea|[a-f])\)")


def basis_letter(text: str) -> str:
    """The one letter of UK GDPR Article 6(1) that a text names; "" when it names none, or several."""
    found = set(_LETTER.findall(text))
    return found.pop() if len(found) == 1 else ""


def _squeezed(text: str) -> str:
    return "".join(text.split()).casefold()


def gateway_reaches(purpose: Purpose, text: str) -> bool:
    """Whether a stated power to share is one of those that reach the purpose."""
    return any(_squeezed(power) in _squeezed(text) for power in purpose.gateways)
