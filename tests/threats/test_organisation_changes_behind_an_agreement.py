"""A former training provider that renames itself, keeps its access and sells it: what it meets here (2018 to 2020)."""

from __future__ import annotations

import pytest

from schoolgate import desk, gate, people, register, requests
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import Refused, SchoolgateError
from schoolgate.requests.models import Request
from tests.requests.cast import codes
from tests.world import World, build

pytestmark = pytest.mark.django_db(transaction=True)

SQL = "SELECT sex, count(*) AS pupils FROM census_pupil GROUP BY sex"


@pytest.fixture
def world(home: Config, clock: FixedClock) -> World:
    return build(home, clock)


@pytest.fixture
def custodian(world: World) -> str:
    return next(one.id for one in people.persons() if one.role == "custodian")


def organisation_of(world: World) -> people.OrganisationView:
    return people.organisation(people.person(world.person).organisation_id)


def change(
    world: World, custodian: str, home: Config, clock: FixedClock, **changes: str
) -> requests.OrganisationChanged:
    outcome = desk.do(
        "organisation-change",
        custodian,
        config=home,
        clock=clock,
        organisation_id=organisation_of(world).id,
        changes=changes,
        reason="They told us.",
        alike_is_another=False,
    )
    assert isinstance(outcome, requests.OrganisationChanged), outcome
    return outcome


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Quick Checks (synthetic)"},
        {"owner": "Betting Holdings (synthetic)"},
        {"business": "Age checks for shops and gambling firms"},
        {"country": "Canada"},
        {"commercial": "direct"},
        {"kind": "company"},
    ],
)
def test_the_very_next_read_is_refused_and_the_public_is_told(
    changes: dict[str, str], world: World, custodian: str, home: Config, clock: FixedClock
) -> None:
    assert isinstance(gate.read(world.agreement, world.person, SQL, config=home, clock=clock), gate.Handover)
    before = organisation_of(world).name
    outcome = change(world, custodian, home, clock, **changes)
    assert outcome.reopened == (world.agreement,)
    answer = gate.read(world.agreement, world.person, SQL, config=home, clock=clock)
    assert isinstance(answer, gate.RefusedQuery)
    assert "agreement-not-active" in {reason.code for reason in answer.reasons}
    (told,) = register.events(type="organisation.changed")
    assert before in (told.body["organisation"], told.body["former_name"])
    assert told.body["after"] == list(changes.values())
    register.verify_log(str(home.log), register.verifier_key(home))


def test_a_change_that_is_recorded_while_a_query_runs_stops_its_hand_over(
    world: World, custodian: str, home: Config, clock: FixedClock
) -> None:
    def meanwhile(step: str) -> None:
        if step == "run" and requests.get(world.agreement).state == "active":
            change(world, custodian, home, clock, owner="Betting Holdings (synthetic)")

    answer = gate.read(world.agreement, world.person, SQL, config=home, clock=clock, step=meanwhile)
    assert isinstance(answer, gate.RefusedQuery)
    assert register.events(type="release.begun") == ()


def test_its_past_stays_under_both_names_and_both_lead_to_it(
    world: World, custodian: str, home: Config, clock: FixedClock
) -> None:
    assert isinstance(gate.read(world.agreement, world.person, SQL, config=home, clock=clock), gate.Handover)
    old = organisation_of(world)
    change(world, custodian, home, clock, name="Quick Checks (synthetic)")
    buyer = people.add_organisation("Buyer (synthetic)", "company")
    merged = desk.do(
        "organisation-merge",
        custodian,
        config=home,
        clock=clock,
        organisation_id=old.id,
        into=buyer.id,
        reason="Bought.",
    )
    assert isinstance(merged, requests.OrganisationChanged)
    names = set(people.known_names(buyer.id))
    assert names == {"Buyer (synthetic)", "Quick Checks (synthetic)", old.name}
    of_it = [one.body for one in register.events(limit=1000) if one.body.get("organisation") in names]
    assert {body["organisation"] for body in of_it} >= {old.name, "Quick Checks (synthetic)"}
    assert {"release.begun", "agreement.signed", "organisation.changed", "organisation.merged"} <= {
        body["type"] for body in of_it
    }
    (release,) = [body for body in of_it if body["type"] == "release.begun"]
    assert release["organisation"] == old.name  # what was so then stays written


def test_it_cannot_come_back_under_its_old_name_or_its_number_as_somebody_new(
    world: World, custodian: str, home: Config, clock: FixedClock
) -> None:
    old = organisation_of(world)
    change(world, custodian, home, clock, register="ukprn", number="10001234")
    change(world, custodian, home, clock, name="Quick Checks (synthetic)")
    for name in (old.name, old.name.upper(), old.name.replace("o", "\u043e")):
        with pytest.raises(SchoolgateError) as said:
            people.add_organisation(name, "university")
        assert said.value.code == "organisation-alike"
    with pytest.raises(SchoolgateError) as taken:
        people.add_organisation(
            "Fresh Start (synthetic)", "company", details={"register": "ukprn", "number": "10001234"}
        )
    assert old.id in taken.value.what


def test_nobody_but_the_custodian_changes_it_and_a_tampered_row_is_no_agreement(
    world: World, custodian: str, home: Config, clock: FixedClock
) -> None:
    given = {"organisation_id": organisation_of(world).id, "changes": {"name": "Quick Checks (synthetic)"}}
    outcome = desk.do(
        "organisation-change", world.person, config=home, clock=clock, **given, reason="Us.", alike_is_another=False
    )
    assert isinstance(outcome, Refused)
    assert codes(outcome) == {("not-your-decision", "")}
    assert Request.objects.get(agreement_id=world.agreement).state == "active"


def test_who_left_keeps_being_named_and_reads_nothing(
    world: World, custodian: str, home: Config, clock: FixedClock
) -> None:
    gone = desk.do(
        "person-leave", custodian, config=home, clock=clock, person_id=world.person, reason="Took another post."
    )
    assert isinstance(gone, people.PersonView)
    assert world.person in requests.get(world.agreement).people
    answer = gate.read(world.agreement, world.person, SQL, config=home, clock=clock)
    assert isinstance(answer, gate.RefusedQuery)
    assert "not-accredited" in {reason.code for reason in answer.reasons}
