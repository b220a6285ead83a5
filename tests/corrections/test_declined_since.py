"""What a family takes back comes back by no case, and what was put right of it before is kept and told nowhere."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from schoolgate import gate
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.gate.corrections import deciding
from schoolgate.gate.corrections.models import Affected, Correction
from schoolgate.gate.erasing import carrying, past
from schoolgate.ids import Term, Urn
from schoolgate.records.append import load_term
from schoolgate.records.models import LakeAmendment
from tests import world as worlds
from tests.corrections import scene as scenes
from tests.corrections.scene import COUNTS, Scene, made, refused
from tests.world import URN

pytestmark = pytest.mark.django_db(transaction=True)

ETHNICITY, NEEDS = "census_pupil.ethnicity", "census_pupil.senprovision"


@pytest.fixture
def world(home: Config, clock: FixedClock) -> Scene:
    return scenes.begin(home, clock)


def declined(world: Scene, at: int = 0, *, replaced: bool = True) -> None:
    gate.decline_item(world.world.pmrs[at], ETHNICITY, actor="account:1", config=world.config, clock=world.clock)
    if replaced:
        past.replace_all(config=world.config, clock=world.clock)


def value(world: Scene, at: int = 0) -> Any:
    return world.record(at).tables["census_pupil"][0]["ethnicity"]


def told(world: Scene, at: int = 0) -> list[tuple[str, str, str, str]]:
    """What the family is told was done to its record."""
    found = gate.corrections_of(world.world.pmrs[at], config=world.config)
    return [(one.kind, one.item, one.old, one.new) for one in found]


def sealed(config: Config) -> list[str]:
    """Everything that is kept of corrections, opened."""
    keys = config.keyring()
    return [
        *(keys.unseal("corrections", bytes(one.sealed), one.correction_id.encode()).decode()
          for one in Correction.objects.all()),
        *(keys.unseal("amendments", bytes(one.sealed)).decode() for one in LakeAmendment.objects.all()),
    ]  # fmt: skip


def loaded_again(world: Scene, sent: str, whose: int = 0) -> None:
    """The term is loaded again; the ethnic background in the first row, and whose that row is, are as given here."""
    rows = [
        {"pupil": whose if p == 0 else p, "year": 2026, "term": "AUT", "urn": URN, "onroll": True,
         "ethnicity": sent if p == 0 else "WBRI", "senprovision": "N", "entrydate": date(2020, 9, 1),
         "return_id": "r", "return_row": p}
        for p in world.world.pmrs
        if p != whose or p == 0
    ]  # fmt: skip
    load_term(
        2026, Term.AUTUMN, [("census_pupil", worlds.batch("census_pupil", rows))], return_ids=["r"],
        config=world.config, clock=world.clock,
    )  # fmt: skip


def test_what_was_put_right_and_then_taken_back_is_kept_and_told_nowhere(world: Scene) -> None:
    world.read()
    counting = worlds.another(world.world, world.clock)
    world.read(COUNTS, counting)
    noted = gate.annotate_item(
        world.world.pmrs[0], ETHNICITY, world.token(0, ETHNICITY), "The family says APKN.", case="K-1",
        actor=world.official(), config=world.config, clock=world.clock,
    )  # fmt: skip
    made(noted)
    made(world.correct(0, ETHNICITY, "APKN"))
    made(world.correct(0, NEEDS, "K"))  # its row was kept whole, the ethnic background in it
    assert sum("APKN" in one for one in sealed(world.config)) >= 3
    declined(world)
    assert value(world) == "REFU"
    assert not [one for one in sealed(world.config) if "APKN" in one or "WBRI" in one]
    assert told(world) == [("corrected", NEEDS, "N", "K"), ("declined", ETHNICITY, "", "REFU")]
    files = gate.school_files(Urn(URN), f"school:{URN}", config=world.config, clock=world.clock)
    assert isinstance(files, gate.SchoolFiles)
    assert "ethnicity" not in (files.ctf + files.table).lower()
    assert "senprovision" in files.table, "what else was put right is still told"
    world.later(1)
    world.tend()
    pages = {one.agreement_id: world.page(one.id) for one in world.notices()}
    lines = {(one.item, one.old, one.new) for one in pages[world.world.agreement].lines}
    assert (ETHNICITY, "", "REFU") in lines
    assert not [one for one in lines if "APKN" in one]
    assert [one.kind for one in pages[counting].counts if one.item == ETHNICITY] == ["declined"]
    assert Affected.objects.count() == 0, "no result is wrong for what was taken back, nor for what went before it"


def test_a_term_that_is_loaded_again_brings_back_no_value_that_was_put_right(world: Scene) -> None:
    made(world.correct(0, ETHNICITY, "APKN"))
    made(world.correct(0, NEEDS, "K"))
    declined(world)
    loaded_again(world, "REFU")  # as a load stores what is declined
    assert value(world) == "REFU"
    assert world.record(0).tables["census_pupil"][0]["senprovision"] == "K", "found again, without the value"
    # Once the family has taken its word back, the school's own is what counts.
    gate.withdraw_declined(world.world.pmrs[0], ETHNICITY, actor="account:1", config=world.config, clock=world.clock)
    loaded_again(world, "WBRI")
    assert value(world) == "WBRI"


def test_a_row_that_is_found_to_be_another_child_s_brings_it_no_value_that_its_family_declines(world: Scene) -> None:
    loaded_again(world, "REFU")
    made(world.correct(0, ETHNICITY, "APKN"))
    made(world.correct(0, NEEDS, "K"))
    declined(world, 5)
    loaded_again(world, "REFU", whose=5)
    row = world.record(5).tables["census_pupil"][0]
    assert (row["ethnicity"], row["senprovision"]) == ("REFU", "K"), "what else was put right comes along"
    assert told(world, 5) == [("corrected", NEEDS, "N", "K"), ("declined", ETHNICITY, "", "REFU")]


def test_what_recipients_were_told_before_is_taken_out_of_a_notice_that_was_not_fetched(world: Scene) -> None:
    world.read()
    counting = worlds.another(world.world, world.clock)
    world.read(COUNTS, counting)
    made(world.correct(0, ETHNICITY, "APKN"))
    world.later(1)
    world.tend()
    by = {one.agreement_id: one.id for one in world.notices()}
    declined(world)
    assert world.page(by[world.world.agreement]).lines == ()
    assert [one.kind for one in world.page(by[counting]).counts] == ["corrected"], "a count tells no value"


def test_a_declined_item_is_not_put_right_and_no_note_is_put_beside_it(world: Scene) -> None:
    declined(world)
    assert refused(world.correct(0, ETHNICITY, "APKN")) == "item-declined"
    beside = gate.annotate_item(
        world.world.pmrs[0], ETHNICITY, world.token(0, ETHNICITY), "The family says so.", case="K-1",
        actor=world.official(), config=world.config, clock=world.clock,
    )  # fmt: skip
    assert refused(beside) == "item-declined"
    assert value(world) == "REFU"
    made(world.correct(1, ETHNICITY, "APKN"))  # another child's


def test_who_declines_while_it_is_put_right_is_first(world: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    real = deciding.amend

    def slow(*args: Any, **named: Any) -> Any:
        monkeypatch.setattr(deciding, "amend", real)
        declined(world, replaced=False)
        return real(*args, **named)

    monkeypatch.setattr(deciding, "amend", slow)
    both = gate.correct_items(
        [world.wrong(0, ETHNICITY, "APKN"), world.wrong(1, ETHNICITY, "APKN")], actor=world.official(),
        config=world.config, clock=world.clock,
    )  # fmt: skip
    assert refused(both[0]) == "item-declined"
    made(both[1])
    assert (value(world), value(world, 1)) == ("WBRI", "APKN")
    assert [json.loads(one)["new"] for one in sealed(world.config) if "new" in json.loads(one)] == ["APKN"]


def test_until_it_is_replaced_nothing_is_told_anew_and_taken_back_before_it_is_told_after_all(world: Scene) -> None:
    world.read()
    made(world.correct(0, ETHNICITY, "APKN"))
    declined(world, replaced=False)
    world.later(1)
    assert told(world) == []
    world.tend()
    assert world.notices() == ()
    files = gate.school_files(Urn(URN), f"school:{URN}", config=world.config, clock=world.clock)
    assert isinstance(files, gate.SchoolFiles)
    assert "APKN" not in files.ctf + files.table
    gate.withdraw_declined(world.world.pmrs[0], ETHNICITY, actor="account:1", config=world.config, clock=world.clock)
    past.replace_all(config=world.config, clock=world.clock)
    world.tend()
    (notice,) = world.notices()
    assert [(one.old, one.new) for one in world.page(notice.id).lines] == [("WBRI", "APKN")]
    assert value(world) == "APKN"


def test_what_is_taken_back_while_it_is_replaced_is_not_replaced(world: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    declined(world, replaced=False)
    declined(world, 4, replaced=False)
    real = past.take_back

    def slow(*args: Any, **named: Any) -> Any:
        monkeypatch.setattr(past, "take_back", real)
        pupil = world.world.pmrs[0]
        assert gate.withdraw_declined(pupil, ETHNICITY, actor="account:1", config=world.config, clock=world.clock)
        return real(*args, **named)

    monkeypatch.setattr(past, "take_back", slow)
    assert past.replace_all(config=world.config, clock=world.clock) == 1
    assert (value(world), value(world, 4)) == ("WBRI", "REFU")
    assert [one.item for one in gate.corrections_of(world.world.pmrs[0], config=world.config)] == []


def test_a_term_that_is_loaded_while_it_is_replaced_is_replaced_too(
    world: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its load began before the family declined, so it brings the value."""
    declined(world, replaced=False)
    real = past.take_back

    def slow(*args: Any, **named: Any) -> Any:
        monkeypatch.setattr(past, "take_back", real)
        loaded_again(world, "WIRI")
        return real(*args, **named)

    monkeypatch.setattr(past, "take_back", slow)
    assert past.replace_all(config=world.config, clock=world.clock) == 1
    assert value(world) == "REFU"


def test_an_item_that_is_destroyed_nation_wide_is_in_no_correction_either(world: Scene) -> None:
    world.read()
    noted = gate.annotate_item(
        world.world.pmrs[1], ETHNICITY, world.token(1, ETHNICITY), "The family says APKN.", case="K-1",
        actor=world.official(), config=world.config, clock=world.clock,
    )  # fmt: skip
    made(noted)
    made(world.correct(0, ETHNICITY, "APKN"))
    made(world.correct(0, NEEDS, "K"))
    carrying.drop_items([ETHNICITY], [2025], [], tell=False, config=world.config, clock=world.clock)
    assert any("APKN" in one for one in sealed(world.config)), "another year's is no matter of this one's"
    carrying.drop_items([ETHNICITY], [2026], [], tell=False, config=world.config, clock=world.clock)
    assert value(world) is None
    assert not [one for one in sealed(world.config) if "APKN" in one or "WBRI" in one]
    assert told(world) == [("corrected", NEEDS, "N", "K")]
    loaded_again(world, "WOTH")
    assert value(world) == "WOTH", "nothing of before is laid over what a later return says"
    assert world.record(0).tables["census_pupil"][0]["senprovision"] == "K", "what else was put right stands"
