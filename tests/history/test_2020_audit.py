"""2020: the regulator's compulsory audit made 139 recommendations; over 60 % were urgent or high.

There was no record of processing; who controls what was unclear; the power to share was chosen "to fit" the
application; notices were inadequate. Here the record is made from agreements and what ran, and a read that no
agreement declares makes its check fail; the power and the basis are checked against the purpose before anybody can
approve; notices are made from the agreements themselves.
"""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from schoolgate import gate, notices, oversight, requests
from schoolgate.cli.oversight import app
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from tests.history import scene
from tests.oversight import told
from tests.requests import road
from tests.world import World, build

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(home: Config, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("SCHOOLGATE_HOME", str(home.home))
    return build(home, clock)


def test_the_record_of_processing_is_there_the_moment_an_agreement_is(
    world: World, home: Config, clock: FixedClock
) -> None:
    before = {one.id for one in oversight.record_of_processing(oversight.from_database()).activities}
    asked = scene.apply(world, clock, "Council of Example (synthetic)", "university")
    requests.insist(scene.decide(asked.id, True, clock))
    agreement = requests.insist(road.sign(asked.id, scene.custodian(), clock))
    made = oversight.record_of_processing(oversight.from_database())
    assert {one.id for one in made.activities} - before == {agreement.id}
    (own,) = [one for one in made.activities if one.id == agreement.id]
    assert "Council of Example (synthetic), for its own use" in own.controllers  # who controls what is said
    assert any("Ministry (synthetic)" in one for one in own.controllers)
    assert own.time_limits
    assert own.ran.times == 0


def test_it_cannot_be_prettier_than_what_ran(world: World, home: Config, clock: FixedClock) -> None:
    assert isinstance(gate.read(world.agreement, world.person, scene.SEX, config=home, clock=clock), gate.Handover)
    (own,) = [
        one for one in oversight.record_of_processing(oversight.from_database()).activities if one.id == world.agreement
    ]
    assert (own.ran.times, own.ran.items.count("census_pupil.sex")) == (1, 1)
    assert "census_pupil.sex" not in own.never_used
    assert CliRunner().invoke(app, ["record-of-processing"]).exit_code == 0
    told.read(clock.now().date().isoformat(), "R-secret", world.agreement, ["census_pupil.fsmeligible"])
    answer = CliRunner().invoke(app, ["record-of-processing"])
    assert answer.exit_code == 1
    assert "R-secret" in answer.output


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"gateway": "Children Act 2004 s.10"}, "gateway-missing"),
        ({"gateway": "The Secretary of State's general powers"}, "gateway-missing"),
        ({"lawful_basis": "UK GDPR Article 6(1)(f)"}, "basis-cannot-carry"),
    ],
)
def test_a_power_chosen_to_fit_is_refused_whoever_votes_for_it(
    changes: dict[str, str], code: str, world: World, clock: FixedClock
) -> None:
    asked = scene.apply(world, clock, "Institute of Example (synthetic)", "university", **changes)
    assert code in scene.refused(scene.decide(asked.id, True, clock))
    assert requests.application(asked.id).agreement_id == ""


def test_notices_say_what_the_agreements_say(world: World, clock: FixedClock) -> None:
    def text() -> str:
        return notices.compose(notices.take_picture(clock), notices.audience(), site="https://pupils.example").whole

    before = text()
    assert "University of Example (synthetic)" in before
    requests.insist(requests.end(world.agreement, "It is over.", scene.custodian(), clock))
    assert text() != before
    assert notices.changes(notices.take_picture(clock), notices.take_picture(clock)) == ()
