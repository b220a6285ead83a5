"""A family is told later only by law, with a reason, until a day; the day after, the line is there."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schoolgate import gate, people, register
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import insist
from schoolgate.gate.releases.delays import count_ended, length_problem, renewal_problem
from schoolgate.gate.releases.fetching import tend
from schoolgate.gate.releases.models import TellingDelay
from tests.gate.extracts import Scene, codes
from tests.requests.at_once import at_once
from tests.world import CHILDREN

LAW = "Data Protection Act 2018 sch. 2"
WHY = "The police say that the family would move the child."
TODAY = date(2026, 9, 1)


@given(st.dates())
def test_no_delay_is_longer_than_ninety_days(until: date) -> None:
    assert (length_problem(until, TODAY) is None) == (TODAY <= until <= TODAY + timedelta(days=90))


@given(st.integers(0, 90), st.text(max_size=30), st.lists(st.text(max_size=30), max_size=3))
def test_a_renewal_is_late_and_has_a_reason_of_its_own(left: int, reason: str, before: list[str]) -> None:
    refused = renewal_problem(TODAY + timedelta(days=left), reason, tuple(before), TODAY)
    if left >= 14:
        assert refused is not None
    if reason in before:
        assert refused is not None


def test_nothing_indefinite_can_be_kept() -> None:
    assert not TellingDelay._meta.get_field("until").null


@pytest.mark.django_db(transaction=True)
class TestOneFamily:
    """The child is kept from nobody but its own page, and only there, and only until then."""

    @pytest.fixture
    def scene(self, home: Config, clock: FixedClock, settings: Any) -> Scene:
        made = Scene.build(home, clock)
        settings.CLOCK = clock
        assert isinstance(made.read(), gate.Handover)
        gate.settle_pending(home, clock)
        return made

    def delay(self, scene: Scene, child: int = 1, **changes: Any) -> Any:
        values = {
            "upn": CHILDREN[child].upn, "agreement_id": scene.world.agreement, "until": TODAY + timedelta(days=30),
            "provision": LAW, "reason": WHY, "person_id": scene.custodian, **changes,
        }  # fmt: skip
        return gate.set_delay(**values, config=scene.config, clock=scene.clock)

    def second(self, scene: Scene) -> str:
        """Another person of the custodian."""
        return people.add_person(people.person(scene.custodian).organisation_id, "custodian").id

    def lines(self, scene: Scene, child: int, settings: Any) -> int:
        settings.CLOCK = scene.clock
        return len(gate.exposures_of(scene.world.pmrs[child], config=scene.config))

    def test_the_line_is_left_out_until_the_day_after_the_last(self, scene: Scene, settings: Any) -> None:
        assert self.lines(scene, 1, settings) == 1
        insist(self.delay(scene))
        assert self.lines(scene, 1, settings) == 0
        assert self.lines(scene, 2, settings) == 1  # every other family is told
        scene.later(days=30)
        assert self.lines(scene, 1, settings) == 0
        scene.later(days=1)
        assert self.lines(scene, 1, settings) == 1

    def test_a_proof_tells_no_more_than_the_page(self, scene: Scene, settings: Any) -> None:
        (line,) = gate.exposures_of(scene.world.pmrs[1], config=scene.config)
        release = line.exposure.release_id
        assert gate.member_proof(release, scene.world.pmrs[1], scene.config)
        insist(self.delay(scene))
        with pytest.raises(gate.NotAMember) as delayed:
            gate.member_proof(release, scene.world.pmrs[1], scene.config)
        stranger = scene.world.pmrs[5] + 1
        with pytest.raises(gate.NotAMember) as nobody:
            gate.member_proof(release, stranger, scene.config)
        assert str(delayed.value) == str(nobody.value)

    def test_it_is_counted_in_public_and_says_nothing_else(self, scene: Scene) -> None:
        insist(self.delay(scene))
        (totals,) = scene.told("delay.totals")
        assert {k: v for k, v in totals.items() if k not in ("v", "type", "at", "subject")} == {
            "delayed": "fewer than 10",
            "delays_set": "fewer than 10",
        }

    def test_a_renewal_is_a_new_delay_with_a_new_reason_and_counted(self, scene: Scene, settings: Any) -> None:
        insist(self.delay(scene))
        later: dict[str, Any] = {"until": TODAY + timedelta(days=60), "person_id": self.second(scene)}
        assert codes(self.delay(scene, **later, reason="Still so, the police say today.")) == {"delay-stands"}
        scene.later(days=20)
        assert codes(self.delay(scene, **later, reason=f" {WHY.upper()} ")) == {"delay-reason-again"}
        insist(self.delay(scene, **later, reason="The trial was put off until October."))
        scene.later(days=30)
        assert self.lines(scene, 1, settings) == 0
        assert len(scene.told("delay.totals")) == 2
        assert [one.in_force for one in gate.delays(scene.custodian, clock=scene.clock)] == [True, False]
        scene.later(days=11)
        assert self.lines(scene, 1, settings) == 1

    def test_nobody_renews_their_own_delay_and_its_end_gives_no_other_turn(self, scene: Scene) -> None:
        insist(self.delay(scene))
        scene.later(days=20)
        again: dict[str, Any] = {"until": TODAY + timedelta(days=60), "reason": "The trial was put off until October."}
        assert codes(self.delay(scene, **again)) == {"delay-same-hands"}
        second = self.second(scene)
        account = people.create_account("c@example.org", "correct horse battery staple", role="custodian")
        for person in (scene.custodian, second):
            people.hold_person(person, account.id)
        assert codes(self.delay(scene, **again, person_id=second)) == {"delay-same-hands"}  # one human being
        scene.later(days=20)  # nor once it has ended
        assert codes(self.delay(scene, **again)) == {"delay-same-hands"}
        insist(self.delay(scene, **again, person_id=self.second(scene)))

    @pytest.mark.parametrize("ended", ["by its day", "before"])
    def test_what_the_family_was_shown_no_later_delay_takes_away(self, scene: Scene, settings: Any, ended: str) -> None:
        made = insist(self.delay(scene))
        if ended == "before":
            scene.later(days=2)
            insist(gate.lift_delay(made.id, scene.custodian, clock=scene.clock))
            scene.later(hours=1)
        else:
            scene.later(days=31)
        assert self.lines(scene, 1, settings) == 1
        again: dict[str, Any] = {"until": TODAY + timedelta(days=60), "reason": "The trial was put off until October."}
        insist(self.delay(scene, **again, person_id=self.second(scene)))
        assert self.lines(scene, 1, settings) == 1
        scene.later(hours=1)
        assert isinstance(scene.read(), gate.Handover)
        gate.settle_pending(scene.config, scene.clock)
        assert self.lines(scene, 1, settings) == 1  # what is read since is told later
        assert self.lines(scene, 2, settings) == 2
        scene.later(days=60)
        assert self.lines(scene, 1, settings) == 2

    def tend(self, scene: Scene) -> None:
        tend.func(config=scene.config, clock=scene.clock)

    def test_the_day_after_the_last_the_public_is_told_the_new_total_once(self, scene: Scene) -> None:
        for child in range(1, 3):
            insist(self.delay(scene, child, until=TODAY + timedelta(days=child * 10)))
        scene.later(days=10)
        self.tend(scene)
        assert len(scene.told("delay.totals")) == 2  # the last day is one of the delay
        scene.later(days=1)
        before = register.log_size()
        self.tend(scene)
        self.tend(scene)
        assert register.log_size() == before + 1
        assert len(scene.told("delay.totals")) == 3
        scene.later(days=10)
        self.tend(scene)
        assert len(scene.told("delay.totals")) == 4

    def test_the_total_is_of_those_that_still_stand(self, scene: Scene) -> None:
        TellingDelay.objects.bulk_create(
            TellingDelay(
                pupil=pupil, agreement_id=scene.world.agreement, provision=LAW, reason=WHY, until=TODAY,
                set_by=scene.custodian, set_at=scene.clock.now(),
            )
            for pupil in range(100, 120)
        )  # fmt: skip
        made = insist(self.delay(scene))
        insist(self.delay(scene, 2))
        insist(gate.lift_delay(made.id, scene.custodian, clock=scene.clock))
        scene.later(days=1)
        self.tend(scene)
        told = [one["delayed"] for one in scene.told("delay.totals")]
        assert told == [register.round_count(count) for count in (21, 22, 21, 1)]
        assert told[-1] != told[-2]
        scene.later(days=40)
        self.tend(scene)
        assert len(scene.told("delay.totals")) == 5  # the one that was lifted does not end once more

    def test_a_delay_that_was_renewed_ends_with_its_renewal(self, scene: Scene) -> None:
        insist(self.delay(scene, until=TODAY + timedelta(days=5)))
        again: dict[str, Any] = {"until": TODAY + timedelta(days=9), "person_id": self.second(scene)}
        insist(self.delay(scene, **again, reason="The trial was put off until October."))
        scene.later(days=6)
        self.tend(scene)
        assert len(scene.told("delay.totals")) == 2
        scene.later(days=4)
        self.tend(scene)
        assert len(scene.told("delay.totals")) == 3

    def test_two_workers_tell_it_once(self, scene: Scene) -> None:
        insist(self.delay(scene))
        scene.later(days=31)
        said = at_once(*[lambda: count_ended(config=scene.config, clock=scene.clock)] * 3)
        assert len(scene.told("delay.totals")) == 2
        assert sum(said) <= 1

    def test_it_can_be_ended_before_its_day(self, scene: Scene, settings: Any) -> None:
        made = insist(self.delay(scene))
        assert codes(gate.lift_delay(made.id, scene.world.person, clock=scene.clock)) == {"not-your-decision"}
        insist(gate.lift_delay(made.id, scene.custodian, clock=scene.clock))
        assert self.lines(scene, 1, settings) == 1
        assert codes(gate.lift_delay(made.id, scene.custodian, clock=scene.clock)) == {"no-delay"}

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"until": TODAY + timedelta(days=91)}, "delay-length"),
            ({"until": date.max}, "delay-length"),
            ({"until": TODAY - timedelta(days=1)}, "delay-length"),
            ({"provision": "because"}, "delay-provision"),
            ({"reason": "Secret."}, "reason-missing"),
            ({"agreement_id": "A-SAR"}, "delay-own-look"),
            ({"agreement_id": "A-1999-0001"}, "agreement-unknown"),
            ({"upn": "A000000000000"}, "pupil-unclear"),
        ],
    )
    def test_why_not(self, scene: Scene, settings: Any, changes: dict[str, Any], code: str) -> None:
        assert codes(self.delay(scene, **changes)) == {code}
        assert self.lines(scene, 1, settings) == 1

    def test_no_recipient_delays_its_own(self, scene: Scene) -> None:
        assert codes(self.delay(scene, person_id=scene.world.person)) == {"not-your-decision", "own-organisation"}
        insider = people.add_person(people.person(scene.world.person).organisation_id, "custodian").id
        assert codes(self.delay(scene, person_id=insider)) == {"own-organisation"}
        assert gate.delays(scene.world.person, clock=scene.clock) == ()
