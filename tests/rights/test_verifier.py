"""A family's proof file holds up without us: the single-file verifier accepts it, and no altered one."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from schoolgate import register, rights
from schoolgate.clock import FixedClock
from tests.requests.cast import enter_cast, signed
from tests.rights.house import CHILD, House

VERIFIER = Path(__file__).resolve().parents[2] / "tools" / "verify_receipt.py"


def verdict(proof: dict[str, Any], folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    path = folder / "proof.json"
    path.write_text(json.dumps(proof))
    command = [sys.executable, "-I", str(VERIFIER), str(path), *more]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def proof(house: House, clock: FixedClock) -> dict[str, Any]:
    agreement = signed(enter_cast(), clock)
    release_id = house.release(agreement, [*range(40), int(CHILD)], ("census_pupil.sex",))
    return rights.proof_file(house.link(), release_id, config=house.config, gate=house.gate)


def test_the_verifier_accepts_the_familys_proof(proof: dict[str, Any], house: House, tmp_path: Path) -> None:
    answer = verdict(proof, tmp_path, "--key", register.verifier_key(house.config))
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_the_verifier_accepts_no_proof_in_which_anything_was_changed(proof: dict[str, Any], tmp_path: Path) -> None:
    def flipped(text: str) -> str:
        return ("1" if text[0] == "0" else "0") + text[1:]

    changes: list[dict[str, Any]] = []
    for field in ("child_ref", "salt"):
        changes.append({**proof, field: flipped(proof[field])})
    changes.append({**proof, "member_index": (proof["member_index"] + 1) % proof["member_count"]})
    changes.append({**proof, "member_path": [flipped(proof["member_path"][0]), *proof["member_path"][1:]]})
    for part in ("release", "settled"):
        for key in ("subject", "at"):
            altered = copy.deepcopy(proof)
            altered[part]["event"][key] = "2020-01-01T00:00:00Z"
            changes.append(altered)
        changes.append({**proof, part: {**proof[part], "index": proof[part]["index"] + 1}})
    for altered in changes:
        assert verdict(altered, tmp_path).returncode != 0
