"""Waiting in turn: nobody's place depends on how much others ask; what cannot wait is told so and is not run."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schoolgate.gate.serve.lane import GateBusy, Lane, LaneLimits


def _nothing() -> None: ...


def _always() -> bool:
    return True


class Crowd:
    """Persons who ask a lane of one worker; the order in which they were served."""

    def __init__(self, limits: LaneLimits) -> None:
        self.lane = Lane("test", limits, _nothing)
        self.served: list[str] = []
        self.told: list[str] = []
        self.go = threading.Event()
        self.threads: list[threading.Thread] = []

    def occupy(self) -> None:
        """Keep the worker busy until `release`."""
        begun = threading.Event()

        def wait() -> None:
            begun.set()
            self.go.wait()

        self._ask("occupant", wait)
        begun.wait()

    def ask(self, person: str) -> None:
        before = self.lane.waiting
        self._ask(person, lambda: self.served.append(person))
        end = time.monotonic() + 5
        while self.lane.waiting == before and not self.told and time.monotonic() < end:
            time.sleep(0.0002)

    def _ask(self, person: str, work: Callable[[], object], wanted: Callable[[], bool] = _always) -> None:
        def run() -> None:
            try:
                self.lane.ask(person, work, wanted)
            except GateBusy as busy:
                self.told.append(busy.code)

        self.threads.append(threading.Thread(target=run))
        self.threads[-1].start()

    def release(self) -> None:
        self.go.set()
        for thread in self.threads:
            thread.join(10)
        self.lane.stop()
        assert self.lane.join(10)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from("abcde"), min_size=1, max_size=25))
def test_each_person_waits_for_at_most_one_request_of_each_other_between_two_of_their_own(asked: list[str]) -> None:
    crowd = Crowd(LaneLimits(workers=1, waiting_each=100))
    crowd.occupy()
    for person in asked:
        crowd.ask(person)
    crowd.release()
    assert sorted(crowd.served) == sorted(asked)
    left = {person: asked.count(person) for person in set(asked)}
    last: dict[str, int] = {}
    for at, person in enumerate(crowd.served):
        between = crowd.served[last.get(person, -1) + 1 : at]
        assert max((between.count(other) for other in set(between)), default=0) <= 1
        last[person] = at
        left[person] -= 1


def test_a_greedy_person_does_not_keep_another_waiting() -> None:
    crowd = Crowd(LaneLimits(workers=1, waiting_each=100))
    crowd.occupy()
    for _ in range(60):
        crowd.ask("greedy")
    crowd.ask("other")
    crowd.release()
    assert crowd.served.index("other") <= 1


def test_who_has_too_much_waiting_is_told_busy_while_others_are_taken() -> None:
    crowd = Crowd(LaneLimits(workers=1, waiting_each=3, waiting=10))
    crowd.occupy()
    for _ in range(4):
        crowd.ask("greedy")
    assert crowd.told == ["gate-busy"]
    crowd.told.clear()
    crowd.ask("other")
    crowd.release()
    assert (crowd.served.count("greedy"), crowd.served.count("other"), crowd.told) == (3, 1, [])


def test_a_full_lane_tells_everybody_busy() -> None:
    crowd = Crowd(LaneLimits(workers=1, waiting=2))
    crowd.occupy()
    for person in "abc":
        crowd.ask(person)
    crowd.release()
    assert (sorted(crowd.served), crowd.told) == (["a", "b"], ["gate-busy"])


def test_a_turn_that_does_not_come_in_time_is_given_up_and_not_run() -> None:
    crowd = Crowd(LaneLimits(workers=1, wait_seconds=0.2))
    crowd.occupy()
    crowd.ask("late")
    time.sleep(0.6)
    assert crowd.told == ["gate-busy"]
    crowd.release()
    assert crowd.served == []


def test_what_nobody_waits_for_any_more_is_not_run() -> None:
    lane, ran = Lane("test", LaneLimits(workers=1), _nothing), []
    assert lane.ask("gone", lambda: ran.append(1), lambda: False) is None
    assert ran == []
    lane.stop()


def test_a_failure_is_raised_where_the_answer_is_waited_for_and_the_worker_goes_on() -> None:
    lane = Lane("test", LaneLimits(workers=1), _nothing)

    def fail() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        lane.ask("a", fail, _always)
    assert lane.ask("a", lambda: 7, _always) == 7
    lane.stop()


def test_a_lane_that_stops_tells_whoever_waits_and_lets_what_runs_end() -> None:
    crowd = Crowd(LaneLimits(workers=1))
    crowd.occupy()
    crowd.ask("waiting")
    crowd.lane.stop()
    crowd.ask("late")
    crowd.release()
    assert (crowd.told, crowd.served) == (["gate-stopping", "gate-stopping"], [])


def test_each_request_ends_with_its_thread_put_in_order() -> None:
    ends: list[str] = []
    lane = Lane("test", LaneLimits(workers=1), lambda: ends.append(threading.current_thread().name))
    lane.ask("a", _nothing, _always)
    lane.stop()
    assert ends == ["test-0"]
