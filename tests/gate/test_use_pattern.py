"""Use that is not what was applied for, or not like its own past, is stopped and asked about."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schoolgate import gate, people
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import insist
from schoolgate.gate.releases.limits import limits
from schoolgate.gate.releases.models import LookedUp
from schoolgate.gate.releases.pattern import Past, Use, breaches, too_fast
from tests.gate.extracts import codes
from tests.gate.lookups import LAW, LookupScene, stranger, wanted

DECLARED = gate.LookupDeclared(("verification",), ("age-check",), 100, 1_000, 8, 17)


def found(past: Past | None = None, **use: Any) -> set[str]:
    values = {"kind": "verification", "reasons": frozenset({"age-check"}), "count": 1, "hour": 9, **use}
    return {one.code for one in breaches(DECLARED, past or Past(), Use(**values), limits())}


@pytest.mark.parametrize(
    ("past", "use", "code"),
    [
        (Past(), {"kind": "matching"}, "kind-not-declared"),
        (Past(), {"reasons": frozenset({"immigration"})}, "reason-not-declared"),
        (Past(), {"reasons": frozenset({"age-check", "crime"})}, "reason-not-declared"),
        (Past(today=100), {}, "more-than-a-day"),
        (Past(today=51), {"count": 50}, "more-than-a-day"),
        (Past(month=1_000), {}, "more-than-a-month"),
        (Past(), {"hour": 7}, "outside-hours"),
        (Past(), {"hour": 18}, "outside-hours"),
        (Past(today=60, days=(5, 6, 5)), {}, "unlike-before"),
        (Past(person_today=20, others_before=3), {}, "newcomer"),
        (Past(answered=39, missed=20), {}, "mostly-nobody"),
    ],
)
def test_each_way_out_of_the_pattern_is_named(past: Past, use: dict[str, Any], code: str) -> None:
    assert found(past, **use) == {code}


@pytest.mark.parametrize(
    ("past", "use"),
    [
        (Past(), {}),
        (Past(today=99), {}),
        (Past(month=999), {}),
        (Past(), {"hour": 8}),
        (Past(), {"hour": 17}),
        (Past(today=49, days=(5, 6, 5)), {}),  # below fifty a factor is chance
        (Past(today=80, days=(9, 9, 9)), {}),
        (Past(person_today=20, others_before=0), {}),
        (Past(person_today=50, person_before=1, others_before=9), {}),
        (Past(answered=19, missed=19), {}),  # below twenty a share is chance
        (Past(answered=40, missed=20), {}),
    ],
)
def test_what_was_declared_is_not_asked_about(past: Past, use: dict[str, Any]) -> None:
    assert found(past, **use) == set()


COUNTS = st.integers(0, 3_000)


@given(COUNTS, COUNTS, st.lists(st.integers(1, 300), max_size=30), COUNTS, st.integers(1, 200), st.integers(0, 500))
def test_more_use_is_never_less_out_of_pattern(
    today: int, month: int, days: list[int], person: int, count: int, more: int
) -> None:
    def breach(extra: int) -> set[str]:
        past = Past(0, today + extra, month + extra, tuple(days), person + extra, 0, 1)
        return found(past, count=count)

    assert breach(0) <= breach(more)


@given(st.integers(0, 60), st.integers(1, 60))
def test_the_rate_holds_for_claims_and_not_for_lists(minute: int, count: int) -> None:
    def fast(kind: str) -> bool:
        return bool(too_fast(Past(minute=minute), Use(kind, frozenset(), count, 9), limits()))

    assert fast("verification") == (minute + count > 30)
    assert not fast("matching")


@pytest.mark.django_db(transaction=True)
class TestTwentyTwoThousand:
    """A firm let in to check a few ages a day begins to sell answers, as in 2018 to 2020."""

    @pytest.fixture
    def scene(self, home: Config, clock: FixedClock) -> LookupScene:
        return LookupScene.of(
            "verification", home, clock, reasons=("age-check",), per_day=5, per_month=60, first_hour=8, last_hour=17
        )

    def ask(self, scene: LookupScene, **changes: Any) -> Any:
        return scene.verify(wanted(1, reason="age-check", **changes))

    def test_the_first_past_what_was_declared_is_not_made_and_none_after_it(self, scene: LookupScene) -> None:
        for _ in range(5):
            assert isinstance(self.ask(scene), gate.Verified)
        assert codes(self.ask(scene)) == {"more-than-a-day"}
        assert len(scene.lines(1)) == 5
        (stopped,) = scene.told("use.stopped")
        assert stopped["reasons"] == ["more-than-a-day"]
        # 22,000 would follow. None does: not the next, not tomorrow's, not a plain read under the agreement.
        for _ in range(3):
            assert codes(self.ask(scene)) == {"use-stopped"}
        scene.later(days=1)
        assert codes(self.ask(scene)) == {"use-stopped"}
        assert codes(scene.read()) == {"use-stopped"}
        assert len(scene.lines(1)) == 5
        assert len(scene.told("use.stopped")) == 1

    def test_a_question_is_asked_answered_and_lifted_by_somebody_else(self, scene: LookupScene) -> None:
        for _ in range(6):
            self.ask(scene)
        (stop,) = gate.stops(scene.world.person)
        assert stop.standing
        assert "5 look-ups a day" in stop.reasons[0]
        agreement, clock = scene.world.agreement, scene.clock
        sorry = "A new member of staff tried a list; it will not happen again."
        assert codes(gate.lift_stop(agreement, sorry, scene.custodian, clock=clock)) == {"not-answered"}
        assert codes(gate.answer_stop(agreement, sorry, scene.custodian, clock=clock)) == {"not-the-recipient"}
        insist(gate.answer_stop(agreement, sorry, scene.world.person, clock=clock))
        refused = gate.lift_stop(agreement, sorry, scene.world.person, clock=clock)
        assert codes(refused) == {"not-your-decision", "own-organisation"}
        assert codes(gate.lift_stop(agreement, "ok", scene.custodian, clock=clock)) == {"reason-missing"}
        insist(gate.lift_stop(agreement, "They showed us the list and deleted it.", scene.custodian, clock=clock))
        assert sorry not in str(scene.told("use.answered"))
        scene.later(days=1)
        assert isinstance(self.ask(scene), gate.Verified)
        assert codes(gate.lift_stop(agreement, sorry, scene.custodian, clock=clock)) == {"no-stop"}

    def test_a_stranger_and_a_lapsed_person_are_refused_and_stop_nobody_elses_work(self, scene: LookupScene) -> None:
        home = people.person(scene.world.person).organisation_id
        rival = people.add_person(people.add_organisation("Rival (synthetic)", "company").id, "researcher").id
        for person in (rival, people.add_person(home, "researcher").id):
            refused = scene.verify(wanted(1, reason="immigration"), person=person)
            assert "person-not-named" in codes(refused)
            assert "person-not-named" in codes(scene.match(wanted(1), person=person))
        people.set_accreditation(scene.world.person, scene.clock.now().date() - timedelta(days=1))
        assert codes(scene.verify(wanted(1, reason="immigration"))) == {"accreditation-expired"}
        assert scene.told("use.stopped") == []
        people.set_accreditation(scene.world.person, scene.clock.now().date() + timedelta(days=90))
        assert isinstance(self.ask(scene), gate.Verified)

    def test_at_night(self, scene: LookupScene) -> None:
        scene.later(hours=12)
        assert codes(self.ask(scene)) == {"outside-hours"}
        assert scene.lines(1) == []
        assert scene.told("use.stopped")[0]["reasons"] == ["outside-hours"]

    def test_for_another_reason(self, scene: LookupScene) -> None:
        assert codes(scene.verify(wanted(1, reason="benefit"))) == {"reason-not-declared"}
        assert scene.told("use.stopped")

    def test_a_list_instead_of_a_claim(self, scene: LookupScene) -> None:
        assert codes(scene.match(stranger(reason="age-check"))) == {"kind-not-declared"}
        assert codes(self.ask(scene)) == {"use-stopped"}

    def test_what_others_did_before_counts_and_what_was_long_ago_does_not(self, scene: LookupScene) -> None:
        other = people.add_person(people.person(scene.world.person).organisation_id, "researcher").id
        row = {
            "agreement_id": scene.world.agreement, "person_id": other, "kind": "verification", "reason": "age-check",
            "provision": LAW, "found": 40, "release_id": "R-1",
        }  # fmt: skip
        LookedUp.objects.create(**row, asked=60, at=scene.clock.now())
        scene.later(days=29)
        assert codes(self.ask(scene)) == {"more-than-a-month"}
        scene.later(days=1)
        assert codes(self.ask(scene)) == {"use-stopped"}
        insist(
            gate.answer_stop(scene.world.agreement, "We had many new members.", scene.world.person, clock=scene.clock)
        )
        insist(gate.lift_stop(scene.world.agreement, "It was a day of joining.", scene.custodian, clock=scene.clock))
        assert isinstance(self.ask(scene), gate.Verified)
