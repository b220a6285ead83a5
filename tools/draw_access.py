"""Draws docs/access.md from tests/web/access.csv: who may open which page, and who may do what.

python tools/draw_access.py          rewrites the drawn part
python tools/draw_access.py --check  exits 1 when the document no longer matches the table
"""

from __future__ import annotations

import csv
import os
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "tests" / "web" / "access.csv"
DOCUMENT = ROOT / "docs" / "access.md"
START, END = "<!-- drawn: access -->", "<!-- end: access -->"
WORDS = {"page": "yes", "on": "led on", "no": "no", "may": "may", "409": "a reason why not"}
"""A cell of the table -> as the document says it; what is not here stands as it is."""

FACES = (
    ("Families", ("/family/",)),
    ("Signing in to work with the data", ("/sign-in/", "/sign-out/", "/interests/")),
    ("Researchers", ("/research/",)),
    ("Agreements", ("/agreements/",)),
    ("Extracts, stops and delays", ("/releases/",)),
    ("The custodian and the panel", ("/custodian/",)),
    ("Corrections", ("/corrections/", "/api/v1/corrections/")),
    ("Oversight", ("/oversight/",)),
    ("Schools", ("/school/",)),
    ("Everybody", ("/",)),
)
"""Face -> how its addresses begin; an address belongs to the first that fits."""


def addresses() -> Mapping[str, str]:
    """Name of an address -> the address."""
    # The site's settings want a home; drawing keeps nothing in it.
    os.environ.setdefault("SCHOOLGATE_HOME", tempfile.mkdtemp(prefix="schoolgate-drawing-"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "schoolgate.settings")
    import django
    from django.urls import get_resolver

    django.setup()
    return {str(getattr(one, "name", "")): f"/{one.pattern}" for one in get_resolver().url_patterns}


def says() -> Mapping[str, Mapping[str, str]]:
    """Kind of an act -> its name -> what it does."""
    from schoolgate import desk

    return {
        "act": {name: act.says for name, act in desk.acts().items()},
        "family act": {name: act.says for name, act in desk.family_acts().items()},
        "school act": {name: act.says for name, act in desk.school_acts().items()},
    }


def grid(head: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """A Markdown table."""
    titles = list(head)
    lines = [f"| {' | '.join(titles)} |", f"|{'---|' * len(titles)}"]
    return lines + [f"| {' | '.join(row)} |" for row in rows]


def part() -> str:
    """The drawn part."""
    known, acts = addresses(), says()
    with TABLE.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    visitors = [name for name in rows[0] if name not in ("what", "name")]

    def cells(row: Mapping[str, str]) -> list[str]:
        return [WORDS.get(row[who], row[who]) for who in visitors]

    def face(row: Mapping[str, str]) -> str:
        return next(title for title, starts in FACES if known[row["name"]].startswith(starts))

    pages = [row for row in rows if row["what"] not in acts]
    lines: list[str] = []
    for title, _starts in FACES:
        of_face = [row for row in pages if face(row) == title]
        shown = [
            [f"`{known[row['name']]}`", "sends" if row["what"] == "POST" else "opens", *cells(row)] for row in of_face
        ]
        lines += [f"### {title}", "", *grid(["address", "", *visitors], shown), ""]
    titles = {
        "act": "## Acts",
        "family act": "## Acts of a family for its child",
        "school act": "## Acts of a school for its pupils",
    }
    for what, title in titles.items():
        done = [[f"{acts[what][row['name']]} (`{row['name']}`)", *cells(row)] for row in rows if row["what"] == what]
        if done:
            lines += [title, "", *grid(["act", *visitors], done), ""]
    return "\n".join(lines).rstrip("\n")


def main() -> int:
    """Draw or check."""
    now = DOCUMENT.read_text(encoding="utf-8")
    before, rest = now.split(START, 1)
    _, after = rest.split(END, 1)
    wanted = f"{before}{START}\n{part()}\n{END}{after}"
    if "--check" in sys.argv:
        if now != wanted:
            print("docs/access.md does not match the table: run python tools/draw_access.py")
        return int(now != wanted)
    DOCUMENT.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
