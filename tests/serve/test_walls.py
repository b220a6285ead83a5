"""The gate refuses to start while anybody else could read or change what it owns; and then nobody can."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tests.serve.database import Server
from tests.serve.place import CALLERS, DESK, GATE, OPERATIONS, SITE, STRANGER, WORKER, Place, interpreter

_CHECK = ("gate", "serve", "--check")
OTHERS = (SITE, DESK, WORKER, OPERATIONS, STRANGER)

TRY_ALL = """
import os, sys
opened = []
for top in sys.argv[1:]:
    try:
        os.listdir(top)
        opened.append(top)
    except OSError:
        pass
for line in sys.stdin:
    path = line.rstrip("\\n")
    for flags in (os.O_RDONLY, os.O_WRONLY, os.O_RDWR | os.O_APPEND):
        try:
            os.close(os.open(path, flags))
            opened.append(path)
        except OSError:
            pass
print("\\n".join(opened))
"""


def _everything(home: Path) -> list[Path]:
    return [Path(parent) / name for parent, _, files in os.walk(home) for name in files]


def _opened(place: Place, uid: int) -> str:
    """What a process of this user can open of the gate's, tried file by file."""
    files = _everything(place.home(GATE))
    assert any("lake" in path.parts for path in files)
    assert any(path.name == "master.key" for path in files)
    tried = subprocess.run(
        [interpreter(), "-c", TRY_ALL, str(place.home(GATE)), *(str(p) for p in place.home(GATE).iterdir())],
        input="\n".join(map(str, files)), user=uid, group=uid, extra_groups=[], capture_output=True, text=True, check=True,
    )  # fmt: skip
    return tried.stdout.strip()


@pytest.mark.parametrize("uid", OTHERS)
def test_no_other_user_can_open_any_file_of_the_gates(place: Place, uid: int) -> None:
    assert _opened(place, uid) == ""


def test_the_gates_own_user_can_so_the_trying_tries_something(place: Place) -> None:
    assert "master.key" in _opened(place, GATE)


def test_everything_the_gate_wrote_is_its_users_alone(small: Place, place: Place) -> None:
    for one in (small, place):
        for path in [one.home(GATE), *_everything(one.home(GATE))]:
            held = path.stat()
            assert (held.st_uid, held.st_mode & 0o077) == (GATE, 0), path


def test_the_sites_role_reads_its_own_tables_and_none_of_the_gates(place: Place, server: Server) -> None:
    assert place.facts
    with psycopg.connect(server.address("sg_gate"), autocommit=True) as owner:
        tables = {row[0] for row in owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    for needed in ("records_vaultidentity", "ledger_release", "match_case", "consent_objection", "iceberg_tables"):
        assert needed in tables or needed == "match_case"
    readable, changeable = set(), set()
    with psycopg.connect(server.address("sg_site"), autocommit=True) as site:
        for table in sorted(tables):
            for found, statement in (
                (readable, f'SELECT * FROM "{table}" LIMIT 1'),
                (changeable, f'DELETE FROM "{table}" WHERE false'),
            ):
                try:
                    site.execute(statement.encode())
                    found.add(table)
                except psycopg.errors.InsufficientPrivilege:
                    pass
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            site.execute(b"CREATE TABLE mine (n int)")
        with pytest.raises(psycopg.Error):
            site.execute(b"SET ROLE sg_gate")
    private = ("records_", "ledger_", "match_", "collect_", "consent_", "iceberg_", "django_tasks", "work_")
    assert not [table for table in readable if table.startswith(private)]
    assert {
        "people_account",
        "rights_claimcode",
        "rights_childlink",
        "register_logentry",
        "requests_request",
    } <= readable
    assert "django_session" in changeable
    assert not [table for table in changeable if table.startswith("rights_")]
    assert not changeable & {"register_logentry", "register_loghead", "requests_request", "people_person"}


def test_the_sites_role_makes_accounts_of_families_and_gives_none_a_school(place: Place, server: Server) -> None:
    assert place.facts
    columns = "email, password, is_superuser, role, is_active, created_at, urn, epoch"
    insert = f"INSERT INTO people_account ({columns}) VALUES (%s, '', %s, %s, true, now(), %s, 0)"
    with psycopg.connect(server.address("sg_site")) as site:
        site.execute(insert.encode(), ("new@example.org", False, "family", None))
        site.execute(b"UPDATE people_account SET password = 'x', last_login = now(), epoch = epoch + 1")
        site.rollback()
        for made in (("a@example.org", False, "school", 100008), ("b@example.org", False, "school", None),
                     ("c@example.org", False, "family", 100008), ("d@example.org", True, "family", None)):  # fmt: skip
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                site.execute(insert.encode(), made)
            site.rollback()
        for column, value in (
            ("role", "'school'"),
            ("urn", "100008"),
            ("is_superuser", "true"),
            ("email", "'x@x.org'"),
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                site.execute(f"UPDATE people_account SET {column} = {value}".encode())
            site.rollback()


@pytest.fixture
def open_again(small: Place) -> Iterator[Place]:
    """A small installation that is put right again afterwards."""
    kept = small.folder / "kept"
    shutil.copytree(small.home(GATE), kept, symlinks=True)
    yield small
    for path in [small.home(GATE), *small.home(GATE).rglob("*")]:
        if not path.is_symlink():
            os.chown(path, GATE, GATE)
            path.chmod(0o700 if path.is_dir() else 0o600)
    for path in small.home(GATE).rglob("*"):
        if path.is_symlink():
            path.unlink()
    shutil.rmtree(kept)
    small.folder.chmod(0o755)
    small.callers.chmod(0o600)
    small.socket.parent.chmod(0o755)


def _first(home: Path, pattern: str) -> Path:
    return next(path for path in sorted(home.rglob(pattern)) if path.is_file())


def _link(home: Path) -> Path:
    (home / "lake" / "elsewhere").symlink_to("/etc")
    return home / "lake" / "elsewhere"


def _chmod(mode: int, find: Callable[[Path], Path]) -> Callable[[Path], Path]:
    def change(home: Path) -> Path:
        path = find(home)
        path.chmod(mode)
        return path

    return change


OPENINGS: dict[str, Callable[[Path], Path]] = {
    "a file of the lake read by everybody": _chmod(0o604, lambda home: _first(home / "lake", "*.parquet")),
    "a file of the lake read by its group": _chmod(0o640, lambda home: _first(home / "lake", "*.parquet")),
    "the lake itself": _chmod(0o755, lambda home: home / "lake"),
    "home": _chmod(0o711, lambda home: home),
    "the master key": _chmod(0o644, lambda home: home / "keys" / "master.key"),
    "the keys' folder": _chmod(0o750, lambda home: home / "keys"),
    "the embedded database": _chmod(0o666, lambda home: home / "schoolgate.sqlite3"),
    "the catalogue": _chmod(0o660, lambda home: home / "catalogue.sqlite3"),
    "a link out of the lake": _link,
}


def _found(place: Place) -> str:
    """What the gate's user is told must change first; empty when it may serve."""
    (found,) = place.ask(GATE, [{"ask": "findings", "socket": str(place.socket), "callers": str(place.callers)}])
    return "\n".join(f"{one['what']} {one['mend']}" for one in found)


@pytest.mark.parametrize("opening", OPENINGS)
def test_the_gate_does_not_start_while_something_is_open_and_says_what_to_run(opening: str, open_again: Place) -> None:
    path = OPENINGS[opening](open_again.home(GATE))
    told = _found(open_again)
    assert str(path) in told
    assert f"{'rm' if path.is_symlink() else 'chmod go-rwx'} {path}" in told
    if opening == "the lake itself":
        with pytest.raises(AssertionError, match="The gate does not serve"):
            open_again.start()
        open_again.served = None


def test_what_belongs_to_somebody_else_is_refused(open_again: Place) -> None:
    os.chown(_first(open_again.home(GATE) / "lake", "*.parquet"), SITE, SITE)
    assert f"belongs to user {SITE}" in _found(open_again)


def test_a_folder_above_that_others_can_change_is_refused(open_again: Place) -> None:
    open_again.folder.chmod(0o777)
    assert "above what the gate owns, can be changed by others" in _found(open_again)


def test_a_list_of_callers_that_others_can_change_is_refused(open_again: Place) -> None:
    open_again.callers.chmod(0o666)
    assert "can be changed by others" in _found(open_again)


def test_a_folder_for_the_socket_that_others_can_write_is_refused(open_again: Place) -> None:
    open_again.socket.parent.chmod(0o1777)
    assert "can be written by others" in _found(open_again)


def test_a_whole_and_closed_installation_may_serve(small: Place) -> None:
    assert _found(small) == ""
    allowed = small.schoolgate(GATE, *_CHECK, "--socket", str(small.socket), "--callers", str(small.callers))
    assert (allowed.returncode, "It may serve" in allowed.stdout) == (0, True), allowed.stderr


def test_root_is_behind_no_wall_and_does_not_serve(small: Place) -> None:
    command = ("gate", "serve", "--check", "--socket", str(small.socket), "--callers", str(small.callers))
    refused = small.schoolgate(
        0, *command, environment={"SCHOOLGATE_HOME": str(small.home(GATE)), "SCHOOLGATE_GATE": ""}
    )
    assert refused.returncode == 1
    assert "runs as root" in refused.stderr


def test_a_site_is_not_served_from_an_embedded_database(open_again: Place) -> None:
    text = open_again.callers.read_text()
    open_again.write_callers(CALLERS.format(person=open_again.facts["person"]))
    told = _found(open_again)
    open_again.write_callers(text)
    assert "a site needs PostgreSQL" in told


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[caller]]\nuid = 1\nrole = 'king'", "a role is one of"),
        ("[[caller]]\nrole = 'site'", "either a 'user' or a 'uid'"),
        ("[[caller]]\nuid = 1\nuser = 'root'\nrole = 'site'", "either a 'user' or a 'uid'"),
        ("[[caller]]\nuser = 'nobody-of-this-name'\nrole = 'desk'", "has no user"),
        ("[[caller]]\nuid = 1\nrole = 'desk'\n[[caller]]\nuid = 1\nrole = 'site'", "twice"),
        ("[[caller]]\nuid = 1\nrole = 'desk'\nadmin = true", "nothing else"),
        ("[[caller]]\nuid = true\nrole = 'desk'", "a uid is a number"),
        ("[[caller]]\nuid = 1\nrole = 'desk'\npeople = 'P-0001'", "a list of person ids"),
        ("caller = 1", "nothing else"),
        ("[[caller", "cannot be read"),
    ],
)
def test_a_list_of_callers_that_is_not_understood_is_refused(tmp_path: Path, text: str, words: str) -> None:
    from schoolgate.errors import SchoolgateError
    from schoolgate.gate.serve.callers import read_callers

    (tmp_path / "callers.toml").write_text(text)
    with pytest.raises(SchoolgateError, match=words):
        read_callers(tmp_path / "callers.toml")


def test_a_right_on_a_private_table_keeps_the_gate_from_starting(place: Place, server: Server) -> None:
    with psycopg.connect(server.address("sg_gate"), autocommit=True) as owner:
        owner.execute(b"GRANT SELECT ON records_vaultidentity TO sg_site")
        try:
            told = _found(place)
        finally:
            owner.execute(b"REVOKE SELECT ON records_vaultidentity FROM sg_site")
    assert "records_vaultidentity is open to the database's role sg_site" in told
    assert "REVOKE ALL ON records_vaultidentity FROM sg_site" in told
    assert _found(place) == ""
