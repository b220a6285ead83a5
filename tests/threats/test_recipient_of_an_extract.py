"""A recipient who wants more of an extract than was let go: two joined, one leaked, one approved among friends."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow.csv as pa_csv
import pytest
from typer.testing import CliRunner

from schoolgate import gate, ledger, people, requests
from schoolgate.cli.app import app
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import Refusal, Refused, SchoolgateError, insist
from tests.gate.extracts import SQL, Scene, codes
from tests.requests import road
from tests.requests.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def scene(home: Config, clock: FixedClock) -> Scene:
    return Scene.build(home, clock)


def another_agreement(scene: Scene, *conditions: str) -> str:
    spec = requests.application(scene.world.agreement).spec
    made = insist(requests.submit_application(spec, scene.world.person, scene.clock))
    panel = [person.id for person in people.persons() if person.role == "panel"]
    insist(road.decide(made.id, True, ["Yes."], list(conditions), panel, scene.clock))
    return str(insist(road.sign(made.id, scene.custodian, scene.clock)).id)


def names(scene: Scene, order: str) -> set[str]:
    return set(pa_csv.read_csv(BytesIO(scene.inside(order))).column("pupil").to_pylist())


def test_two_extracts_of_two_agreements_share_no_pseudonym_not_even_the_mark(scene: Scene) -> None:
    one = names(scene, scene.ready())
    other = names(scene, scene.ready(agreement_id=another_agreement(scene)))
    assert len(one) == len(other) == 7
    assert one.isdisjoint(other)


def test_two_of_one_agreement_join_by_pupil_and_their_marks_do_not_show(scene: Scene) -> None:
    one, other = names(scene, scene.ready()), names(scene, scene.ready())
    assert len(one & other) == 6  # the pupils, as within any agreement; each file's own mark is left over
    assert len(one - other) == len(other - one) == 1


def test_a_file_with_other_columns_and_rows_thrown_away_still_says_whose_it_was(scene: Scene, tmp_path: Path) -> None:
    order = scene.ready()
    lines = scene.inside(order).decode().splitlines()
    leaked = tmp_path / "edited.txt"
    leaked.write_text("\n".join(f"id={line.split(',')[0]}" for line in reversed(lines[1:])).upper())
    assert gate.trace_extract(leaked, config=scene.config) == (order,)


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ("setting-output", "setting-only"),
        ("no-pseudonym", "pseudonym-not-given"),
        ("aggregate-only: 10", "not-aggregate"),
        ("row-budget: 1", ""),
    ],
)
def test_what_the_panel_held_back_no_single_person_lets_go(scene: Scene, condition: str, code: str) -> None:
    agreement = another_agreement(scene, condition)
    asked = scene.order(agreement_id=agreement)
    if code:
        assert code in codes(asked)
        return
    failed = insist(scene.approve(insist(asked).id))
    assert failed.state == "failed"  # six rows are more than the one that was left
    assert codes(scene.open(failed.id)) >= {"extract-not-there"}


def test_an_agreement_that_ends_before_the_download_gives_no_file_and_can_still_be_signed_for(scene: Scene) -> None:
    fetched, waiting = scene.ready(), scene.ready()
    plain = scene.inside(fetched)
    insist(requests.end(scene.world.agreement, "It is done.", scene.custodian, scene.clock))
    assert "agreement-not-active" in codes(scene.open(waiting))
    assert insist(scene.sign(fetched, hashlib.sha256(plain).hexdigest())).state == "received"


def test_three_approvals_at_once_make_one_release(scene: Scene) -> None:
    order = insist(scene.order()).id

    def approve() -> Any:
        try:
            return scene.approve(order)
        except SchoolgateError as problem:
            return problem

    answers = at_once(*[approve] * 3)
    assert sum(isinstance(answer, gate.ExtractView) for answer in answers) <= 1
    # Whoever was first and then could not read (SQLite in memory says "locked") let it go all the same: it is made by
    # the job that takes up what broke off, when no read can be running any more.
    gate.tend_extracts(config=scene.config, clock=FixedClock(scene.clock.now() + timedelta(hours=2)))
    assert len(ledger.releases(scene.world.agreement)) == 1
    assert gate.extract(order, scene.world.person, scene.clock).state == "ready"


def test_outside_the_setting_single_records_go_by_an_extract_alone(scene: Scene) -> None:
    from schoolgate.gate import service
    from schoolgate.policy import HANDED_OVER

    def outside(sql: str) -> Any:
        return service.read(
            scene.world.agreement, scene.world.person, sql, config=scene.config, clock=scene.clock, output=HANDED_OVER
        )

    for sql in (SQL, "SELECT sex FROM census_pupil", "SELECT DISTINCT ethnicity, sex, age FROM census_pupil"):
        assert "extract-needed" in codes(outside(sql)), sql
        explained = service.explain(
            scene.world.agreement, scene.world.person, sql, clock=scene.clock, output=HANDED_OVER
        )
        assert "extract-needed" in {one.code for one in explained.refusals}
    assert isinstance(outside("SELECT sex, count(*) AS pupils FROM census_pupil GROUP BY sex"), gate.Handover)
    assert isinstance(scene.read(), gate.Handover)


def test_where_nothing_keeps_data_in_the_command_says_so(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCHOOLGATE_HOME", str(scene.config.home))
    monkeypatch.setattr("schoolgate.cli.gate.SystemClock", lambda: scene.clock)
    out = tmp_path / "records.csv"
    outcome = CliRunner().invoke(app, ["read", "--agreement", scene.world.agreement, "--out", str(out), SQL])
    assert outcome.exit_code == 0, outcome.output
    assert out.exists()
    assert "this machine counts as the safe setting" in " ".join(outcome.output.split())


def test_a_download_that_breaks_off_leaves_no_half_file_in_the_way_of_the_next(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCHOOLGATE_HOME", str(scene.config.home))
    monkeypatch.setattr("schoolgate.cli.releases.SystemClock", lambda: scene.clock)
    order, out = scene.ready(), tmp_path / "sealed.age"
    asked = ["extract", "fetch", order, "--person", scene.world.person, "--out", str(out)]

    def suspended(*_: object, **__: object) -> Refused:
        return Refused((Refusal("agreement-not-active", "The agreement is suspended."),))

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr("schoolgate.gate.extract_piece", suspended)
        assert CliRunner().invoke(app, asked).exit_code != 0
    assert not out.exists()
    assert CliRunner().invoke(app, asked).exit_code == 0
    assert out.stat().st_size > 0


@pytest.mark.parametrize("fault", ["checked", "run", "recorded", "published", "delivered"])
def test_whatever_breaks_off_gives_no_file(scene: Scene, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No receipt, no data: at each step of the read the order comes to a file that is on record, or to none."""
    from schoolgate.gate.releases import orders

    order = insist(scene.order()).id
    step = orders._Making.step

    def breaking(making: Any, name: str) -> None:
        step(making, name)
        if name == fault:
            raise RuntimeError("the power went")

    monkeypatch.setattr(orders._Making, "step", breaking)
    with pytest.raises(SchoolgateError):
        scene.approve(order)
    monkeypatch.undo()
    assert codes(scene.open(order)) == {"extract-not-there"}
    scene.later(hours=2)
    scene.tend()
    state = gate.extract(order, scene.world.person, scene.clock).state
    recorded = fault in ("recorded", "published", "delivered")
    assert state == ("failed" if recorded else "ready")
    assert len(ledger.releases(scene.world.agreement)) == 1
    left = {path.stem for path in scene.config.home.glob("extracts/*")}
    assert left == (set() if recorded else {order})
