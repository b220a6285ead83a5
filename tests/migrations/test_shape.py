"""Migrations are one line each; a database is brought up to date once, and never used by an older release."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from tests.demo.test_databases import address
from tests.migrations.test_forward import ROOT, environment

pytestmark = pytest.mark.django_db

__all__ = ["address"]

COMMAND = Path(sys.executable).parent / "schoolgate"
LABELS = sorted(app.label for app in apps.get_app_configs() if app.name.startswith("schoolgate."))


@pytest.mark.parametrize("label", LABELS)
def test_a_room_s_migrations_are_one_line(label: str) -> None:
    """A branch would be brought up to date in one order here and in another there."""
    graph = MigrationLoader(connection).graph
    own = sorted(name for app, name in graph.nodes if app == label)
    after = {name: [parent.key[1] for parent in graph.node_map[label, name].parents if parent.key[0] == label]
             for name in own}  # fmt: skip
    assert [len(after[name]) for name in own[:1]] in ([], [0])
    assert [after[name] for name in own[1:]] == [[name] for name in own[:-1]]
    assert [name[:4] for name in own] == [f"{number:04}" for number in range(1, len(own) + 1)]


def commands(home: Path, database: str, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [str(COMMAND), *words], env=environment(home, database), cwd=ROOT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_processes_that_start_at_once_on_an_empty_database_all_come_up(address: str, tmp_path: Path) -> None:
    started = [commands(tmp_path / "home", address, "work", "status") for _ in range(3)]
    for process in started:
        said, complained = process.communicate(timeout=300)
        assert process.returncode == 0, complained
        assert said.startswith("Workers: 0. Waiting: 0.")


def test_a_database_of_a_newer_release_is_left_alone(address: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert commands(home, address, "work", "status").wait(300) == 0
    newer = (
        "import django; django.setup(); from django.db.migrations.recorder import MigrationRecorder as R;"
        " from django.db import connection; R(connection).record_applied('ledger', '0999_of_tomorrow')"
    )
    subprocess.run([sys.executable, "-c", newer], env=environment(home, address), cwd=ROOT, check=True)
    process = commands(home, address, "work", "status")
    _, complained = process.communicate(timeout=300)
    assert process.returncode == 1
    assert "newer release of schoolgate: it has ledger 0999_of_tomorrow" in " ".join(complained.split())


def test_the_queue_on_the_command_line(address: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    noted = (
        "import django; django.setup(); from django.db import transaction; from schoolgate import register, work;"
        " from schoolgate.clock import SystemClock; from schoolgate.gate.settle import settle_release\n"
        "with transaction.atomic():\n"
        "    register.append_event('notice.published', 'N-1', {'title': 'Notice'}, SystemClock().now())\n"
        "    work.later(settle_release, release='R-none')\n"
    )
    assert commands(home, address, "work", "status").wait(300) == 0
    subprocess.run([sys.executable, "-c", noted], env=environment(home, address), cwd=ROOT, check=True)
    said, complained = commands(home, address, "work", "run", "--burst").communicate(timeout=300)
    assert "Tasks tried" in said, complained
    assert (home / "log" / "checkpoint").read_text().splitlines()[1] == "1"
    said, _ = commands(home, address, "work", "status").communicate(timeout=300)
    words = " ".join(said.split())
    assert "Work out which pupils a release took" in words
    assert "(release R-none)" in words
    assert "There is no such release." in words
    assert "Traceback" not in words


def test_a_worker_ends_in_order_when_asked(address: str, tmp_path: Path) -> None:
    process = commands(tmp_path / "home", address, "work", "run")
    assert process.stdout is not None
    assert process.stdout.readline().startswith("Working.")
    process.terminate()
    said, complained = process.communicate(timeout=60)
    assert process.returncode == 0, complained
    assert "Tasks tried" in said
    said, _ = commands(tmp_path / "home", address, "work", "status").communicate(timeout=300)
    assert said.startswith("Workers: 0.")
