"""How hard a text is to read: the Flesch-Kincaid grade (Kincaid and others, 1975); a grade plus five is an age.

0.39 * words / sentences + 11.8 * syllables / words - 15.59
"""

from __future__ import annotations

import re


def syllables(word: str) -> int:
    """Syllables of an English word, by its groups of vowels; a silent "e" at the end is none."""
    letters = re.sub(r"[^a-z]", "", word.lower())
    groups = len(re.findall(r"[aeiouy]+", letters))
    is_silent = letters.endswith("e") and not letters.endswith(("le", "ee", "ie", "ye")) and groups > 1
    is_silent = is_silent or (
        letters.endswith(("ed", "es")) and not letters.endswith(("ted", "ded", "ses", "ces", "ges"))
    )
    return max(1, groups - (1 if is_silent and groups > 1 else 0))


def grade(text: str) -> float:
    """The grade of a text; each line is at least one sentence."""
    sentences = [part for line in text.splitlines() for part in re.split(r"[.!?:]+(?:\s|$)", line) if part.strip()]
    words = re.findall(r"[A-Za-z][A-Za-z’'-]*", text)
    total = sum(syllables(word) for word in words)
    return 0.39 * len(words) / len(sentences) + 11.8 * total / len(words) - 15.59
