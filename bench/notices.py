"""Notices: how long they take to make with 20,000 agreements in force, and what a read pays to ask what was told."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

AGREEMENTS = 20_000
ORGANISATIONS = 1_500
_KINDS = ("university", "research-institute", "government-department", "local-authority", "charity", "company")
_PURPOSES = ("education-research", "official-statistics", "school-funding", "school-improvement", "safeguarding")


def _nation(rng: random.Random) -> None:
    """Twenty thousand agreements of fifteen hundred organisations, written as rows: their road is not measured."""
    from schoolgate import dictionary, people, requests
    from schoolgate.people.models import Organisation
    from schoolgate.requests.models import Request
    from schoolgate.requests.stored import to_json

    Organisation.objects.bulk_create(
        Organisation(
            name=f"Organisation {number:04d} (synthetic)", kind=_KINDS[number % len(_KINDS)], country="United Kingdom"
        )
        for number in range(ORGANISATIONS)
    )
    homes = people.organisations()
    items = [c.item_id for table in dictionary.lake_tables() for c in table.columns if c.kind == "item"]
    numbers = [number for region in dictionary.regions() for number in region.authorities]
    rows = []
    for number in range(AGREEMENTS):
        home = homes[rng.randrange(ORGANISATIONS)]
        spec = requests.ApplicationSpec(
            title=f"Study {number}",
            organisation=home.id,
            people=(f"P-{number:04d}",),
            purpose=_PURPOSES[rng.randrange(len(_PURPOSES))],
            purpose_plain="We want to find out who misses school, and what helps.",
            lawful_basis="UK GDPR Article 6(1)(e)",
            gateway="Education Act 1996 s.537A(5)",
            items=tuple(rng.sample(items, 12)),
            years=((2020, 2026),),
            cohort=(requests.CohortCondition("ncyearactual", (str(rng.randrange(1, 14)),)),)
            if rng.random() < 0.4
            else (),
            authorities=tuple(rng.sample(numbers, 2)) if rng.random() < 0.2 else (),
            valid_from=date(2025, 1, 1),
            valid_until=date(2027 + rng.randrange(4), 12, 31),
            processed_at="Safe setting",
            country="United Kingdom",
        )
        rows.append(
            Request(
                application_id=f"APP-2025-{number:05d}",
                agreement_id=f"A-2025-{number:05d}",
                organisation_id=home.id,
                state="active",
                spec=to_json(spec),
            )
        )
    Request.objects.bulk_create(rows, batch_size=1000)


def _seconds(act: Callable[[], object], times: int = 5) -> float:
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        act()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


@contextmanager
def _counted() -> Iterator[list[int]]:
    """How many queries were asked of the database meanwhile."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    found: list[int] = []
    with CaptureQueriesContext(connection) as asked:
        yield found
    found.append(len(asked))


def run() -> list[dict[str, Any]]:
    """Measure."""
    from schoolgate import notices, people, requests
    from schoolgate.clock import FixedClock

    clock = FixedClock(datetime(2026, 9, 1, 11, tzinfo=UTC))
    _nation(random.Random(20260901))
    rows: list[dict[str, Any]] = []

    def row(what: str, act: Callable[[], object], times: int = 5) -> None:
        with _counted() as asked:
            act()
        rows.append({"what": what, "seconds": _seconds(act, times), "queries": asked[0]})

    begun = time.perf_counter()
    notices.facts_on(date(2026, 9, 1))
    rows.append({"what": "What schools are asked, the first time in a process", "seconds": time.perf_counter() - begun})
    row("Take a picture of 20,000 agreements", lambda: notices.take_picture(clock), 1)
    picture = notices.take_picture(clock)
    site = "https://pupils.example"
    for name, whom in (
        ("The nation's notice, all three layers", notices.audience()),
        ("A school's notice, all three layers", notices.audience(urn=100008)),
        ("A notice for ages 8 to 11 at a school", notices.audience(urn=100008, ages="8-11")),
    ):
        row(name, lambda whom=whom: notices.compose(picture, whom, site=site).whole, 3)  # type: ignore[misc]
    row(
        "The nation's notice, the first layer: a page",
        lambda: notices.compose(picture, notices.audience(), site=site, layers=(notices.SHORT,)),
    )
    row("Fingerprint of the picture", lambda: notices.fingerprint(picture))

    office = people.add_person(people.add_organisation("Custodian (synthetic)", "custodian").id, "custodian")
    begun = time.perf_counter()
    requests.insist(notices.publish("The first notice", office.id, clock=clock))
    rows.append({"what": "Publish a notice, its eight texts kept", "seconds": time.perf_counter() - begun})
    row("What changed since the last notice", lambda: notices.draft(clock), 1)
    agreement = requests.get("A-2025-00007")
    today = date(2026, 9, 1)
    row(
        "What a read asks: was all of it told",
        lambda: (notices.told(agreement, sorted(agreement.items), today), notices.told_days(agreement)),
        50,
    )
    return rows
