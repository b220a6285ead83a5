"""What is erased of a child, what is kept and by which provision, in words for the family and for who decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as lazy


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One thing that is held.

    Attributes:
        what: in words.
        becomes: what becomes of it.
        erased: whether it goes.
        provision: the law it rests on.
    """

    what: str | Promise
    becomes: str | Promise
    erased: bool
    provision: str


GROUNDS: Mapping[str, tuple[str | Promise, str]] = MappingProxyType(
    {
        "not-needed": (lazy("It is no longer needed for what it was collected for."), "UK GDPR Article 17(1)(a)"),
        "objection-upheld": (
            lazy("The family objected, and nothing outweighs the objection."),
            "UK GDPR Article 17(1)(c)",
        ),
        "unlawful": (lazy("It was collected or used against the law."), "UK GDPR Article 17(1)(d)"),
        "law-says-so": (lazy("A law or a court says that it must go."), "UK GDPR Article 17(1)(e)"),
        "case-decided": (
            lazy("The family asked for it, and it was decided that nothing stands against it."),
            "UK GDPR Article 17(1)",
        ),
        "past-its-day": (lazy("It has been kept for as long as the rules say."), "UK GDPR Article 5(1)(e)"),
        "no-longer-asked": (lazy("The law no longer asks for it."), "UK GDPR Articles 5(1)(c) and 17(1)(a)"),
    }
)
"""Why something may be destroyed -> (in words, provision)."""

CASE_DECIDED = "case-decided"
"""The ground of an erasure that a family's case was decided to come to."""

OF_A_PUPIL = ("not-needed", "objection-upheld", "unlawful", "law-says-so")
OF_ITEMS = ("no-longer-asked", "unlawful", "law-says-so")

_KEPT_TASK = "UK GDPR Article 17(3)(b)"

ERASURE_PLAN: tuple[PlanLine, ...] = (
    PlanLine(
        lazy("Name, date of birth, address and pupil numbers"),
        lazy("Deleted, and the key that opened every copy of them is destroyed."),
        True,
        "UK GDPR Article 17(1)",
    ),
    PlanLine(
        lazy("What schools told of the child, term by term"),
        lazy("Deleted, in every version that was kept."),
        True,
        "UK GDPR Article 17(1)",
    ),
    PlanLine(
        lazy("The child’s row in each return as a school sent it"),
        lazy("Taken out. The rest of the return stays."),
        True,
        "UK GDPR Article 17(1)",
    ),
    PlanLine(
        lazy("Codes, links to accounts, choices, cases and packs about the child"),
        lazy("Deleted. An open complaint or challenge is finished first."),
        True,
        "UK GDPR Article 17(1); 17(3)(e)",
    ),
    PlanLine(
        lazy("Files for recipients that were not fetched yet and hold the child"),
        lazy("Deleted."),
        True,
        "UK GDPR Article 17(1)",
    ),
    PlanLine(
        lazy("That a release took place, its items, and how many pupils were in it"),
        lazy("Kept: the public log is never changed. It names no child."),
        False,
        f"{_KEPT_TASK}; Article 5(2)",
    ),
    PlanLine(
        lazy("A number in the private list of each release"),
        lazy("Kept, so that other children’s proofs still work. It leads to nobody."),
        False,
        f"{_KEPT_TASK}; recital 26",
    ),
    PlanLine(
        lazy("What recipients were given before"),
        lazy("They are told to erase it, unless that is impossible or takes too much effort."),
        False,
        "UK GDPR Article 19",
    ),
    PlanLine(
        lazy("Research and statistics that were made with it"),
        lazy("Kept. They name no child."),
        False,
        "UK GDPR Article 17(3)(d)",
    ),
    PlanLine(
        lazy("Backups taken before"),
        lazy("The name in them can no longer be opened once the next backup is taken. The rest goes with the backup."),
        False,
        "UK GDPR Articles 5(1)(f) and 32",
    ),
    PlanLine(
        lazy("What the child’s school holds, and what it must send next time"),
        lazy("Not ours to erase. If the law makes the school send it again, it is a new record."),
        False,
        "Education Act 1996 section 537A; UK GDPR Article 17(3)(b)",
    ),
)
"""The plan, the same for every child: what is erased does not depend on who asks."""
