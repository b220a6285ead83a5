"""A wrong fact is put right, or a note stands beside it; two at once; a power cut; who looks is seen."""

from __future__ import annotations

import pytest

from schoolgate import gate, rights
from schoolgate.errors import Refusal
from schoolgate.ids import Pmr
from schoolgate.rights import cases
from schoolgate.rights.cases import deciding
from tests.rights.cases.scene import Scene, codes

ITEM = "census_pupil.ethnicity"


def stands(scene: Scene, reference: str) -> cases.LookedRow:
    looked = scene.staff("recourse-look", reference=reference)
    assert isinstance(looked, cases.Looked), looked
    (row,) = looked.rows
    return row


def test_a_wrong_fact_is_put_right_told_and_used_again(world_scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = world_scene
    reference = scene.challenged(ITEM)
    row = stands(scene, reference)
    assert (row.when, row.urn, row.value) == ("AUT 2026", 100008, "WBRI")
    # The look is in the child's own answer, as staff's, and a step of the case.
    gate.settle_pending(scene.config, scene.clock)
    assert "custodian" in {
        line.looked for one in rights.lines_for(scene.link, config=scene.config) for line in one.releases
    }
    assert "look" in [step.event for step in scene.show(reference).steps]
    scene.heard(reference)
    # What is decided has to be a value that the dictionary knows; nothing is written when it is not.
    assert codes(scene.decide(reference, "corrected", value="Martian", row=row.token)) == {"value-not-a-code"}
    assert codes(scene.decide(reference, "corrected", value="APKN")) == {"row-missing"}
    assert scene.show(reference).line.state == "answered"
    # A power cut after the record was put right and before the decision was written: the same decision goes through.
    with monkeypatch.context() as cut:
        cut.setattr(deciding, "decision_letter", _power_cut)
        with pytest.raises(KeyboardInterrupt):
            scene.decide(reference, "corrected", value="APKN", row=row.token)
    assert scene.show(reference).line.state == "answered"
    assert scene.decide(reference, "corrected", value="APKN", row=row.token) == "decided"
    made = gate.corrections_of(Pmr(scene.pupils[1]), config=scene.config)
    assert [(one.case, one.old, one.new) for one in made] == [(reference, "WBRI", "APKN")]
    letter = scene.family("case-letter", reference=reference, number=len(scene.show(reference).steps))
    assert "We have put the fact right." in letter
    cases.mind_days(scene.config, scene.on("2026-09-20").clock)
    assert not scene.show(reference).disputed


def _power_cut(*args: object) -> str:
    raise KeyboardInterrupt


def test_of_two_corrections_at_once_the_second_is_told_and_a_note_may_stand_beside(world_scene: Scene) -> None:
    scene = world_scene
    first, second = scene.challenged(ITEM), scene.challenged(ITEM, row="another")
    assert scene.show(first).others == 1
    row = stands(scene, first)
    for reference in (first, second):
        scene.heard(reference)
    assert scene.decide(first, "corrected", value="APKN", row=row.token) == "decided"
    stale = scene.decide(second, "corrected", value="AIND", row=row.token)
    assert len(codes(stale)) == 1  # the row has changed meanwhile
    assert scene.show(second).line.state == "answered"
    fresh = stands(scene, second)
    assert fresh.value == "APKN"
    assert scene.decide(second, "annotated", value="We say: Indian.", row=fresh.token) == "decided"
    kinds = {one.kind: one.note for one in gate.corrections_of(Pmr(scene.pupils[1]), config=scene.config)}
    assert kinds == {"corrected": "", "annotated": "We say: Indian."}


def test_a_closed_record_is_not_looked_at(world_scene: Scene) -> None:
    scene = world_scene
    reference = scene.challenged(ITEM)
    shielded = gate.set_shield(_upn(scene), True, actor=scene.custodian, config=scene.config, clock=scene.clock)
    assert not isinstance(shielded, Refusal)
    assert codes(scene.staff("recourse-look", reference=reference)) == {"look-closed"}


def _upn(scene: Scene) -> str:
    from tests.world import CHILDREN

    return CHILDREN[1].upn
