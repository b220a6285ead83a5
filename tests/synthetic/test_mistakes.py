"""Each planted mistake is found by its rule in its row; everything else stays as it was."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from schoolgate.collect.pack import ALL_RULES
from schoolgate.synthetic.mistakes import MISTAKES
from tests.synthetic.reading import findings, made

CENSUSES = "SPR-2018 AUT-2020 SPR-2022 SUM-2023 AUT-2024 SPR-2026"
CONSEQUENCES = {"birth-in-future": {"SG-11", "SG-18", "2470", "1601"}}
"""A birth after census day is also after the entry, and no age fits it."""

Planted = dict[tuple[str, str], list[dict[str, object]]]


def planted(place: Path) -> Planted:
    found: Planted = defaultdict(list)
    for entry in json.loads((place / "mistakes.json").read_text()):
        found[str(entry["urn"]), str(entry["census"])].append(entry)
    return found


def census(path: Path) -> tuple[str, str]:
    text = path.read_text(encoding="utf-8")
    urn = re.search(r"<URN>(\d+)<", text)
    return urn.group(1) if urn else "", "-".join(path.stem.split("_")[2:])


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    return made(tmp_path_factory.mktemp("wrong"), CENSUSES, schools=20, pupils=5_000, seed=4, mistake_rate=0.05)


def test_every_kind_is_planted(wrong: tuple[Path, ...]) -> None:
    kinds = Counter(entry["kind"] for entries in planted(wrong[0].parent).values() for entry in entries)
    assert set(kinds) == {mistake.kind for mistake in MISTAKES}
    assert len(kinds) >= 30


def test_every_mistake_is_found_by_its_rule_in_its_row_and_nothing_else_is_found(wrong: tuple[Path, ...]) -> None:
    lists = planted(wrong[0].parent)
    for path in wrong:
        entries = {entry["row"]: entry for entry in lists[census(path)]}
        partners = {entry["with"] for entry in entries.values() if "with" in entry}
        found = defaultdict(set)
        for finding in findings(path):
            found[finding.row].add(finding.rule)
        for row, entry in entries.items():
            assert entry["rule"] in found[row], (path.name, entry)
            assert found[row] - {entry["rule"]} <= CONSEQUENCES.get(str(entry["kind"]), set()), (path.name, entry)
        others = {row: rules for row, rules in found.items() if row not in entries}
        assert others == {row: {"1520"} for row in partners}, path.name


def test_a_mistake_changes_its_own_row_and_nothing_else(wrong: tuple[Path, ...], tmp_path: Path) -> None:
    right = made(tmp_path, CENSUSES, schools=20, pupils=5_000, seed=4)
    lists = planted(wrong[0].parent)
    for one, other in zip(right, wrong, strict=True):
        before, after = one.read_text(encoding="utf-8").splitlines(), other.read_text(encoding="utf-8").splitlines()
        rows = [at for at, line in enumerate(before) if line.startswith(("<PupilOnRoll>", "<PupilNoLongerOnRoll>"))]
        changed = {at for at, (a, b) in enumerate(zip(before, after, strict=True)) if a != b}
        assert changed == {rows[int(str(entry["row"])) - 1] for entry in lists[census(other)]}


def test_the_rate_is_kept(wrong: tuple[Path, ...]) -> None:
    entries = sum(map(len, planted(wrong[0].parent).values()))
    pupils = sum(path.read_text(encoding="utf-8").count("</PupilIdentifiers>") for path in wrong)
    assert 0.04 < entries / pupils < 0.06


def test_the_rules_named_are_rules_of_the_pack() -> None:
    assert {mistake.rule for mistake in MISTAKES} <= {rule.number for rule in ALL_RULES}


def test_queries_are_listed_with_their_rows_and_only_they_are_asked(tmp_path: Path) -> None:
    paths = made(tmp_path, "AUT-2024 SPR-2025", schools=20, pupils=None, query_rate=1.0)
    listed = json.loads((tmp_path / "queries.json").read_text())
    assert {entry["kind"] for entry in listed} == {"temporary-upn"}
    rows = {(str(entry["urn"]), entry["census"], entry["row"]) for entry in listed if entry["rule"] == "SG-1"}
    found = {(*census(path), f.row) for path in paths for f in findings(path) if f.rule == "SG-1"}
    assert rows == found != set()
    assert json.loads((tmp_path / "mistakes.json").read_text()) == []
