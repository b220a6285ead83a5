"""Draws docs/architecture.md's diagrams from the code: rooms and arrows from the imports, states from the tables.

python tools/draw_architecture.py          rewrites the drawn parts
python tools/draw_architecture.py --check  exits 1 when the document no longer matches the code
"""

from __future__ import annotations

import sys
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "architecture.md"
FLOOR = {"ids", "errors", "clock", "progress", "surface", "machine", "seal", "config", "settings"}


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


def main() -> int:
    """Draw or check."""
    now = DOCUMENT.read_text()
    wanted = drawn(now)
    if "--check" in sys.argv:
        return int(now != wanted)
    DOCUMENT.write_text(wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main())
