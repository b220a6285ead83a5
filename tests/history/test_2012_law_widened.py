"""2012 to 2013: the law was widened; companies, the press and single persons had identifying extracts on a form.

Over 1,795 by 2016, and the public saw a table long afterwards. Here an application is public the day it comes and
before anything is decided; a product that is sold has no lawful basis, so no panel can approve it; a new kind of
recipient waits until families were told; and nothing is sent to anybody's own office by default.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pyrage
import pytest

from schoolgate import gate, notices, register, requests
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import insist
from schoolgate.gate import service
from schoolgate.ids import Pmr
from schoolgate.policy import HANDED_OVER
from tests.history import scene
from tests.requests import road
from tests.world import World, build

pytestmark = pytest.mark.django_db(transaction=True)

KEY = pyrage.x25519.Identity.generate()


@pytest.fixture
def world(home: Config, clock: FixedClock) -> World:
    return build(home, clock)


def product(world: World, clock: FixedClock) -> requests.Application:
    return scene.apply(
        world, clock, "Home Scores Ltd (synthetic)", "company", purpose="commercial-product",
        kind_of_request="media", purpose_plain="We sell maps of schools to people who buy homes.",
    )  # fmt: skip


def test_the_public_reads_an_application_the_day_it_comes_before_anybody_decides(
    world: World, home: Config, clock: FixedClock, settings: Any
) -> None:
    asked = product(world, clock)
    register.publish(clock, home)
    client = scene.public(clock, home, settings)
    assert "Home Scores Ltd (synthetic)" in scene.page(client, "/register/")
    (entry,) = [one for one in scene.told("application.received") if one["subject"] == asked.id]
    assert (entry["kind"], entry["purpose"]) == ("company", "commercial-product")
    assert "commercial_interest" in entry
    assert scene.told("application.decided")[-1]["subject"] != asked.id


def test_no_panel_however_willing_can_approve_what_no_law_carries(world: World, clock: FixedClock) -> None:
    asked = product(world, clock)
    assert "basis-cannot-carry" in scene.refused(scene.decide(asked.id, True, clock))
    assert requests.application(asked.id).agreement_id == ""
    decided = requests.insist(road.decide(asked.id, False, ["No law allows it."], [], scene.panel(), clock))
    assert decided.state == "refused"
    assert scene.told("application.decided")[-1]["outcome"] == "refused"
    assert scene.figures("2026-Q3")["refusals", "kind of organisation: company"] == "1"


def test_a_new_kind_of_recipient_waits_until_families_were_told(world: World, home: Config, clock: FixedClock) -> None:
    requests.insist(notices.publish("Who uses pupil data", scene.custodian(), clock=clock))
    charity = scene.apply(world, clock, "Charity of Example (synthetic)", "charity")
    requests.insist(scene.decide(charity.id, True, clock))
    agreement = requests.insist(road.sign(charity.id, scene.custodian(), clock))
    person = agreement.people[0]
    before = gate.read(agreement.id, person, scene.SEX, config=home, clock=clock)
    assert "change-awaits-notice" in scene.refused(before)
    requests.insist(notices.publish("A charity may use it", scene.custodian(), clock=clock))
    eve, day = (FixedClock(datetime(2026, 10, number, 12, tzinfo=UTC)) for number in (2, 3))
    assert "change-awaits-notice" in scene.refused(gate.read(agreement.id, person, scene.SEX, config=home, clock=eve))
    assert isinstance(gate.read(agreement.id, person, scene.SEX, config=home, clock=day), gate.Handover)
    gate.settle_pending(home, day)
    assert {line.exposure.agreement_id for line in scene.family(Pmr(1), home)} == {agreement.id}
    scene.whole(home)


def test_single_records_go_to_nobody_s_own_office_by_default(world: World, home: Config, clock: FixedClock) -> None:
    """What thousands of forms once granted is refused before it is read, unless a named person let an extract go."""
    records = "SELECT pupil, sex, ethnicity FROM census_pupil"
    answer = service.read(world.agreement, world.person, records, config=home, clock=clock, output=HANDED_OVER)
    assert "extract-needed" in scene.refused(answer)
    assert scene.told("release.begun") == []
    assert scene.told("query.refused")[-1]["agreement"] == world.agreement
    ordered = insist(
        gate.order_extract(
            world.agreement, world.person, records, "Our own machines are faster.", str(KEY.to_public()), ".csv",
            clock=clock,
        )
    )  # fmt: skip
    no = gate.decide_extract(ordered.id, False, "The setting does it.", scene.custodian(), config=home, clock=clock)
    assert insist(no).state == "declined"
    assert scene.told("release.begun") == []
    assert scene.figures("2026-Q3")["extracts", "declined"] == "1"


def test_an_agreement_whose_answers_stay_in_the_setting_hands_nothing_over(
    world: World, home: Config, clock: FixedClock
) -> None:
    asked = scene.apply(world, clock, "Newspaper of Example (synthetic)", "company")
    requests.insist(scene.decide(asked.id, True, clock, "setting-output", "no-pseudonym"))
    agreement = requests.insist(road.sign(asked.id, scene.custodian(), clock))
    answer = service.read(agreement.id, agreement.people[0], scene.SEX, config=home, clock=clock, output=HANDED_OVER)
    assert "setting-only" in scene.refused(answer)
    assert scene.told("release.begun") == []
