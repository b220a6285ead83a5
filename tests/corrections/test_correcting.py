"""A value is put right once, as a fact with its provenance, and the very next query sees it."""

from __future__ import annotations

from datetime import date

import pytest

from schoolgate import gate
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import Refusal
from schoolgate.ids import Term
from schoolgate.records.append import load_term
from schoolgate.records.read import current_snapshot
from schoolgate.records.vault import Vault
from tests.corrections import scene as scenes
from tests.corrections.scene import made, refused
from tests.world import CHILDREN, batch

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(home: Config, clock: FixedClock) -> scenes.Scene:
    return scenes.begin(home, clock)


def ethnicities(world: scenes.Scene) -> list[str]:
    return sorted(row["ethnicity"] for row in world.read().table.to_pylist())


def test_the_next_query_has_the_right_value_and_the_family_sees_both(world: scenes.Scene) -> None:
    assert ethnicities(world) == ["APKN", "APKN", "WBRI", "WBRI", "WBRI", "WBRI"]
    token = world.token(0, "census_pupil.ethnicity")
    one = made(world.correct(0, "census_pupil.ethnicity", "WIRI", token))
    assert ethnicities(world) == ["APKN", "APKN", "WBRI", "WBRI", "WBRI", "WIRI"]
    record = world.record(0)
    assert record.tables["census_pupil"][0]["ethnicity"] == "WIRI"
    assert (one.kind, one.old, one.new, one.case, one.still) == ("corrected", "WBRI", "WIRI", "K-1", "laid")
    assert gate.corrections_of(world.world.pmrs[0], config=world.config) == (one,)
    assert gate.corrections_of(world.world.pmrs[1], config=world.config) == ()
    # Two at once: the second names the row as it was, and is told that it has changed.
    assert refused(world.correct(0, "census_pupil.ethnicity", "WOTH", token)) == "value-changed"
    assert refused(world.correct(0, "census_pupil.sex", "F", token)) == "value-changed"
    assert refused(world.correct(0, "census_pupil.ethnicity", "WIRI")) == "no-change"
    said = repr((one, token and world.wrong(0, "census_pupil.sex", "F")))
    assert not any(part in said for part in ("WBRI", "WIRI", token))


def test_tokens_are_of_the_content_and_tell_neither_reference_nor_order(world: scenes.Scene) -> None:
    records = [world.record(at) for at in range(3)]
    tokens = [record.tokens["census_pupil"][0] for record in records]
    assert len(set(tokens)) == 3
    assert all(len(token) == 32 for token in tokens)
    assert world.record(0).tokens == records[0].tokens
    # Somebody else's token fits no row of this child.
    assert refused(world.correct(0, "census_pupil.ethnicity", "WIRI", tokens[1])) == "value-changed"
    assert refused(world.correct(0, "census_pupil.ethnicity", "WIRI", "0" * 32)) == "value-changed"


CANNOT_BE = [
    ("census_pupil.ethnicity", "NOT-A-CODE", "value-not-a-code"),
    ("census_pupil.age", "eleven", "value-shape"),
    ("census_pupil.age", "99999999999", "value-shape"),
    ("census_pupil.entrydate", "2026-02-30", "value-shape"),
    ("census_pupil.fsmeligible", "perhaps", "value-shape"),
    ("census_pupil.fundedhours", "NaN", "value-shape"),
    ("census_pupil.fundedhours", "1.005", "value-shape"),
    ("census_pupil.urn", "100009", "item-not-correctable"),
    ("census_pupil.pupil", "3", "item-not-correctable"),
    ("census_pupil.return_id", "r9", "item-not-correctable"),
    ("census_pupil.no_such", "3", "item-not-correctable"),
    ("no_such.sex", "F", "item-not-correctable"),
]


def test_a_value_that_cannot_be_is_refused_and_changes_nothing(world: scenes.Scene) -> None:
    before = world.record(0)
    token = before.tokens["census_pupil"][0]
    assert [refused(world.correct(0, item, new, token)) for item, new, _ in CANNOT_BE] == [
        code for _, _, code in CANNOT_BE
    ]
    assert world.record(0).tables == before.tables
    assert gate.corrections_of(world.world.pmrs[0], config=world.config) == ()


def test_values_of_every_type_are_put_right_and_a_value_can_be_taken_away(world: scenes.Scene) -> None:
    for item, new, held in (
        ("census_pupil.age", "11", 11),
        ("census_pupil.entrydate", "2020-10-01", date(2020, 10, 1)),
        ("census_pupil.fsmeligible", "false", False),
        ("census_pupil.ethnicity", "", None),
    ):
        made(world.correct(0, item, new))
        assert world.record(0).tables["census_pupil"][0][item.partition(".")[2]] == held
    assert len(gate.corrections_of(world.world.pmrs[0], config=world.config)) == 4


def test_a_name_is_put_right_in_the_vault_and_the_old_one_still_finds_the_child(world: scenes.Scene) -> None:
    token = world.token(1, "identity.surname")
    one = made(world.correct(1, "identity.surname", "Rightsynth", token))
    assert (one.old, one.new) == ("Canary1synth", "Rightsynth")
    assert world.record(1).identity["surname"] == "Rightsynth"
    assert refused(world.correct(1, "identity.surname", "Othersynth", token)) == "value-changed"
    assert Vault(world.config).same_children([CHILDREN[1]]) == {0: (world.world.pmrs[1],)}
    made(world.correct(1, "identity.dob", "2015-02-12"))
    made(world.correct(1, "identity.surname", "Last'synth"))
    held = Vault(world.config).identity(world.world.pmrs[1])
    # Either old name, still on a school's papers, is read as the name it was put right to in the end.
    assert {old: new for name, old, new in held.put_right if name == "surname"} == {
        "Canary1synth": "Last'synth", "Rightsynth": "Last'synth",
    }  # fmt: skip
    for item, new, code in (
        ("identity.dob", "12 February", "value-shape"),
        ("identity.surname", " ", "value-shape"),
        ("identity.sex", "Q", "value-not-a-code"),
        ("identity.upn", "A123456789012", "item-not-correctable"),
        ("identity.", "x", "item-not-correctable"),
    ):
        assert refused(world.correct(1, item, new, world.token(1, "identity.dob"))) == code


def test_a_note_stands_beside_a_value_that_stays(world: scenes.Scene) -> None:
    pupil, token = world.world.pmrs[2], world.token(2, "census_pupil.senprovision")
    note = "The family says that no assessment was ever made (synthetic)."
    found = gate.annotate_item(
        pupil, "census_pupil.senprovision", token, note, case="K-2", actor=world.official(), config=world.config,
        clock=world.clock,
    )  # fmt: skip
    assert (made(found).note, made(found).old, made(found).new) == (note, "N", "N")
    assert world.token(2, "census_pupil.senprovision") == token
    assert world.record(2).tables["census_pupil"][0]["senprovision"] == "N"
    for words in ("", "x" * 2_001):
        again = gate.annotate_item(
            pupil, "census_pupil.senprovision", token, words, case="K-2", actor=world.official(), config=world.config,
            clock=world.clock,
        )  # fmt: skip
        assert refused(again) == "note-length"


def test_many_at_once_are_one_version_and_one_that_cannot_be_hinders_no_other(world: scenes.Scene) -> None:
    wrongs = [world.wrong(at, "census_pupil.ethnicity", "WIRI") for at in range(4)]
    row = wrongs[0].row
    wrongs += [
        world.wrong(0, "census_pupil.sex", "F", row),
        world.wrong(0, "census_pupil.ethnicity", "WOTH", row),  # the same value twice
        world.wrong(1, "census_pupil.ethnicity", "NOPE"),
        world.wrong(1, "identity.forename", "Newsynth"),
    ]
    outcome = gate.correct_items(wrongs, actor=world.official(), config=world.config, clock=world.clock)
    codes = [one.code if isinstance(one, Refusal) else "" for one in outcome]
    assert codes == ["", "", "", "", "", "value-changed", "value-not-a-code", ""]
    assert current_snapshot(world.config).version == 2
    assert ethnicities(world) == ["APKN", "APKN", "WIRI", "WIRI", "WIRI", "WIRI"]
    assert world.record(0).tables["census_pupil"][0]["sex"] == "F"


def test_a_return_that_still_says_the_old_value_brings_nothing_back(world: scenes.Scene) -> None:
    made(world.correct(0, "census_pupil.ethnicity", "WIRI"))
    rows = [
        {
            "pupil": pupil, "year": 2026, "term": "AUT", "urn": 100008, "la": "202", "ethnicity": "WBRI", "sex": "M",
            "onroll": True, "return_id": "r", "return_row": int(pupil),
        }
        for pupil in world.world.pmrs
    ]  # fmt: skip
    facts = [("census_pupil", batch("census_pupil", rows))]
    load_term(2026, Term.AUTUMN, facts, return_ids=["r"], config=world.config, clock=world.clock)
    assert ethnicities(world) == ["WBRI"] * 5 + ["WIRI"]
    (one,) = gate.corrections_of(world.world.pmrs[0], config=world.config)
    assert one.still == "laid"
    rows[0]["ethnicity"] = "WIRI"  # the school has put it right itself
    facts = [("census_pupil", batch("census_pupil", rows))]
    load_term(2026, Term.AUTUMN, facts, return_ids=["r"], config=world.config, clock=world.clock)
    (one,) = gate.corrections_of(world.world.pmrs[0], config=world.config)
    assert one.still == "fulfilled"
