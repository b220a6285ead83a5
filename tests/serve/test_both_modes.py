"""The gate in the caller's own process and behind its socket give the same answers to the same questions."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.serve.place import DESK, GATE, OPERATIONS, PORTAL, SITE, STRANGER, WORKER, Place
from tests.world import OTHER_URN, URN, upn

VERIFIER = Path(__file__).resolve().parents[2] / "tools" / "verify_receipt.py"
TABLE = (
    "SELECT ethnicity, count(*) AS pupils, sum(age) AS years FROM census_pupil GROUP BY ethnicity ORDER BY ethnicity"
)
ROWS = "SELECT p.pupil, p.sex, a.sessions FROM census_pupil p LEFT JOIN census_absence a ON a.pupil = p.pupil ORDER BY a.sessions"
TOO_MUCH = "SELECT language, random() FROM census_pupil"
FAILS = "SELECT CAST(sex AS INTEGER) AS n FROM census_pupil"

Ask = Callable[..., Any]


@pytest.fixture(params=["embedded", "served"])
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def ask(mode: str, place: Place) -> Ask:
    """Asks one thing as a desk or as the site; embedded, the gate's own user asks in its own process."""

    def asked(what: str, uid: int = DESK, **args: Any) -> Any:
        return place.ask(GATE if mode == "embedded" else uid, [{"ask": what, **args}])[0]

    return asked


def _query(place: Place, sql: str, **more: Any) -> dict[str, Any]:
    return {"agreement": place.facts["agreement"], "person": place.facts["person"], "sql": sql, **more}


def _holds(receipt: Mapping[str, Any], file: Path, folder: Path) -> None:
    """What the single-file verifier says of a receipt and the file it names."""
    (folder / "receipt.json").write_text(json.dumps(receipt))
    told = subprocess.run(
        [sys.executable, "-I", str(VERIFIER), str(folder / "receipt.json"), "--result", str(file)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stdout + told.stderr


@pytest.mark.parametrize("name", ["x.arrow", "x.csv", "x.parquet"])
def test_a_result_its_file_and_a_receipt_that_anyone_can_check(
    ask: Ask, place: Place, tmp_path: Path, name: str
) -> None:
    handed = ask("read", **_query(place, ROWS, file=name))
    assert handed[""] == "Handover", handed
    (file,) = [tmp_path / name for name in handed["files"]]
    file.write_bytes(base64.b64decode(handed["files"][name]))
    _holds(handed["receipt"], file, tmp_path)


def test_the_two_modes_give_the_same_bytes(place: Place) -> None:
    asked = [
        *(
            {"ask": "read", **_query(place, sql, file=f"x.{kind}")}
            for sql in (TABLE, ROWS)
            for kind in ("arrow", "csv")
        ),
        *({"ask": "explain", **_query(place, sql)} for sql in (TABLE, TOO_MUCH, "SELECT", "SELECT 1 FROM nowhere")),
        *({"ask": "read", **_query(place, sql)} for sql in (TOO_MUCH, FAILS, "")),
        {"ask": "read", **_query(place, TABLE), "agreement": "A-1066-0001"},
        {"ask": "read", **_query(place, TABLE, file="x.doc")},
        {"ask": "explain", **_query(place, TABLE), "agreement": "A-1066-0001"},
        {"ask": "named_people", "agreement": place.facts["agreement"]},
        {"ask": "named_people", "agreement": "A-1066-0001"},
    ]
    here, there = place.ask(GATE, asked), place.ask(DESK, asked)
    kinds = {one[""] for one in here if isinstance(one, dict)}
    assert {"Handover", "RefusedQuery", "Explained", "UnknownRequest", "SchoolgateError"} <= kinds
    for one, other in zip(here, there, strict=True):
        for random in ("release_id", "receipt", "log_index"):  # each read is one of its own
            if isinstance(one, dict):
                assert (random in one) == (random in other)
                one.pop(random, None), other.pop(random, None)
        assert one == other


def test_a_familys_questions_have_the_same_answers(place: Place) -> None:
    (handed,) = place.ask(GATE, [{"ask": "read", **_query(place, ROWS)}])
    place.ask(GATE, [{"ask": "settle_all"}])
    asked: list[dict[str, Any]] = [
        {"ask": "find_own_pupil", "urn": URN, "upn": upn(1), "actor": f"school:{URN}"},
        {"ask": "find_own_pupil", "urn": OTHER_URN, "upn": upn(1), "actor": f"school:{OTHER_URN}"},
        {"ask": "find_own_pupil", "urn": URN, "upn": "nonsense", "actor": f"school:{URN}"},
        {"ask": "subject_access", "pupil": 1, "actor": "account:1"},
        {"ask": "member_proof", "release": handed["release_id"], "pupil": 1},
        {"ask": "member_proof", "release": handed["release_id"], "pupil": 99},
        {"ask": "member_proof", "release": "R-none", "pupil": 1},
        {"ask": "entry_proof", "index": 0},
        {"ask": "log_key"},
    ]
    here, there = place.ask(GATE, asked), place.ask(SITE, asked)
    assert here[3].pop("receipt")["index"] < there[3].pop("receipt")["index"]
    # The log grows between; a proof is against the checkpoint of its moment.
    assert here[7].split("\n\n")[0].splitlines()[:2] == there[7].split("\n\n")[0].splitlines()[:2]
    del here[7], there[7]
    assert here == there
    assert here[0] == 1
    assert here[1][""] == here[2][""] == "Refusal"
    assert here[3]["identity"]["forename"] == "Forename1b"
    assert here[5][""] == "NotAMember"
    mine, theirs = (place.ask(uid, [{"ask": "exposures_of", "pupil": 1}])[0] for uid in (GATE, SITE))
    assert mine == theirs
    assert handed["release_id"] in {line["exposure"]["release_id"] for line in mine}
    looked = {line["looked"] for line in mine if line["exposure"]["agreement_id"] == "A-SAR"}
    assert {"account:1", f"school:{URN}"} <= looked
    assert {line["looked"] for line in mine if line["exposure"]["agreement_id"] != "A-SAR"} == {""}


def test_each_caller_may_ask_for_what_the_list_says_and_for_nothing_else(place: Place) -> None:
    asked: list[dict[str, Any]] = [
        {"ask": "read", **_query(place, TABLE)},
        {"ask": "subject_access", "pupil": 1, "actor": "account:1"},
        {"ask": "settle_all"},
    ]
    allowed = {DESK: [0], PORTAL: [0], SITE: [1], WORKER: [2], OPERATIONS: [2], STRANGER: []}
    for uid, may in allowed.items():
        answers = place.ask(uid, asked)
        for at, answer in enumerate(answers):
            code = answer.get("code", "") if isinstance(answer, dict) else ""
            wanted = "" if at in may else "stranger" if uid == STRANGER else "not-your-operation"
            assert code == wanted, (uid, at, answer)


def test_a_desk_acts_only_for_the_persons_it_is_listed_with(place: Place) -> None:
    other = {**_query(place, TABLE), "person": "P-0002"}
    (bound, portal) = (place.ask(uid, [{"ask": "read", **other}])[0] for uid in (DESK, PORTAL))
    assert bound["code"] == "not-your-person"
    # A portal signs its people in itself: whom it names, policy judges.
    assert portal[""] == "RefusedQuery"


def test_what_only_the_gates_user_may_do_is_said_in_plain_words(place: Place) -> None:
    tells = {
        ("match", "queue"): "runs as the gate's user",
        ("collect", "explain", "R-1", "100", "It is right."): "runs as the gate's user",
        ("log", "publish"): "",
    }
    for command, words in tells.items():
        done = place.schoolgate(SITE, *command)
        assert done.returncode == 1, (command, done.stdout)
        assert words in done.stderr.replace("\n", " "), (command, done.stderr)
    assert not (place.home(SITE) / "keys" / "master.key").exists()
    (answer,) = place.ask(SITE, [{"ask": "settle_pending"}])
    assert answer["code"] == "gate-only"
