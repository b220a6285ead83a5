"""A family asks for a copy of everything, gets it in every form, and it is gone a few days later. Nothing stands in."""

from __future__ import annotations

import base64
import csv
import io
import json
import zipfile
import zlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schoolgate import gate, ledger, people, register, rights
from schoolgate.clock import FixedClock
from schoolgate.collect.models import Return
from schoolgate.config import Config
from schoolgate.errors import Refused, SchoolgateError
from schoolgate.rights import packs
from schoolgate.rights.packs import forms, keep
from schoolgate.rights.packs.models import Pack, PackStep
from tests.rights.packs.shape import faults
from tests.world import CHILDREN, URN, World, build

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Family:
    """A parent with a link to the second child of a small world, whose record a researcher has read."""

    config: Config
    clock: FixedClock
    world: World
    link: rights.ChildLink

    def later(self, **time: float) -> FixedClock:
        self.clock = replace(self.clock, moment=self.clock.moment + timedelta(**time)) if time else self.clock
        return self.clock

    def ask(self) -> packs.PackView:
        found = packs.ask_for_pack(self.link, self.clock)
        assert isinstance(found, packs.PackView), found
        return found

    def make(self) -> packs.PackView:
        asked = self.ask()
        assert packs.make_pack(asked.id, config=self.config, clock=self.clock)
        found = packs.own_pack(self.link)
        assert found is not None
        return found

    def fetch(self, pack: str, form: str) -> bytes:
        data, at = b"", 0
        while True:
            part = packs.pack_piece(self.link, pack, form, at, config=self.config, clock=self.clock)
            assert isinstance(part, str), part
            if not part:
                return data
            data += base64.b64decode(part)
            at = len(data)


@pytest.fixture
def family(home: Config, clock: FixedClock, settings: Any) -> Family:
    settings.CONFIG, settings.CLOCK = home, clock
    world = build(home, clock)
    sql = "SELECT sex, ethnicity, count(*) AS n FROM census_pupil GROUP BY sex, ethnicity"
    assert isinstance(gate.read(world.agreement, world.person, sql, config=home, clock=clock), gate.Handover)
    gate.settle_pending(home, clock)
    Return.objects.create(
        return_id="r", urn=URN, laestab="2022222", year=2026, term="AUT", state="accepted", sha256="0" * 64, pupils=6,
        received_at=datetime(2026, 10, 8, 9, tzinfo=UTC), actor="school",
    )  # fmt: skip
    return Family(home, clock, world, linked("parent@example.org", home, clock))


def linked(address: str, home: Config, clock: FixedClock) -> rights.ChildLink:
    account = people.create_account(address, "correct horse battery")
    code = rights.issue_code(URN, CHILDREN[1].upn, school_actor=f"school:{URN}", clock=clock, config=home)
    assert isinstance(code, rights.IssuedCode), code
    link = rights.redeem_code(account.id, code.text, clock, config=home)
    assert isinstance(link, rights.ChildLink), link
    return link


def test_a_copy_holds_everything_in_every_form_and_is_one_read(family: Family) -> None:
    before = len(ledger.who_has(family.world.pmrs[1]))
    pack = family.make()
    assert pack.state == "ready"
    assert len(ledger.who_has(family.world.pmrs[1])) == before + 1

    values = json.loads(family.fetch(pack.id, "json"))
    schema = json.loads(forms.schema())
    assert faults(values, schema, schema) == []
    (census,) = [table for table in values["facts"] if table["table"] == "census_pupil"]
    (row,) = census["rows"]
    assert row["values"]["census_pupil.ethnicity"]["value"] == "WBRI"
    assert row["source"]["return"] == "r"
    assert row["source"]["row"] == family.world.pmrs[1]
    assert row["source"]["sent_by"] == rights.school_in_words(URN)
    assert row["source"]["received_on"] == "2026-10-08"
    assert {one["name"] for one in values["identity"]} >= {"Last name", "Date of birth", "Pupil number (UPN)"}
    assert values["dictionary"]["census_pupil.ethnicity"]["kept"]
    university = next(one for one in values["recipients"] if "University" in one["organisation"])
    assert university["lawful_basis"]
    assert "census_pupil.ethnicity" in university["items"]
    assert any("You, as" in one for one in values["people"])
    assert {one["rule"] for one in values["withheld"]} == {"home-address", "other-people", "own-reference"}
    assert "ZZ9 9ZZ" not in json.dumps(values)

    text = family.fetch(pack.id, "text").decode()
    for words in ("Canary1synth", "Autumn 2026", "University of Example (synthetic)", "0303 123 1113", "Article 15(4)"):
        assert words in text
    pdf = family.fetch(pack.id, "pdf")
    assert pdf.startswith(b"%PDF-1.7")
    assert b"/MarkInfo <</Marked true>>" in pdf

    with zipfile.ZipFile(io.BytesIO(family.fetch(pack.id, "csv"))) as tables:
        assert json.loads(tables.read("pack.json")) == values
        facts = list(csv.DictReader(io.StringIO(tables.read("facts.csv").decode("utf-8-sig"))))
        assert {one["item"] for one in facts} >= {"census_pupil.sex", "census_absence.sessions"}
        assert "README.txt" in tables.namelist()
    kept = packs.own_pack(family.link)
    assert kept is not None
    assert [(one.event, one.form) for one in kept.steps] == [
        ("asked", ""), ("read", ""), ("made", ""), ("fetched", "json"), ("fetched", "text"), ("fetched", "pdf"), ("fetched", "csv"),
    ]  # fmt: skip

    drawn = b"".join(zlib.decompress(part) for part in _streams(pdf))
    assert drawn.count(b" BDC") > 20, "every line is tagged"

    # The files are sealed, each pack under a key that goes with it.
    lying = {path.name: path.read_bytes() for path in keep.folder(family.config).iterdir()}
    assert set(lying) == {f"{pack.id}.{form}" for form in packs.FORMS}
    for data in lying.values():
        for word in (b"Canary1synth", b"University"):
            assert word not in data
    for path in keep.folder(family.config).iterdir():
        assert path.stat().st_mode & 0o777 == 0o600
    row = Pack.objects.get()
    # A file that is another's does not open, nor one that was changed.
    (keep.folder(family.config) / f"{pack.id}.json").write_bytes(lying[f"{pack.id}.pdf"])
    with pytest.raises(SchoolgateError, match="cannot be opened"):
        keep.opened(pack.id, "json", bytes(row.sealed_key), family.config)
    assert packs.drop_pack(family.link, config=family.config, clock=family.clock)
    assert list(keep.folder(family.config).iterdir()) == []
    assert bytes(Pack.objects.get().sealed_key) == b""


def test_what_a_family_would_rather_not_give_is_among_its_choices(family: Family) -> None:
    other = linked("other@example.org", family.config, family.clock)

    def choices() -> list[str]:
        told: list[str] = json.loads(family.fetch(family.make().id, "json"))["choices"]
        Pack.objects.update(state="gone")
        return told

    given = {"config": family.config, "clock": family.clock}
    assert choices() == []
    rights.decline_item(other, "return.nationality", **given)
    rights.decline_item(family.link, "census_pupil.language", **given)
    rights.decline_item(other, "census_pupil.language", **given)
    language, nationality = choices()
    assert "1 September 2026, said by you and somebody else who acts for your child" in language
    assert "The code REF is kept instead" in language
    assert "said by somebody else who acts for your child" in nationality
    assert "other@example.org" not in nationality
    rights.withdraw_declined(family.link, "census_pupil.language", **given)
    assert "said by somebody else" in choices()[0], "the other's word stands"


def test_it_is_deleted_after_its_last_day_and_what_was_done_with_it_stays_written(family: Family) -> None:
    pack = family.make()
    assert packs.tend_packs(config=family.config, clock=family.later(days=7)) == 0
    assert packs.tend_packs(config=family.config, clock=family.later(days=1)) == 1
    assert list(keep.folder(family.config).iterdir()) == []
    gone = packs.own_pack(family.link)
    assert gone is not None
    assert (gone.state, gone.id) == ("gone", pack.id)
    assert [one.event for one in gone.steps] == ["asked", "read", "made", "deleted"]
    refused = packs.pack_piece(family.link, pack.id, "pdf", 0, config=family.config, clock=family.clock)
    assert isinstance(refused, Refused)


def test_two_clicks_are_one_pack_and_a_handful_a_day_is_enough(family: Family) -> None:
    assert family.ask().id == family.ask().id
    assert Pack.objects.count() == 1
    for _ in range(3):
        family.ask()
        Pack.objects.filter(state="asked").update(state="closed")
    refused = packs.ask_for_pack(family.link, family.clock)
    assert isinstance(refused, Refused)
    assert "tomorrow" in refused.reasons[0].remedy
    assert isinstance(packs.ask_for_pack(family.link, family.later(days=1, minutes=1)), packs.PackView)


def test_another_adults_copy_is_answered_as_one_that_is_not_there(family: Family) -> None:
    pack = family.make()
    other = linked("other@example.org", family.config, family.clock)
    assert packs.own_pack(other) is None
    told = []
    for name in (pack.id, "no-such-pack"):
        with pytest.raises(SchoolgateError) as unknown:
            packs.pack_piece(other, name, "pdf", 0, config=family.config, clock=family.clock)
        told.append((str(unknown.value), unknown.value.code))
    assert told[0] == told[1]
    assert not PackStep.objects.filter(event="fetched").exists()


def test_when_the_link_ends_nothing_is_made_or_fetched_and_what_lies_there_is_deleted(family: Family) -> None:
    pack = family.make()
    family.later(minutes=1)
    asked = family.ask()
    rights.end_link(family.link, clock=family.clock)
    assert not packs.make_pack(asked.id, config=family.config, clock=family.clock)
    assert Pack.objects.get(public_id=asked.id).state == "closed"
    with pytest.raises(rights.UnknownLink):
        packs.pack_piece(family.link, pack.id, "pdf", 0, config=family.config, clock=family.clock)
    assert packs.tend_packs(config=family.config, clock=family.clock) == 1
    assert list(keep.folder(family.config).iterdir()) == []


def test_a_shielded_childs_copy_is_not_made_for_who_was_not_confirmed_since(family: Family) -> None:
    custodian = next(one.id for one in people.persons() if one.role == "custodian")
    changed = gate.set_shield(CHILDREN[1].upn, True, actor=custodian, config=family.config, clock=family.clock)
    assert changed is True
    asked = family.ask()
    assert not packs.make_pack(asked.id, config=family.config, clock=family.clock)
    assert Pack.objects.get().state == "closed"
    assert not keep.folder(family.config).exists()


class _Ended(Exception):
    pass


@pytest.mark.parametrize("when", ["read", "sealed"])
def test_ended_at_any_step_it_is_begun_again_and_nothing_is_half_done(family: Family, when: str) -> None:
    asked = family.ask()

    def end(step: str) -> None:
        if step == when:
            raise _Ended

    with pytest.raises(_Ended):
        packs.make_pack(asked.id, config=family.config, clock=family.clock, at=end)
    assert Pack.objects.get().state == "asked"
    assert packs.make_pack(asked.id, config=family.config, clock=family.clock)
    assert json.loads(family.fetch(asked.id, "json"))["pack"] == asked.id
    # A fault that comes again and again does not fill the child's list with reads.
    again = family.ask()
    for _ in range(3):
        with pytest.raises(_Ended):
            packs.make_pack(again.id, config=family.config, clock=family.clock, at=end)
    size = register.log_size()
    with pytest.raises(SchoolgateError, match="after several reads"):
        packs.make_pack(again.id, config=family.config, clock=family.clock)
    assert register.log_size() == size
    assert packs.tend_packs(config=family.config, clock=family.clock) == 0


def test_the_clock_of_the_law_runs_from_the_asking_and_is_counted(family: Family) -> None:
    pack = family.make()
    assert pack.due.isoformat() == "2026-10-01"
    family.later(days=2)
    late = family.ask()
    first, last = pack.asked_at.date(), late.asked_at.date()
    on_time = packs.access_figures(first, last, last)
    assert on_time == packs.AccessFigures(asked=2, answered=1, in_time=1, late=0, closed=0)
    assert packs.access_figures(first, last, late.due + timedelta(days=1)).late == 1

    # Nobody else learns of it but by the read.
    size = register.log_size()
    asked = family.ask()
    assert register.log_size() == size
    packs.make_pack(asked.id, config=family.config, clock=family.clock)
    kinds = {one.type for one in register.events(limit=register.log_size() - size)}
    assert kinds == {"release.begun", "release.settled", "release.delivered"}

    # An erased child leaves no copy behind.
    assert packs.drop_packs_of(family.world.pmrs[1], config=family.config, clock=family.clock) == 2
    assert list(keep.folder(family.config).iterdir()) == []
    assert not PackStep.objects.exists()


def _streams(pdf: bytes) -> list[bytes]:
    return [
        part.split(b"stream\n", 1)[1].split(b"\nendstream")[0]
        for part in pdf.split(b" obj\n")
        if b"/FlateDecode" in part and b"stream\n" in part
    ]
