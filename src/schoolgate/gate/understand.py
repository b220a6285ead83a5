"""Steps 1 to 3 together: from the asker's text to a query whose every name and scan is known. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from schoolgate.dictionary import lake_tables
from schoolgate.errors import Refusal
from schoolgate.gate.asking.asked import parse_tree, place, tree_problems, unlisted_parts
from schoolgate.gate.asking.grouped import group_problems
from schoolgate.gate.asking.names import Named, trace_names
from schoolgate.gate.asking.reference import References
from schoolgate.gate.asking.width import wide_totals
from schoolgate.gate.exposure.scans import Scan, find_scans


@dataclass(frozen=True, slots=True)
class Asked:
    """A query that parsed and whose names are known."""

    named: Named
    references: References
    scans: tuple[Scan, ...]


_SAID_BEFORE = frozenset({"names-unclear"})
"""What a part that is not allowed may bring about by itself, and so is not said beside it."""


def _read_by_no_scan(named: Named, scans: tuple[Scan, ...]) -> list[Refusal]:
    """A table in the tree that no scan stands for: the engine would not know it, with the read on record."""
    seen = {id(scan.node) for scan in scans}
    tables = {table.name for table in lake_tables()}
    left = [node for node in named.tree.find_all(exp.Table) if node.name in tables and id(node) not in seen]
    return [
        Refusal(
            "names-unclear",
            "A query inside this query could not be followed.",
            provision="data dictionary",
            remedy="Use a WITH query for it.",
            where=place(node),
        )
        for node in left
    ]


def understand(sql: str) -> Asked | tuple[Refusal, ...]:
    """Steps 1 to 3: parse, qualify, find the scans; or every reason why not."""
    tree = parse_tree(sql)
    if isinstance(tree, tuple):
        return tree
    parts = tree_problems(tree)
    named, unclear = trace_names(tree)
    problems = [*parts, *(problem for problem in unclear if not parts or problem.code not in _SAID_BEFORE)]
    if named is None:
        return tuple(dict.fromkeys(problems))
    if not parts:
        # Qualifying can turn a name into something new (a whole row, say), so the list is asked once more.
        problems += unlisted_parts(named.tree)
    references = References(named)
    if not unclear:
        problems += [*references.check(), *(() if parts else (*group_problems(named), *wide_totals(named)))]
    scans = () if problems else find_scans(named)
    problems += [] if problems else _read_by_no_scan(named, scans)
    return tuple(dict.fromkeys(problems)) if problems else Asked(named, references, scans)
