"""Steps 1 to 3 together: from the asker's text to a query whose every name and scan is known. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from schoolgate.errors import Refusal
from schoolgate.gate.asked import parse_tree, tree_problems, unlisted_parts
from schoolgate.gate.names import Named, trace_names
from schoolgate.gate.reference import References
from schoolgate.gate.scans import Scan, find_scans


@dataclass(frozen=True, slots=True)
class Asked:
    """A query that parsed and whose names are known."""

    named: Named
    references: References
    scans: tuple[Scan, ...]


_SAID_BEFORE = frozenset({"names-unclear"})
"""What a part that is not allowed may bring about by itself, and so is not said beside it."""


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
        problems += references.check()
    return tuple(dict.fromkeys(problems)) if problems else Asked(named, references, find_scans(named))
