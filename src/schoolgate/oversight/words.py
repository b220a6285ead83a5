"""Whether words can be public for ever, and the numbers of what they are about."""

from __future__ import annotations

import unicodedata

from schoolgate.errors import Refusal

LONGEST = 4_000
"""Letters of a question, an answer, a finding, an action: each is one entry of the log."""


def words_problems(text: str, where: str) -> list[Refusal]:
    """What is wrong with words that anybody will read; markup and formulas are kept, and escaped by every face."""
    if not text.strip():
        return [Refusal("text-missing", "Write something: it will be public.", where=where)]
    if len(text) > LONGEST:
        return [Refusal("text", f"This is longer than {LONGEST:,} letters.", remedy="Shorten it.", where=where)]
    # A mark that turns the direction of reading makes a page show other words than were hashed (Unicode TR36).
    if any(unicodedata.category(letter).startswith("C") and letter not in "\n\t" for letter in text):
        return [Refusal("text", "This has letters in it that cannot be seen.", remedy="Type it again.", where=where)]
    return []


def number(series: str, year: int, count: int) -> str:
    """The number of the next of a series, after so many in this year: ``Q-2026-0001``."""
    return f"{series}-{year}-{count + 1:04d}"
