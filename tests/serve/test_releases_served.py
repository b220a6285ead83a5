"""Extracts, look-ups, stops and delays where the gate is a process of its own: asked for as acts, done there."""

from __future__ import annotations

import hashlib
import re
import subprocess
from pathlib import Path

import pyrage
import pytest

from tests.serve.place import DESK, GATE, PORTAL, SITE, STRANGER, Place
from tests.world import CHILDREN

SQL = "SELECT pupil, sex FROM census_pupil"
WHY = "Our model is trained on machines that the setting does not have."


@pytest.fixture
def served(small: Place) -> Place:
    if small.served is None:
        small.start()
    return small


def says(done: subprocess.CompletedProcess[str]) -> str:
    return done.stdout + done.stderr


def custodian(place: Place) -> str:
    """The custodian's person, from the gate's own list."""
    found = re.search(r"(P-\d{4}).*custodian", says(place.schoolgate(GATE, "people", "list")))
    assert found is not None
    return found[1]


def test_an_extract_goes_the_whole_way_and_the_desk_never_has_a_key_of_the_gates(served: Place) -> None:
    agreement, person, other = served.facts["agreement"], served.facts["person"], custodian(served)
    key = pyrage.x25519.Identity.generate()
    asked = served.schoolgate(
        DESK, "extract", "order", agreement, SQL, "--person", person, "--reason", WHY, "--key", str(key.to_public())
    )
    order = re.search(r"X-[0-9a-f]{16}", asked.stdout)
    assert order is not None, says(asked)
    # A desk acts for its own people alone.
    stolen = served.schoolgate(DESK, "extract", "approve", order[0], "--person", other, "--reason", WHY)
    assert stolen.returncode != 0
    assert "does not act for that person" in says(stolen)
    approved = served.schoolgate(PORTAL, "extract", "approve", order[0], "--person", other, "--reason", WHY)
    assert "ready" in approved.stdout, says(approved)
    out = served.home(DESK) / "sealed.age"
    fetched = served.schoolgate(DESK, "extract", "fetch", order[0], "--person", person, "--out", str(out))
    assert fetched.returncode == 0, says(fetched)
    plain = bytes(pyrage.decrypt(out.read_bytes(), [key]))
    assert plain.count(b"\n") == 8  # a heading, six children, the mark
    inside = served.home(DESK) / "inside.csv"
    inside.write_bytes(plain)
    inside.chmod(0o644)
    signed = served.schoolgate(DESK, "extract", "sign", order[0], "--person", person, "--file", str(inside))
    assert "received" in signed.stdout, says(signed)
    leaked = Path(served.folder) / "leaked.csv"
    leaked.write_bytes(plain)
    leaked.chmod(0o644)
    assert order[0] in served.schoolgate(GATE, "gate", "trace", str(leaked)).stdout
    refused = served.schoolgate(DESK, "gate", "trace", str(leaked))
    assert refused.returncode != 0
    assert "gate's user" in says(refused)
    assert hashlib.sha256(plain).hexdigest() not in says(fetched)


def test_a_list_under_an_agreement_for_research_is_refused_and_on_record(served: Place) -> None:
    who = CHILDREN[1]
    people = served.home(DESK) / "list.csv"
    people.write_text(
        "ref,upn,surname,forename,dob,sex,postcode,reason,provision\n"
        f"1,,{who.surname},{who.forename},{who.dob},{who.sex},{who.postcode},safeguarding,Children Act 1989 s.47\n"
    )
    people.chmod(0o644)
    agreement, person = served.facts["agreement"], served.facts["person"]
    asked = served.schoolgate(DESK, "lookup", "list", agreement, str(people), "--person", person)
    assert asked.returncode != 0
    assert "not one for looking people up" in says(asked)
    assert who.surname not in served.gate_log


def test_a_delay_is_set_by_the_custodian_and_by_nobody_else(served: Place) -> None:
    agreement, other = served.facts["agreement"], custodian(served)
    given = (
        "delay", "set", CHILDREN[3].upn, agreement, "--until", "2000-01-01", "--provision", "Children Act 1989 s.47",
        "--reason", WHY,
    )  # fmt: skip
    late = served.schoolgate(PORTAL, *given, "--person", other)
    assert "A delay ends between today and" in says(late)
    own = served.schoolgate(DESK, *given, "--person", served.facts["person"])
    assert "may not delay telling a family" in says(own)
    for uid in (SITE, STRANGER):
        assert served.schoolgate(uid, *given, "--person", other).returncode != 0


def test_a_desk_outside_the_setting_is_given_no_single_record(served: Place) -> None:
    query = {"agreement": served.facts["agreement"], "person": served.facts["person"]}
    count = "SELECT sex, count(*) AS pupils FROM census_pupil GROUP BY sex"
    asked = [{"ask": "read", "sql": sql, **query} for sql in (SQL, count)]
    inside, outside = served.ask(DESK, asked), served.ask(PORTAL, asked)
    assert [answer[""] for answer in inside] == ["Handover", "Handover"]
    assert [answer[""] for answer in outside] == ["RefusedQuery", "Handover"]
    assert {reason["code"] for reason in outside[0]["reasons"]} == {"extract-needed"}
    (told,) = served.ask(PORTAL, [{"ask": "explain", "sql": SQL, **query}])
    assert "extract-needed" in {reason["code"] for reason in told["refusals"]}
