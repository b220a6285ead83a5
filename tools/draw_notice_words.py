"""Draws src/schoolgate/notices/listed_words.py: the words of our own lists that notices say, for a translator's tools.

They come from tables, where those tools do not look: names of facts, items and purposes, and what they are for.

python tools/draw_notice_words.py          rewrites the module
python tools/draw_notice_words.py --check  exits 1 when it no longer matches the tables
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MODULE = ROOT / "src" / "schoolgate" / "notices" / "listed_words.py"
HEAD = '''"""The words of our own lists that notices say, named here for a catalogue. Drawn by tools/draw_notice_words.py."""

from django.utils.translation import gettext_noop as _

WORDS = frozenset(
    {
'''


def words() -> list[str]:
    """Every one of them, sorted."""
    from schoolgate import dictionary
    from schoolgate.notices.audiences import TERMS

    found = {word for fact in dictionary.asked_facts() for word in (fact.name, fact.why)}
    found |= {word for purpose in dictionary.purposes() for word in (purpose.name, purpose.plain)}
    found |= {column.title for table in dictionary.lake_tables() for column in table.columns}
    return sorted({*found, *TERMS} - {""})


def drawn() -> str:
    """The module as it should be."""
    lines = "".join(f"        _({json.dumps(word, ensure_ascii=False)}),\n" for word in words())
    return f"{HEAD}{lines}    }}\n)\n"


def main() -> int:
    """Rewrite the module, or say that it differs."""
    if "--check" in sys.argv[1:]:
        same = MODULE.read_text(encoding="utf-8") == drawn()
        print("The words are as the tables have them." if same else "Run tools/draw_notice_words.py.")
        return 0 if same else 1
    MODULE.write_text(drawn(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
