"""Which pupil a row of a return is now: a clerk may have found that it is another's since a family spoke of it.

Nothing of a row leaves the gate but where it came from and whose it is, as a reference, for the case that is about it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from pyroaring import BitMap

from schoolgate.config import Config, gate_only
from schoolgate.gate.corrections.rows import rows_of
from schoolgate.gate.corrections.tokens import IDENTITY, find_row
from schoolgate.gate.engines.engine import Limits
from schoolgate.gate.engines.lake import EngineRequest, open_engine
from schoolgate.gate.failclosed import plainly
from schoolgate.gate.terms.rowrules import lake_view
from schoolgate.ids import Pmr, Term
from schoolgate.records.read import NoData, current_snapshot

_BETWEEN = "|"


@plainly()
def place_of_row(pupil: Pmr, item: str, token: str, *, config: Config) -> str:
    """Where a row came from, to know it again by whoever's it becomes; empty when no return is known for it.

    Args:
        pupil: whose row it is.
        item: an item of it, ``table.column``.
        token: what the family named it by.
        config: the installation.
    """
    if config.gate is not None:
        raise gate_only("knows where a row came from")
    table = item.partition(".")[0]
    if not token or table == IDENTITY:
        return ""
    try:
        rows = rows_of([int(pupil)], [table], current_snapshot(config), config)[table].get(pupil, [])
    except NoData:
        return ""
    row = find_row(config.keyring(), table, pupil, rows, token)
    if row is None or not row.get("return_id") or row.get("return_row") is None:
        return ""
    return _BETWEEN.join(str(part) for part in (table, row["year"], row["term"], row["return_row"], row["return_id"]))


@plainly()
def holders_of_rows(places: Collection[str], *, config: Config) -> Mapping[str, Pmr]:
    """Whose each row is now; one that no return has any more is not among them.

    Args:
        places: of `place_of_row`.
        config: the installation.
    """
    if config.gate is not None:
        raise gate_only("knows whose a row is")
    parts: dict[tuple[str, int, str], list[tuple[int, str]]] = {}
    for place in places:
        table, since, term, row, paper = place.split(_BETWEEN, 4)
        parts.setdefault((table, int(since), Term(term).value), []).append((int(row), paper))
    if not parts:
        return {}
    tables = frozenset(table for table, _, _ in parts)
    limits = Limits(seconds=600, rows=50_000_000, size=8 << 30)
    request = EngineRequest(current_snapshot(config), tables, BitMap(), bytes(32), limits, provenance=True)
    found: dict[str, Pmr] = {}
    with open_engine(request, config) as engine:
        for (table, year, term), wanted in parts.items():
            rows = " OR ".join(f"(t.return_row = {at} AND t.return_id = {_quoted(paper)})" for at, paper in wanted)
            sql = (
                "SELECT DISTINCT t.pupil AS pupil, t.return_id AS paper, t.return_row AS at"
                f' FROM "{lake_view(table)}" AS t'
                f" WHERE t.year = {year} AND t.term = {_quoted(term)} AND ({rows})"
            )
            for one in engine.run(sql).to_pylist():
                name = _BETWEEN.join(str(part) for part in (table, year, term, one["at"], one["paper"]))
                found[name] = Pmr(one["pupil"])
    return found


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
