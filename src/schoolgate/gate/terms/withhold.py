"""Aggregates alone: rows about too few pupils are withheld by the query that runs, not by looking at its result."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from sqlglot import exp

from schoolgate.gate.asking.names import Named
from schoolgate.gate.asking.reference import References
from schoolgate.gate.exposure.scans import find_scans
from schoolgate.gate.terms.small_cells import MEASURES, keys_of
from schoolgate.gate.understand import Asked


def _at_least(counted: exp.Expr, fewest: int) -> exp.Expr:
    count = exp.Count(this=exp.Distinct(expressions=[counted]), big_int=True)
    return exp.GTE(this=count, expression=exp.Literal.number(fewest))


def _who_has(measure: exp.Expr, key: exp.Column) -> exp.Expr:
    """The reference of a pupil who has a value, NULL for one who has none."""
    has = exp.Not(this=exp.Is(this=measure.copy(), expression=exp.Null()))
    return exp.Case(ifs=[exp.If(this=has, true=key.copy())])


def withhold(asked: Asked, fewest: int) -> Asked:
    """The query with a HAVING that keeps only rows about at least `fewest` pupils of every table it reads.

    A pupil counts for a sum or an average only with a value: a row of forty pupils of whom two have one says nothing
    but what those two have. Rows withheld and rows that are not there look alike.
    """
    tree = cast("exp.Select", asked.named.tree.copy())
    named = Named.of(tree)
    keys = keys_of(named, tree) or []
    conditions = [_at_least(key.copy(), fewest) for key in keys]
    measures = dict.fromkeys(
        node.this.unnest() for node in tree.find_all(*MEASURES) if node.find_ancestor(exp.Select) is tree
    )
    for measure in measures:
        of_table = [key for key in keys if key.table == measure.table] or keys
        conditions += [_at_least(_who_has(measure, key), fewest) for key in of_table]
    having = tree.args.get("having")
    own = [exp.paren(having.this)] if having is not None else []
    tree.set("having", exp.Having(this=exp.and_(*own, *conditions)))
    confined = Named.of(tree)
    return replace(asked, named=confined, references=References(confined), scans=find_scans(confined))
