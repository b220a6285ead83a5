"""Names past their day go a whole year's at once, by two people's decision, and after the facts they lead to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction

from schoolgate import desk, gate, oversight, people, register
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import Refused, SchoolgateError
from schoolgate.gate.erasing import service
from schoolgate.records.vault import Vault
from schoolgate.rights.models import ChildLink
from tests import world as worlds

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_years_names_are_counted_and_go_by_one_act_after_its_facts(home: Config, clock: FixedClock) -> None:
    world = worlds.build(home, clock)
    with transaction.atomic():
        told = {"year": 2026, "term": "AUT", "schools": 1, "snapshot": 1}
        register.append_event("term.loaded", "2026 AUT", told, clock.now())
    answer = gate.read(world.agreement, world.person, "SELECT pupil, sex FROM census_pupil", config=home, clock=clock)
    assert isinstance(answer, gate.Handover)
    gate.settle_pending(home, clock)
    before = gate.member_proof(answer.release_id, world.pmrs[1], home)
    Vault(home).erase(world.pmrs[0])  # erased long before: nobody's name any more
    ministry = people.find_organisation("Ministry (synthetic)").id
    officials = [people.add_person(ministry, "custodian").id for _ in range(2)]
    late = replace(clock, moment=datetime(2052, 1, 2, tzinfo=UTC))

    def act(name: str, person: str = officials[0], **given: Any) -> Any:
        return desk.do(name, person, config=home, clock=late, **given)

    def names() -> Any:
        (found,) = [one for one in act("destroy-due") if one.rule == "identity"]
        return found

    assert {one.rule for one in act("destroy-due")} == {one.id for one in oversight.rules()}
    assert (names().census, names().pupils) == (2026, "fewer than 10")
    assert names().must_wait == "The facts and returns of this year and of years before go first."
    early = act("destroy-by-rule", rule="identity", year=2026)
    assert isinstance(early, Refused)
    assert early.reasons[0].code == "facts-first"
    assert set(gate.last_years(home)[2026]) == {int(pupil) for pupil in world.pmrs[1:]}

    def agreed(rule: str) -> str:
        made = act("destroy-by-rule", rule=rule, year=2026)
        assert isinstance(made, gate.DestructionView), made
        act("destroy-decide", officials[1], number=made.number, agree=True, because="Its day is past.")
        return made.number

    for rule in [one.id for one in oversight.rules() if one.id != "identity"]:
        service.carry_destruction(agreed(rule), config=home, clock=late)
    assert names().must_wait == ""
    link = ChildLink.objects.create(public_id=7_000_001, account_id=1, pupil=world.pmrs[1], since=late.now())
    number = agreed("identity")

    # Cut short after the keys: nobody is named any more, and the next try ends it.
    def cut(step: str) -> None:
        if step == "key":
            raise SchoolgateError("The power went.", code="cut")

    with pytest.raises(SchoolgateError, match="The power went"):
        service.carry_destruction(number, config=home, clock=late, after=cut)
    done = service.carry_destruction(number, config=home, clock=late)
    assert done.state == "done"
    vault = Vault(home)
    assert vault.identities(world.pmrs) == {}
    assert all(vault.is_erased(pupil) for pupil in world.pmrs)
    assert not ChildLink.objects.filter(pk=link.pk).exists()
    assert gate.last_years(home) == {}
    assert [one for one in act("destroy-due") if one.rule == "identity"] == []
    event = next(one for one in register.events("store.destroyed") if one.body["rule"] == "identity")
    assert (event.body["pupils"], event.body["years"]) == ("fewer than 10", [2026])
    assert before["member_count"] == 6
    with pytest.raises(gate.NotAMember):
        gate.member_proof(answer.release_id, world.pmrs[1], home)
    assert service.destructions()[0].certificate is not None
