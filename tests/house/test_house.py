"""The house keeps its own rules: rooms are reached by their surface, files stay readable, nothing is left over."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "schoolgate"
ROOMS = sorted(path.name for path in SOURCE.iterdir() if (path / "__init__.py").exists())
SURFACES = {"records": ("append", "vault", "read", "custody", "amend", "expire")}
"""Rooms with named surfaces below them (see docs/architecture.md)."""

LONG_FILES: dict[str, str] = {}
"""Files above 400 lines, each with its reason; the list may only shrink."""


def _tracked(*patterns: str) -> list[Path]:
    out = subprocess.run(["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / line for line in out.splitlines() if (ROOT / line).exists()]


def _exports(package: str) -> set[str]:
    tree = ast.parse((SOURCE / package / "__init__.py").read_text())
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        if any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
            return {str(value) for value in ast.literal_eval(node.value)}  # type: ignore[arg-type]
    return set()


def _imports(path: Path) -> list[tuple[str, str]]:
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("schoolgate."):
            found += [(node.module, alias.name) for alias in node.names]
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_is_reached_only_through_what_it_exports(room: str) -> None:
    for path in (SOURCE / room).rglob("*.py"):
        for module, name in _imports(path):
            parts = module.split(".")[1:]
            if parts[0] == room or not (SOURCE / parts[0]).is_dir():
                continue
            if parts[0] == room:
                continue
            allowed = SURFACES.get(parts[0], ())
            assert len(parts) == 1 or (len(parts) == 2 and parts[1] in allowed), f"{path.name} reaches into {module}"
            assert name in _exports("/".join(parts)), f"{path.relative_to(SOURCE)}: {module} does not export {name}"


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_says_what_goes_in_what_comes_out_and_what_never(room: str) -> None:
    text = (SOURCE / room / "README.md").read_text()
    assert "Never" in text
    assert len(text.splitlines()) <= 60


def test_no_file_is_too_long_to_read() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in _tracked("src/*.py", "tests/*.py", "tools/*.py", "bench/*.py")
        if (lines := len(path.read_text().splitlines())) > 400 and "migrations" not in path.parts
    }
    assert set(long) <= set(LONG_FILES), long


def test_there_is_no_room_for_odds_and_ends() -> None:
    names = {part for path in _tracked("src/*.py") for part in (*path.parts, path.stem)}
    assert not names & {"utils", "helpers", "common", "base", "manager", "misc"}


def test_nothing_unfinished_skipped_or_private_to_a_machine_is_in_the_tree() -> None:
    here = Path(__file__)
    marks = re.compile("TO" + "DO|FIX" + "ME|NotImplemented" + "Error")
    machine = re.compile(r"(^|[^A-Za-z0-9_.-])/(work|root)/")
    skipped = re.compile(r"pytest\.mark\.(skip|xfail)|assert True\b")
    for path in _tracked("*.py", "*.md", "*.html", "Makefile", "*.toml", "*.css"):
        if path == here:
            continue
        text = path.read_text()
        for pattern in (marks, machine, skipped):
            found = pattern.search(text)
            assert found is None, f"{path.relative_to(ROOT)}: {found.group(0) if found else ''}"


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-spark.lock"])
def test_the_lock_has_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "--hash=sha256:" in text
    assert "//" not in text


def test_every_direct_dependency_earns_its_line() -> None:
    said = (ROOT / "docs" / "dependencies.md").read_text().lower()
    project = (ROOT / "pyproject.toml").read_text()
    block = project.split("dependencies = [", 1)[1].split("]\n\n", 1)[0]
    for name in re.findall(r'^\s+"([a-z0-9-]+)', block, re.M):
        assert name in said, name


def test_a_browser_test_waits_for_what_it_says() -> None:
    """A page is still coming when a click returns: what is asked of it at once is asked of an empty page.

    Playwright's `expect` asks again until it holds; `content()`, `is_visible()` and a bare address do not.
    """
    hurried = re.compile(
        r"assert .*(\.content\(\)|\.is_visible\(\)|\.is_hidden\(\)|\.input_value\(\)|\.inner_text\(\) ==|activeElement)"
        r"|\.evaluate\(.*document\.(documentElement|body)"
    )
    found = [
        f"{path.name}: {line.strip()}"
        for path in _tracked("tests/browser/*.py", "tests/notices/test_browser.py", "tests/demo/*.py")
        for line in path.read_text().splitlines()
        if hurried.search(line)
    ]
    assert found == []
