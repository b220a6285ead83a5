"""The single-file verifier: what it accepts is true, and nothing in it can be changed."""

from __future__ import annotations

import copy
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from schoolgate import register
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from tests.register.logs import add
from tests.register.tool import PATH, verdict

pytestmark = pytest.mark.django_db(transaction=True)

NONCE = bytes(range(16))
QUERY = "SELECT sex, count(*) FROM census_pupil GROUP BY sex"
RESULT = b"sex,pupils\nF,12\n"
AS_TABLE = b"the same result in another form"
Json = dict[str, Any]


def release(home: Config, clock: FixedClock, *, vouched: bool = True, files: bool = False) -> Json:
    """A receipt as the gate writes it; `vouched` puts the result's fingerprint into the event."""
    own: Json = {"result_sha256": hashlib.sha256(RESULT).hexdigest(), "rows": 1}
    if files:
        own["files"] = {"result.arrow": hashlib.sha256(AS_TABLE).hexdigest()}
    payload = {
        "agreement": "A-1", "organisation": "Test University — synthetic", "purpose": "education-research",
        "lawful_basis": "UK GDPR Article 6(1)(e)", "query": None,
        "query_hash": hashlib.sha256(NONCE + QUERY.encode()).hexdigest(), "items": ["census_pupil.sex"], "snapshot": 1,
        "definition_hash": "00" * 32, "pupils": None,
        **({"result_hash": register.result_hash(NONCE, own)} if vouched else {}),
    }  # fmt: skip
    add(clock, 2)
    with transaction.atomic():
        index = register.append_event("release.begun", "R-1", payload, clock.now())
    add(clock, 3, 10)
    register.publish(clock, home)
    return {
        "schoolgate": "receipt/1",
        **entry(index, home),
        "key": register.verifier_key(home),
        **own,
        "query_nonce": NONCE.hex(),
    }


def entry(index: int, home: Config) -> Json:
    return {"event": dict(register.event(index).body), "index": index, "proof": register.receipt_proof(index, home)}


def family(home: Config, clock: FixedClock, pupils: int = 11) -> Json:
    """A family's proof of the release above."""
    members = [(bytes([n]) * 32, bytes([n, 1]) * 8) for n in range(pupils)]
    commitment = register.commit_members(members)
    told = register.round_count(pupils)
    payload = {
        "release": "R-1", "pupils": told, "members_root": commitment.root.hex(), "members_count": told, "bitmap_hash": None,
    }  # fmt: skip
    begun = release(home, clock)["index"]
    with transaction.atomic():
        settled = register.append_event("release.settled", "R-1", payload, clock.now())
    add(clock, 2, 20)
    register.publish(clock, home)
    salt, ref = members[4]
    at = commitment.leaves.index(register.member_leaf(salt, ref))
    return {
        "schoolgate": "family-proof/1", "salt": salt.hex(), "child_ref": ref.hex(), "member_index": at,
        "member_count": pupils, "member_path": [part.hex() for part in commitment.proof(at)],
        "release": entry(begun, home), "settled": entry(settled, home), "key": register.verifier_key(home),
    }  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every part of a JSON value."""
    if path:
        yield path
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[key], (*path, key))


def others(value: Any) -> Iterator[Any]:
    """Values that are not this one: near it, of its kind, and of other kinds."""
    if isinstance(value, str):
        for at in sorted({0, len(value) // 2, len(value) - 1} & set(range(len(value)))):
            yield value[:at] + ("0" if value[at] != "0" else "1") + value[at + 1 :]
        yield from (value + "0", value[:-1], value + "\n", value.swapcase() + "x")
    if isinstance(value, int) and not isinstance(value, bool):
        yield from (value + 1, value - 1, value + 2**60, str(value), float(value) + 0.5)
    if isinstance(value, list):
        yield from ([*value, "x"], value[:-1] if value else ["x"], [*value, *value] if value else ["y"])
    if isinstance(value, dict):
        yield from ({**value, "more": "x"}, {})
    yield from (None if value is not None else "x", True, [value], {"x": value}, -1, "")


def changed(file: Json) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every single change to every part, every part taken away, and one added."""
    yield (), {**file, "more": "x"}
    for path in places(file):
        holder: Any = file
        for key in path[:-1]:
            holder = holder[key]
        for other in (*others(holder[path[-1]]), ...):
            altered = copy.deepcopy(file)
            target: Any = altered
            for key in path[:-1]:
                target = target[key]
            if other is ...:
                del target[path[-1]]
            else:
                target[path[-1]] = other
            yield path, altered


@pytest.mark.parametrize("files", [False, True])
def test_a_receipt_is_accepted_and_no_single_change_to_any_part_of_it(
    files: bool, home: Config, clock: FixedClock, tmp_path: Path
) -> None:
    receipt = release(home, clock, files=files)
    key = register.verifier_key(home)
    code, said = verdict(receipt, tmp_path, "--key", key)
    assert code == 0, said
    assert "TRUE." in said
    assert "vouches for the result's fingerprint and its 1 rows" in said
    tried = 0
    for path, altered in changed(receipt):
        if altered != receipt:
            tried += 1
            code, said = verdict(altered, tmp_path, "--key", key)
            assert code == 1, (path, altered)
            assert said.startswith("NOT TRUE"), (path, said)
    assert tried > 200


def test_a_familys_proof_is_accepted_and_no_single_change_to_any_part_of_it(
    home: Config, clock: FixedClock, tmp_path: Path
) -> None:
    proof = family(home, clock)
    key = register.verifier_key(home)
    code, said = verdict(proof, tmp_path, "--key", key)
    assert code == 0, said
    assert "your child being in release R-1 to Test University — synthetic" in said
    tried = 0
    for path, altered in changed(proof):
        if altered != proof:
            tried += 1
            code, said = verdict(altered, tmp_path, "--key", key)
            assert code == 1, (path, altered)
            assert said.startswith("NOT TRUE"), (path, said)
    assert tried > 400


def test_a_proof_put_together_from_two_releases_is_refused(home: Config, clock: FixedClock, tmp_path: Path) -> None:
    first = family(home, clock)
    again = family(home, clock)
    assert verdict({**first, "release": first["settled"]}, tmp_path)[0] == 1
    assert verdict({**first, "settled": first["release"]}, tmp_path)[0] == 1
    # The settlement of a release stands after it.
    assert verdict({**again, "settled": first["settled"]}, tmp_path)[0] == 1


def test_a_receipt_whose_result_the_log_does_not_hold_says_so(home: Config, clock: FixedClock, tmp_path: Path) -> None:
    receipt = release(home, clock, vouched=False)
    code, said = verdict(receipt, tmp_path)
    assert code == 0
    assert "stand in this file alone; the log does not hold them" in said
    assert "key came from this same file" in said


def test_a_result_file_and_a_query_are_compared(home: Config, clock: FixedClock, tmp_path: Path) -> None:
    receipt = release(home, clock, files=True)
    result, table, other = tmp_path / "result.csv", tmp_path / "table.arrow", tmp_path / "other.csv"
    result.write_bytes(RESULT)
    table.write_bytes(AS_TABLE)
    other.write_bytes(RESULT + b"\n")
    assert "The result is the one" in verdict(receipt, tmp_path, "--result", str(result))[1]
    assert "The result is the file result.arrow" in verdict(receipt, tmp_path, "--result", str(table))[1]
    assert verdict(receipt, tmp_path, "--result", str(other)) == (
        1, "NOT TRUE: The result is not the one this receipt was given with.\n",
    )  # fmt: skip
    assert "The query is the one that was run" in verdict(receipt, tmp_path, "--query", QUERY)[1]
    assert verdict(receipt, tmp_path, "--query", QUERY + " ")[0] == 1


def test_what_cannot_be_checked_is_told_from_what_is_untrue(home: Config, clock: FixedClock, tmp_path: Path) -> None:
    receipt = release(home, clock)
    assert verdict(receipt, tmp_path, "--result", str(tmp_path / "none")) == (
        2,
        "NOT CHECKED: The result cannot be read.\n",
    )
    assert verdict(receipt, tmp_path, "--key", "nonsense")[0] == 2
    assert verdict(family(home, clock), tmp_path, "--query", "x")[0] == 2
    assert verdict(b" " * ((16 << 20) + 1), tmp_path)[0] == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not json",
        "[]",
        "3",
        "null",
        "{}",
        '"x"',
        "[" * 100_000,
        '{"schoolgate": "receipt/1"}',
        "1" * 5000,
        b"\xff\xfe",
    ],
)
def test_a_file_that_is_something_else_is_untrue_and_never_a_traceback(text: str | bytes, tmp_path: Path) -> None:
    code, said = verdict(text, tmp_path)
    assert code == 1
    assert said.startswith("NOT TRUE")


def test_a_key_that_stands_twice_and_words_for_a_terminal_do_no_harm(
    home: Config, clock: FixedClock, tmp_path: Path
) -> None:
    receipt = release(home, clock)
    text = json.dumps(receipt)
    assert verdict(text.replace('"rows": 1', '"rows": 9, "rows": 1'), tmp_path)[0] == 1
    payload = {
        "agreement": "A-1", "organisation": "\x1b[2J\x07 all is well", "purpose": "p", "lawful_basis": "l", "query": None,
        "query_hash": "", "items": [], "snapshot": 1, "definition_hash": "", "pupils": None,
    }  # fmt: skip
    with transaction.atomic():
        index = register.append_event("release.begun", "R-2", payload, clock.now())
    register.publish(clock, home)
    code, said = verdict({**receipt, **entry(index, home)}, tmp_path)
    assert code == 0
    assert "\x1b" not in said
    assert "\x07" not in said


def test_a_key_from_elsewhere_refuses_a_forged_file_that_carries_its_own(
    home: Config, clock: FixedClock, tmp_path: Path
) -> None:
    receipt = release(home, clock)
    forger = register.Signer(register.log_name(home), b"x" * 32)
    head, _, signed = receipt["proof"].partition("\n\n")
    body = register.open_note(signed, register.verifier_key(home)).text
    forged = {**receipt, "proof": f"{head}\n\n{register.sign_note(body, forger)}", "key": str(forger.verifier)}
    assert verdict(forged, tmp_path)[0] == 0
    assert verdict(forged, tmp_path, "--key", register.verifier_key(home))[0] == 1
    assert verdict({**forged, "key": receipt["key"]}, tmp_path, "--key", register.verifier_key(home))[0] == 1


def test_the_one_file_runs_alone_and_needs_nothing_but_cryptography(
    home: Config, clock: FixedClock, tmp_path: Path
) -> None:
    receipt = tmp_path / "receipt.json"
    receipt.write_text(json.dumps(release(home, clock)))
    alone = tmp_path / "verify.py"
    alone.write_bytes(PATH.read_bytes())
    run = subprocess.run(
        [sys.executable, "-I", alone, receipt, "--key", register.verifier_key(home)],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert (run.returncode, run.stderr) == (0, "")
    looking = (
        "import runpy, sys\nsys.argv = ['v', sys.argv[2]]; path = sys.argv[0]\n"
        f"try: runpy.run_path({str(alone)!r}, run_name='__main__')\nexcept SystemExit: pass\n"
        "print(sorted({n.split('.')[0] for n, m in sys.modules.items() if 'site-packages' in str(getattr(m, '__file__', ''))}))"
    )
    listed = subprocess.run(
        [sys.executable, "-I", "-c", looking, "x", receipt], capture_output=True, text=True, check=True
    ).stdout.splitlines()[-1]
    assert {name for name in json.loads(listed.replace("'", '"')) if not name.startswith("_")} <= {
        "cryptography",
        "cffi",
    }
    without = "import sys\nsys.modules['cryptography'] = None\nimport runpy\n" + f"runpy.run_path({str(alone)!r})"
    bare = subprocess.run([sys.executable, "-I", "-c", without], capture_output=True, text=True, check=False)
    assert (bare.returncode, "pip install cryptography" in bare.stdout, bare.stderr) == (2, True, "")
