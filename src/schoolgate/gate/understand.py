"""Steps 1 to 3 together: from the asker's text to a query whose every name and scan is known. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from schoolgate.errors import Refusal
from schoolgate.gate.asked import parse_tree, tree_problems
from schoolgate.gate.names import Named, resolve_names, unknown_tables
from schoolgate.gate.reference import References
from schoolgate.gate.scans import Scan, find_scans


@dataclass(frozen=True, slots=True)
class Asked:
    """A query that parsed and whose names are known."""

    named: Named
    references: References
    scans: tuple[Scan, ...]


def understand(sql: str) -> Asked | tuple[Refusal, ...]:
    """Steps 1 to 3: parse, qualify, find the scans; or every reason why not."""
    tree = parse_tree(sql)
    if isinstance(tree, tuple):
        return tree
    problems = tree_problems(tree)
    if problems:
        return tuple(dict.fromkeys([*problems, *_also_wrong(tree)]))
    named = resolve_names(tree)
    if isinstance(named, tuple):
        return named
    references = References(named)
    problems = references.check()
    if problems:
        return problems
    return Asked(named, references, find_scans(named))


def _also_wrong(tree: exp.Expr) -> list[Refusal]:
    """What else is wrong with a tree that holds parts not allowed, as far as its names can be followed."""
    named = resolve_names(tree)
    if isinstance(named, Named):
        return list(References(named).check())
    # What follows from the parts not allowed is not said twice, and "unclear" may be their doing.
    said = {"function-not-allowed", "construct-not-allowed", "names-unclear"}
    return [*unknown_tables(tree), *(problem for problem in named if problem.code not in said)]
