"""Since 2017: Estonia's Data Tracker shows citizens who looked at their records; the best there is, and what it lacks.

Only some fifteen of over three hundred systems had joined while that was voluntary: here there is no other way in. A
look-up for another person's sake can tell a secret: an entry names body and purpose, never the case. An investigation
needs a delay, not an invisibility.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from schoolgate import gate, ledger, register
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import insist
from schoolgate.ids import Urn
from tests.gate.lookups import LookupScene, wanted
from tests.history import scene as history
from tests.world import CHILDREN, URN, another, build

pytestmark = pytest.mark.django_db(transaction=True)


def test_joining_is_no_choice_each_kind_of_read_is_in_the_child_s_answer(
    home: Config, clock: FixedClock, settings: Any
) -> None:
    settings.CLOCK = clock
    scene = LookupScene.of("matching", home, clock)
    world = scene.world
    assert isinstance(scene.read(), gate.Handover)  # a query
    insist(scene.match(wanted(1)))  # a list of people
    other = another(world, clock)
    extract = scene.ready(agreement_id=other)  # a file that leaves: under an agreement that looks nobody up
    gate.subject_access(world.pmrs[1], "family:1", config=home, clock=clock)  # the family's own look
    assert gate.find_own_pupil(Urn(URN), CHILDREN[1].upn, f"school:{URN}", config=home, clock=clock) == world.pmrs[1]
    gate.settle_pending(home, clock)
    seen = {line.exposure.release_id for line in scene.lines(1)}
    begun = {one["subject"] for one in history.told("release.begun")}
    kept = [one for agreement in (world.agreement, other, "A-SAR") for one in ledger.releases(agreement)]
    assert seen == begun == {one.release_id for one in kept}
    assert len(seen) == 5
    assert extract not in seen  # an order is none; its release is
    history.whole(home)


def test_a_look_up_names_body_and_purpose_and_never_the_case(home: Config, clock: FixedClock, settings: Any) -> None:
    settings.CLOCK = clock
    scene = LookupScene.of("matching", home, clock)
    insist(scene.match(wanted(1, ref="Case 4711: the aunt's will")))
    gate.settle_pending(home, clock)
    register.publish(clock, home)
    (line,) = scene.lines(1)
    assert line.exposure.agreement_id == scene.world.agreement
    everything = json.dumps([dict(one.body) for one in register.events(limit=1000)]) + str(line)
    assert "4711" not in everything
    assert "aunt" not in everything
    assert history.anywhere_below(home.log, b"4711") == []


def test_an_entry_of_the_register_tells_nobody_which_child_it_was(home: Config, clock: FixedClock) -> None:
    world = build(home, clock)
    answer = gate.read(world.agreement, world.person, history.SEX, config=home, clock=clock)
    assert isinstance(answer, gate.Handover)
    gate.settle_pending(home, clock)
    for child in CHILDREN:
        for needle in (child.upn, child.surname, child.forename):
            assert history.anywhere_below(home.log, needle.encode()) == []
