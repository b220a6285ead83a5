"""Two who act on one case at the same moment: what the case says is what was done to the record, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from schoolgate import consent, gate, people
from schoolgate.errors import Refused
from schoolgate.ids import Pmr
from schoolgate.rights import cases
from schoolgate.rights.cases import deciding, effects
from schoolgate.rights.cases.models import Case
from tests.requests.at_once import at_once
from tests.rights.cases.scene import Scene, codes

pytestmark = pytest.mark.django_db(transaction=True)

ITEM = "census_pupil.ethnicity"


def third(scene: Scene) -> str:
    """One more person of the custodian's."""
    return people.add_person(people.find_organisation("Department (synthetic)").id, "custodian").id


def token(scene: Scene, reference: str) -> str:
    looked = scene.staff("recourse-look", reference=reference)
    assert isinstance(looked, cases.Looked), looked
    return looked.rows[0].token


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], Any]) -> None:
    """Let somebody act after the decision was found to be possible, and before anything of it is done."""
    real = deciding._carry_out

    def late(*given: Any) -> Any:
        monkeypatch.setattr(deciding, "_carry_out", real)
        acted = act()
        assert not isinstance(acted, Refused), acted
        return real(*given)

    monkeypatch.setattr(deciding, "_carry_out", late)


@pytest.mark.parametrize(
    ("item", "outcome", "value"),
    [(ITEM, "corrected", "APKN"), (ITEM, "annotated", "We say: Pakistani."), ("identity.forename", "corrected", "Zoe")],
)
def test_a_record_is_not_changed_by_who_decides_second(
    world_scene: Scene, monkeypatch: pytest.MonkeyPatch, item: str, outcome: str, value: str
) -> None:
    scene, other = world_scene, third(world_scene)
    reference = scene.challenged(item)
    row = token(scene, reference)
    scene.heard(reference)
    before = gate.subject_access(Pmr(scene.pupils[1]), "test", config=scene.config, clock=scene.clock)
    meanwhile(monkeypatch, lambda: scene.decide(reference, "refused", who=other))
    late = scene.decide(reference, outcome, value=value, row=row)
    assert len(codes(late)) == 1
    held = Case.objects.get()
    assert (held.state, held.outcome, held.decided_by) == ("decided", "refused", other)
    after = gate.subject_access(Pmr(scene.pupils[1]), "test", config=scene.config, clock=scene.clock)
    assert (after.tables, after.identity) == (before.tables, before.identity)
    assert gate.corrections_of(Pmr(scene.pupils[1]), config=scene.config) == ()
    # What was begun and undone is in nobody's way: a second look puts it right.
    assert scene.say(reference, "appeal") == "in_review"
    assert scene.decide(reference, outcome, "review", third(scene), value=value, row=row) == "reviewed"
    (made,) = gate.corrections_of(Pmr(scene.pupils[1]), config=scene.config)
    assert (made.case, made.kind) == (reference, outcome)


def test_a_record_is_not_restricted_nor_a_use_stopped_for_a_case_that_its_family_took_back(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind, outcome, value in (
        ("restriction", "restricted", "legal-claim"),
        ("objection-review", "upheld", "education-research"),
    ):
        reference = scene.family("case-open", kind=kind, text="We ask for it.")
        meanwhile(monkeypatch, partial(scene.say, reference, "withdraw", ""))
        assert isinstance(scene.decide(reference, outcome, value=value), Refused)
        assert scene.show(reference).line.state == "withdrawn"
    assert not consent.restrictions_of(scene.pupils[1])
    assert not consent.nos_held(scene.pupils[1])


def test_a_row_that_was_found_to_be_another_childs_meanwhile_is_not_changed(
    world_scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = world_scene
    reference = scene.challenged(ITEM)
    row = token(scene, reference)
    scene.heard(reference)

    def follows() -> int:
        return Case.objects.update(pmr=scene.pupils[5], followed=True)

    meanwhile(monkeypatch, follows)
    assert codes(scene.decide(reference, "corrected", value="APKN", row=row)) == {"case-changed"}
    assert gate.corrections_of(Pmr(scene.pupils[1]), config=scene.config) == ()


def test_of_an_official_and_a_family_at_once_one_counts_and_the_record_follows_it(scene: Scene) -> None:
    for _ in range(8):
        official = third(scene)
        reference = scene.family("case-open", kind="restriction", text="We go to court.")
        decided, withdrew = at_once(
            partial(scene.decide, reference, "restricted", value="legal-claim", who=official),
            partial(scene.say, reference, "withdraw", ""),
        )
        assert isinstance(decided, Refused) is not isinstance(withdrew, Refused)
        stands = official in {one.placed_by for one in consent.restrictions_of(scene.pupils[1])}
        assert stands is (scene.show(reference).line.state == "decided")


def test_no_erasure_is_proposed_for_a_case_that_its_family_took_further_meanwhile(scene: Scene) -> None:
    reference = scene.family("case-open", kind="erasure", text="Erase it.")
    assert scene.decide(reference, "erased") == "decided"
    assert effects.to_erase() == [reference]
    assert scene.say(reference, "appeal") == "in_review"
    assert effects.erase(reference, config=scene.config, clock=scene.clock) is None
    assert effects.PROPOSED not in [step.event for step in scene.show(reference).steps]
