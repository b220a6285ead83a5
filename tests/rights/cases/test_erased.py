"""A case decided to end in an erasure proposes it by itself, and a second person still has to agree."""

from __future__ import annotations

from typing import Any

import pytest

from schoolgate import gate
from schoolgate.rights.cases import effects
from tests.rights.cases.scene import Scene

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_was_decided_is_proposed_and_the_case_shows_it_until_it_goes_with_the_record(world_scene: Scene) -> None:
    scene = world_scene
    case = scene.family("case-open", kind="erasure", text="It was never to be kept.")
    scene.step(case, "acknowledge")
    assert effects.to_erase() == []
    assert scene.decide(case, "erased") == "decided"
    assert gate.destructions() == ()
    other = scene.complained()

    def tend() -> None:
        effects.open_erasures.func(config=scene.config, clock=scene.clock)

    tend()
    assert gate.destructions() == (), "another case of the family is finished first"
    assert scene.family("case-say", reference=other, event="withdraw", text="Never mind.") == "withdrawn"
    tend()
    tend()
    (made,) = gate.destructions()
    assert (made.state, made.case, made.ground, made.proposed_by) == ("proposed", case, "case-decided", scene.custodian)
    assert gate.destruction_of_case(case) == made

    shown = scene.family("case-show", reference=case)
    step = next(one for one in shown.steps if one.event == effects.PROPOSED)
    assert made.number in step.said.text

    def decided(who: str) -> Any:
        return scene.staff("destroy-decide", who, number=made.number, agree=True, because="Nothing stands against it.")

    assert "You proposed this yourself." in str(decided(scene.custodian))
    decided(scene.second)
    done = gate.carry_destruction(made.number, config=scene.config, clock=scene.clock)
    assert (done.state, done.case) == ("done", "")
    assert gate.destruction_of_case(case) is None, "nothing leads from the certificate to a family's letter"
    assert effects.to_erase() == []
