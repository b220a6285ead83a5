"""What the tests of matching do again and again: send a return, load a census, look into the lake."""

from __future__ import annotations

import io
from typing import Any

import pyarrow.parquet as pq

from schoolgate import collect, match
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.dictionary import establishment
from schoolgate.ids import Term, upn_check_letter
from schoolgate.records.read import current_snapshot
from tests.collect.paper import paper

ADDRESS = "<HomeInformation><Addresses><Address><PostCode>ZZ1 1ZZ</PostCode></Address></Addresses></HomeInformation>"


def upn(serial: int) -> str:
    rest = f"207000016{serial:03}"
    return upn_check_letter(rest) + rest


def send(home: Config, clock: FixedClock, *pupils: str, gone: str = "", **header: str) -> None:
    sent = collect.submit(io.BytesIO(paper(*pupils, gone=gone, **header)), clock=clock, config=home, actor="school")
    for finding in sent.findings:
        assert finding.kind == "query", finding
    for rule in {finding.rule for finding in sent.findings} if sent.state == "needs-explanation" else ():
        collect.explain(sent.return_id, rule, "This was checked by hand.", actor="school", clock=clock)


def load(home: Config, clock: FixedClock, year: int = 2026, term: Term = Term.SPRING) -> match.MatchReport:
    return match.load_term(year, term, clock=clock, config=home)


def rows(home: Config, table: str = "census_pupil") -> list[dict[str, Any]]:
    found = current_snapshot(home).tables[table].files
    return [row for path in found for row in pq.read_table(path, partitioning=None).to_pylist()]


def autumn(day: str = "2025-10-02") -> dict[str, str]:
    return {"Term": "AUT", "Year": "2025", "ReferenceDate": day}


def other_school(**header: str) -> dict[str, str]:
    """The header of a second school's return."""
    school = establishment(100009)
    assert school is not None
    return {"URN": "100009", "LEA": school.laestab[:3], "Estab": school.laestab[3:], **header}
