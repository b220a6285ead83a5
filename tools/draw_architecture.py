"""Draws docs/architecture.md's diagrams and docs/states.md from the code: rooms and arrows from the imports, states from
the tables.

python tools/draw_architecture.py          rewrites the drawn parts
python tools/draw_architecture.py --check  exits 1 when a document no longer matches the code
"""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import django
import grimp
from django.conf import settings

from schoolgate.machine import StateTable

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "architecture.md"
STATES = ROOT / "docs" / "states.md"
FLOOR = {
    "ids",
    "errors",
    "clock",
    "progress",
    "surface",
    "durable",
    "machine",
    "seal",
    "sealed",
    "statutory",
    "config",
    "settings",
}


def rooms_and_arrows() -> str:
    """A Mermaid graph of which room imports which; the floor, which all may use, is left out."""
    graph = grimp.build_graph("schoolgate")
    arrows = set()
    for module in graph.modules:
        parts = module.split(".")
        if len(parts) < 2 or parts[1] in FLOOR:
            continue
        for imported in graph.find_modules_directly_imported_by(module):
            target = imported.split(".")
            if len(target) > 1 and target[1] not in FLOOR and target[1] != parts[1]:
                surface = ".".join(target[1:3]) if target[1] == "records" and len(target) > 2 else target[1]
                arrows.add((parts[1], surface))
    lines = ["graph TD"]
    lines += [f"    {source} --> {target}" for source, target in sorted(arrows)]
    return "\n".join(lines)


def states() -> str:
    """Mermaid diagram of the life of an application."""
    from schoolgate.requests import LIFECYCLE

    return f"```mermaid\n{LIFECYCLE.mermaid()}\n```"


def drawn(text: str) -> str:
    """The document with its drawn parts replaced."""
    for name, part in (("arrows", f"```mermaid\n{rooms_and_arrows()}\n```"), ("states", states())):
        start, end = f"<!-- drawn: {name} -->", f"<!-- end: {name} -->"
        before, rest = text.split(start, 1)
        _, after = rest.split(end, 1)
        text = f"{before}{start}\n{part}\n{end}{after}"
    return text


def _set_up() -> None:
    """Django, where this is run by itself: some tables stand beside models. Nothing of an installation is read."""
    if not settings.configured:
        os.environ["SCHOOLGATE_HOME"] = tempfile.mkdtemp()
        os.environ["DJANGO_SETTINGS_MODULE"] = "schoolgate.settings"
        django.setup()


def state_tables() -> Iterator[tuple[str, StateTable]]:
    """Every state table of the project with the file it stands in: whatever module makes one, none is forgotten."""
    source = ROOT / "src"
    _set_up()
    for path in sorted((source / "schoolgate").rglob("*.py")):
        text = path.read_text()
        if "StateTable(" not in text or path.name == "machine.py":
            continue
        place = path.relative_to(source)
        module = importlib.import_module(".".join(place.with_suffix("").parts))
        for name, value in vars(module).items():
            # A table that a module only uses is drawn where it is made.
            if isinstance(value, StateTable) and f"{name} = StateTable(" in text:
                yield str(place), value


def states_page() -> str:
    """The page of every state machine: a diagram, and each move with who may, why, and what the register is told."""
    parts = [_STATES_OPENING]
    for place, table in state_tables():
        parts.append(f"\n## {table.name.capitalize()}\n\n`{place}`\n\n```mermaid\n{table.mermaid()}\n```\n\n")
        parts.append("| from | what | to | who | why | in the register |\n|---|---|---|---|---|---|\n")
        parts += [
            f"| {move.source} | {move.event.replace('_', ' ')} | {move.target} | {', '.join(move.who)} | {move.why} |"
            f" {f'`{move.register_event}`' if move.register_event else 'not told'} |\n"
            for move in table.moves
        ]
    return "".join(parts)


_STATES_OPENING = """# States

Drawn from the code's own tables by `tools/draw_architecture.py`: the rows that run the service draw this page and are
walked by the tests. Each step that is taken keeps who took it (person and role), when, why, and its entry in the
register, in one transaction with the change of state; what a page shows as "why" here is why the move is there at all.

`tests/requests/model.py` walks the joint state space of a request, its signatures, its notice, the accreditation of
whoever reads, the organisation's identity, an emergency's review, a stop, the days and an overdue destruction, through
these tables and policy's rules: 67,176 states and 388,978 transitions. No path delivers data without the panel's
approval, both signatures, a notice that is over and live accreditation, and for every guard there is a test that the
walk fails without it. `PYTHONPATH=src python -m tests.requests.model` prints the figures.

`tests/rights/cases/model.py` walks a family's case joined with its clocks: for a fact that is challenged 14,712 states
and 60,828 transitions, for a complaint 1,804 states and 8,055 transitions, for a question about access 12,077 states
and 62,328 transitions, for each of the others 10,746 states and 54,599 transitions. No path decides unheard, lets one
person do both parts, extends late, begins the month anew twice, stops it twice by asking what is meant, makes a
complaint wait for proof, is in time again by asking late, stops the month by going to the regulator or by silence, ends
the wait for it early, or uses a disputed item again before the family knew;
from every state there is a way out.
"""


def main() -> int:
    """Draw or check."""
    wanted = {DOCUMENT: drawn(DOCUMENT.read_text()), STATES: states_page()}
    if "--check" in sys.argv:
        return int(any(not path.exists() or path.read_text() != text for path, text in wanted.items()))
    for path, text in wanted.items():
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
