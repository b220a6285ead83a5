"""What a school is to send of its own pupils whose families declined an item: a list for its own system.

A read like any other, pupil by pupil, in each child's own answer. A shielded child is left out, at its own school too:
that it is in the list tells where it is.
"""

from __future__ import annotations

import csv
import io
import os
from dataclasses import dataclass, field

from schoolgate import consent, declining
from schoolgate.cells import harmless
from schoolgate.clock import Clock
from schoolgate.config import Config, gate_only
from schoolgate.dictionary import establishment
from schoolgate.errors import Refusal
from schoolgate.gate import subject
from schoolgate.gate.corrections.rows import rows_of
from schoolgate.ids import Pmr, Term, Urn
from schoolgate.records.read import NoData, current_snapshot
from schoolgate.records.vault import Vault

_CENSUS = "census_pupil"


@dataclass(frozen=True, slots=True)
class SchoolDeclined:
    """One item to send with a code.

    Attributes:
        upn: the school's own pupil.
        name: surname and forename, so that the right row is found.
        column: of the return.
        code: what to send.
    """

    upn: str = field(repr=False)
    name: str = field(repr=False)
    column: str
    code: str


def _on_roll(pupils: set[Pmr], urn: Urn, config: Config) -> set[Pmr]:
    """Those of some pupils who are on this school's roll in their latest census."""
    try:
        found = rows_of({int(one) for one in pupils}, [_CENSUS], current_snapshot(config), config)[_CENSUS]
    except NoData:
        return set()
    here: set[Pmr] = set()
    for pupil, rows in found.items():
        latest = max((int(row["year"]), Term(str(row["term"])).order) for row in rows)
        last = [row for row in rows if (int(row["year"]), Term(str(row["term"])).order) == latest]
        if any(row["onroll"] and row["urn"] == int(urn) for row in last):
            here.add(pupil)
    return here


def declined_for_school(urn: Urn, actor: str, *, config: Config, clock: Clock) -> tuple[SchoolDeclined, ...] | Refusal:
    """What one school is to send for its own pupils whose families declined.

    Args:
        urn: the school.
        actor: who asks, e.g. ``school:100008``.
        config: the installation.
        clock: the time.
    """
    if config.gate is not None:
        raise gate_only("tells schools what families declined")
    if establishment(int(urn)) is None:
        return Refusal("school-unknown", "There is no school of this number.", remedy="Check the URN.")
    shielded = {int(one) for one in consent.shielded_pupils()}
    wanted = {pupil: items for pupil, items in declining.declining_pupils().items() if int(pupil) not in shielded}
    here = _on_roll(set(wanted), urn, config) if wanted else set()
    people = Vault(config).identities(here)
    lines: list[SchoolDeclined] = []
    for pupil in sorted(people):
        who = people[pupil]
        seen = ("identity.upn", "identity.surname", "identity.forename")
        items = tuple(item for item in wanted[pupil] if declining.declinable(item).is_asked)
        if not items:
            continue
        in_lake = tuple(item for item in items if declining.declinable(item).in_lake)
        subject.look(pupil, tuple(sorted({*seen, *in_lake})), actor, config=config, clock=clock, entropy=os.urandom)
        for item in items:
            one = declining.declinable(item)
            lines.append(SchoolDeclined(who.upn, f"{who.surname}, {who.forename}", one.column, one.code))
    return tuple(sorted(lines, key=lambda line: (line.name, line.upn, line.column)))


def declined_table(lines: tuple[SchoolDeclined, ...]) -> bytes:
    """The list as a table that a management information system reads: UPN, name, column, code (RFC 4180)."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(("UPN", "Name", "Item", "Code to send"))
    for line in lines:
        writer.writerow([harmless(part) for part in (line.upn, line.name, line.column, line.code)])
    return b"\xef\xbb\xbf" + text.getvalue().encode()
