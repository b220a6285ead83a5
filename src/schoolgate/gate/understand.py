"""Steps 1 to 3 together: from the asker's text to a query whose every name and scan is known. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from schoolgate.errors import Refusal
from schoolgate.gate.asked import parse_query
from schoolgate.gate.names import Named, resolve_names
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
    tree = parse_query(sql)
    if isinstance(tree, tuple):
        return tree
    named = resolve_names(tree)
    if isinstance(named, tuple):
        return named
    references = References(named)
    problems = references.check()
    if problems:
        return problems
    return Asked(named, references, find_scans(named))
