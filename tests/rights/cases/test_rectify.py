"""A wrong fact is put right, or a note stands beside it; two at once; a power cut; who looks is seen."""

from __future__ import annotations

import pytest

from schoolgate import consent, gate, rights
from schoolgate.errors import Refusal
from schoolgate.ids import Pmr, Term
from schoolgate.records.append import load_term
from schoolgate.rights import cases
from schoolgate.rights.cases import deciding
from tests import world as worlds
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
    # A power cut before the decision was written leaves the record as it was: both are one transaction.
    with monkeypatch.context() as cut:
        cut.setattr(deciding, "decision_letter", _power_cut)
        with pytest.raises(KeyboardInterrupt):
            scene.decide(reference, "corrected", value="APKN", row=row.token)
    assert scene.show(reference).line.state == "answered"
    assert gate.corrections_of(Pmr(scene.pupils[1]), config=scene.config) == ()
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


def reloaded(scene: Scene, at: int, to: int) -> None:
    """The autumn census is loaded again after a clerk found that one row is another pupil's."""
    rows = [
        {
            "pupil": scene.pupils[to if one == at else one], "year": 2026, "term": "AUT", "urn": worlds.URN,
            "onroll": True, "ethnicity": "WBRI", "return_id": "r", "return_row": one,
        }
        for one in range(6) if one != to
    ]  # fmt: skip
    facts = [("census_pupil", worlds.batch("census_pupil", rows))]
    load_term(2026, Term.AUTUMN, facts, return_ids=["r"], config=scene.config, clock=scene.clock)


@pytest.mark.parametrize("same", [True, False])
def test_a_case_about_a_row_that_a_clerk_found_to_be_another_pupils(world_scene: Scene, same: bool) -> None:
    """Merged: one child had two references, and its case goes along. Split: it was another child all along."""
    scene, pupil = world_scene, Pmr(world_scene.pupils[1])
    other = Pmr(scene.pupils[5])
    held = gate.subject_access(pupil, "test", config=scene.config, clock=scene.clock)
    reference = scene.challenged(ITEM, row=held.tokens["census_pupil"][0])
    assert codes(scene.step(reference, "follow_row")) == {"row-not-moved"}
    assert cases.mind_rows(scene.config, scene.clock) == 0
    reloaded(scene, 1, 5)
    assert cases.mind_rows(scene.config, scene.clock) == 1
    assert cases.mind_rows(scene.config, scene.clock) == 0
    # What is in doubt stays out of use, whoever has it; and nothing is decided before a person has said who it is.
    assert (
        [one.item for one in consent.disputes_of(pupil)] == [one.item for one in consent.disputes_of(other)] == [ITEM]
    )
    scene.heard(reference)
    assert codes(scene.decide(reference, "corrected", value="APKN", row="x")) == {"row-moved"}
    assert "row_moved" in [step.event for step in scene.show(reference).steps]
    words = "It is your child." if same else "Which row do you mean?"
    assert scene.step(reference, "follow_row" if same else "keep_child", words) == "answered"
    if not same:
        assert not consent.disputes_of(other)
        assert consent.disputes_of(pupil)
        assert scene.staff("recourse-look", reference=reference).rows == ()  # the child has no such row any more
        assert codes(scene.decide(reference, "corrected", value="APKN")) == {"row-missing"}
        return
    row = stands(scene, reference)
    assert scene.decide(reference, "corrected", value="APKN", row=row.token) == "decided"
    (made,) = gate.corrections_of(other, config=scene.config)
    assert (made.case, made.new) == (reference, "APKN")
    assert scene.show(reference).outcome == "corrected"  # its family still finds it at its child
    cases.mind_days(scene.config, scene.on("2026-09-20").clock)
    assert not consent.disputes_of(pupil)
    assert not consent.disputes_of(other)
