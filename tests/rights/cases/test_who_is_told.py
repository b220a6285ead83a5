"""Nobody is written to about a child whose page is closed to them, and no school about a child that is shielded."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from schoolgate import consent, gate, rights
from schoolgate.clock import FixedClock
from schoolgate.ids import Pmr
from schoolgate.people.models import Account
from schoolgate.post.letters import keys
from schoolgate.post.models import Letter
from schoolgate.records.vault import Vault
from schoolgate.rights import cases
from schoolgate.rights.cases.models import Case
from schoolgate.rights.models import ChildLink
from tests.rights.cases.scene import Scene
from tests.world import CHILDREN, URN

pytestmark = pytest.mark.django_db

UPN = CHILDREN[1].upn


def told() -> list[tuple[str, str]]:
    """To whom a letter left, and its first words."""
    opened = [json.loads(keys().unseal("post", bytes(one.sealed), one.uid.bytes)) for one in Letter.objects.all()]
    return sorted((one["to"], one["subject"].partition(" ")[0]) for one in opened)


def a_no_ends(scene: Scene) -> None:
    """Two of staff end the "no" of somebody who does not act for the child any more."""
    pupil = Pmr(scene.pupils[1])
    consent.lodge_objection(pupil, "education-research", actor="account:777", clock=scene.clock)
    (no,) = consent.nos_held(pupil)
    for who in (scene.custodian, scene.second):
        ended = rights.end_no_of_another(
            UPN, no.number, "court-order", "An order.", actor=who, clock=scene.clock, config=scene.config
        )
        assert ended is (who == scene.second)


def hidden(scene: Scene) -> None:
    assert consent.shield(Pmr(scene.pupils[1]), actor="P-1", clock=scene.clock)


def taken_over(scene: Scene) -> None:
    """The young person has an account of their own, and gives no leave."""
    young = int(Account.objects.create_user("young@example.org", "correct horse battery").pk)
    link = {"pupil": scene.pupils[1], "standing": "pupil", "since": scene.clock.now()}
    ChildLink.objects.create(public_id=99, account_id=young, **link)


@pytest.fixture
def grown(world_scene: Scene) -> Scene:
    """A child of fourteen."""
    scene = world_scene
    Vault(scene.config).update({Pmr(scene.pupils[1]): replace(CHILDREN[1], dob="2012-03-11")})
    return scene


def test_whose_page_is_open_is_written_to_about_a_case_and_about_a_no_that_ended(grown: Scene) -> None:
    grown.step(grown.complained(), "acknowledge", "")
    a_no_ends(grown)
    assert told() == [("parent@example.org", "A"), ("parent@example.org", "Something")]


def test_whom_a_shield_shut_out_is_written_to_about_neither_until_confirmed_again(grown: Scene) -> None:
    reference = grown.complained()
    hidden(grown)
    grown.step(reference, "acknowledge", "")
    a_no_ends(grown)
    assert told() == []
    later = Scene(**{**grown.__dict__, "clock": FixedClock(grown.clock.now() + timedelta(hours=1))})
    ChildLink.objects.filter(public_id=grown.link.id).update(confirmed_at=later.clock.now())
    assert later.step(reference, "tell_progress", "We read it.") == "acknowledged"
    assert told() == [("parent@example.org", "Something")]


def test_whom_a_young_person_shut_out_is_written_to_about_neither_and_the_young_person_is(grown: Scene) -> None:
    reference = grown.complained()
    taken_over(grown)
    grown.step(reference, "acknowledge", "")
    a_no_ends(grown)
    assert told() == [("young@example.org", "A")]
    # The case goes on and is decided: the custodian owes itself an answer to what was asked while the adult might ask.
    assert grown.decide(reference, "upheld") == "decided"
    assert told() == [("young@example.org", "A")]


def test_a_school_is_not_written_to_about_a_case_whose_row_is_a_shielded_childs(world_scene: Scene) -> None:
    scene = world_scene
    Account.objects.create_user("office@example.org", "x", role="school", urn=URN)
    reference = scene.challenged()
    Case.objects.filter(reference=reference).update(pmr=scene.pupils[5], followed=True, source_urn=URN)
    consent.shield(Pmr(scene.pupils[5]), actor="P-1", clock=scene.clock)
    assert scene.step(reference, "ask_source") == "with_source"
    assert cases.asked_of_school(URN, clock=scene.clock) == ()
    assert "office@example.org" not in {to for to, _ in told()}
    assert gate.access_of(Pmr(scene.pupils[5]), config=scene.config, clock=scene.clock).shielded_since is not None
