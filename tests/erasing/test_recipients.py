"""Whoever was given what was erased is told to erase it (UK GDPR Article 19), and afterwards nothing leads back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from schoolgate import gate, register
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import Refused
from schoolgate.gate.corrections.models import Erased
from schoolgate.gate.erasing import service
from schoolgate.gate.erasing.views import DestructionView
from schoolgate.records.vault import Vault
from tests.erasing import scene as stage
from tests.erasing.scene import Purposes, build, destroyed, found

pytestmark = pytest.mark.django_db(transaction=True)


def later(clock: FixedClock, days: int) -> FixedClock:
    return replace(clock, moment=clock.moment + timedelta(days=days))


def code(answer: object) -> str:
    assert isinstance(answer, Refused), answer
    return answer.reasons[0].code


def test_a_recipient_is_told_after_the_key_is_gone_and_its_answer_takes_the_last_path_away(
    home: Config, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    purposes = Purposes(monkeypatch)
    scene = build(home, clock)
    done = destroyed(scene, home, clock)
    assert Vault(home).is_erased(scene.child)
    assert done.certificate is not None
    assert done.certificate["told"] == "fewer than 10"
    assert register.events("store.destroyed")[0].body["told"] == "fewer than 10"
    gate.tend_corrections(config=home, clock=clock)
    assert gate.notices(scene.researcher, clock=clock) == (), "by the day, as corrections are"

    clock = later(clock, 1)
    gate.tend_corrections(config=home, clock=clock)
    (notice,) = gate.notices(scene.researcher, clock=clock)
    assert (notice.kind, notice.state, notice.lines, notice.counted) == ("erased", "sent", 1, "fewer than 10")
    early = gate.acknowledge(notice.id, "erased", "", scene.researcher, clock=clock)
    assert code(early) == "not-fetched", "with the answer what it tells is gone"
    page = gate.notice(notice.id, scene.researcher, 0, config=home, clock=clock)
    assert {(line.pupil, line.item, line.kind) for line in page.lines} == {
        (scene.pseudonym, item, "erased") for item in ("census_pupil.sex", "census_pupil.ethnicity")
    }
    assert code(gate.acknowledge(notice.id, "corrected", "", scene.researcher, clock=clock)) == "did-unknown"
    # Until it answers the recipient's own reference is kept, sealed; nothing that is ours leads to it.
    waiting = found(scene, home, purposes.used)
    assert waiting["a pseudonym"] == {"corrections_erased.sealed"}
    assert "a name, a number or the birth date" not in waiting
    given = gate.acknowledge(notice.id, "erased", "", scene.researcher, clock=clock)
    assert isinstance(given, gate.NoticeView)
    assert (given.state, given.did, given.lines) == ("acknowledged", "erased", 0)
    assert found(scene, home, purposes.used).keys() <= {"the reference"}
    assert gate.notice(notice.id, scene.researcher, 0, config=home, clock=clock).lines == ()
    clock = later(clock, 8)
    gate.tend_corrections(config=home, clock=clock)
    for kind in ("erasure.sent", "erasure.acknowledged"):
        (event,) = register.events(kind)
        assert (event.body["agreement"], event.body["erasures"]) == (scene.agreement, "fewer than 10")


def test_an_item_destroyed_nation_wide_is_told_and_who_never_answers_does_not_keep_the_list_alive(
    home: Config, clock: FixedClock
) -> None:
    scene = build(home, clock)
    first, second = scene.staff
    made = service.propose_items(
        ["census_pupil.ethnicity"], [2026], "unlawful", "It was asked against the law.", actor=first, clock=clock
    )
    assert isinstance(made, DestructionView)
    service.decide_destruction(made.number, True, "So it is.", actor=second, clock=clock)
    service.carry_destruction(made.number, config=home, clock=clock)
    clock = later(clock, 1)
    gate.tend_corrections(config=home, clock=clock)
    (notice,) = gate.notices(scene.researcher, clock=clock)
    (line,) = gate.notice(notice.id, scene.researcher, 0, config=home, clock=clock).lines
    assert (line.pupil, line.item, line.year, line.kind) == ("", "census_pupil.ethnicity", 2026, "erased")
    assert code(gate.acknowledge(notice.id, "cannot", " ", scene.researcher, clock=clock)) == "reason-missing"
    # Late as with any notice: nothing more is read; and after half a year the list is not kept for its sake.
    clock = later(clock, 60)
    gate.tend_corrections(config=home, clock=clock)
    answer = gate.read(scene.agreement, scene.researcher, stage.SQL, config=home, clock=clock)
    assert isinstance(answer, gate.RefusedQuery)
    assert "corrections-unanswered" in {reason.code for reason in answer.reasons}
    assert Erased.objects.exists()
    clock = later(clock, 130)
    gate.tend_corrections(config=home, clock=clock)
    assert not Erased.objects.exists()
    assert gate.notices(scene.researcher, clock=clock)[0].late
    done = gate.acknowledge(notice.id, "destroyed", "", scene.researcher, clock=clock)
    assert isinstance(done, gate.NoticeView)
