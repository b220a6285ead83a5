"""An official who destroys a record to be rid of a question: alone, in two hats, while a case is open, or unseen."""

from __future__ import annotations

from typing import Any

import pytest

from schoolgate import desk, people, register, rights
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import Refused
from schoolgate.records.vault import Vault
from tests.erasing.scene import CHILD, build

pytestmark = pytest.mark.django_db(transaction=True)


def looks(link: rights.ChildLink) -> int:
    """How many looks by staff the family finds in its list."""
    return sum(one.looked == "custodian" for line in rights.lines_for(link) for one in line.releases)


def test_nobody_erases_alone_in_two_hats_while_a_case_is_open_or_unseen(home: Config, clock: FixedClock) -> None:
    scene = build(home, clock)
    first, second = scene.staff
    account = people.create_account("official@example.com", "three words that differ", role="custodian")
    for person in (first, second):
        people.hold_person(person, account.id, clock=clock)

    def act(name: str, person: str, **given: Any) -> Any:
        return desk.do(name, person, config=home, clock=clock, **given)

    def codes(answer: Any) -> list[str]:
        assert isinstance(answer, Refused), answer
        return [one.code for one in answer.reasons]

    ask = {"upn": CHILD["UPN"], "ground": "unlawful", "because": "It was entered against the law."}
    assert codes(act("destroy-pupil", scene.researcher, **ask)) == ["not-your-decision"]
    assert looks(scene.link) == 0
    made = act("destroy-pupil", first, **ask)
    assert looks(scene.link) == 1  # also when it is withdrawn: nobody finds out unseen that there is such a child
    # One human being in two hats is one person.
    assert codes(act("destroy-decide", second, number=made.number, agree=True, because="")) == ["own-proposal"]
    act("destroy-withdraw", first, number=made.number)

    # A complaint that is open would be erased with the record.
    opened = desk.for_family(
        "case-open", scene.link.account_id, scene.link.id, config=home, clock=clock,
        kind="complaint", text="You gave it away without asking.",
    )  # fmt: skip
    assert not isinstance(opened, Refused), opened
    assert codes(act("destroy-pupil", first, **ask)) == ["case-open"]
    assert Vault(home).find(CHILD["UPN"]) == scene.child
    assert register.events("store.destroyed") == ()
