"""The table: a fault, when it strikes, what the caller gets, what is on record. No result leaves in any line of it.

`begun` says whether the read is on record by then. What is, is shown as "begun, not delivered" until the end of time,
and the next read, when the fault is mended, is a read of its own: handed over once, with a record of its own.
"""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.crash.houses import House
from tests.failclosed.faults import database_of

pytestmark = pytest.mark.django_db

ON_POSTGRESQL = database_of(os.environ.get("SCHOOLGATE_DATABASE") or "sqlite") == "postgresql"
ROWS = [{"ethnicity": "APKN", "pupils": 2}, {"ethnicity": "WBRI", "pupils": 4}]
BEGUN, DELIVERED, FAILED = "begun, not delivered", "delivered", "failed"

TABLE: list[tuple[str, str, str, bool]] = [
    # the fault, from which step on, what the caller gets, whether the read is on record
    ("database_read_only", "run", "not-recorded", False),
    ("database_read_only", "published", "not-recorded", True),
    ("database_locked", "run", "not-recorded", False),
    ("database_locked", "published", "not-recorded", True),
    ("log_is_a_file", "recorded", "log-not-written", True),
    ("log_read_only", "run", "log-not-written", True),
    ("checkpoint_held", "recorded", "log-not-written", True),
    ("publish_lock_taken_away", "recorded", "log-not-written", True),
    ("disk_full", "recorded", "log-not-written", True),
    ("witnesses_away", "checked", "log-witness", True),
    ("witness_silent", "checked", "log-witness", True),
    ("witness_lies", "checked", "log-witness", True),
    ("clock_set_back", "checked", "clock-backwards", False),
    ("clock_set_back", "run", "clock-backwards", False),
    ("clock_set_back", "recorded", "clock-backwards", True),
    ("clock_set_back", "published", "clock-backwards", True),
]
OF_ONE_DATABASE: dict[bool, list[tuple[str, str, str, bool]]] = {
    True: [
        ("connection_killed", "checked", "not-recorded", False),
        ("connection_killed", "run", "not-recorded", False),
        ("connection_killed", "recorded", "not-recorded", True),
        ("connection_killed", "published", "not-recorded", True),
        ("disk_full", "run", "log-not-written", True),  # the server's disk is another
    ],
    False: [
        ("disk_full", "run", "not-recorded", False),
        ("disk_full", "published", "not-recorded", True),
    ],
}


@pytest.mark.parametrize(("fault", "at", "code", "begun"), [*TABLE, *OF_ONE_DATABASE[ON_POSTGRESQL]])
def test_no_result_leaves_and_the_next_read_works_once(
    fault: str, at: str, code: str, begun: bool, house: House
) -> None:
    house.put_back("agreed")
    told = house.run("read_under", fault=fault, at=at, **house.facts["agreement"]).given
    got, record, again, end = told["got"], told["record"], told["again"], told["end"]
    assert got.get("code") == code, got
    says_nothing_of_the_data(got["printed"])
    assert [state for _, state in record["releases"]] == [BEGUN] * begun
    assert record["events"].count("release.begun") == begun
    assert record["events"].count("release.delivered") == 0
    assert record["faults"] == []
    listed = record["unfinished"].splitlines()
    assert listed[begun] == f"Begun, not delivered: {int(begun)}."
    assert all(name in listed[0] and BEGUN in listed[0] for name, _ in record["releases"])
    assert again["rows"] == ROWS
    assert end["releases"] == [*record["releases"], [again["release"], DELIVERED]]
    assert end["events"].count("release.delivered") == 1
    assert end["published"] == len(end["events"])
    assert end["faults"] == []


def says_nothing_of_the_data(printed: str) -> None:
    for value in ("Canary", "APKN", "WBRI", "psycopg", "sqlite3", "duckdb", "disk I/O", "locked"):
        assert value not in printed, printed


def test_what_nobody_foresaw_is_never_a_result_and_never_says_what_it_held(house: House) -> None:
    house.put_back("agreed")
    *told, after = house.run("read_unforeseen", **house.facts["agreement"]).given
    assert len(told) == 72
    states = {
        "checked": [], "run": [], "entropy": [], "clock": [],
        "recorded": [BEGUN], "published": [BEGUN], "delivered": [DELIVERED], "render": [FAILED],
    }  # fmt: skip
    for one in told:
        where, got = (one["place"], one["kind"]), one["got"]
        expected: dict[str, Any] = {
            "OperationalError": "not-recorded", "InterfaceError": "not-recorded", "IntegrityError": "not-recorded",
        }  # fmt: skip
        code = "not-writable-so" if one["place"] == "render" else expected.get(one["kind"], "gate-fault")
        assert got.get("code") == code, where
        assert (got["kind"] == "RefusedQuery") == (one["place"] == "render"), where
        says_nothing_of_the_data(got["printed"])
        assert one["states"] == states[one["place"]], where
    assert after["got"]["rows"] == ROWS
    assert after["faults"] == []


def test_an_engine_that_is_killed_gives_no_result_and_the_next_one_answers(house: House) -> None:
    house.put_back("agreed")
    told = house.run("read_and_the_engine", **house.facts["agreement"]).given
    assert told["first"]["rows"] == ROWS
    assert told["killed"] > 0
    # The query ran, and that it failed can tell something: it is on record as a read (docs/decisions/0005). What is
    # said is the same as for a value that failed (`gate.whereabouts`).
    middle = told["middle"]
    assert (middle["kind"], middle["code"], middle["seen"]) == ("RefusedQuery", "conversion", True)
    says_nothing_of_the_data(told["middle"]["printed"])
    assert [state for _, state in told["record"]["releases"]] == [DELIVERED, FAILED]
    assert "Begun, not delivered: 0." in told["record"]["unfinished"]
    assert told["after warden"]["rows"] == ROWS
    assert told["no memory"]["kind"] == "RefusedQuery"
    says_nothing_of_the_data(told["no memory"]["printed"])
    assert told["again"]["rows"] == ROWS
    assert told["end"]["faults"] == []
