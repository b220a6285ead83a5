"""Where two who write meet on one row or one rule: what each is told, and what stands afterwards."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from django.db import connection, transaction
from pyroaring import BitMap

from schoolgate import collect, consent, match, register, rights
from schoolgate.clock import FixedClock
from schoolgate.collect.models import Return
from schoolgate.config import Config
from schoolgate.errors import Refusal, SchoolgateError
from schoolgate.ids import Pmr
from schoolgate.ledger.sets import add_sets
from schoolgate.match.models import MatchCase
from tests.collect.paper import paper, pupil
from tests.match.school import upn
from tests.requests.at_once import at_once
from tests.rights.house import UPN, URN, enter_house

pytestmark = pytest.mark.django_db(transaction=True)


def submits(config: Config, clock: FixedClock) -> list[Callable[[], collect.Submission]]:
    def submit(name: str) -> Callable[[], collect.Submission]:
        data = paper(pupil(UPN=upn(1), Forename=name))
        return lambda: collect.submit(io.BytesIO(data), clock=clock, config=config, actor="school")

    return [submit(f"Testforename{letter}") for letter in "abcdef"]


def test_of_six_files_of_one_school_sent_at_once_each_is_recorded_and_one_stands(
    home: Config, clock: FixedClock
) -> None:
    sent = at_once(*submits(home, clock))
    assert len({one.return_id for one in sent}) == 6
    assert Return.objects.count() == 6
    assert Return.objects.exclude(state="replaced").count() == 1


def test_a_child_never_has_more_codes_than_the_rule_allows(home: Config, clock: FixedClock) -> None:
    house = enter_house(home, clock)
    rules = rights.ClaimRules(live_codes=2)
    house.issue()

    def issue() -> rights.IssuedCode | Refusal:
        return rights.issue_code(
            URN, UPN, school_actor=f"school:{URN}", clock=clock, config=house.config, gate=house.gate, rules=rules
        )

    given = at_once(*[issue] * 5)
    assert sum(isinstance(one, rights.IssuedCode) for one in given) == 1


def test_totals_told_at_once_end_in_the_true_one(home: Config, clock: FixedClock) -> None:
    """Rounded to tens: of 12 families who say no at once the last entry must not count fewer than 10."""
    at_once(
        *[
            lambda child=child: consent.lodge_objection(
                Pmr(child), "education-research", actor="account:1", clock=clock
            )
            for child in range(12)
        ]
    )
    (last,) = register.events(type="objection.totals", limit=1)
    assert last.body["objecting"] == register.round_count(12)


def test_of_two_clerks_who_decide_one_case_at_once_one_counts(home: Config, clock: FixedClock) -> None:
    MatchCase.objects.create(
        row_digest=b"", case_id="C-1", year=2026, term="SPR", return_id="r", return_row=1, candidate=0, reason="name-differs",
        opened_at=clock.now(),
    )  # fmt: skip

    def decide(word: str) -> Callable[[], str]:
        def act() -> str:
            try:
                return match.resolve("C-1", word, "P-0001", clock).state
            except SchoolgateError as late:
                return late.code

        return act

    told = at_once(decide("same"), decide("different"))
    assert sorted(told)[0] == "case"
    assert MatchCase.objects.get().state in told


def test_releases_with_the_same_sets_in_another_order_do_not_wait_for_each_other(
    home: Config, clock: FixedClock
) -> None:
    def add(*sets: BitMap) -> Callable[[], list[int]]:
        def act() -> list[int]:
            with transaction.atomic():
                return add_sets(sets)

        return act

    for number in range(12):
        some, others = BitMap(range(number, 200_000, 3)), BitMap(range(number + 1, 200_000, 7))
        (a, b), (c, d) = at_once(add(some, others), add(others, some))
        assert (a, b) == (d, c)
        assert a != b


def test_an_index_of_the_log_waits_for_the_one_before(home: Config, clock: FixedClock) -> None:
    def append(name: str) -> Callable[[], int]:
        def act() -> int:
            with transaction.atomic():
                return register.append_event("notice.published", name, {"title": name}, clock.now())

        return act

    indexes = at_once(*[append(f"N-{number}") for number in range(8)])
    assert sorted(indexes) == list(range(8))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM register_logentry")
        assert cursor.fetchone() == (8,)
