"""An extract leaves only when a named person of another organisation lets it, sealed, for some days, signed for."""

from __future__ import annotations

import hashlib
from datetime import date
from io import BytesIO
from pathlib import Path

import pyarrow.csv as pa_csv
import pyrage
import pytest

from schoolgate import gate, ledger, people, requests
from schoolgate.clock import Clock, FixedClock
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError, insist
from tests.gate.extracts import YES, Scene, codes

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def scene(home: Config, clock: FixedClock) -> Scene:
    return Scene.build(home, clock)


def files(config: Config) -> list[Path]:
    folder = config.home / "extracts"
    return sorted(folder.iterdir()) if folder.is_dir() else []


def test_the_whole_way_from_the_order_to_the_signature_is_in_the_register(scene: Scene) -> None:
    order = insist(scene.order())
    assert order.state == "ordered"
    assert ledger.releases(scene.world.agreement) == ()
    ready = insist(scene.approve(order.id))
    (release,) = ledger.releases(scene.world.agreement)
    assert (ready.state, ready.release_id, ready.decided_by) == ("ready", release.release_id, scene.custodian)
    plain = scene.inside(order.id)
    received = insist(scene.sign(order.id, hashlib.sha256(plain).hexdigest()))
    assert received.state == "received"
    assert files(scene.config) == []
    (signed,) = scene.told("extract.received")
    assert signed["file_sha256"] == ready.file_sha256
    assert signed["release"] == release.release_id
    for kind in ("extract.ordered", "extract.approved", "extract.ready"):
        (event,) = scene.told(kind)
        assert event["agreement"] == scene.world.agreement
    assert scene.told("extract.approved")[0]["reason"] == YES
    assert scene.told("release.begun")[-1]["kind"] == "extract"


def test_the_mark_is_in_the_file_and_in_no_count(scene: Scene) -> None:
    order = scene.ready()
    plain = scene.inside(order)
    table = pa_csv.read_csv(BytesIO(plain))
    assert table.num_rows == 7  # six children and the mark
    (release,) = ledger.releases(scene.world.agreement)
    gate.settle_pending(scene.config, scene.clock)
    assert release.rows == 6
    assert ledger.release(release.release_id).member_count == 6
    read = scene.read()
    assert isinstance(read, gate.Handover)
    real = set(read.table.column("pupil").to_pylist())
    assert len(set(table.column("pupil").to_pylist()) - real) == 1


@pytest.mark.parametrize("form", [".csv", ".parquet"])
def test_a_leaked_file_says_which_extract_it_is(scene: Scene, tmp_path: Path, form: str) -> None:
    first, second = scene.ready(form=form), scene.ready(form=form)
    for order in (first, second):
        leaked = tmp_path / f"leaked-{order}"
        leaked.write_bytes(scene.inside(order))
        assert gate.trace_extract(leaked, config=scene.config) == (order,)
    innocent = tmp_path / "innocent.csv"
    innocent.write_text("name,age\nSynthetic,7\n")
    assert gate.trace_extract(innocent, config=scene.config) == ()


def test_nothing_of_it_is_ever_on_disk_unencrypted(scene: Scene) -> None:
    order = scene.ready()
    plain = scene.inside(order)
    needles = [line.split(b",")[0].strip(b'"') for line in plain.splitlines()[1:]]
    for path in scene.config.home.rglob("*"):
        if path.is_file():
            held = path.read_bytes()
            assert not any(needle in held for needle in needles), path
    (sealed,) = files(scene.config)
    assert sealed.stat().st_mode & 0o077 == 0
    assert sealed.read_bytes().startswith(b"age-encryption.org/v1\n")


def test_nobody_but_the_holder_of_the_key_opens_it_and_a_changed_byte_is_seen(scene: Scene) -> None:
    data = scene.fetch(scene.ready())
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(data, [pyrage.x25519.Identity.generate()])
    changed = bytearray(data)
    changed[-20] ^= 1
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(bytes(changed), [scene.key])


def test_an_order_hears_every_reason_at_once(scene: Scene) -> None:
    refused = scene.order(
        sql="SELECT fsmeligible FROM census_pupil", reason="Faster.", recipient_key="age1nonsense", form=".xlsx"
    )
    assert codes(refused) == {
        "item-not-approved", "extract-needs-reference", "reason-missing", "key-unknown", "out-format",
    }  # fmt: skip
    assert codes(scene.order(recipient_key=str(scene.key))) == {"key-secret"}
    assert str(scene.key) not in repr(scene.order(recipient_key=str(scene.key)))
    assert codes(scene.order(agreement_id="A-1999-0001")) == {"agreement-unknown"}
    assert scene.told("extract.ordered") == []


def test_numbers_about_many_pupils_are_no_extract(scene: Scene) -> None:
    assert "extract-needs-reference" in codes(scene.order(sql="SELECT count(*) AS n FROM census_pupil"))


class TestWhoDecides:
    """A named person of the custodian, who did not order it and is not of the recipient's organisation."""

    def test_not_the_one_who_ordered(self, scene: Scene) -> None:
        order = insist(scene.order()).id
        refused = codes(scene.approve(order, scene.world.person))
        assert refused == {"not-your-decision", "own-order", "own-organisation"}

    def test_not_the_same_human_being_as_another_person(self, scene: Scene) -> None:
        account = people.create_account("both@example.org", "correct horse battery staple", role="custodian")
        people.hold_person(scene.world.person, account.id)
        people.hold_person(scene.custodian, account.id)
        order = insist(scene.order()).id
        assert codes(scene.approve(order)) == {"own-order"}

    def test_not_one_of_the_recipients_organisation(self, scene: Scene) -> None:
        home = people.person(scene.world.person).organisation_id
        insider = people.add_person(home, "custodian").id
        order = insist(scene.order()).id
        assert codes(scene.approve(order, insider)) == {"own-organisation"}

    def test_not_without_a_reason(self, scene: Scene) -> None:
        assert codes(scene.approve(insist(scene.order()).id, reason="ok")) == {"reason-missing"}

    def test_not_twice(self, scene: Scene) -> None:
        order = scene.ready()
        assert codes(scene.approve(order)) == {"not-possible-now"}
        assert len(ledger.releases(scene.world.agreement)) == 1

    def test_and_may_decline(self, scene: Scene) -> None:
        order = insist(scene.order()).id
        assert insist(scene.approve(order, yes=False)).state == "declined"
        assert ledger.releases() == ()
        assert codes(scene.open(order)) == {"extract-not-there"}


class TestFetching:
    """Some days, some times, by the people who may read."""

    def test_the_last_day_is_a_day_and_the_next_is_not(self, scene: Scene) -> None:
        order = scene.ready()
        until = gate.extract(order, scene.world.person, scene.clock).until
        assert until == date(2026, 9, 15)
        scene.later(days=14)
        opened = insist(scene.open(order))
        scene.later(days=1)
        assert "download-over" in codes(scene.open(order))
        assert codes(scene.piece(order, opened.token)) == {"download-closed"}
        assert scene.tend() == 1
        assert files(scene.config) == []
        assert scene.told("extract.expired")[0]["fetched"] == "yes"

    def test_a_fourth_time_is_refused(self, scene: Scene) -> None:
        order = scene.ready()
        for _ in range(3):
            scene.fetch(order)
        assert codes(scene.open(order)) == {"downloads-used"}
        assert gate.extract(order, scene.world.person, scene.clock).downloads == 3

    def test_a_second_begin_closes_the_first(self, scene: Scene) -> None:
        order = scene.ready()
        first, second = insist(scene.open(order)), insist(scene.open(order))
        assert codes(scene.piece(order, first.token)) == {"download-closed"}
        assert insist(scene.piece(order, second.token))

    @pytest.mark.parametrize("token", ["", "x", "0" * 43])
    def test_a_guessed_token_opens_nothing(self, scene: Scene, token: str) -> None:
        order = scene.ready()
        assert codes(scene.piece(order, token)) == {"download-closed"}
        insist(scene.open(order))
        assert codes(scene.piece(order, token)) == {"download-closed"}

    def test_a_token_is_good_for_an_hour(self, scene: Scene) -> None:
        order = scene.ready()
        token = insist(scene.open(order)).token
        scene.later(minutes=60)
        assert codes(scene.piece(order, token)) == {"download-closed"}

    def test_a_withdrawn_accreditation_fetches_nothing(self, scene: Scene) -> None:
        order = scene.ready()
        people.set_accreditation(scene.world.person, date(2026, 8, 31))
        assert codes(scene.open(order)) == {"accreditation-expired"}

    def test_a_running_download_ends_when_the_accreditation_or_the_agreement_does(self, scene: Scene) -> None:
        order = scene.ready()
        token = insist(scene.open(order)).token
        assert insist(scene.piece(order, token))
        people.set_accreditation(scene.world.person, date(2026, 8, 31))
        assert codes(scene.piece(order, token)) == {"accreditation-expired"}
        people.set_accreditation(scene.world.person, date(2027, 8, 31))
        insist(requests.suspend(scene.world.agreement, "We look into a complaint.", scene.custodian, scene.clock))
        assert codes(scene.piece(order, token)) == {"agreement-not-active"}

    def test_a_token_that_went_to_a_colleague_opens_nothing(self, scene: Scene) -> None:
        order = scene.ready()
        token = insist(scene.open(order)).token
        colleague = people.add_person(people.person(scene.world.person).organisation_id, "researcher").id
        assert "person-not-named" in codes(scene.piece(order, token, person=colleague))

    def test_somebody_elses_extract_is_none(self, scene: Scene) -> None:
        order = scene.ready()
        rival = people.add_person(people.add_organisation("Rival (synthetic)", "company").id, "researcher").id
        with pytest.raises(gate.UnknownExtract):
            scene.open(order, rival)
        assert gate.extracts(rival, scene.clock) == ()
        assert "not-the-recipient" in codes(scene.open(order, scene.custodian))

    def test_an_extract_whose_reader_is_refused_by_then_is_not_made(self, scene: Scene) -> None:
        order = insist(scene.order()).id
        people.set_accreditation(scene.world.person, date(2026, 8, 31))
        failed = insist(scene.approve(order))
        assert failed.state == "failed"
        assert failed.failed_because
        assert files(scene.config) == []
        assert scene.told("extract.failed")[0]["reasons"] == ["accreditation-expired"]


class TestSigning:
    """Whoever fetched it says that it is there and opened, or what became of it."""

    def test_another_files_digest_is_not_signed(self, scene: Scene) -> None:
        order = scene.ready()
        assert codes(scene.sign(order, "0" * 64)) == {"not-fetched"}
        sealed = scene.fetch(order)
        assert codes(scene.sign(order, "")) == {"file-differs"}
        # Who cannot open it has the sealed file's digest alone.
        assert codes(scene.sign(order, hashlib.sha256(sealed).hexdigest())) == {"file-differs"}

    def test_a_recipient_who_never_signs_reads_no_more_until_it_is_done(self, scene: Scene) -> None:
        order = scene.ready()
        plain = scene.inside(order)
        scene.later(days=10)  # the last day to sign
        assert isinstance(scene.read(), gate.Handover)
        scene.later(days=1)
        assert codes(scene.read()) == {"extract-unsigned"}
        assert codes(scene.order()) == {"extract-unsigned"}
        assert scene.tend() == 1
        assert scene.tend() == 0
        assert len(scene.told("extract.unsigned")) == 1
        scene.later(days=30)
        scene.tend()  # the file goes, the duty stays
        assert codes(scene.read()) == {"extract-unsigned"}
        insist(scene.sign(order, hashlib.sha256(plain).hexdigest()))
        assert isinstance(scene.read(), gate.Handover)

    def test_or_reported(self, scene: Scene) -> None:
        order = scene.ready()
        scene.fetch(order)
        scene.later(days=11)
        assert codes(scene.read()) == {"extract-unsigned"}
        report = gate.report_extract(
            order, "damaged", "The disk broke.", scene.world.person, config=scene.config, clock=scene.clock
        )
        assert insist(report).state == "reported"
        assert isinstance(scene.read(), gate.Handover)
        assert files(scene.config) == []
        assert "disk" not in str(scene.told("extract.reported"))
        # Said for the custodian alone: who has to decide can read it, nobody else.
        assert gate.extract(order, scene.custodian, scene.clock).said == "damaged: The disk broke."
        assert "disk" not in repr(gate.extract(order, scene.custodian, scene.clock))
        overseer = people.add_person(people.add_organisation("Watch (synthetic)", "regulator").id, "overseer").id
        for person in (scene.world.person, overseer):
            assert gate.extract(order, person, scene.clock).said == ""
            assert all(one.said == "" for one in gate.extracts(person, scene.clock))

    def test_what_nobody_fetched_nobody_owes_for(self, scene: Scene) -> None:
        scene.ready()
        scene.later(days=40)
        assert scene.tend() == 1
        assert scene.told("extract.expired")[0]["fetched"] == "no"
        assert isinstance(scene.read(), gate.Handover)


class TestLetters:
    """Whoever ordered hears of each turn, and of each last day before it comes."""

    @pytest.fixture(autouse=True)
    def account(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        account = people.create_account("r@example.org", "correct horse battery staple", role="researcher")
        people.hold_person(scene.world.person, account.id)
        self.letters: list[tuple[str, str]] = []

        def write(address: str, subject: str, text: str, *, clock: Clock) -> None:
            self.letters.append((address, subject))

        monkeypatch.setattr("schoolgate.post.write", write)

    def hears(self, scene: Scene, address: str = "r@example.org") -> list[str]:
        """The letters' subjects, after two rounds of the hourly job."""
        scene.tend()
        scene.tend()
        return [subject for to, subject in self.letters if to == address]

    def test_who_fetched(self, scene: Scene) -> None:
        scene.fetch(scene.ready())
        assert self.hears(scene) == ["Your extract can be fetched"]
        scene.later(days=7)
        assert self.hears(scene)[1:] == ["Sign for your extract soon"]
        scene.later(days=4)
        assert self.hears(scene)[2:] == ["An extract was not signed for"]
        scene.later(days=4)
        assert self.hears(scene)[3:] == ["Your extract can no longer be fetched"]

    def test_who_did_not(self, scene: Scene) -> None:
        scene.ready()
        scene.later(days=10)
        assert self.hears(scene)[1:] == []
        scene.later(days=1)
        assert self.hears(scene)[1:] == ["Fetch your extract soon"]
        scene.later(days=4)
        assert self.hears(scene)[2:] == ["Your extract can no longer be fetched"]

    def test_who_let_it_go_hears_of_a_report(self, scene: Scene) -> None:
        account = people.create_account("r2@example.org", "correct horse battery staple", role="custodian")
        order = scene.ready()
        scene.fetch(order)
        people.hold_person(scene.custodian, account.id)
        report = gate.report_extract(order, "lost", "", scene.world.person, config=scene.config, clock=scene.clock)
        assert insist(report).state == "reported"
        assert self.hears(scene, account.email) == ["An extract that you let go was reported"]

    def test_who_gets_none(self, scene: Scene) -> None:
        insist(scene.approve(insist(scene.order()).id, yes=False))
        order = insist(scene.order()).id
        people.set_accreditation(scene.world.person, date(2026, 8, 31))
        insist(scene.approve(order))
        assert self.hears(scene) == ["Your extract was declined", "No file was made of your extract"]


class TestBrokenOff:
    """A process that ends between two steps leaves no file that can be fetched, and no second read."""

    def test_between_the_read_and_the_file(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        from schoolgate.gate.releases import orders

        order = insist(scene.order()).id

        def full(path: Path, data: bytes) -> bytes:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(orders, "write_once", full)
        with pytest.raises(SchoolgateError):
            scene.approve(order)
        monkeypatch.undo()
        assert codes(scene.open(order)) == {"extract-not-there"}
        (release,) = ledger.releases(scene.world.agreement)
        assert release.handed_over == "begun, not delivered"
        assert scene.tend() == 0  # it may still be in the making
        scene.later(hours=2)
        assert scene.tend() == 1
        assert gate.extract(order, scene.world.person, scene.clock).state == "failed"
        assert len(ledger.releases(scene.world.agreement)) == 1

    def test_before_the_read_it_is_taken_up_again(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        from schoolgate.gate.releases import orders

        order = insist(scene.order()).id

        def lost(*_: object, **__: object) -> None:
            raise SchoolgateError("The gate was ended.", code="ended")

        monkeypatch.setattr(orders, "make_extract", lost)
        with pytest.raises(SchoolgateError):
            scene.approve(order)
        monkeypatch.undo()
        scene.later(hours=2)
        assert scene.tend() == 1
        assert gate.extract(order, scene.world.person, scene.clock).state == "ready"

    def test_a_file_no_order_stands_for_is_swept(self, scene: Scene) -> None:
        order = scene.ready()
        stray = scene.config.home / "extracts" / "X-0000000000000000.age"
        stray.write_bytes(b"stray")
        half = scene.config.home / "extracts" / f"{order}.age.0123456789abcdef.new"
        half.write_bytes(b"being written by another process")
        scene.tend()
        half.unlink()
        assert [path.stem for path in files(scene.config)] == [order]
