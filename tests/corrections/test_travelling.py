"""A correction reaches everybody who was given the wrong value, and nobody else; who does not answer is given no more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core import mail

from schoolgate import gate, people, register, requests
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import Refused, SchoolgateError
from schoolgate.gate.corrections.models import Affected, Notice
from schoolgate.ids import Term
from schoolgate.records.append import load_term
from schoolgate.records.expire import end_versions
from schoolgate.requests.models import Request
from tests import world as worlds
from tests.corrections import scene as scenes
from tests.corrections.scene import COUNTS, made

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(home: Config, clock: FixedClock) -> scenes.Scene:
    return scenes.begin(home, clock)


def events(kind: str) -> list[dict[str, object]]:
    return [dict(one.body) for one in reversed(register.events(kind))]


def test_each_agreement_that_had_the_old_value_gets_one_notice_under_its_own_pseudonym(world: scenes.Scene) -> None:
    second = worlds.another(world.world, world.clock)
    third = worlds.another(world.world, world.clock)
    counting = worlds.another(world.world, world.clock)
    seen = {row["ethnicity"]: row["pupil"] for row in world.read().table.to_pylist() if row["sex"] == "M"}
    by_pupil = {a: world.read("SELECT pupil, urn, age FROM census_pupil", a) for a in (third,)}
    other = world.read("SELECT pupil FROM census_pupil WHERE ethnicity = 'WBRI' AND age = 5", second)
    world.read(COUNTS, counting)
    made(world.correct(0, "census_pupil.ethnicity", "WIRI"))
    made(world.correct(4, "census_pupil.ethnicity", "WIRI"))
    world.read(agreement=third)  # after: it was given the right value alone
    assert world.tend() == 0, "by the day: nobody sees when one family's case was decided"
    world.later(1)
    assert world.tend() > 0
    found = {one.agreement_id: one for one in world.notices()}
    assert set(found) == {world.world.agreement, second, counting}, by_pupil
    own = world.page(found[world.world.agreement].id)
    assert {(line.item, line.year, line.term, line.old, line.new) for line in own.lines} == {
        ("census_pupil.ethnicity", 2026, "AUT", "WBRI", "WIRI"), ("census_pupil.ethnicity", 2026, "AUT", "APKN", "WIRI"),
    }  # fmt: skip
    assert seen["APKN"] in {line.pupil for line in own.lines}
    # Chosen by the value, in a condition alone: it was exposed as well. Only the pupil who was so.
    (line,) = world.page(found[second].id).lines
    assert line.pupil in other.table.column("pupil").to_pylist()
    assert line.pupil not in {line.pupil for line in own.lines}, "no two recipients can join what they hold"
    # Counts never had a reference: they are told how many, rounded, and no value.
    counted = world.page(found[counting].id)
    assert counted.lines == ()
    assert counted.counts == (gate.NoticeCount("census_pupil.ethnicity", 2026, "AUT", "fewer than 10"),)
    everything = repr((own, counted, world.notices()))
    assert not any(text in everything for text in ("Canary", "WIRI", "APKN", line.pupil))
    # Nothing travels twice.
    world.later(1)
    world.tend()
    assert len(world.notices()) == 3


def test_only_reads_after_it_was_wrong_and_only_of_that_term(world: scenes.Scene) -> None:
    rows = [
        {
            "pupil": p,
            "year": 2025,
            "term": "AUT",
            "urn": worlds.URN,
            "onroll": True,
            "ethnicity": "WBRI",
            "return_row": p,
        }
        for p in world.world.pmrs
    ]
    facts = [("census_pupil", worlds.batch("census_pupil", rows))]
    load_term(2025, Term.AUTUMN, facts, return_ids=["s"], config=world.config, clock=world.clock)
    earlier = worlds.another(world.world, world.clock)
    world.read("SELECT pupil, ethnicity FROM census_pupil WHERE year = 2025", earlier)
    world.read("SELECT pupil, ethnicity FROM census_pupil WHERE year = 2026")
    first_day = world.clock.now().date()
    world.later(10)
    record = world.record(0)
    at = next(n for n, row in enumerate(record.tables["census_pupil"]) if row["year"] == 2026)
    token = record.tokens["census_pupil"][at]
    wrong = replace(world.wrong(0, "census_pupil.ethnicity", "WIRI", token), wrong_since=first_day + timedelta(days=5))
    (one,) = gate.correct_items([wrong], actor=world.official(), config=world.config, clock=world.clock)
    made(one)
    world.later(1)
    world.tend()
    assert world.notices() == (), "what was read before it became wrong was right"
    token = world.record(1).tokens["census_pupil"][at]
    made(world.correct(1, "census_pupil.ethnicity", "WIRI", token))
    world.later(1)
    world.tend()
    assert [one.agreement_id for one in world.notices()] == [world.world.agreement], "nobody hears of a term not given"


def test_whoever_answers_is_done_and_the_family_sees_each_step(world: scenes.Scene) -> None:
    pupil = world.world.pmrs[0]
    world.read()
    made(world.correct(0, "census_pupil.ethnicity", "WIRI"))

    def states() -> list[tuple[object, ...]]:
        found = gate.correction_states(pupil, config=world.config, clock=world.clock)
        return [(s.organisation, s.state, s.by_reference, s.did, s.fetched_on is not None, s.late_since) for s in found]

    assert states() == []
    world.later(1)
    world.tend()
    assert states() == [("University of Example (synthetic)", "sent", True, "", False, None)]
    (notice,) = world.notices()
    world.page(notice.id)
    assert states()[0][1:5] == ("fetched", True, "", True)
    for did, said, code in (
        ("maybe", "", "did-unknown"),
        ("cannot", " ", "reason-missing"),
        ("corrected", "x" * 2_001, "too-long"),
    ):
        no = gate.acknowledge(notice.id, did, said, world.world.person, clock=world.clock)
        assert isinstance(no, Refused)
        assert no.reasons[0].code == code
    done = gate.acknowledge(notice.id, "corrected", "In all three tables.", world.world.person, clock=world.clock)
    assert isinstance(done, gate.NoticeView)
    again = gate.acknowledge(notice.id, "cannot", "No.", world.world.person, clock=world.clock)
    assert isinstance(again, Refused)
    assert again.reasons[0].code == "not-possible-now"
    assert states() == [("University of Example (synthetic)", "acknowledged", True, "corrected", True, None)]
    # A child whose family is told of this agreement's uses later, by law, hears of it later.
    assert isinstance(
        gate.set_delay(
            worlds.CHILDREN[0].upn, world.world.agreement, world.clock.now().date() + timedelta(days=5),
            "Data Protection Act 2018 sch. 2", "A police inquiry that the family must not hear of yet.",
            world.official(), config=world.config, clock=world.clock,
        ),
        gate.DelayView,
    )  # fmt: skip
    assert states() == []


def test_a_notice_is_its_agreements_peoples_alone(world: scenes.Scene) -> None:
    world.read()
    made(world.correct(0, "census_pupil.ethnicity", "WIRI"))
    world.later(1)
    world.tend()
    (notice,) = world.notices()
    stranger = people.add_person(
        people.add_organisation("Rival (synthetic)", "university").id, "researcher", accredited_until=date(2030, 1, 1)
    ).id
    assert world.notices(stranger) == ()
    assert [one.id for one in world.notices(world.official())] == [notice.id]
    for person in (stranger, world.official(), world.official("panel")):
        for wrong in (notice.id, "N-0000"):
            with pytest.raises(SchoolgateError, match="no such correction notice"):
                world.page(wrong, person)
            with pytest.raises(SchoolgateError, match="no such correction notice"):
                gate.acknowledge(wrong, "corrected", "", person, clock=world.clock)
    assert world.notices()[0].state == "sent"


def test_a_recipient_that_never_answers_is_reminded_reported_and_given_nothing_more(world: scenes.Scene) -> None:
    people.add_person(people.add_organisation("Regulator (synthetic)", "regulator").id, "overseer")
    world.read()
    made(world.correct(0, "census_pupil.ethnicity", "WIRI"))
    world.later(1)
    world.tend()
    (notice,) = world.notices()
    told, before = {0: 1}, 0
    for day in (20, 21, 28, 29, 35, 42, 43, 50, 56, 57):
        world.later(day - before)
        world.tend()
        told[day], before = Notice.objects.get().told, day
        if day == 56:
            world.read()  # the last day on which it may
    days = list(told)
    assert [day for at, day in enumerate(days) if at and told[day] != told[days[at - 1]]] == [21, 29, 43]
    assert world.notices()[0].late
    (state,) = gate.correction_states(world.world.pmrs[0], config=world.config, clock=world.clock)
    assert state.late_since == notice.due + timedelta(days=1)
    # Four weeks late: no read under the agreement, whatever is asked; others go on.
    answer = gate.read(
        world.world.agreement, world.world.person, "SELECT count(*) AS n FROM census_pupil", config=world.config,
        clock=world.clock,
    )  # fmt: skip
    assert isinstance(answer, gate.RefusedQuery)
    assert {reason.code for reason in answer.reasons} == {"corrections-unanswered"}
    assert gate.read(
        worlds.another(world.world, world.clock), world.world.person, COUNTS, config=world.config, clock=world.clock
    )
    gate.acknowledge(notice.id, "destroyed", "", world.world.person, clock=world.clock)
    world.read()
    # The public: counts of whole weeks, and the days on which they are told say nothing.
    assert [one["corrections"] for one in events("correction.sent")] == ["fewer than 10"]
    assert {one["organisation"] for one in events("correction.unanswered")} == {"University of Example (synthetic)"}
    world.later(8)
    world.tend()
    assert len(events("correction.acknowledged")) == 1
    weeks = [str(one["week_ended"]) for one in events("correction.unanswered")]
    assert len(weeks) == len(set(weeks)) >= 3
    assert all(date.fromisoformat(week).weekday() == 6 for week in weeks)


def test_what_was_certified_as_destroyed_needs_no_answer(world: scenes.Scene) -> None:
    world.read()
    made(world.correct(0, "census_pupil.ethnicity", "WIRI"))
    made(world.correct(1, "identity.surname", "Newsynth"))
    world.later(1)
    world.tend()
    (notice,) = world.notices()
    row = Notice.objects.get()
    assert row.corrections == 1, "a name was never read under this agreement"
    # The certificate's own road is tested in requests.
    Request.objects.filter(agreement_id=world.world.agreement).update(state="destroyed")
    assert requests.get(world.world.agreement).state == "destroyed"
    world.later(1)
    world.tend()
    assert world.notices()[0].state == "not needed"
    assert world.page(notice.id).lines == ()


def test_a_correction_of_a_row_that_was_anothers_when_it_was_read(world: scenes.Scene) -> None:
    """A clerk split a record: the row of paper 0 is now pupil 5's. Its recipients know it under pupil 0's pseudonym."""
    seen = world.read()
    rows = [
        {
            "pupil": world.world.pmrs[5], "year": 2026, "term": "AUT", "urn": worlds.URN, "onroll": True,
            "ethnicity": "WBRI", "return_id": "r", "return_row": 0,
        }
    ]  # fmt: skip
    facts = [("census_pupil", worlds.batch("census_pupil", rows))]
    load_term(2026, Term.AUTUMN, facts, return_ids=["r"], config=world.config, clock=world.clock)
    made(world.correct(5, "census_pupil.ethnicity", "WIRI"))
    world.later(1)
    world.tend()
    (line,) = world.page(world.notices()[0].id).lines
    (zero,) = [
        row["pupil"] for row in gate.read(
            world.world.agreement, world.world.person, "SELECT pupil FROM census_pupil", config=world.config,
            clock=world.clock,
        ).table.to_pylist()
    ]  # fmt: skip
    assert line.pupil in seen.table.column("pupil").to_pylist()
    assert line.pupil != zero, "under the pseudonym of whom the row was when it was read"


def test_results_that_rest_on_wrong_values_are_listed_from_a_chosen_share_on(world: scenes.Scene) -> None:
    world.read()
    made(world.correct(0, "census_pupil.ethnicity", "WIRI"))
    world.later(1)
    world.tend()
    official = world.official()
    (one,) = gate.affected_for(official, 10)
    assert (one.percent, one.left_as) == (16, "result")
    assert gate.affected_for(official, 17) == ()
    for person, threshold in ((world.world.person, 10), (official, 0), (official, 101)):
        assert isinstance(gate.affected_for(person, threshold), Refused)
    assert Affected.objects.get().told_percent == 0, "of six pupils a share would tell how many were put right"
    assert events("output.affected") == []
    assert mail.outbox == []


def test_where_the_version_that_was_read_is_gone_the_ledger_and_the_agreements_years_say_who_is_told(
    world: scenes.Scene,
) -> None:
    world.read()
    made(world.correct(0, "census_pupil.ethnicity", "WIRI"))
    end_versions(config=world.config, clock=world.clock)
    world.later(1)
    world.tend()
    (line,) = world.page(world.notices()[0].id).lines
    assert (line.old, line.new) == ("WBRI", "WIRI")
    assert world.record(0).tables["census_pupil"][0]["ethnicity"] == "WIRI"
