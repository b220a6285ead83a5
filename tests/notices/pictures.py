"""Pictures made by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from schoolgate.notices import Picture, Use, facts_on

SITE = "https://pupils.example"
TODAY = date(2026, 11, 28)

RESEARCH = Use(
    agreement="A-2026-0001",
    who="University of Example (synthetic)",
    kind="university",
    country="United Kingdom",
    place="Safe setting",
    purpose="education-research",
    why="We want to find out who misses school.",
    law="Education Act 1996 s.537A(5)",
    basis="UK GDPR Article 6(1)(e)",
    items=("census_pupil.age", "census_pupil.sex"),
    coming=(),
    years=((2024, 2026),),
    terms=("AUT",),
    cohort=(("ncyearactual", ("7", "8")),),
    authorities=(),
    schools=(),
    until="2028-08-31",
    first_use="",
    standing="live",
)


def use(**changes: Any) -> Use:
    """The research use, with changes."""
    return replace(RESEARCH, **changes)


def picture(*uses: Use, on: date = TODAY) -> Picture:
    """These uses on a day."""
    return Picture(on.isoformat(), tuple(sorted(uses, key=lambda one: one.agreement)), facts_on(on))


STATISTICS = use(
    agreement="A-2026-0002", who="Counting Office (synthetic)", kind="government-department",
    purpose="official-statistics", cohort=(), terms=(), items=("census_pupil.ethnicity",),
)  # fmt: skip
FUNDING = use(
    agreement="A-2026-0003", who="Counting Office (synthetic)", kind="government-department", purpose="school-funding",
    cohort=(), terms=(), items=("census_pupil.fsmeligible",),
)  # fmt: skip
HELP = use(
    agreement="A-2026-0004", who="Example Trust (synthetic)", kind="charity", purpose="school-improvement", cohort=(),
    terms=("SPR",), authorities=("202",), until="2030-01-31",
)  # fmt: skip
NATION = picture(RESEARCH, STATISTICS, FUNDING, HELP)
