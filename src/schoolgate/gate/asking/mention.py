"""What a refused query speaks of, as far as its tree can still be understood.

A researcher hears everything at once: when a part of the query is not allowed, the items it names are ruled on
all the same. Nothing here lets a query run; a name that cannot be traced is left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from schoolgate.dictionary import LakeTable, lake_tables
from schoolgate.gate.asking.asked import parse_tree, place
from schoolgate.policy import ScanRequest


def _in_from(select: exp.Select) -> Iterator[tuple[str, str]]:
    """Alias and name of each FROM entry; the name is "" for what is not a plain table."""
    entries = [select.args["from_"]] if select.args.get("from_") else []
    for entry in [*entries, *(select.args.get("joins") or [])]:
        source = entry.this
        plain = isinstance(source, exp.Table) and isinstance(source.this, exp.Identifier)
        yield source.alias_or_name.lower(), source.name.lower() if plain else ""


def _owner(column: exp.Column, tables: dict[str, LakeTable]) -> LakeTable | None:
    """The table of the lake that a column surely belongs to."""
    wanted, name = column.table.lower(), column.name.lower()
    select = column.parent_select
    while select is not None:
        if isinstance(select, exp.Select):
            entries = dict(_in_from(select))
            if wanted in entries:
                return tables.get(entries[wanted])
            owners = [t for t in map(tables.get, entries.values()) if t is not None and t.column(name) is not None]
            if not wanted and owners:
                return owners[0] if len(owners) == 1 else None
        select = select.parent_select
    return None


def mentioned(sql: str) -> tuple[ScanRequest, ...]:
    """The items of the lake that a query names, table by table, without running or allowing anything."""
    tree = parse_tree(sql)
    if isinstance(tree, tuple):
        return ()
    tables = {table.name: table for table in lake_tables()}
    places: dict[str, dict[str, str]] = {}
    for column in tree.find_all(exp.Column):
        owner = _owner(column, tables)
        found = owner.column(column.name.lower()) if owner is not None else None
        # Provenance is no item at all: naming it is an unknown item, and is said where names are resolved.
        if owner is not None and found is not None and found.kind != "provenance":
            places.setdefault(owner.name, {}).setdefault(found.item_id, place(column))
    return tuple(ScanRequest(table, frozenset(found), found) for table, found in sorted(places.items()))
