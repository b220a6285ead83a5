"""Corrections where the gate is a process of its own: put right there, fetched and answered for over the socket."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from typing import Any

from schoolgate import gate
from schoolgate.gate.serve.values import from_json, to_json
from tests.serve.place import DESK, GATE, PORTAL, Place
from tests.serve.test_releases_served import custodian, says, served

__all__ = ["served"]


def one(place: Place, user: int, **ask: Any) -> Any:
    (found,) = place.ask(user, [ask])
    return found


def test_a_correction_travels_over_the_socket_and_a_desk_sees_no_childs(served: Place) -> None:
    agreement, person = served.facts["agreement"], served.facts["person"]
    sql = "SELECT pupil, sex FROM census_pupil"
    read = served.schoolgate(DESK, "read", sql, "--agreement", agreement, "--person", person)
    assert read.returncode == 0, says(read)
    for ask in (
        {"ask": "put_right", "pupil": 3, "item": "census_pupil.sex", "new": "M"},
        {"ask": "corrections_of", "pupil": 3},
    ):
        assert one(served, DESK, **ask)["code"] == "not-your-operation"
    made = one(served, GATE, ask="put_right", pupil=3, item="census_pupil.sex", new="M")
    assert (made["old"], made["new"]) == ("F", "M")
    (kept,) = one(served, GATE, ask="corrections_of", pupil=3)
    assert (kept["id"], kept["travelled_on"] is not None) == (made["id"], True)
    assert one(served, GATE, ask="corrections_of", pupil=2) == []
    (state,) = one(served, GATE, ask="correction_states", pupil=3)
    assert (state["agreement_id"], state["state"], state["by_reference"]) == (agreement, "sent", True)
    listed = served.schoolgate(DESK, "corrections", "list", "--person", person)
    notice = re.search(r"N-[0-9a-f]{16}", listed.stdout)
    assert notice is not None, says(listed)
    out = served.home(DESK) / "lines.csv"
    shown = served.schoolgate(DESK, "corrections", "show", notice[0], "--person", person, "--out", str(out))
    assert shown.returncode == 0, says(shown)
    head, line = out.read_text().splitlines()
    assert head == "pupil,item,year,term,old,new,kind"
    assert line.split(",")[1:] == ["census_pupil.sex", "2026", "AUT", "F", "M", "corrected"]
    answer = ("corrections", "answer", notice[0], "--did", "corrected")
    stolen = served.schoolgate(DESK, *answer, "--person", custodian(served))
    assert "does not act for that person" in says(stolen)
    wrong = served.schoolgate(PORTAL, *answer, "--person", custodian(served))
    assert wrong.returncode != 0
    done = served.schoolgate(DESK, *answer, "--person", person)
    assert "acknowledged" in done.stdout, says(done)
    (state,) = one(served, GATE, ask="correction_states", pupil=3)
    assert (state["state"], state["did"]) == ("acknowledged", "corrected")
    # What was right all along is put back: others ask the same installation for its numbers.
    assert one(served, GATE, ask="put_right", pupil=3, item="census_pupil.sex", new="F")["new"] == "F"


def test_what_a_site_is_told_of_a_childs_corrections_comes_through_the_socket_as_it_was() -> None:
    day, moment = date(2026, 9, 1), datetime(2026, 9, 1, 9, tzinfo=UTC)
    view = gate.CorrectionView(
        "C-1", "corrected", "census_pupil.sex", 2026, "AUT", "F", "M", "", day, "K-1", moment, "laid", None
    )
    state = gate.RecipientState(
        "C-1", "A-1", "University (synthetic)", True, "sent", day, None, None, "", "", due=day, late_since=None
    )
    page = gate.NoticePage(
        gate.NoticeView("N-1", "A-1", "U", "sent", day, day, day, 1, "fewer than 10", None, None, "", "", False),
        (gate.NoticeLine("ab", "census_pupil.sex", 2026, "AUT", "F", "M"),),
        (gate.NoticeCount("identity.dob", None, "", "fewer than 10"),),
        5_000,
    )
    for value in (view, state, page, gate.SchoolFiles("x.xml", "<x/>", "a,b", 1)):
        assert from_json(type(value), json.loads(json.dumps(to_json(value)))) == value
