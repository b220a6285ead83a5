"""The main job from the outside: what it says, what it leaves, and what it must never let out."""

from __future__ import annotations

import json
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
from functools import cache
from pathlib import Path

import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from schoolgate import collect
from schoolgate.ids import upn_check_letter
from tests.demo.conftest import COMMAND, DemoWorld

VERIFIER = Path(__file__).resolve().parents[2] / "tools" / "verify_receipt.py"


@cache
def _identities(world: DemoWorld) -> dict[str, set[str]]:
    """Every name, UPN, date of birth and address in the returns that the schools sent."""
    found: dict[str, set[str]] = {"names": set(), "upns": set(), "births": set(), "postcodes": set()}
    for paper in sorted((world.home / "demo").glob("returns-*/*.xml")):
        with paper.open("rb") as stream:
            for row in collect.read_return(stream)[1]:
                names = [row.fields.get(name, "") for name in ("surname", "formersurname")]
                found["names"] |= {name for name in names if len(name) > 5}
                found["upns"] |= {upn for upn in (row.fields.get("upn"), row.fields.get("formerupn")) if upn}
                found["births"] |= {row.fields.get("dob", "2015-01-01")}
                found["postcodes"] |= {a["postcode"] for a in row.addresses if a.get("postcode")}
    return found


def test_the_journey_is_told_step_by_step(world: DemoWorld) -> None:
    for step in range(1, 14):
        assert f"{step} of 13 " in world.said
    for promise in (
        "refused", "proof files checked offline", "The log is whole", "does not fit", "synthetic",
        "The school was asked, and agrees", "The custodian decides: put right", "under its own reference for the child",
        "The university answers. The family sees it", "the school sends “REFU” instead",
        "A copy of everything that is held is ready",
    ):  # fmt: skip
        assert promise in world.said
    rows = re.search(r"([\d,]+) rows instead of ([\d,]+)", world.said)
    assert rows is not None
    after, before = (int(number.replace(",", "")) for number in rows.groups())
    assert after == before - 1


def test_a_third_of_the_returns_or_so_had_mistakes_and_all_are_accepted_in_the_end(world: DemoWorld) -> None:
    with sqlite3.connect(world.home / "schoolgate.sqlite3") as state:
        states = dict(state.execute("SELECT state, count(*) FROM collect_return GROUP BY state"))
        schools = state.execute("SELECT count(DISTINCT urn) FROM collect_return").fetchone()[0]
        places = {(row[0], row[1], row[2]) for row in state.execute("SELECT urn, year, term FROM collect_return")}
    assert states["accepted"] == len(places)
    assert states["replaced"] > 0
    assert set(states) <= {"accepted", "replaced"}
    assert schools >= 15
    assert len({(year, term) for _, year, term in places}) == 2


def test_logs_errors_and_tracebacks_hold_no_name_birth_date_address_or_upn(world: DemoWorld, served: str) -> None:
    # Commands that go wrong in many ways, too: their complaints are searched like everything else.
    papers = sorted((world.home / "demo" / "returns-first").glob("*.xml"))
    broken = world.home.parent / "broken.xml"
    broken.write_bytes(papers[0].read_bytes()[:-200])
    a_upn = sorted(_identities(world)["upns"])[0]
    wrong = [
        world.run("collect", "submit", str(broken)),
        world.run("collect", "submit", *map(str, papers[:3])),
        world.run("read", "--agreement", world.agreement, "SELECT cast(ethnicity AS INT) FROM census_pupil"),
        world.run("read", "--agreement", "A-1999-0001", "SELECT 1"),
        world.run("family", "issue-code", "--urn", "100000", "--upn", a_upn),
        world.run("match", "queue"),
        world.run("log", "show"),
    ]
    said = "\n".join([world.said, world.complained, *(one.stdout + one.stderr for one in wrong)])
    said += (world.home.parent / "site.log").read_text()
    assert "Traceback" not in said
    for kind, values in _identities(world).items():
        assert len(values) > 20, kind
        leaked = {value for value in values if value in said}
        assert not leaked, f"{kind}: {len(leaked)} of {len(values)}"


@pytest.mark.parametrize("place", ["log", "lake", "papers", "dictionary", "schoolgate.sqlite3", "catalogue.sqlite3"])
def test_no_identity_lies_in_the_open_in_any_file_of_the_installation(world: DemoWorld, place: str) -> None:
    root = world.home / place
    files = [path for path in ([root] if root.is_file() else root.rglob("*")) if path.is_file()]
    assert files
    texts = [path.read_bytes() for path in files]
    texts += [
        json.dumps(pq.read_table(path).to_pylist(), default=str).encode() for path in files if path.suffix == ".parquet"
    ]
    assert _in_the_open(b"\n".join(texts), _identities(world)) == set()


def _in_the_open(text: bytes, identities: dict[str, set[str]]) -> set[str]:
    """The kinds of identity that stand anywhere in a text, also inside a longer run of letters.

    A birth date alone is a date like any other in a database; with the sealed names it must not lie there.
    """
    assert all(re.fullmatch(r"[A-Za-z0-9' -]*[a-z]{2}synth", name) for name in identities["names"])
    found = {"names"} if re.search(rb"[a-z]{2}synth(?!etic)", text) else set()
    for kind, shape in (
        ("upns", rb"(?=([A-Z][0-9A-Z]{12}))"),
        ("postcodes", rb"(?=(ZZ\d{1,2} ?\d[A-Z]{2}))"),
    ):
        assert all(re.match(shape, value.encode()) for value in identities[kind])
        if {value.decode() for value in re.findall(shape, text)} & identities[kind]:
            found.add(kind)
    return found


def test_the_search_for_identities_finds_what_it_looks_for(world: DemoWorld) -> None:
    found = _identities(world)
    for kind in ("names", "upns", "postcodes"):
        assert _in_the_open(b"xx" + sorted(found[kind])[0].encode() + b"yy", found) == {kind}


def test_the_researchers_files_hold_pseudonyms_and_one_child_fewer_after_the_objection(world: DemoWorld) -> None:
    place = world.home / "demo" / "researcher"
    before = pa_csv.read_csv(place / "2-illness-by-pupil.csv").column("pupil").to_pylist()
    after = pa_csv.read_csv(place / "4-illness-by-pupil-again.csv").column("pupil").to_pylist()
    assert len(before) - len(after) == 1
    assert len(set(before) - set(after)) == 1
    assert all(re.fullmatch(r"[0-9a-f]{32}", value) for value in before)


def test_receipts_and_proofs_hold_for_a_stranger_with_one_file(world: DemoWorld) -> None:
    papers = [*(world.home / "demo" / "researcher").glob("*-receipt.json"), *(world.home / "demo" / "family").glob("*")]
    assert len(papers) >= 6
    for paper in papers:
        checked = subprocess.run(
            [sys.executable, "-I", str(VERIFIER), str(paper)], capture_output=True, text=True, check=False
        )
        assert checked.returncode == 0, (paper.name, checked.stdout)


def test_the_log_verifies_and_the_changed_copy_does_not(world: DemoWorld) -> None:
    whole = world.run("log", "verify", str(world.home / "log"))
    assert (whole.returncode, "The log is whole" in whole.stdout) == (0, True), whole.stderr
    changed = world.run("log", "verify", str(world.home / "demo" / "changed-log"))
    assert changed.returncode == 1
    assert re.search(r"Entry \d+ does not fit: tile/entries/", changed.stderr)


def test_a_second_demo_starts_afresh_in_its_own_home(world: DemoWorld, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(world.home, home)
    again = DemoWorld(home, "", "").run("demo", "run", "--no-serve", "--schools", "4", "--pupils", "400")
    assert again.returncode == 0, again.stderr
    assert "version 2 of the lake" in again.stdout


def test_the_demo_does_not_touch_data_that_it_did_not_make(world: DemoWorld, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(world.home, home)
    (home / "made-by-the-demo.txt").unlink()
    before = sorted((path, path.stat().st_size) for path in home.rglob("*.parquet"))
    refused = DemoWorld(home, "", "").run("demo", "run", "--no-serve")
    assert refused.returncode == 1
    assert "already holds data" in refused.stderr
    assert sorted((path, path.stat().st_size) for path in home.rglob("*.parquet")) == before


@pytest.mark.parametrize("upn", ["P207000016049", "R201100018042", "T20110001804V"])
def test_upn_check_says_yes(world: DemoWorld, upn: str) -> None:
    assert upn_check_letter(upn[1:]) == upn[0]
    assert world.run("upn", "check", upn).returncode == 0


def test_upn_check_says_no_and_why(world: DemoWorld) -> None:
    wrong = world.run("upn", "check", "B207000016049")
    assert wrong.returncode == 1
    assert "P" in wrong.stdout + wrong.stderr


def test_a_fault_inside_is_told_in_one_line_without_a_traceback(world: DemoWorld, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "schoolgate.sqlite3").write_bytes(b"this is not a database" * 100)
    fault = DemoWorld(home, "", "").run("log", "show")
    assert fault.returncode == 70
    assert "Traceback" not in fault.stderr
    assert "A fault in schoolgate" in fault.stderr


def test_help_teaches_every_command(world: DemoWorld) -> None:
    groups = ["dictionary", "collect", "upn", "match", "people", "request", "gate", "policy", "family", "log"]
    for group in [*groups, "synthetic", "demo"]:
        shown = world.run(group, "--help")
        assert shown.returncode == 0
        commands = re.findall(r"│ ([a-z-]+) {2,}(\S.*?)\s*│", shown.stdout.split("Commands")[-1])
        assert commands, group
        assert all(words.strip() for _, words in commands), group
    assert COMMAND.exists()


def test_a_port_in_use_is_said_before_anything_is_done(world: DemoWorld, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        for refused in (
            world.run("serve", "--port", port),
            DemoWorld(tmp_path / "home", "", "").run("demo", "run", "--port", port),
        ):
            assert refused.returncode == 1
            assert "the port is in use" in refused.stderr
    assert not (tmp_path / "home" / "made-by-the-demo.txt").exists()


def test_a_second_site_on_the_same_port_is_refused(world: DemoWorld, served: str) -> None:
    second = world.run("serve", "--port", served.rpartition(":")[2])
    assert (second.returncode, "the port is in use" in second.stderr) == (1, True)


@pytest.mark.parametrize("place", ["/proc/nowhere", "a file"])
def test_a_home_that_cannot_be_made_is_said_in_plain_words(world: DemoWorld, tmp_path: Path, place: str) -> None:
    home = Path(place)
    if not home.is_absolute():
        home = tmp_path / "file"
        home.write_text("not a directory")
    refused = DemoWorld(home, "", "").run("log", "show")
    assert refused.returncode == 1
    assert "SCHOOLGATE_HOME" in refused.stderr


def test_a_database_that_does_not_answer_is_said_without_its_password(world: DemoWorld, tmp_path: Path) -> None:
    address = "postgresql://someone:sesame@127.0.0.1:1/nowhere"
    refused = DemoWorld(tmp_path / "home", "", "", database=address).run("log", "show")
    assert refused.returncode == 1
    assert "SCHOOLGATE_DATABASE" in refused.stderr
    assert "sesame" not in refused.stderr + refused.stdout


def test_an_installation_that_was_moved_reads_its_own_lake(world: DemoWorld, tmp_path: Path) -> None:
    home = tmp_path / "elsewhere"
    shutil.copytree(world.home, home)
    asked = ("read", "--agreement", world.agreement, "SELECT count(*) AS n FROM census_pupil")
    moved = DemoWorld(home, "", "")
    assert moved.run(*asked).returncode == 0
    shutil.rmtree(home / "lake" / "census_pupil")
    without = moved.run(*asked)
    assert without.returncode == 1
    assert "A file of the lake could not be opened" in without.stderr


def test_a_query_that_failed_is_not_shown_as_data_handed_over(world: DemoWorld) -> None:
    failed = world.run("read", "--agreement", world.agreement, "SELECT cast(ethnicity AS INT) FROM census_pupil")
    assert failed.returncode == 1
    assert "ran and gave no result" in failed.stderr
    shown = world.run("log", "show", "--count", "4").stdout
    assert "ran and gave no result" in shown
    assert "Release settled" in shown
