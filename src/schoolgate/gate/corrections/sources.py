"""What a school is shown of one fact that it sent itself, so that it can answer for it: its own row, and whose it is.

A read like any other: on record before it is shown, in the child's own answer as a look of its school. A shielded child
is shown to no school, and a pupil who left is told to no school as now being elsewhere.
"""

from __future__ import annotations

import os

from schoolgate import consent
from schoolgate.clock import Clock
from schoolgate.config import Config, gate_only
from schoolgate.errors import Refusal
from schoolgate.gate import subject
from schoolgate.gate.corrections.rows import Row, rows_of
from schoolgate.gate.corrections.schools import on_roll
from schoolgate.gate.corrections.tokens import IDENTITY, row_token
from schoolgate.gate.corrections.views import SentBySchool
from schoolgate.gate.failclosed import plainly
from schoolgate.ids import Pmr, Term, Urn
from schoolgate.records.read import current_snapshot
from schoolgate.records.vault import Vault

_WHO = ("upn", "surname", "forename", "dob")
_NOT_SENT = Refusal(
    "not-sent-by-you",
    "Your school’s returns hold no such fact any more.",
    remedy="Answer that it is not yours: staff then ask who sent it.",
)


@plainly()
def sent_by_school(
    pupil: Pmr, item: str, token: str, urn: Urn, actor: str, *, config: Config, clock: Clock
) -> SentBySchool | Refusal:
    """What a school sent of an item, for the school itself.

    Args:
        pupil: the child that a case is about.
        item: ``table.column``, or ``identity.name``.
        token: of the row that the family named; empty: every row of the school's.
        urn: the school.
        actor: who asks, e.g. ``school:100008``.
        config: the installation.
        clock: the time.
    """
    if config.gate is not None:
        raise gate_only("shows a school what it sent")
    found = Vault(config).identities({pupil})
    values = _values(pupil, item, token, urn, config) if found else None
    if values is None or pupil in set(consent.shielded_pupils()):
        return _NOT_SENT
    who = found[pupil]
    seen = tuple(sorted({item, *(f"{IDENTITY}.{name}" for name in _WHO)}))
    subject.look(pupil, seen, actor, config=config, clock=clock, entropy=os.urandom)
    if item.startswith(f"{IDENTITY}."):
        values = (("", str(getattr(who, item.partition(".")[2], "") or "")),)
    return SentBySchool(tuple((name, str(getattr(who, name))) for name in _WHO), values)


def _values(pupil: Pmr, item: str, token: str, urn: Urn, config: Config) -> tuple[tuple[str, str], ...] | None:
    """(census, value) of the school's own rows; None where it has none."""
    table, _, name = item.partition(".")
    if table == IDENTITY:
        return () if on_roll({int(pupil)}, urn, config) else None
    keys = config.keyring()
    rows = rows_of([int(pupil)], [table], current_snapshot(config), config)[table].get(pupil, [])
    own = [
        row for row in rows if row.get("urn") == int(urn) and (not token or row_token(keys, table, pupil, row) == token)
    ]
    return tuple((_census(row), "" if row[name] is None else str(row[name])) for row in own) or None


def _census(row: Row) -> str:
    if not row.get("term"):
        return str(row.get("year") or "")
    return f"{Term(str(row['term'])).label} {row['year']}"
