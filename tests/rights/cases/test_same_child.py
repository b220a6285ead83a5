"""A row moved to another reference, and a person said that it is the same child: what protects it holds there, too."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from schoolgate import consent, gate, ledger, rights
from schoolgate.gate.erasing import past
from schoolgate.gate.erasing.places import delete_rows
from schoolgate.ids import Pmr
from schoolgate.rights import cases
from schoolgate.rights.cases.models import Case
from tests.rights.cases.scene import Scene
from tests.rights.cases.test_rectify import reloaded

pytestmark = pytest.mark.django_db

ITEM = "census_pupil.ethnicity"
SQL = "SELECT pupil, ethnicity FROM census_pupil"


def about_a_row(scene: Scene, item: str = "census_pupil.sex") -> str:
    """The family says that a fact of its row is wrong; the case."""
    held = gate.subject_access(Pmr(scene.pupils[1]), "test", config=scene.config, clock=scene.clock)
    return scene.challenged(item, row=held.tokens["census_pupil"][0])


def followed(scene: Scene, reference: str, to: int = 5, at: int = 1) -> None:
    """A clerk puts the row to another reference, and a person says that it is the same child."""
    reloaded(scene, at, to)
    assert cases.mind_rows(scene.config, scene.clock) == 1
    scene.step(reference, "follow_row", "It is your child.")
    assert Case.objects.get(reference=reference).followed


def read_of(scene: Scene, at: int = 5) -> tuple[str, ...]:
    """What a researcher's read just now took of one reference."""
    assert scene.world is not None
    made = gate.read(scene.world.agreement, scene.world.person, SQL, config=scene.config, clock=scene.clock)
    assert isinstance(made, gate.Handover), made
    gate.settle_pending(scene.config, scene.clock)
    mine = [one for one in ledger.who_has(Pmr(scene.pupils[at])) if one.release_id == made.release_id]
    return mine[0].items if mine else ()


def stopped(scene: Scene) -> None:
    scene.family("stop", reason="legal-claim")


def objected(scene: Scene) -> None:
    scene.family("object", of="all", target="")


def hidden(scene: Scene) -> None:
    consent.shield(Pmr(scene.pupils[1]), actor="P-1", clock=scene.clock)


def declined(scene: Scene) -> None:
    scene.family("decline", item=ITEM)
    past.replace_all(config=scene.config, clock=scene.clock)


def disputed(scene: Scene) -> None:
    scene.challenged(ITEM)


PROTECTS = [stopped, objected, hidden, declined, disputed]


@pytest.mark.parametrize("protects", PROTECTS)
@pytest.mark.parametrize("before", [True, False])
def test_what_a_family_chose_counts_for_the_other_reference_and_no_more_once_the_row_moves_back(
    world_scene: Scene, protects: Callable[[Scene], None], before: bool
) -> None:
    scene, reference = world_scene, about_a_row(world_scene)
    if before:
        protects(scene)
    followed(scene, reference)
    if not before:
        assert ITEM in read_of(scene)
        protects(scene)
    assert ITEM not in read_of(scene)
    back(scene)
    assert cases.mind_rows(scene.config, scene.clock) == 1
    row = Case.objects.get(reference=reference)
    assert (row.pmr, row.followed, row.disputed) == (None, False, True)
    assert row.steps.order_by("number").last().event == "row_back"
    assert consent.other_references(Pmr(scene.pupils[1])) == ()
    assert ITEM in read_of(scene, 5)
    assert cases.mind_rows(scene.config, scene.clock) == 0


def back(scene: Scene) -> None:
    """The clerk's second thought: each row is its own child's again."""
    reloaded(scene, 99, 99)


def test_the_familys_list_has_what_was_taken_under_the_other_reference_with_its_proof(world_scene: Scene) -> None:
    scene, reference = world_scene, about_a_row(world_scene)
    reloaded(scene, 1, 5)  # the row left: from here on a read finds this child under the other reference alone
    own = {one.release_id for one in rights.who_has(scene.link, config=scene.config)}
    assert ITEM in read_of(scene)
    assert {one.release_id for one in rights.who_has(scene.link, config=scene.config)} == own
    assert cases.mind_rows(scene.config, scene.clock) == 1
    scene.step(reference, "follow_row", "It is your child.")
    assert ITEM in read_of(scene)
    theirs = {one.release_id for one in ledger.who_has(Pmr(scene.pupils[5]))}
    lines = rights.who_has(scene.link, config=scene.config)
    mine = [one.release_id for one in lines]
    assert len(theirs) == 2
    assert len(mine) == len(set(mine))
    assert set(mine) == own | theirs
    for release in theirs:
        proof = rights.proof_file(scene.link, release, config=scene.config)
        assert proof["schoolgate"] == "family-proof/1"
    reloaded(scene, 99, 99)
    cases.mind_rows(scene.config, scene.clock)
    assert {one.release_id for one in rights.who_has(scene.link, config=scene.config)} == own
    with pytest.raises(rights.UnknownLine):
        rights.proof_file(scene.link, theirs.pop(), config=scene.config)


def test_a_row_that_moves_a_second_time_is_noticed_and_a_person_is_asked_again(world_scene: Scene) -> None:
    scene, reference = world_scene, about_a_row(world_scene, ITEM)
    stopped(scene)
    followed(scene, reference)
    reloaded(scene, 1, 4)
    assert cases.mind_rows(scene.config, scene.clock) == 1
    row = Case.objects.get(reference=reference)
    assert (row.pmr, row.followed) == (int(scene.pupils[4]), False)
    # It stays out of use where it is now; where it was it is used again, and nothing else of the child's holds there.
    assert consent.other_references(Pmr(scene.pupils[1])) == ()
    assert not consent.disputes_of(Pmr(scene.pupils[5]))
    assert [one.item for one in consent.disputes_of(Pmr(scene.pupils[4]))] == [ITEM]
    assert scene.step(reference, "follow_row", "It is your child.") == "received"
    assert consent.other_references(Pmr(scene.pupils[1])) == (Pmr(scene.pupils[4]),)


def test_it_holds_when_the_case_is_closed_and_ends_when_the_row_moves_then(world_scene: Scene) -> None:
    scene, reference = world_scene, about_a_row(world_scene, ITEM)
    followed(scene, reference)
    assert scene.say(reference, "withdraw", "") == "withdrawn"
    stopped(scene)
    assert read_of(scene) == ()
    reloaded(scene, 1, 4)
    assert cases.mind_rows(scene.config, scene.clock) == 1
    row = Case.objects.get(reference=reference)
    assert (row.pmr, row.followed, row.state) == (None, False, "withdrawn")
    assert consent.other_references(Pmr(scene.pupils[1])) == ()
    assert cases.mind_rows(scene.config, scene.clock) == 0


def test_of_a_child_that_is_erased_nothing_joins_a_reference(world_scene: Scene) -> None:
    scene, reference = world_scene, about_a_row(world_scene)
    followed(scene, reference)
    delete_rows(scene.pupils[5])
    assert consent.joined_pupils() == {}
