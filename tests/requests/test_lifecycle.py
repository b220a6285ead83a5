"""From application to certified destruction: who may do what when, and what the register is told."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pytest
from django.db import transaction

from schoolgate import people, requests
from schoolgate.clock import FixedClock
from schoolgate.errors import Refusal, SchoolgateError
from schoolgate.machine import Move
from schoolgate.requests.agreement import changes, standing
from schoolgate.requests.models import Request, RequestStep
from tests.requests import road
from tests.requests.cast import Cast, a_spec, approved, codes, signed, submitted, told

_TABLE = """
drafted                      submit               submitted  researcher            application.received
submitted,returned,in_review withdraw             withdrawn  researcher            application.withdrawn
approved,accepted,appealed   withdraw             withdrawn  researcher            application.withdrawn
submitted                    return               returned   custodian             application.returned
in_review                    return               returned   custodian,panel       application.returned
returned                     resubmit             submitted  researcher            application.resubmitted
submitted,appealed           allocate             in_review  custodian             application.allocated
in_review                    approve              approved   panel                 application.decided
in_review                    refuse               refused    panel                 application.decided
submitted                    approve_in_emergency approved   panel                 application.decided
refused,approved             appeal               appealed   researcher            application.appealed
approved,accepted            accept               accepted   researcher            agreement.accepted
accepted                     sign                 active     custodian             agreement.signed
active                       amend                active     panel                 agreement.amended
active                       extend               active     panel                 agreement.extended
active                       accept_version       active     researcher            agreement.accepted
active                       sign_version         active     custodian             agreement.signed
reopened                     accept_version       reopened   researcher            agreement.accepted
reopened                     sign_version         active     custodian             agreement.signed
active                       give_notice          active     custodian             notice.published
active                       review_emergency     active     panel                 emergency.reviewed
active                       suspend              suspended  custodian             agreement.suspended
suspended                    resume               active     panel                 agreement.resumed
active,suspended,reopened    reopen               reopened   custodian             agreement.reopened
approved,accepted            reopen               submitted  custodian             agreement.reopened
reopened                     reaffirm             reopened   panel                 agreement.reaffirmed
active,suspended,reopened    end                  ended      custodian,researcher  agreement.ended
active,suspended,reopened    expire               ended      clock                 agreement.ended
ended                        note_overdue         ended      clock                 destruction.overdue
ended                        state_destruction    ended      researcher,custodian  destruction.stated
ended                        deny_destruction     ended      custodian             destruction.denied
ended                        certify_destruction  destroyed  custodian             destruction.certified
"""


def _written_out() -> dict[tuple[str, str, str], tuple[str, str]]:
    found = {}
    for line in _TABLE.strip().splitlines():
        sources, event, target, roles, told_as = line.split()
        for source, role in product(sources.split(","), roles.split(",")):
            found[source, event, role] = (target, told_as)
    return found


ALLOWED = _written_out()
"""The whole table, written out a second time: a change to one side alone is seen."""


@pytest.mark.parametrize("state", requests.LIFECYCLE.states)
def test_a_move_is_possible_exactly_when_the_table_says_so(state: str) -> None:
    for event, role in product(requests.LIFECYCLE.events, (*people.PERSON_ROLES, "clock", "family")):
        answer = requests.LIFECYCLE.move(state, event, role)
        if (state, event, role) in ALLOWED:
            assert isinstance(answer, Move)
            assert (answer.target, answer.register_event) == ALLOWED[state, event, role]
        else:
            assert isinstance(answer, Refusal)
            assert answer.code in ("not-possible-now", "not-your-decision")


def test_every_move_tells_the_register() -> None:
    assert all(move.register_event for move in requests.LIFECYCLE.moves)


def test_every_move_says_why_it_is_there() -> None:
    assert all(move.why.endswith(".") for move in requests.LIFECYCLE.moves)


def test_nothing_leads_out_of_a_withdrawal_or_a_certified_destruction() -> None:
    sources = {move.source for move in requests.LIFECYCLE.moves}
    assert set(requests.LIFECYCLE.states) - sources == {"withdrawn", "destroyed"}


def test_no_path_leads_to_an_active_agreement_without_the_panels_approval() -> None:
    without = [move for move in requests.LIFECYCLE.moves if not move.event.startswith("approve")]
    reached = {requests.LIFECYCLE.start}
    for _ in without:
        reached |= {move.target for move in without if move.source in reached}
    assert "active" not in reached


AGREED = ("active", "suspended", "reopened", "ended", "destroyed")
"""States of an agreement that both sides have signed."""


def reach(state: str, cast: Cast, clock: FixedClock) -> str:
    """Take a request to a state; gives its application id."""
    made = submitted(cast, clock)
    if state == "in_review":
        assert not isinstance(road.allocated(made.id, cast.panel, clock), requests.Refused)
    if state == "refused":
        requests.insist(road.decide(made.id, False, ["No."], [], cast.panel, clock))
    if state in ("approved", "accepted", *AGREED):
        requests.insist(road.decide(made.id, True, ["Yes."], [], cast.panel, clock))
    if state == "accepted":
        requests.insist(road.accept(made.id, clock))
    if state in AGREED:
        requests.insist(road.sign(made.id, cast.custodian, clock))
    if state == "suspended":
        requests.insist(requests.suspend(agreement_of(made.id), "A complaint.", cast.custodian, clock))
    if state == "reopened":
        changes = {"owner": "Somebody else (synthetic)"}
        requests.insist(
            requests.organisation_changed(cast.university.id, changes, "It was sold.", cast.custodian, clock)
        )
    if state in ("ended", "destroyed"):
        requests.insist(requests.end(made.id, "Done.", cast.custodian, clock))
    if state == "destroyed":
        requests.insist(road.destroyed(made.id, "Erased.", cast.researcher, cast.witness, clock))
    assert requests.application(made.id).state == state
    return made.id


def agreement_of(request_id: str) -> str:
    """The agreement's id, or the application's own while there is none."""
    return requests.application(request_id).agreement_id or request_id


def attempt(request_id: str, event: str, actor: str, cast: Cast, clock: FixedClock) -> object:
    """One event, asked by one person, through the room's own functions."""
    if event == "accept":
        return requests.accept(request_id, actor, road.shown(request_id), clock)
    if event == "sign":
        return requests.sign(request_id, actor, road.shown(request_id), clock)
    by_panel = {"reasons": ["Because."], "panel": [actor, cast.panel[1]], "clock": clock}
    agreement_id = agreement_of(request_id)
    if event == "amend":
        return changes.amend(agreement_id, items=["census_pupil.age"], **by_panel)
    if event == "extend":
        return changes.extend(agreement_id, valid_until=date(2029, 8, 31), **by_panel)
    if event in ("resume", "reaffirm"):
        return getattr(standing, event)(agreement_id, **by_panel)
    if event == "give_notice":
        return requests.give_notice(agreement_id, "What is new.", actor, clock)
    if event in ("suspend", "end"):
        return getattr(requests, event)(agreement_id, "Because.", actor, clock)
    if event == "state_destruction":
        return requests.state_destruction(request_id, "Erased.", actor, cast.witness, clock)
    return requests.witness_destruction(request_id, event == "certify_destruction", actor, clock, reason="It was not.")


def make_ready(request_id: str, event: str, cast: Cast, clock: FixedClock) -> None:
    """What must be there before a signature besides the state: a text that waits, the other side's signature."""
    state = requests.application(request_id).state
    if event == "reaffirm":
        road.made_sure(request_id, clock)
    if event in ("certify_destruction", "deny_destruction") and state == "ended":
        requests.insist(requests.state_destruction(request_id, "Erased.", cast.researcher, cast.custodian, clock))
    if event == "accept" and state == "accepted":
        # The organisation has another name by now, so that it signs another text.
        people.change_organisation(
            cast.university.id,
            changes={"name": "Renamed (synthetic)"},
            reason="New.",
            actor=cast.custodian,
            clock=clock,
        )
    if event in ("accept", "sign") and state == "reopened":
        road.made_sure(request_id, clock)
        requests.insist(standing.reaffirm(agreement_of(request_id), reasons=["It is."], panel=cast.panel, clock=clock))
        if event == "sign":
            requests.insist(road.accept(request_id, clock))
    if event in ("accept", "sign") and state == "active":
        agreement_id, day = agreement_of(request_id), date(2029, 8, 31)
        requests.insist(
            changes.extend(agreement_id, valid_until=day, reasons=["More time."], panel=cast.panel, clock=clock)
        )
        if event == "sign":
            requests.insist(road.accept(request_id, clock))


REACHED = ("submitted", "in_review", "approved", "refused", "accepted", *AGREED)
"""States that `reach` takes a request to."""

ASKED = (
    "accept", "sign", "amend", "extend", "give_notice", "suspend", "resume", "reaffirm", "end", "state_destruction",
    "certify_destruction", "deny_destruction",
)  # fmt: skip
"""Events that `attempt` asks through the room's functions; the panel's own are in test_panel."""


@pytest.mark.parametrize("state", REACHED)
def test_the_room_does_what_the_table_says_and_nothing_else(state: str, cast: Cast, clock: FixedClock) -> None:
    request_id = reach(state, cast, clock)
    acting = {"researcher": cast.researcher, "panel": cast.panel[0], "custodian": cast.custodian}
    for event, role in product(ASKED, people.PERSON_ROLES):
        with transaction.atomic():
            actor = acting.get(role) or people.add_person(cast.university.id, role).id
            make_ready(request_id, event, cast, clock)
            before = RequestStep.objects.count()
            outcome = attempt(request_id, event, actor, cast, clock)
            now, steps = requests.application(request_id).state, RequestStep.objects.count() - before
            transaction.set_rollback(True)
        # A change of an agreement in force is signed with a move of its own.
        later = state in ("active", "reopened") and event in ("accept", "sign")
        move = f"{event}_version" if later else event
        if (state, move, role) in ALLOWED:
            assert not isinstance(outcome, requests.Refused), (event, role, outcome)
            assert (now, steps) == (ALLOWED[state, move, role][0], 1)
        else:
            assert {code for code, _ in codes(outcome)} & {"not-possible-now", "not-your-decision"}, (event, role)
            assert (now, steps) == (state, 0)


def test_the_whole_life_is_told_to_the_register_step_by_step(cast: Cast, clock: FixedClock) -> None:
    request_id = reach("destroyed", cast, clock)
    agreement = requests.get(requests.application(request_id).agreement_id)
    received, *_, decided, accepted = told(request_id)
    sealed, ended, stated, gone = told(agreement.id)
    assert [received["type"], decided["type"]] == ["application.received", "application.decided"]
    assert (accepted["type"], accepted["version"]) == ("agreement.accepted", 1)
    assert accepted["text_hash"] == sealed["text_hash"] == requests.versions(request_id)[0].text_hash
    assert [one["type"] for one in (sealed, ended, stated, gone)] == [
        "agreement.signed",
        "agreement.ended",
        "destruction.stated",
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
    (pupils,) = sealed["cohort"]
    assert pupils == "Year group: 7, 8", "the public reads who the children are"
    assert ended["reason"] == "Done."
    assert (gone["agreement"], gone["method"], gone["witnessed_by"]) == (agreement.id, "Erased.", "custodian")


def test_officials_and_researchers_are_not_in_the_register(cast: Cast, clock: FixedClock) -> None:
    request_id = reach("destroyed", cast, clock)
    events = told(request_id) + told(requests.application(request_id).agreement_id)
    for person in (cast.researcher, cast.custodian, cast.witness, *cast.panel):
        assert person not in str(events)


def test_every_step_keeps_who_when_why_and_its_register_entry(cast: Cast, clock: FixedClock) -> None:
    steps = requests.history(reach("destroyed", cast, clock))
    assert [step.event for step in steps] == [
        "submit", "allocate", "approve", "accept", "sign", "end", "state_destruction",
        "certify_destruction",
    ]  # fmt: skip
    assert [step.role for step in steps] == [
        "researcher", "custodian", "panel", "researcher", "custodian", "custodian", "researcher",
        "custodian",
    ]  # fmt: skip
    assert set(cast.panel) <= set(steps[2].actors)
    assert steps[5].reason == "Done."
    assert all(step.at == clock.now() for step in steps)
    assert len({step.log_index for step in steps}) == 8


def test_a_step_whose_event_cannot_be_written_did_not_happen(cast: Cast, clock: FixedClock) -> None:
    """State and event commit together: an event that the register refuses leaves the old state."""
    made = approved(cast, clock)
    before = requests.history(made.id)
    row = Request.objects.get(application_id=made.id)
    row.spec["purpose_plain"] = "x" * 70_000  # longer than an entry of the log can be
    row.save()
    with pytest.raises(SchoolgateError, match="longer than"):
        road.sign(made.id, cast.custodian, clock)
    row.refresh_from_db()
    assert (row.state, row.agreement_id) == ("approved", None)
    assert requests.history(made.id) == before
    row.spec["purpose_plain"] = "shorter"
    row.save()
    assert requests.insist(road.sign(made.id, cast.custodian, clock)).id == "A-2026-0001"


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
    assert codes(road.sign(made.id, cast.custodian, clock)) == {("accreditation-expired", "people, number 1")}
    people.set_accreditation(cast.researcher, date(2026, 9, 1))
    assert requests.insist(road.sign(made.id, cast.custodian, clock)).state == "active"


def test_an_approval_that_waited_until_its_last_day_passed_is_not_signed(cast: Cast, clock: FixedClock) -> None:
    made = approved(cast, clock)
    late = FixedClock(clock.now().replace(year=2028, month=9, day=1))
    assert ("already-over", "valid_until") in codes(road.sign(made.id, cast.custodian, late))


def test_another_organisations_researcher_may_neither_end_nor_certify(cast: Cast, clock: FixedClock) -> None:
    agreement = signed(cast, clock)
    assert codes(requests.end(agreement.id, "Rival.", cast.seller, clock)) == {("not-your-organisation", "actor")}
    requests.insist(requests.end(agreement.id, "Done.", cast.researcher, clock))
    outcome = requests.state_destruction(agreement.id, "Erased.", cast.seller, cast.witness, clock)
    assert codes(outcome) == {("not-your-organisation", "actor")}


@pytest.mark.parametrize("who", ["custodian", "researcher", "panel"])
def test_destruction_is_witnessed_by_another_person_of_the_custodian(who: str, cast: Cast, clock: FixedClock) -> None:
    agreement = signed(cast, clock)
    requests.insist(requests.end(agreement.id, "Done.", cast.custodian, clock))
    witness = {"custodian": cast.custodian, "researcher": cast.colleague, "panel": cast.panel[0]}[who]
    outcome = requests.state_destruction(agreement.id, "Erased.", cast.custodian, witness, clock)
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
