"""Logs of synthetic events, written straight into the register's table: every type, also ones nobody knows yet."""

from __future__ import annotations

import json
from typing import Any

from schoolgate.register.models import LogEntry, LogHead

UNIVERSITY = "University of Example (synthetic)"
COMPANY = "Example Home Scores Ltd (synthetic)"
FAMILIES = "The child’s own family and school"
SEX, ETHNICITY = "census_pupil.sex", "census_pupil.ethnicity"
COMES_WITH = ("census_pupil.pupil", "census_pupil.year", "census_absence.pupil", "census_absence.year")
"""What comes with each record, from two tables."""


def write(type_: str, subject: str, at: str = "2026-09-01T09:00:00Z", /, **payload: Any) -> int:
    """Append one entry; its index."""
    at = payload.pop("at", at)
    head, _ = LogHead.objects.get_or_create(name="log", defaults={"size": 0})
    index = head.size
    body = {"v": 1, "type": type_, "at": at, "subject": subject, **payload}
    LogEntry.objects.create(index=index, type=type_, subject=subject, body=json.dumps(body).encode())
    head.size += 1
    head.save()
    return index


def asked(number: int, name: str = UNIVERSITY, **changes: Any) -> str:
    """An application; its id."""
    given = {
        "organisation": name, "kind": "university", "purpose": "education-research",
        "purpose_plain": "We want to find out who misses school.", "items": [SEX], "years": ["2024-2026"],
    }  # fmt: skip
    write("application.received", f"APP-2026-{number:04d}", **{**given, **changes})
    return f"APP-2026-{number:04d}"


def decided(application: str, outcome: str = "approved", **changes: Any) -> None:
    """The panel's decision."""
    given = {"outcome": outcome, "reasons": ["It serves pupils."], "conditions": ["No small numbers."]}
    write("application.decided", application, **{**given, **changes})


def signed(number: int, application: str | None, name: str = UNIVERSITY, **changes: Any) -> str:
    """A signature; the agreement's id."""
    given = {
        "application": application, "organisation": name, "purpose": "education-research",
        "purpose_plain": "We want to find out who misses school.", "lawful_basis": "UK GDPR Article 6(1)(e)",
        "gateway": "Education Act 1996 s.537A(5)", "items": [SEX, ETHNICITY], "years": ["2024-2026"], "terms": [],
        "valid_from": "2026-09-01", "valid_until": "2028-08-31", "processed_at": "Safe setting",
        "country": "United Kingdom", "conditions": [], "people_count": 1,
    }  # fmt: skip
    write("agreement.signed", f"A-2026-{number:04d}", **{**given, **changes})
    return f"A-2026-{number:04d}"


def read(agreement: str, release: str, *, at: str = "2026-10-01T09:00:00Z", **changes: Any) -> int:
    """A read that was handed over and settled; the index of its first entry."""
    given = {
        "agreement": agreement, "organisation": UNIVERSITY, "purpose": "education-research",
        "lawful_basis": "UK GDPR Article 6(1)(e)", "items": [SEX], "pupils": None, "query": None, "query_hash": "0",
    }  # fmt: skip
    index = write("release.begun", release, at, **{**given, **changes})
    write("release.delivered", release, at, rows="10")
    write("release.settled", agreement, at, release=release, pupils="1,200", members_count="1,200")
    return index


def looks_of_families(*moments: str) -> str:
    """The agreement that the law makes, and each time a family looked at its own child; the agreement's id."""
    own = {"organisation": FAMILIES, "purpose": "subject-access", "purpose_plain": "You can see what is kept."}
    signed_terms = {"valid_until": "2099-12-31", "items": [SEX, ETHNICITY], "gateway": "UK GDPR Article 15"}
    agreement = "A-SAR"
    write("agreement.signed", agreement, application=None, lawful_basis="", **own, **signed_terms)
    for number, at in enumerate(moments, start=1):
        begun = {"organisation": FAMILIES, "purpose": "subject-access", "items": [SEX, *COMES_WITH], "pupils": None}
        write("release.begun", f"R-OWN-{number}", at, agreement=agreement, **begun)
    return agreement


def merged(name: str, into: str) -> int:
    """An organisation becomes part of another; the entry's index."""
    return write("organisation.merged", "O-1", organisation=name, into=into, into_id="O-2", reason="They joined.")


def a_whole_life() -> str:
    """One application from the first day to the destruction, with what is told beside it; the agreement's id."""
    application = asked(1)
    for kind in ("allocated", "returned", "resubmitted", "allocated"):
        again = {"organisation": UNIVERSITY, "purpose": "education-research"} if kind == "resubmitted" else {}
        write(f"application.{kind}", application, **again)
    decided(application)
    write("agreement.accepted", application, organisation=UNIVERSITY, version=1, text_hash="ab" * 32)
    agreement = signed(1, application)
    read(agreement, "R-1")
    read(agreement, "R-2", at="2026-11-01T09:00:00Z", items=[SEX, ETHNICITY])
    read(agreement, "R-3", outcome="failed")
    write("query.refused", agreement, agreement=agreement, query_hash="0", reasons=["item-not-approved"])
    write("lookup.made", "L-1", agreement=agreement, organisation=UNIVERSITY, kind="matching")
    write("something.nobody.knows", agreement, agreement=agreement, anything={"at": "all"})
    write("agreement.suspended", agreement, reason="A laptop was lost.")
    write("agreement.resumed", agreement, reasons=["It was found."])
    write("agreement.ended", agreement, "2027-01-01T09:00:00Z", reason="The study is over.")
    write("destruction.overdue", agreement, agreement=agreement, organisation=UNIVERSITY, due="2027-02-01")
    return agreement
