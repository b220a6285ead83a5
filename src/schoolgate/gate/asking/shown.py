"""The form in which a query may be shown in public: its shape and its items, nothing the asker made up.

Literals are taken out because they can single a child out; comments and the asker's own names because they can
hold any text at all, and the register is never rewritten.
"""

from __future__ import annotations

from sqlglot import exp

from schoolgate.dictionary import lake_tables
from schoolgate.gate.asking.names import Named


def public_form(named: Named) -> str:
    """A query without literals, comments and names of the asker's own."""
    known = {table.name for table in lake_tables()} | {c.name for t in lake_tables() for c in t.columns}
    tree = named.tree.copy()
    for literal in list(tree.find_all(exp.Literal)):
        literal.replace(exp.Placeholder())
    neutral: dict[str, str] = {}
    for identifier in tree.find_all(exp.Identifier):
        if identifier.name not in known:
            identifier.set("this", neutral.setdefault(identifier.name, f"n{len(neutral) + 1}"))
    return tree.sql("duckdb", identify=False, comments=False)
