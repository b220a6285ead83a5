"""Somebody at a school wants to learn where a child is, or to be given a child that is not theirs.

A look-up answers only "yours" or "not yours": for a UPN of nobody, of a pupil elsewhere, of a former pupil and for one
that two pupils lay claim to, the words, the steps taken and the register entry are the same.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from schoolgate import consent, gate, ledger, register, requests
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import Refusal, SchoolgateError
from schoolgate.gate import subject
from schoolgate.ids import Pmr, Urn
from schoolgate.records.vault import Vault
from tests.world import CHILDREN, OTHER_URN, URN, World, build, upn

pytestmark = pytest.mark.django_db(transaction=True)

ACTOR = f"school:{URN}"
HERE = Urn(URN)


@pytest.fixture
def world(home: Config, clock: FixedClock) -> World:
    return build(home, clock)


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a look-up does, in order: the vault asked, an engine opened and run, a refusal or a release written."""
    taken: list[str] = []

    def told(place: object, name: str) -> None:
        real = getattr(place, name)

        def instead(*parts: Any, **named: Any) -> Any:
            taken.append(name)
            return real(*parts, **named)

        monkeypatch.setattr(place, name, instead)

    told(Vault, "holders")
    told(subject, "open_engine")
    told(subject, "_on_roll")
    told(subject, "refuse")
    told(subject, "begin")
    return taken


def disputed(home: Config) -> str:
    """A UPN that two children of this school lay claim to, as a clerk has not decided yet."""
    vault = Vault(home)
    vault.update({Pmr(2): replace(vault.identity(Pmr(2)).without_reference(), former_upns=(CHILDREN[1].upn,))})
    assert set(vault.holders([CHILDREN[1].upn])[CHILDREN[1].upn]) == {1, 2}
    return CHILDREN[1].upn


@pytest.mark.parametrize("whose", ["nobody's", "another school's", "two pupils'", "a shielded child's"])
def test_whatever_is_not_ours_is_answered_alike(
    whose: str, world: World, home: Config, clock: FixedClock, steps: list[str]
) -> None:
    consent.shield(Pmr(3), actor="custodian", clock=clock)
    known = {"nobody's": upn(77), "another school's": CHILDREN[5].upn, "a shielded child's": CHILDREN[3].upn}
    asked = known.get(whose) or disputed(home)
    before = register.log_size()
    steps.clear()
    answer = gate.find_own_pupil(HERE, asked, ACTOR, config=home, clock=clock)
    assert answer == Refusal(
        "not-your-pupil",
        "This is not a pupil on this school's roll in the latest census.",
        provision="a school may act only for its own pupils",
        remedy="Check the UPN against your school's own records.",
    )
    assert list(dict.fromkeys(steps)) == ["holders", "open_engine", "_on_roll", "refuse"]
    (entry,) = register.events(limit=register.log_size() - before)
    assert (entry.type, entry.subject) == ("query.refused", requests.SUBJECT_ACCESS)
    assert {k: v for k, v in entry.body.items() if k != "at"} == {
        "v": 1,
        "type": "query.refused",
        "subject": requests.SUBJECT_ACCESS,
        "agreement": requests.SUBJECT_ACCESS,
        "query_hash": None,
        "reasons": ["not-your-pupil"],
    }
    assert register.published(home).size == register.log_size()  # type: ignore[union-attr]
    assert ledger.releases() == ()


def test_the_other_school_is_refused_this_ones_pupils(world: World, home: Config, clock: FixedClock) -> None:
    for child in CHILDREN[:5]:
        assert isinstance(gate.find_own_pupil(Urn(OTHER_URN), child.upn, "school:x", config=home, clock=clock), Refusal)
    assert gate.find_own_pupil(Urn(OTHER_URN), CHILDREN[5].upn, "school:x", config=home, clock=clock) == Pmr(5)


def test_what_is_no_upn_at_all_is_refused_on_record_too(world: World, home: Config, clock: FixedClock) -> None:
    for text in ("", "x", "' OR 1=1 --", "A" * 10_000):
        size = register.log_size()
        assert isinstance(gate.find_own_pupil(HERE, text, ACTOR, config=home, clock=clock), Refusal)
        assert register.log_size() == size + 1


def test_ours_is_in_that_childs_answer_and_in_no_others(world: World, home: Config, clock: FixedClock) -> None:
    assert gate.find_own_pupil(HERE, CHILDREN[3].upn, ACTOR, config=home, clock=clock) == Pmr(3)
    (line,) = ledger.who_has(Pmr(3))
    assert line.items == tuple(f"census_pupil.{name}" for name in ("onroll", "pupil", "term", "urn", "year"))
    assert all(ledger.who_has(Pmr(p)) == () for p in (0, 1, 2, 4, 5))


def test_a_pupil_who_is_told_of_is_recorded_before_the_school_knows(
    world: World, home: Config, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the record cannot be written, the look-up and the family's look end without an answer."""

    def full(*_: object, **__: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(subject, "begin", full)
    with pytest.raises(SchoolgateError, match="Nothing was handed over"):
        gate.find_own_pupil(HERE, CHILDREN[3].upn, ACTOR, config=home, clock=clock)
    with pytest.raises(SchoolgateError, match="Nothing was handed over"):
        gate.subject_access(Pmr(3), "account:1", config=home, clock=clock)
    assert ledger.releases() == ()


def test_a_familys_look_says_that_the_vault_was_opened(world: World, home: Config, clock: FixedClock) -> None:
    record = gate.subject_access(Pmr(3), "account:1", config=home, clock=clock)
    (line,) = ledger.who_has(Pmr(3))
    assert {f"identity.{name}" for name in record.identity} <= set(line.items)
    event = register.event(line.log_index).body
    assert set(event["items"]) >= set(line.items)
    assert CHILDREN[3].surname not in repr(event)
