"""What stands in the way of erasing: an open case, and a family's word that the record is kept; asked at every step."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from schoolgate import consent, desk, gate, people, register
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import Refused
from schoolgate.gate.erasing import service
from schoolgate.gate.erasing.holds import DestructionWaits
from schoolgate.gate.erasing.models import Destruction
from schoolgate.gate.erasing.names import destroy_names
from schoolgate.gate.erasing.places import delete_rows
from schoolgate.ids import Pmr
from schoolgate.oversight.past import past_its_day
from schoolgate.records.vault import Vault
from schoolgate.rights.cases.models import Case, CaseRemains
from tests import world as worlds
from tests.erasing.scene import CHILD, Scene, build
from tests.rights.cases.scene import enter

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def scene(home: Config, clock: FixedClock) -> Scene:
    return build(home, clock)


class Two:
    """Two people of the custodian's, and the family."""

    def __init__(self, scene: Scene, home: Config, clock: FixedClock) -> None:
        self.scene, self.home, self.clock = scene, home, clock

    def propose(self) -> Any:
        return service.propose_erasure(
            CHILD["UPN"], "unlawful", "It was wrong.", actor=self.scene.staff[0], config=self.home, clock=self.clock
        )

    def agree(self, number: str, agree: bool = True) -> Any:
        return service.decide_destruction(number, agree, "So it was.", actor=self.scene.staff[1], clock=self.clock)

    def carry(self, number: str) -> Any:
        return service.carry_destruction(number, config=self.home, clock=self.clock)

    def family(self, act: str, **given: Any) -> Any:
        link = self.scene.link
        return desk.for_family(act, link.account_id, link.id, config=self.home, clock=self.clock, **given)


@pytest.fixture
def two(scene: Scene, home: Config, clock: FixedClock) -> Two:
    return Two(scene, home, clock)


def code(answer: Any) -> str:
    assert isinstance(answer, Refused), answer
    (one,) = answer.reasons
    return one.code


def test_a_case_that_is_opened_after_the_proposal_comes_first(two: Two) -> None:
    made = two.propose()
    reference = two.family("case-open", kind="complaint", text="Why?")
    assert code(two.agree(made.number)) == "case-open"
    assert two.family("case-say", reference=reference, event="withdraw", text="Never mind.") == "withdrawn"
    assert two.agree(made.number).state == "agreed"
    # After it was agreed to, and before it was carried out, there is still time.
    again = two.family("case-open", kind="complaint", text="Why after all?")
    with pytest.raises(DestructionWaits, match="A case of this family is open"):
        two.carry(made.number)
    service.carry_out.func(number=made.number, config=two.home, clock=two.clock)
    service.tend.func(config=two.home, clock=two.clock)
    assert Case.objects.filter(closed_on=None).count() == 1
    assert register.events("store.destroyed") == ()
    assert two.family("case-say", reference=again, event="withdraw", text="Never mind.") == "withdrawn"
    service.tend.func(config=two.home, clock=two.clock)
    assert Destruction.objects.get().state == "done"
    assert CaseRemains.objects.count() == 2


def test_what_waits_does_not_hold_up_what_was_agreed_after_it(two: Two) -> None:
    waits = two.propose()
    two.agree(waits.number)
    two.family("case-open", kind="complaint", text="Why?")
    items = service.propose_items(
        ["census_pupil.language"], [], "unlawful", "It was wrong.", actor=two.scene.staff[0], clock=two.clock
    )
    two.agree(items.number)
    service.tend.func(config=two.home, clock=two.clock)
    assert [(one.number, one.state) for one in service.destructions()] == [
        (items.number, "done"), (waits.number, "agreed"),
    ]  # fmt: skip


@pytest.mark.parametrize("reason", ["unlawful-use", "legal-claim"])
def test_a_record_that_the_family_has_kept_and_not_used_is_not_erased(two: Two, reason: str) -> None:
    """Instead of erasure, or for a claim (UK GDPR Article 18(1)(b), (c)): at whichever step the family says so."""
    two.family("stop", reason=reason)
    assert code(two.propose()) == "kept-for-the-family"
    two.family("stop-no-more", reason=reason)
    made = two.propose()
    two.family("stop", reason=reason)
    assert code(two.agree(made.number)) == "kept-for-the-family"
    two.family("stop-no-more", reason=reason)
    two.agree(made.number)
    two.family("stop", reason=reason)
    with pytest.raises(DestructionWaits, match="asked that the record is kept"):
        two.carry(made.number)
    assert Vault(two.home).find(CHILD["UPN"]) == two.scene.child
    two.family("stop-no-more", reason=reason)
    assert two.carry(made.number).state == "done"


def test_nor_is_the_same_childs_record_under_another_reference(two: Two) -> None:
    consent.restrict(Pmr(4711), reason="legal-claim", actor="account:1", clock=two.clock)
    consent.join_references(Pmr(4711), two.scene.child, case="RC-2222-2222", actor="P-1", clock=two.clock)
    assert code(two.propose()) == "kept-for-the-family"
    consent.part_references("RC-2222-2222", actor="clock", clock=two.clock)
    assert two.propose().state == "proposed"


def test_a_restriction_that_waits_for_a_decision_does_not_forbid_that_the_record_goes(two: Two) -> None:
    consent.restrict(two.scene.child, reason="objection-pending", actor="account:1", clock=two.clock)
    assert two.propose().state == "proposed"


def test_what_was_proposed_can_be_refused_whatever_stands_against_it(two: Two) -> None:
    made = two.propose()
    two.family("stop", reason="legal-claim")
    assert two.agree(made.number, agree=False).state == "refused"


def test_a_years_names_go_without_those_of_whom_a_case_is_open_or_who_are_kept(home: Config, clock: FixedClock) -> None:
    world = worlds.build(home, clock)
    first, second, *others = world.pmrs
    Case.objects.create(
        reference="K-OPEN", kind="complaint", state="outside", pupil=first, account_id=1, link_id=1,
        received_at=clock.now(), received_on=clock.now().date(), waits_since=clock.now().date(),
    )  # fmt: skip
    consent.restrict(second, reason="legal-claim", actor="account:1", clock=clock)
    done = destroy_names(2026, config=home, clock=clock)
    assert (done.pupils, done.left) == (4, 2)
    vault = Vault(home)
    assert set(vault.identities(world.pmrs)) == {first, second}
    assert all(vault.is_erased(pupil) for pupil in others)
    # Nobody else is left: it waits, and is taken up again.
    with pytest.raises(DestructionWaits, match="All of these families"):
        destroy_names(2026, config=home, clock=clock)
    Case.objects.update(closed_on=clock.now().date())
    consent.withdraw_restriction(second, reason="legal-claim", actor="account:1", clock=clock)
    assert destroy_names(2026, config=home, clock=clock).pupils == 2
    assert vault.identities(world.pmrs) == {}


def test_names_that_were_left_out_are_told_as_a_count_and_stay_past_their_day(home: Config, clock: FixedClock) -> None:
    world = worlds.build(home, clock)
    told = {"year": 2026, "term": "AUT", "schools": 1, "snapshot": 1}
    with transaction.atomic():
        register.append_event("term.loaded", "2026 AUT", told, clock.now())
    late = FixedClock(clock.now().replace(year=2060))
    consent.restrict(world.pmrs[0], reason="unlawful-use", actor="account:1", clock=clock)
    ministry = people.find_organisation("Ministry (synthetic)").id
    one, two = (people.add_person(ministry, "custodian").id for _ in range(2))

    def gone() -> gate.DestructionView:
        made = service.propose_rule(
            "identity", "identity", [], 2026, "Names, of the censuses of 2026", "It is time.", actor=one, clock=late
        )
        assert isinstance(made, gate.DestructionView), made
        service.decide_destruction(made.number, True, "It is.", actor=two, clock=late)
        return service.carry_destruction(made.number, config=home, clock=late)

    def due() -> bool:
        return "identity" in {held.rule for held in past_its_day(late)}

    certificate = gone().certificate or {}
    assert (certificate["pupils"], certificate["pupils_left"]) == ("fewer than 10", "fewer than 10")
    assert due(), "the year can be proposed again"
    consent.withdraw_restriction(world.pmrs[0], reason="unlawful-use", actor="account:1", clock=late)
    assert "pupils_left" not in (gone().certificate or {})
    assert not due()


def test_another_child_s_case_that_followed_its_row_is_not_erased_with_this_record(
    home: Config, clock: FixedClock
) -> None:
    scene = enter(home, clock)
    reference = scene.complained()
    other = Pmr(scene.pupils[5])
    Case.objects.update(pmr=other, followed=True, paper="census_pupil|2026|AUT|1|r", closed_on=clock.now().date())
    delete_rows(int(other))
    row = Case.objects.get()
    assert (row.reference, row.pmr, row.paper) == (reference, None, "")
    assert not CaseRemains.objects.exists()
    delete_rows(int(scene.pupils[1]))
    assert not Case.objects.exists()
