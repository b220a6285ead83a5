"""An item that is collected no longer, and what is past its day, are destroyed nation-wide with a certificate."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction

from schoolgate import collect, desk, gate, ledger, oversight, register
from schoolgate.backup import check_whole
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import Refused
from schoolgate.gate.erasing import service
from schoolgate.ids import Term
from schoolgate.records.custody import check_store
from tests.collect.paper import paper, pupil
from tests.erasing import scene as stage
from tests.erasing.scene import Scene, build
from tests.match.school import load, rows, send, upn

pytestmark = pytest.mark.django_db(transaction=True)

REASON = "The law took it out in 2018."


def nationality(code: str, **changes: str) -> str:
    extra = f"<Nationalities><Nationality>{code}</Nationality></Nationalities><CountryOfBirth>{code}</CountryOfBirth>"
    return pupil(extra=extra, DOB="2009-03-04", NCyearActual="3", EntryDate="2013-09-01", **changes)


def old_return(home: Config, clock: FixedClock) -> str:
    """A return of 2017 as it was received."""
    pupils = [nationality("AFG", UPN=upn(1), Forename="First"), nationality("ALB", UPN=upn(2), Forename="Second")]
    header = {"Term": "SPR", "Year": "2017", "ReferenceDate": "2017-01-19"}
    data = b"\xef\xbb\xbf" + paper(*pupils, **header)
    return collect.submit(io.BytesIO(data), clock=clock, config=home, actor="school").return_id


def act(name: str, person: str, home: Config, clock: FixedClock, **given: Any) -> Any:
    return desk.do(name, person, config=home, clock=clock, **given)


def codes(answer: Any) -> list[str]:
    assert isinstance(answer, Refused), answer
    return [one.code for one in answer.reasons]


def test_nationality_is_destroyed_in_every_return_with_a_certificate(home: Config, clock: FixedClock) -> None:
    scene = build(home, clock)
    first, second = scene.staff
    return_id = old_return(home, clock)
    before = [row.fields for row in collect.open_paper(return_id, home)[1]]
    items = ("return.nationality", "return.countryofbirth")

    def propose(**changes: Any) -> Any:
        given = {"items": items, "years": (), "ground": "no-longer-asked", "because": REASON, **changes}
        return act("destroy-items", first, home, clock, **given)

    assert codes(propose(items=("return.nosuch",))) == ["not-an-item"]
    assert codes(propose(items=())) == ["not-an-item"]
    assert codes(propose(items=("census_pupil.sex",))) == ["still-asked"]
    assert codes(propose(ground="past-its-day")) == ["no-ground"]
    made = propose()
    assert codes(act("destroy-decide", first, home, clock, number=made.number, agree=True, because="")) == [
        "own-proposal"
    ]
    act("destroy-decide", second, home, clock, number=made.number, agree=True, because="So it is.")
    assert collect.mentions(return_id, [b"AFG"], home)  # nothing goes before it is carried out
    done = gate.carry_destruction(made.number, config=home, clock=clock)
    assert not collect.mentions(return_id, [b"AFG", b"ALB"], home)
    assert [row.fields for row in collect.open_paper(return_id, home)[1]] == before
    (event,) = register.events("store.destroyed")
    assert event.body["items"] == sorted(items)
    assert event.body["papers"] == "fewer than 10"
    assert event.body["backups_until"] == "2026-10-06"
    assert event.body["because"].endswith(REASON)
    assert done.certificate is not None
    assert gate.carry_destruction(made.number, config=home, clock=clock).log_index == event.index  # once
    assert len(register.events("store.destroyed")) == 1


def test_an_item_of_the_lake_goes_in_all_versions_and_what_was_read_before_can_still_be_shown(
    home: Config, clock: FixedClock
) -> None:
    scene: Scene = build(home, clock)
    first, second = scene.staff
    unsettled = gate.read(scene.agreement, scene.researcher, stage.SQL, config=home, clock=clock)
    assert isinstance(unsettled, gate.Handover)
    made = act(
        "destroy-items", first, home, clock,
        items=("census_pupil.language",), years=(), ground="unlawful", because="It was asked against the law.",
    )  # fmt: skip
    act("destroy-decide", second, home, clock, number=made.number, agree=True, because="So it is.")
    gate.carry_destruction(made.number, config=home, clock=clock)
    assert {row["language"] for row in rows(home)} == {None}
    assert {row["ethnicity"] for row in rows(home)} == {"WBRI", "APKN"}
    # Reads of versions that no longer exist were settled first: their proofs and families' answers stand.
    assert ledger.unsettled() == ()
    assert gate.member_proof(unsettled.release_id, scene.child, home)["member_count"] == 6
    assert {one.release_id for one in ledger.who_has(scene.child)} >= {scene.release, unsettled.release_id}
    check_store(home)
    check_whole(home)
    (event,) = register.events("store.destroyed")
    assert event.body["versions"] == [1, 2]
    # A return loaded again brings nothing back: it was taken out there, too.
    load(home, clock)
    assert {row["language"] for row in rows(home)} == {None}
    # The very same file sent again is known, and its paper stays as it is; a new return is the school's own word.
    send(home, clock, *stage.pupils(), Term="SUM", ReferenceDate="2026-05-21")
    assert load(home, clock, 2026, Term.SUMMER).new == 0


def test_what_is_past_its_day_goes_when_two_people_agree_and_is_then_no_longer_named(
    home: Config, clock: FixedClock
) -> None:
    scene = build(home, clock)
    first, second = scene.staff
    return_id = old_return(home, clock)
    with transaction.atomic():
        told = {"year": 2017, "term": "SPR", "schools": 1, "snapshot": 1}
        register.append_event("term.loaded", "2017 SPR", told, clock.now())
    late = {(one.rule, one.census) for one in oversight.past_its_day(clock)}
    assert late == {("paper", 2017), ("most-sensitive", 2017)}
    assert codes(act("destroy-by-rule", first, home, clock, rule="paper", year=2026)) == ["not-past-its-day"]
    for rule in ("paper", "most-sensitive"):
        made = act("destroy-by-rule", first, home, clock, rule=rule, year=2017)
        assert codes(act("destroy-by-rule", first, home, clock, rule=rule, year=2017)) == ["already-proposed"]
        act("destroy-decide", second, home, clock, number=made.number, agree=True, because="Its day is past.")
    service.tend.func(config=home, clock=clock)
    assert oversight.past_its_day(clock) == ()
    assert return_id not in list(collect.papers(home))
    with pytest.raises(collect.UnknownReturn):
        collect.open_paper(return_id, home)
    assert {event.body["rule"] for event in register.events("store.destroyed")} == {"paper", "most-sensitive"}
    check_store(home)
    # The year after, the next rules' days pass: nothing is destroyed by the clock alone.
    later = FixedClock(datetime(2035, 1, 2, tzinfo=UTC))
    service.tend.func(config=home, clock=later)
    assert {(one.rule, one.census) for one in oversight.past_its_day(later)} >= {("sensitive", 2017), ("paper", 2025)}


def test_papers_are_cut_where_they_should_be_whatever_lies_around(home: Config, clock: FixedClock) -> None:
    """A byte order mark, comments, values that look like tags, pieces that end in the middle of a row."""
    noise = "<!-- <PupilOnRoll> -->" * 40
    many = [
        pupil(UPN=upn(n), Forename=f"Name{chr(97 + n // 26)}{chr(97 + n % 26)} &amp; co", extra=noise)
        for n in range(120)
    ]
    data = b"\xef\xbb\xbf" + paper(*many)
    assert len(data) > 2 * 65_536
    sent = collect.submit(io.BytesIO(data), clock=clock, config=home, actor="school")
    before = {row.row: row.fields for row in collect.open_paper(sent.return_id, home)[1]}
    gone = {1, 60, 61, 120}
    assert collect.redact(sent.return_id, collect.Redaction(rows=gone, columns={"language"}), home) >= 4
    after = {row.row: row.fields for row in collect.open_paper(sent.return_id, home)[1]}
    assert after.keys() == before.keys()
    for row, fields in after.items():
        kept = {name: value for name, value in before[row].items() if name != "language"}
        assert fields == ({} if row in gone else kept)
    assert not collect.mentions(sent.return_id, [upn(0).encode(), upn(60).encode(), b"<Language>ENG"], home)
