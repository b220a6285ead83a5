"""How the database is spoken to: what it calls committed is on disk, and nobody waits for ever."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.utils import load_backend

from schoolgate.config import Config
from schoolgate.register.durable import NotDurable
from tests.requests.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def options(address: str) -> dict[str, object]:
    entry = Config(home=Path("home"), database=address).django_database()["OPTIONS"]
    assert isinstance(entry, dict)
    return entry


@pytest.mark.parametrize("address", ["postgresql://a@/b?host=/run/postgresql", "postgresql://a:c@localhost:5433/b"])
def test_on_this_machine_no_certificate_is_asked_for(address: str) -> None:
    assert "sslmode" not in options(address)


def test_over_a_network_the_server_must_show_who_it_is_unless_the_address_says_otherwise() -> None:
    far = "postgresql://a:c@db.example/b"
    config = Config(home=Path("home"), database=f"{far}?sslrootcert=ca.pem")
    assert options(far)["sslmode"] == "verify-full"
    assert config.sqlalchemy_url() == ("postgresql+psycopg://a:c@db.example/b?sslrootcert=ca.pem&sslmode=verify-full")
    assert options(f"{far}?sslmode=require")["sslmode"] == "require"
    assert options("postgresql://a@/b?host=/run/postgresql,db.example")["sslmode"] == "verify-full"


def test_an_address_can_leave_the_limits_to_the_server() -> None:
    assert options("postgresql://a@/b")["options"] == (
        "-c lock_timeout=60s -c statement_timeout=15min -c idle_in_transaction_session_timeout=10min"
    )
    assert options("postgresql://a@/b?options=")["options"] == ""


def shown(*names: str) -> list[str]:
    with connection.cursor() as cursor:
        values = []
        for name in names:
            cursor.execute(f"{'PRAGMA' if connection.vendor == 'sqlite' else 'SHOW'} {name}")
            values.append(str(cursor.fetchone()[0]))
        return values


def test_a_connection_has_the_settings_that_the_decisions_rest_on() -> None:
    if connection.vendor == "sqlite":
        assert shown("synchronous", "foreign_keys", "secure_delete") == ["2", "1", "1"]
        return
    names = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "synchronous_commit", "fsync")
    assert shown(*names) == ["1min", "15min", "10min", "on", "on"]


def _ask_anew() -> str:
    """What somebody is told who connects now, in a thread of their own."""

    def ask() -> str:
        try:
            return str(shown("application_name" if connection.vendor == "postgresql" else "user_version"))
        except NotDurable as refused:
            return refused.what

    (answer,) = at_once(ask)
    return answer


def test_a_database_that_does_not_wait_for_its_disk_is_refused() -> None:
    """One setting, made where an administrator would make it: for this database alone."""
    assert "off" not in _ask_anew()
    if connection.vendor == "sqlite":
        return  # SQLite has no server whose setting could be another
    name = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    try:
        assert _ask_anew().startswith("The database server runs with synchronous_commit = off")
        with connection.cursor() as cursor:
            cursor.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = remote_write')
        assert "off" not in _ask_anew()
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'ALTER DATABASE "{name}" RESET synchronous_commit')


def test_the_isolation_is_ours_whatever_the_role_is_set_to() -> None:
    if connection.vendor == "sqlite":
        assert connection.settings_dict["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
        return
    name = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE \"{name}\" SET default_transaction_isolation = 'serializable'")
    try:
        backend = load_backend(connection.settings_dict["ENGINE"])
        fresh = backend.DatabaseWrapper(connection.settings_dict, DEFAULT_DB_ALIAS)
        with fresh.cursor() as cursor:
            fresh.set_autocommit(False)
            cursor.execute("SHOW transaction_isolation")
            assert cursor.fetchone() == ("read committed",)
        fresh.close()
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'ALTER DATABASE "{name}" RESET default_transaction_isolation')


def test_a_server_that_never_waits_is_refused() -> None:
    if connection.vendor == "sqlite":
        assert shown("synchronous") == ["2"]
        return
    with connection.cursor() as cursor:
        cursor.execute("ALTER SYSTEM SET fsync = off")
        cursor.execute("SELECT pg_reload_conf()")
    try:
        for _ in range(200):
            told = _ask_anew()
            if "off" in told:
                break
            time.sleep(0.05)
        assert told.startswith("The database server runs with fsync = off")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER SYSTEM RESET fsync")
            cursor.execute("SELECT pg_reload_conf()")
    for _ in range(200):
        if "off" not in _ask_anew():
            return
        time.sleep(0.05)
    raise AssertionError("The server did not take its setting back.")
