"""PostgreSQL roles for faces and workers: which tables each may touch; everything else is the gate's alone.

Fail closed: a table that is not named here is nobody's but its owner's. The site keeps accounts and sessions, reads who
holds which link and what is public anyway (agreements, the register); the vault, the lake's catalogue, the ledger,
returns, matching and families' choices are reached over the socket or not at all.

Of accounts it makes families' alone, and changes what signing in changes: an account that acts for a school could give
itself a code for any pupil there, and so could a site that was broken into and made one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from django.apps import apps
from django.db import connection

from schoolgate.errors import SchoolgateError
from schoolgate.gate.serve.checks import Finding

_CHANGE = "SELECT, INSERT, UPDATE, DELETE"
_READ = "SELECT"
_SIGNING_IN = ("password", "last_login", "epoch")
"""The columns of an account that signing in and out change; never whose it is, its role or its school."""

SITE: Mapping[str, str] = MappingProxyType(
    {
        # app label, or app label and model: the rights on its tables
        "people.account": f"SELECT, INSERT, UPDATE ({', '.join(_SIGNING_IN)})",
        "people.passkey": _CHANGE,
        "people.outsidesignin": _CHANGE,
        "sessions": _CHANGE,
        # Who holds a link, and how they came to it, is written in the gate's process alone.
        "rights": _READ,
        "post": _CHANGE,
        "people.organisation": _READ,
        "people.person": _READ,
        "people.organisationentry": _READ,
        "people.personentry": _READ,
        "people.interest": _READ,
        "requests": _READ,
        "drafting": _READ,
        "panel": _READ,
        "register": _READ,
        "published": _READ,
        "oversight": _READ,
        # Of notices all but who was told, one by one.
        "notices.notice": _READ,
        "notices.noticetext": _READ,
        "notices.covered": _READ,
        "notices.told": _READ,
        # How the queue stands: tasks are about public names and numbers only.
        "contenttypes": _READ,
        "auth": _READ,
    }
)
"""What the site's role may do."""

_MIGRATIONS = "django_migrations"
_ROLE = re.compile(r"[a-z_][a-z0-9_]{0,62}")


def _tables(rights: Mapping[str, str]) -> dict[str, str]:
    """Table -> rights, for the models that are named."""
    found = {_MIGRATIONS: _READ}
    for model in apps.get_models(include_auto_created=True):
        meta = model._meta
        given = rights.get(meta.label_lower) or rights.get(meta.app_label)
        if meta.auto_created:  # by a many-to-many field, of Django's own accounts' groups: no face writes one
            made_for: Any = meta.auto_created
            given = _READ if rights.get(made_for._meta.label_lower) else given
        if given is not None:
            found[meta.db_table] = given
    return found


def private_tables() -> list[str]:
    """The tables that no face's role may read."""
    with connection.cursor() as cursor:
        present = connection.introspection.table_names(cursor)
    return sorted(set(present) - set(_tables(SITE)))


def grants(role: str) -> list[str]:
    """The statements that give a role what the site needs, and take everything else away.

    Raises:
        SchoolgateError: not a plain name, or the database is not PostgreSQL.
    """
    if connection.vendor != "postgresql":
        raise SchoolgateError(
            "An embedded database has no roles: one file holds accounts and vault alike.",
            hint="The site as a user of its own needs PostgreSQL: set SCHOOLGATE_DATABASE.",
            code="grants-sqlite",
        )
    if not _ROLE.fullmatch(role):
        raise SchoolgateError("A role's name has small letters, digits and _.", code="role-name")
    quoted = connection.ops.quote_name
    own = quoted(role)
    return [
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {own}",
        f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {own}",
        f"REVOKE CREATE ON SCHEMA public FROM {own}",
        f"GRANT USAGE ON SCHEMA public TO {own}",
        *(f"GRANT {rights} ON {quoted(table)} TO {own}" for table, rights in sorted(_tables(SITE).items())),
        *_families_accounts_alone(role),
    ]


def _families_accounts_alone(role: str) -> list[str]:
    """The statements by which a role enters accounts of families and no other (PostgreSQL, row security policies)."""
    quoted = connection.ops.quote_name
    table, own = quoted(apps.get_model("people.account")._meta.db_table), quoted(role)
    found = [f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"]
    for what, rule in (
        ("SELECT", "USING (true)"),
        ("UPDATE", "USING (true)"),
        ("INSERT", "WITH CHECK (role = 'family' AND urn IS NULL AND NOT is_superuser)"),
    ):
        policy = quoted(f"{what.lower()}_by_{role}")
        found += [
            f"DROP POLICY IF EXISTS {policy} ON {table}",
            f"CREATE POLICY {policy} ON {table} FOR {what} TO {own} {rule}",
        ]
    return found


def grant(role: str) -> int:
    """Apply `grants`; how many tables the role may touch. New tables of a later release need it again."""
    statements = grants(role)
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    return len(_tables(SITE))


_HOLDERS = """
SELECT c.relname, coalesce(r.rolname, 'everybody')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public',
     LATERAL aclexplode(c.relacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE c.relkind IN ('r', 'p', 'v', 'm') AND a.grantee <> c.relowner
"""


def open_tables() -> Iterator[Finding]:
    """Private tables on which somebody other than their owner has a right.

    A superuser of the server has every right without holding any: the server's administrators are the custodian's.
    """
    if connection.vendor != "postgresql":
        return
    private = set(private_tables())
    with connection.cursor() as cursor:
        cursor.execute(_HOLDERS)
        held = sorted({(table, role) for table, role in cursor.fetchall() if table in private})
    for table, role in held:
        to = "PUBLIC" if role == "everybody" else role
        yield Finding(f"Table {table} is open to the database's role {role}.", f"REVOKE ALL ON {table} FROM {to}")


def can_reach_vault() -> bool:
    """Whether this very process's role can read the vault: asked by a face about itself."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT bool_or(has_table_privilege(c.oid, 'SELECT')) FROM pg_class c JOIN pg_namespace n"
            " ON n.oid = c.relnamespace AND n.nspname = 'public' WHERE c.relkind = 'r' AND c.relname = ANY(%s)",
            [private_tables()],
        )
        row = cursor.fetchone()
    connection.close()  # whoever asks serves next, from processes that must not share it
    return bool(row and row[0])
