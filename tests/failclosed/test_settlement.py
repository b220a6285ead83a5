"""A settlement that broke off is taken up again by another process: the same pupils, the same root as its twin's."""

from __future__ import annotations

from typing import Any

import pytest

from tests.crash.houses import House

pytestmark = pytest.mark.django_db

MAY_BE, EXACT = "being worked out", "settled"


def of_the_twin(house: House) -> dict[str, Any]:
    """The same release, settled without a break."""
    house.put_back("read")
    twin: dict[str, Any] = house.run("told_then_settled").given
    assert twin["told"] == [[MAY_BE]] * 6
    assert twin["then"] == [[EXACT]] * 6
    assert twin["members"] == [[0, 1, 2, 3, 4, 5]]
    return twin


def test_killed_anywhere_it_comes_to_the_same_and_until_then_every_family_is_told_it_may_be_in_it(house: House) -> None:
    twin = of_the_twin(house)
    house.put_back("read")
    moments = list(enumerate(house.run("settle").moments, start=1))
    # Every step, and every second commit; `tests.crash.test_killed` kills at each of all moments.
    commits = [one for one in moments if one[1] == "before a commit"]
    seen: set[str] = set()
    for number, moment in [*(one for one in moments if one[1].startswith("step")), *commits[::2]]:
        house.put_back("read")
        assert house.run("settle", kill_at=number).killed
        after = house.run("told_then_settled").given
        # Nobody is ever told "no": the answer is "may be in it" until it is the exact one.
        assert after["told"] in ([[MAY_BE]] * 6, [[EXACT]] * 6), moment
        seen.add(after["told"][0][0])
        assert {**after, "told": twin["told"]} == twin, moment
    assert seen == {MAY_BE, EXACT}


@pytest.mark.parametrize(("fault", "kind"), [("engine", "SchoolgateError"), ("database_locked", "OperationalError")])
def test_without_its_engine_or_its_database_it_breaks_off_and_comes_to_the_same_afterwards(
    fault: str, kind: str, house: House
) -> None:
    """An engine that was killed is no reason to put everybody on record."""
    twin = of_the_twin(house)
    house.put_back("read")
    broken = house.run("settle_under", fault=fault).given
    assert broken == {"kind": kind, "settled": [False]}
    after = house.run("told_then_settled").given
    assert after["told"] == [[MAY_BE if fault == "engine" else EXACT]] * 6
    assert {**after, "told": twin["told"]} == twin
