"""Brackets around every operation inside another, so that what runs is the tree that was checked.

Two parsers need not agree on which of two operators binds more closely: written out plainly, the tree of
``(a NOT BETWEEN b AND c) = d`` reads ``NOT a BETWEEN b AND c = d``, which DuckDB 2.0.1 takes for ``NOT (… = d)``, and
``NOT a BETWEEN NOT b AND c`` is not read at all. With brackets there is nothing to disagree on.
"""

from __future__ import annotations

from sqlglot import exp

_OPERATIONS = (exp.Binary, exp.Not, exp.Neg, exp.Between, exp.In)
_CHAINS = (exp.And, exp.Or, exp.Add, exp.Mul, exp.DPipe)
"""Left to right in any parser: ``a AND b AND c``."""


def bracketed(tree: exp.Expr) -> exp.Expr:
    """A copy of a tree with brackets of its own around each operation that is part of another one."""
    tree = tree.copy()
    for node in list(tree.walk(bfs=False)):
        around = node.parent
        if not isinstance(node, _OPERATIONS) or not isinstance(around, _OPERATIONS):
            continue
        if type(node) is type(around) and isinstance(node, _CHAINS) and around.this is node:
            continue
        wrapped = exp.Paren()
        node.replace(wrapped)
        wrapped.set("this", node)
    return tree
