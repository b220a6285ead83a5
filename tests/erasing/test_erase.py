"""An erased child is nowhere: not in a table, not in a file, under no key; and the log still verifies."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schoolgate import consent, gate, ledger, people, register, requests, rights
from schoolgate.backup import check_whole
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import Refused, SchoolgateError
from schoolgate.gate import service as reading
from schoolgate.gate.erasing import service
from schoolgate.gate.erasing.models import Destruction
from schoolgate.gate.erasing.places import unknown_places
from schoolgate.ids import Term
from schoolgate.records.custody import check_store
from schoolgate.records.vault import Vault
from tests.collect.paper import pupil
from tests.erasing import scene as stage
from tests.erasing.scene import CHILD, Purposes, Scene, build, destroyed, found, pupils
from tests.match.school import ADDRESS, load, rows, send, upn

pytestmark = pytest.mark.django_db(transaction=True)

VERIFIER = Path(__file__).resolve().parents[2] / "tools" / "verify_receipt.py"


@pytest.fixture
def scene(home: Config, clock: FixedClock) -> Scene:
    return build(home, clock)


def proof_holds(link_proof: dict[str, Any], home: Config, folder: Path) -> bool:
    path = folder / "proof.json"
    path.write_text(json.dumps(link_proof))
    command = [sys.executable, "-I", str(VERIFIER), str(path), "--key", register.verifier_key(home)]
    return subprocess.run(command, capture_output=True, text=True, check=False).returncode == 0


def test_every_table_that_holds_a_pupil_says_what_becomes_of_its_rows() -> None:
    assert unknown_places() == []


def test_an_erased_child_is_nowhere_and_the_log_still_verifies(
    home: Config, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    purposes = Purposes(monkeypatch)
    scene = build(home, clock)
    consent.restrict(scene.child, reason="objection-pending", actor="P-0002", clock=clock)
    everywhere = found(scene, home, purposes.used)
    # The search finds what is there: names in vault and papers, the reference in tables and files.
    assert {"records_vaultidentity.sealed"} <= everywhere["a name, a number or the birth date"]
    assert any(place.startswith("paper ") for place in everywhere["a name, a number or the birth date"])
    assert {"rights_childlink.pupil", "records_vaultidentity.pmr"} <= everywhere["the reference"]
    before = {one: gate.member_proof(scene.release, one, home) for one in (scene.child, *scene.others)}
    done = destroyed(scene, home, clock)

    left = found(scene, home, purposes.used)
    # What its recipient is told is kept until it has answered (`test_recipients`): the recipient's own reference.
    assert left.pop("a pseudonym") == {"corrections_erased.sealed"}
    assert left.keys() <= {"the reference"}
    # The number is left where releases are counted; it leads to nobody.
    places = left.get("the reference", set())
    assert {place.partition("_")[0] for place in places} <= {"ledger", "erasing"}
    assert all(record.person_id == ledger.FORGOTTEN for record in ledger.releases(gate.SUBJECT_ACCESS))

    # The offline verifier, the comparison of log and ledger, lake and vault.
    register.verify_log(str(home.log), register.verifier_key(home))
    check_whole(home)
    # The others' proofs are what they were; nobody can make the child's again.
    for one in scene.others:
        assert gate.member_proof(scene.release, one, home) == before[one]
    with pytest.raises(gate.NotAMember):
        gate.member_proof(scene.release, scene.child, home)
    assert rights.children(scene.link.account_id) == ()
    # The log tells that something was destroyed, with no identity.
    (event,) = register.events("store.destroyed")
    assert event.body["what"] == "the record of one pupil"
    assert (event.body["rows"], event.body["agreed_by"]) == ("fewer than 10", 2)
    assert event.body["versions"] == [1, 2]
    assert (done.state, done.log_index) == ("done", event.index)
    assert Destruction.objects.get().pupil is None


def test_another_child_of_the_same_name_and_birth_date_is_not_erased_with_it(home: Config, clock: FixedClock) -> None:
    requests.ensure_built_in(clock)
    same = {"Surname": CHILD["Surname"], "Forename": CHILD["Forename"], "DOB": CHILD["DOB"]}
    elsewhere = ADDRESS.replace("ZZ1", "ZZ9")
    other = pupil(UPN=upn(3), extra=elsewhere, **same)
    send(home, clock, pupil(**CHILD, extra=ADDRESS), other, pupil(UPN=upn(1), Forename="Third", extra=ADDRESS))
    load(home, clock)
    child, twin = Vault(home).find(CHILD["UPN"]), Vault(home).find(upn(3))
    assert child is not None
    assert twin not in (None, child)
    service.carry_destruction(_agreed(home, clock), config=home, clock=clock)
    assert Vault(home).is_erased(child)
    load(home, clock)  # the return is read anew
    assert twin in {row["pupil"] for row in rows(home)}
    assert Vault(home).find(CHILD["UPN"]) is None


def _agreed(home: Config, clock: FixedClock) -> str:
    """The child's erasure, proposed and agreed; its number."""
    ministry = people.add_organisation("Ministry (synthetic)", "custodian")
    one, two = (people.add_person(ministry.id, "custodian").id for _ in range(2))
    made = service.propose_erasure(CHILD["UPN"], "unlawful", "It was wrong.", actor=one, config=home, clock=clock)
    assert not isinstance(made, Refused), made
    service.decide_destruction(made.number, True, "So it was.", actor=two, clock=clock)
    return made.number


def test_the_same_child_in_a_later_return_is_a_new_pupil_and_not_linked_to_the_old(
    scene: Scene, home: Config, clock: FixedClock
) -> None:
    destroyed(scene, home, clock)
    # The returns as they were, loaded again, bring nobody back.
    again = load(home, clock)
    assert (again.rows, again.new, again.matched) == (5, 0, 5)
    # The duty to send goes on: in its next return the school names the child, and it is new.
    send(home, clock, *pupils(), Term="SUM", ReferenceDate="2026-05-21")

    report = load(home, clock, 2026, Term.SUMMER)
    assert (report.new, report.queued) == (1, 0)
    fresh = Vault(home).find(CHILD["UPN"])
    assert fresh is not None
    assert fresh not in (scene.child, *scene.others)
    assert ledger.who_has(fresh) == ()
    assert {row["pupil"] for row in rows(home)} == {*scene.others, fresh}


def test_an_erasure_cut_short_after_any_step_is_taken_up_again(scene: Scene, home: Config, clock: FixedClock) -> None:
    class Cut(Exception):
        pass

    def cut_at(where: str) -> Callable[[str], None]:
        def cut(step: str) -> None:
            if step == where:
                raise Cut

        return cut

    with pytest.raises(Cut):
        destroyed(scene, home, clock, after=cut_at("leaves kept"))
    (waiting,) = service.destructions()
    for step in ("papers", "rows", "versions", "told", "tables", "key"):
        with pytest.raises(Cut):
            service.carry_destruction(waiting.number, config=home, clock=clock, after=cut_at(step))
    service.tend.func(config=home, clock=clock)
    assert service.destructions()[0].state == "done"
    assert found(scene, home, ()).keys() <= {"the reference", "a pseudonym"}
    check_store(home)
    check_whole(home)


def test_two_people_decide_with_a_ground_and_nothing_happens_before(
    scene: Scene, home: Config, clock: FixedClock
) -> None:
    first, second = scene.staff

    def propose(upn: str = CHILD["UPN"], ground: str = "unlawful", because: str = "Against the law.") -> Any:
        return service.propose_erasure(upn, ground, because, actor=first, config=home, clock=clock)

    def code(answer: Any) -> str:
        assert isinstance(answer, Refused), answer
        return answer.reasons[0].code

    assert code(propose(ground="because")) == "no-ground"
    assert code(propose(because="No.")) == "no-reason"
    assert code(propose(upn="A000000000000")) == "pupil-unknown"
    made = propose()
    assert code(propose()) == "already-proposed"
    assert code(service.decide_destruction(made.number, True, "", actor=first, clock=clock)) == "own-proposal"
    with pytest.raises(SchoolgateError, match="not possible while it is proposed"):
        service.carry_destruction(made.number, config=home, clock=clock)
    assert service.decide_destruction(made.number, False, "It was right.", actor=second, clock=clock).state == "refused"
    assert Destruction.objects.get().pupil is None
    assert code(service.decide_destruction(made.number, True, "", actor=second, clock=clock)) == "not-possible-now"
    another = propose()
    assert service.withdraw_destruction(another.number, actor=first, clock=clock).state == "withdrawn"
    assert Vault(home).find(CHILD["UPN"]) == scene.child
    assert register.events("store.destroyed") == ()
    with pytest.raises(service.UnknownDestruction):
        service.decide_destruction("D-9999", True, "", actor=second, clock=clock)


def test_a_read_that_ran_while_the_child_was_erased_is_read_anew(
    scene: Scene, home: Config, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may not be recorded on a version that no longer exists: nobody could find out who was in it."""
    real, times = reading.begin, []

    def begin(*args: Any, **named: Any) -> Any:
        times.append(named["snapshot"].version)
        if len(times) == 1:
            destroyed(scene, home, clock)
        return real(*args, **named)

    monkeypatch.setattr(reading, "begin", begin)
    answer = gate.read(scene.agreement, scene.researcher, stage.SQL, config=home, clock=clock)
    assert isinstance(answer, gate.Handover)
    assert times[0] < times[1]
    assert answer.table.num_rows == 5
    gate.settle_pending(home, clock)
    assert ledger.release(answer.release_id).member_count == 5
