"""A register that was told a whole life: asked, decided, agreed, read, ended; and what is late in it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from schoolgate import register
from schoolgate.clock import FixedClock

ITEMS = ["census_pupil.sex", "census_pupil.age"]


def at(text: str) -> FixedClock:
    """A clock at noon of a day, UTC."""
    return FixedClock(datetime.fromisoformat(f"{text}T12:00:00").replace(tzinfo=UTC))


def tell(day: str, type_: str, subject: str, **payload: Any) -> int:
    """Append one entry on a day."""
    with transaction.atomic():
        return register.append_event(type_, subject, payload, at(day).now())


def applied(day: str, number: str, kind: str = "university", **more: Any) -> None:
    tell(
        day, "application.received", number, organisation=f"{kind} of Example (synthetic)", kind=kind,
        purpose="education-research", purpose_plain="To see who misses school.", items=ITEMS, years=["2024"], **more,
    )  # fmt: skip


def decided(day: str, number: str, outcome: str, **more: Any) -> None:
    tell(day, "application.decided", number, outcome=outcome, reasons=["Because."], conditions=[], **more)


def signed(day: str, number: str, application: str | None, **more: Any) -> None:
    tell(
        day, "agreement.signed", number, application=application, organisation="university of Example (synthetic)",
        purpose="education-research", purpose_plain="To see who misses school.", lawful_basis="6(1)(e)",
        gateway="s.537A", items=ITEMS, years=["2024"], terms=[], valid_from=day, valid_until="2028-01-01",
        processed_at="Safe setting", country="United Kingdom", conditions=[], people_count=1, **more,
    )  # fmt: skip


def read(
    day: str,
    release: str,
    agreement: str,
    items: list[str] = ITEMS,
    purpose: str = "education-research",
    **more: Any,
) -> None:
    tell(
        day, "release.begun", release, agreement=agreement, organisation="university of Example (synthetic)",
        purpose=purpose, lawful_basis="6(1)(e)", query=None, query_hash="00", items=items, snapshot=1,
        definition_hash="00", pupils="120", **more,
    )  # fmt: skip


def settled(day: str, release: str) -> None:
    tell(
        day, "release.settled", release, release=release, pupils="120", members_root="00", members_count="120",
        bitmap_hash=None,
    )  # fmt: skip


def noticed(day: str, told_on: str, number: str, *agreements: str, days: int = 31) -> None:
    """A notice of agreements: it is published, each agreement is given it, and later everybody has been written to."""
    tell(day, "notice.published", number, title="A notice", notice_days=days, agreements=list(agreements))
    for one in agreements:
        tell(day, "notice.published", one, title="A notice", agreement=one, notice_days=days)
    tell(
        told_on,
        "notice.told",
        number,
        notice=number,
        schools_told="20",
        followers_told="fewer than 10",
        how="by e-mail",
    )


def a_life() -> None:
    """Two quarters: what the tests count."""
    applied("2026-04-01", "APP-1")
    applied("2026-06-01", "APP-2", "company")
    applied("2026-07-01", "APP-3")
    applied("2026-07-02", "APP-4", "company")
    decided("2026-07-11", "APP-1", "approved")  # 101 days
    decided("2026-07-11", "APP-2", "refused")  # 40
    decided("2026-07-12", "APP-3", "approved")  # 11
    decided("2026-07-12", "APP-4", "approved")  # 10
    signed("2026-07-13", "A-1", "APP-1")
    signed("2026-07-14", "A-3", "APP-3", notice_days=31)
    signed("2026-07-15", "A-4", "APP-4")
    tell("2026-07-16", "objection.totals", "objections", purpose="education-research", objecting="fewer than 10")
    read("2026-07-17", "R-1", "A-1")
    settled("2026-07-17", "R-1")
    noticed("2026-07-17", "2026-07-18", "N-1", "A-3")
    tell(
        "2026-07-19", "query.refused", "A-3", agreement="A-3", query_hash=None,
        reasons=["notice-not-over", "item-not-approved"],
    )  # fmt: skip
    read("2026-08-19", "R-2", "A-3")  # 32 days after the notice: the first on which it may be
    read("2026-08-20", "R-3", "A-4", outcome="failed")
    tell("2026-09-01", "agreement.ended", "A-1", reason="Over.")
    tell("2026-10-01", "query.refused", "unknown agreement", agreement=None, query_hash=None, reasons=["not-sql"])
    tell("2026-10-02", "destruction.certified", "A-1", agreement="A-1", method="Erased.", witnessed_by="custodian")
