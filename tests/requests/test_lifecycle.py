"""From application to certified destruction: who may do what when, and what the register is told."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pytest

from schoolgate import people, requests
from schoolgate.clock import FixedClock
from schoolgate.errors import Refusal, SchoolgateError
from schoolgate.machine import Move
from schoolgate.requests.models import Request, RequestStep
from tests.requests.cast import Cast, a_spec, approved, codes, signed, submitted, told

ALLOWED = {
    ("drafted", "submit", "researcher"): ("submitted", "application.received"),
    ("submitted", "approve", "panel"): ("approved", "application.decided"),
    ("submitted", "refuse", "panel"): ("refused", "application.decided"),
    ("approved", "sign", "custodian"): ("active", "agreement.signed"),
    ("active", "end", "custodian"): ("ended", "agreement.ended"),
    ("active", "end", "researcher"): ("ended", "agreement.ended"),
    ("ended", "certify_destruction", "researcher"): ("destroyed", "destruction.certified"),
    ("ended", "certify_destruction", "custodian"): ("destroyed", "destruction.certified"),
}
"""The whole table, written out a second time: a change to one side alone is seen."""

EVERY_CASE = list(product(requests.LIFECYCLE.states, requests.LIFECYCLE.events, (*people.PERSON_ROLES, "family")))


@pytest.mark.parametrize(("state", "event", "role"), EVERY_CASE)
def test_a_move_is_possible_exactly_when_the_table_says_so(state: str, event: str, role: str) -> None:
    answer = requests.LIFECYCLE.move(state, event, role)
    if (state, event, role) in ALLOWED:
        assert isinstance(answer, Move)
        assert (answer.target, answer.register_event) == ALLOWED[state, event, role]
    else:
        assert isinstance(answer, Refusal)
        assert answer.code in ("not-possible-now", "not-your-decision")


def test_every_move_tells_the_register() -> None:
    assert all(move.register_event for move in requests.LIFECYCLE.moves)


def test_nothing_leads_out_of_a_refusal_or_a_certified_destruction() -> None:
    sources = {move.source for move in requests.LIFECYCLE.moves}
    assert set(requests.LIFECYCLE.states) - sources == {"refused", "destroyed"}


def test_no_path_leads_to_an_active_agreement_without_the_panels_approval() -> None:
    without = [move for move in requests.LIFECYCLE.moves if move.event != "approve"]
    reached = {requests.LIFECYCLE.start}
    for _ in without:
        reached |= {move.target for move in without if move.source in reached}
    assert "active" not in reached


def reach(state: str, cast: Cast, clock: FixedClock) -> str:
    """Take a request to a state; gives its application id."""
    made = submitted(cast, clock)
    if state == "refused":
        requests.insist(requests.decide(made.id, False, ["No."], [], cast.panel, clock))
    if state in ("approved", "active", "ended", "destroyed"):
        requests.insist(requests.decide(made.id, True, ["Yes."], [], cast.panel, clock))
    if state in ("active", "ended", "destroyed"):
        requests.insist(requests.sign(made.id, cast.custodian, clock))
    if state in ("ended", "destroyed"):
        requests.insist(requests.end(made.id, "Done.", cast.custodian, clock))
    if state == "destroyed":
        requests.insist(requests.certify_destruction(made.id, "Erased.", cast.researcher, cast.witness, clock))
    assert requests.application(made.id).state == state
    return made.id


def attempt(request_id: str, event: str, actor: str, cast: Cast, clock: FixedClock) -> object:
    """One event, asked by one person, through the room's own functions."""
    if event in ("approve", "refuse"):
        return requests.decide(request_id, event == "approve", ["Because."], [], [actor, cast.panel[1]], clock)
    if event == "sign":
        return requests.sign(request_id, actor, clock)
    if event == "end":
        return requests.end(request_id, "Because.", actor, clock)
    return requests.certify_destruction(request_id, "Erased.", actor, cast.witness, clock)


CASES = list(
    product(
        [state for state in requests.LIFECYCLE.states if state != "drafted"],
        [event for event in requests.LIFECYCLE.events if event != "submit"],
        people.PERSON_ROLES,
    )
)


@pytest.mark.parametrize(("state", "event", "role"), CASES)
def test_the_room_does_what_the_table_says_and_nothing_else(
    state: str, event: str, role: str, cast: Cast, clock: FixedClock
) -> None:
    request_id = reach(state, cast, clock)
    actor = {"researcher": cast.researcher, "panel": cast.panel[0], "custodian": cast.custodian}[role]
    before = RequestStep.objects.count()
    outcome = attempt(request_id, event, actor, cast, clock)
    if (state, event, role) in ALLOWED:
        assert not isinstance(outcome, requests.Refused)
        assert requests.application(request_id).state == ALLOWED[state, event, role][0]
        assert RequestStep.objects.count() == before + 1
    else:
        assert {code for code, _ in codes(outcome)} & {"not-possible-now", "not-your-decision"}
        assert requests.application(request_id).state == state
        assert RequestStep.objects.count() == before


def test_the_whole_life_is_told_to_the_register_step_by_step(cast: Cast, clock: FixedClock) -> None:
    request_id = reach("destroyed", cast, clock)
    agreement = requests.get(requests.application(request_id).agreement_id)
    received, decided = told(request_id)
    sealed, ended, gone = told(agreement.id)
    assert [received["type"], decided["type"]] == ["application.received", "application.decided"]
    assert [sealed["type"], ended["type"], gone["type"]] == [
        "agreement.signed",
        "agreement.ended",
        "destruction.certified",
    ]
    assert received["organisation"] == "University of Example (synthetic)"
    assert received["kind"] == "university"
    assert received["items"] == ["census_pupil.fsmeligible", "census_pupil.sex"]
    assert received["years"] == ["2024-2026"]
    assert decided["outcome"] == "approved"
    assert decided["reasons"] == ["Yes."]
    assert sealed["application"] == request_id
    assert sealed["purpose"] == "education-research"
    assert sealed["valid_until"] == "2028-08-31"
    assert sealed["people_count"] == 1
    assert ended["reason"] == "Done."
    assert (gone["agreement"], gone["method"], gone["witnessed_by"]) == (agreement.id, "Erased.", "custodian")


def test_officials_and_researchers_are_not_in_the_register(cast: Cast, clock: FixedClock) -> None:
    request_id = reach("destroyed", cast, clock)
    events = told(request_id) + told(requests.application(request_id).agreement_id)
    for person in (cast.researcher, cast.custodian, cast.witness, *cast.panel):
        assert person not in str(events)


def test_every_step_keeps_who_when_why_and_its_register_entry(cast: Cast, clock: FixedClock) -> None:
    steps = requests.history(reach("destroyed", cast, clock))
    assert [step.event for step in steps] == ["submit", "approve", "sign", "end", "certify_destruction"]
    assert [step.role for step in steps] == ["researcher", "panel", "custodian", "custodian", "researcher"]
    assert steps[1].actors == cast.panel
    assert steps[3].reason == "Done."
    assert all(step.at == clock.now() for step in steps)
    assert len({step.log_index for step in steps}) == 5


def test_a_step_whose_event_cannot_be_written_did_not_happen(cast: Cast, clock: FixedClock) -> None:
    """State and event commit together: an event that the register refuses leaves the old state."""
    made = approved(cast, clock)
    row = Request.objects.get(application_id=made.id)
    row.spec["purpose_plain"] = "x" * 70_000  # longer than an entry of the log can be
    row.save()
    with pytest.raises(SchoolgateError, match="longer than"):
        requests.sign(made.id, cast.custodian, clock)
    row.refresh_from_db()
    assert (row.state, row.agreement_id) == ("approved", None)
    assert len(requests.history(made.id)) == 2
    row.spec["purpose_plain"] = "shorter"
    row.save()
    assert requests.insist(requests.sign(made.id, cast.custodian, clock)).id == "A-2026-0001"


def test_numbers_are_dense_by_year_and_the_year_is_the_custodians(cast: Cast, clock: FixedClock) -> None:
    assert [submitted(cast, clock).id for _ in range(3)] == [
        "APP-2026-0001",
        "APP-2026-0002",
        "APP-2026-0003",
    ]
    # Half past eleven at night in UTC on 31 December is still the old year in London, in winter.
    eve = FixedClock(clock.now().replace(month=12, day=31, hour=23, minute=30))
    assert submitted(cast, eve).id == "APP-2026-0004"
    assert submitted(cast, FixedClock(eve.now() + timedelta(hours=1))).id == "APP-2027-0001"


def test_a_refused_application_takes_no_number(cast: Cast, clock: FixedClock) -> None:
    requests.submit_application(a_spec(cast, title=""), cast.researcher, clock)
    assert submitted(cast, clock).id == "APP-2026-0001"


def test_an_agreement_is_what_was_applied_for_under_the_panels_conditions(cast: Cast, clock: FixedClock) -> None:
    agreement = signed(cast, clock, "small-numbers: 10", "without-item: census_pupil.sex", "Be kind.")
    spec = a_spec(cast)
    assert requests.get(agreement.id) == agreement
    assert agreement.items == {"census_pupil.fsmeligible"}
    assert agreement.people == spec.people
    assert (agreement.years, agreement.terms, agreement.cohort) == (spec.years, spec.terms, spec.cohort)
    assert (agreement.valid_from, agreement.valid_until) == (spec.valid_from, spec.valid_until)
    assert agreement.conditions == (
        "Numbers of pupils below 10 may not be published.",
        "The item census_pupil.sex was asked for and is not given.",
        "Be kind.",
    )
    assert agreement.state == "active"
    (sealed,) = told(agreement.id)
    assert sealed["items"] == ["census_pupil.fsmeligible"]


def test_an_accreditation_that_expired_before_signing_stops_the_agreement(cast: Cast, clock: FixedClock) -> None:
    made = approved(cast, clock)
    people.set_accreditation(cast.researcher, date(2026, 8, 31))
    assert codes(requests.sign(made.id, cast.custodian, clock)) == {("accreditation-expired", "people, number 1")}
    people.set_accreditation(cast.researcher, date(2026, 9, 1))
    assert requests.insist(requests.sign(made.id, cast.custodian, clock)).state == "active"


def test_an_approval_that_waited_until_its_last_day_passed_is_not_signed(cast: Cast, clock: FixedClock) -> None:
    made = approved(cast, clock)
    late = FixedClock(clock.now().replace(year=2028, month=9, day=1))
    assert ("already-over", "valid_until") in codes(requests.sign(made.id, cast.custodian, late))


def test_another_organisations_researcher_may_neither_end_nor_certify(cast: Cast, clock: FixedClock) -> None:
    agreement = signed(cast, clock)
    assert codes(requests.end(agreement.id, "Rival.", cast.seller, clock)) == {("not-your-organisation", "actor")}
    requests.insist(requests.end(agreement.id, "Done.", cast.researcher, clock))
    outcome = requests.certify_destruction(agreement.id, "Erased.", cast.seller, cast.witness, clock)
    assert codes(outcome) == {("not-your-organisation", "actor")}


@pytest.mark.parametrize("who", ["custodian", "researcher", "panel"])
def test_destruction_is_witnessed_by_another_person_of_the_custodian(who: str, cast: Cast, clock: FixedClock) -> None:
    agreement = signed(cast, clock)
    requests.insist(requests.end(agreement.id, "Done.", cast.custodian, clock))
    witness = {"custodian": cast.custodian, "researcher": cast.colleague, "panel": cast.panel[0]}[who]
    outcome = requests.certify_destruction(agreement.id, "Erased.", cast.custodian, witness, clock)
    assert codes(outcome) == {("witness", "witness")}
    assert requests.get(agreement.id).state == "ended"


@pytest.mark.parametrize("reason", ["", "   ", "hidden \u202e text"])
def test_ending_and_destruction_need_a_reason_that_can_be_shown(reason: str, cast: Cast, clock: FixedClock) -> None:
    agreement = signed(cast, clock)
    assert {where for _, where in codes(requests.end(agreement.id, reason, cast.custodian, clock))} == {"reason"}
    assert requests.get(agreement.id).state == "active"


def test_what_does_not_exist_is_said_to_be_unknown(cast: Cast, clock: FixedClock) -> None:
    for call in (requests.get, requests.application, requests.history):
        with pytest.raises(requests.UnknownRequest):
            call("A-2026-9999")
    with pytest.raises(requests.UnknownRequest):
        requests.get(submitted(cast, clock).id)
    with pytest.raises(people.UnknownPerson):
        requests.end("A-2026-9999", "Because.", "P-9999", clock)
