"""What a family takes back goes from the lake, and whoever was given it is told to use it no longer."""

from __future__ import annotations

import pytest

from schoolgate import gate
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.gate.corrections.history import opened
from schoolgate.gate.corrections.models import Affected, Correction
from schoolgate.gate.erasing import past
from tests import world as worlds
from tests.corrections import scene as scenes
from tests.corrections.scene import COUNTS, made

pytestmark = pytest.mark.django_db(transaction=True)

ETHNICITY = "census_pupil.ethnicity"


def test_what_a_family_takes_back_is_told_to_each_agreement_that_was_shown_it(home: Config, clock: FixedClock) -> None:
    world = scenes.begin(home, clock)
    second, counting, other = (worlds.another(world.world, world.clock) for _ in range(3))
    for agreement in (world.world.agreement, second):
        world.read(agreement=agreement)
    world.read(COUNTS, counting)
    world.read("SELECT pupil, sex FROM census_pupil", other)
    child = world.world.pmrs[4]
    gate.decline_item(child, ETHNICITY, actor="account:1", config=home, clock=world.clock)
    made(world.correct(0, ETHNICITY, "WIRI"))
    assert past.replace_all(config=home, clock=world.clock) == 1
    world.read(agreement=other)  # after: it was given the code alone
    assert world.record(4).tables["census_pupil"][0]["ethnicity"] == "REFU"
    # The ground to hold the old value is gone, so it is kept nowhere; the row is known again by the paper it came from.
    row = Correction.objects.get(kind="declined")
    assert "APKN" not in str(opened(row, home))
    assert (row.case_ref, row.actor, row.item) == ("", "family", ETHNICITY)

    world.later(1)
    world.tend()
    found = {one.agreement_id: world.page(one.id) for one in world.notices()}
    assert found.keys() == {world.world.agreement, second, counting}
    lines = {line.kind: line for line in found[world.world.agreement].lines}
    assert lines.keys() == {"corrected", "declined"}, "one notice a day tells both"
    assert (lines["declined"].old, lines["declined"].new) == ("", "REFU")
    (twin,) = [line for line in found[second].lines if line.kind == "declined"]
    assert twin.pupil != lines["declined"].pupil, "under each agreement's own reference"
    assert {one.kind: one.corrections for one in found[counting].counts} == {
        "corrected": "fewer than 10", "declined": "fewer than 10",
    }  # fmt: skip
    # The family sees every recipient's state, as of any correction.
    states = gate.correction_states(child, config=home, clock=world.clock)
    assert {(one.agreement_id, one.state, one.kind) for one in states} == {
        (agreement, "fetched", "declined") for agreement in found
    }
    (mine,) = gate.corrections_of(child, config=home)
    assert (mine.kind, mine.old, mine.new, mine.still) == ("declined", "", "REFU", "")
    # A result that held what was taken back since was not wrong (UK GDPR Article 7(3)).
    assert {one.corrected for one in Affected.objects.all()} == {1}
    gate.acknowledge(found[second].notice.id, "not-used", "", world.world.person, clock=world.clock)
    assert "acknowledged" in {
        one.state for one in gate.correction_states(child, config=home, clock=world.clock) if one.did == "not-used"
    }
