"""How hard an English text is to read. Pure.

The Flesch-Kincaid grade (Kincaid, Fishburne, Rogers and Chissom, Derivation of New Readability Formulas for Navy
Enlisted Personnel, 1975): 0.39 · words / sentences + 11.8 · syllables / words − 15.59. A grade is a year of school in
the United States; its pupils are five years older than its number. Beside it stands what the GOV.UK content design
guidance asks for: a reading age of about nine for the general public, no sentence of more than 25 words.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

LONG_SENTENCE = 25
"""Words; a longer sentence should be split (GOV.UK, Content design: writing for GOV.UK)."""

GOOD_GRADE = 8.0
"""A parent who left school at 16 reads it at once: a reading age of 13, as the ICO's notices for families have."""

SHORTEST = 8
"""Words; less tells nothing about how hard a text is."""

MOST_OTHERS = 5
"""Letters of another alphabet in every hundred; with more of them the measure counts what is not English."""

GOOD_EXAMPLE = (
    "Some children miss many days of school. We want to find out when that begins and which children it happens to."
    " We will count days missed in each year group. We will not know any child’s name. What we find will be on our"
    " website for everybody. It can help schools to step in sooner."
)
"""A summary that every parent can read; a test holds its grade."""


@dataclass(frozen=True, slots=True)
class Readability:
    """What was measured.

    Attributes:
        words, sentences: how many.
        grade: Flesch-Kincaid grade, one decimal.
        longest: the longest sentences, the longest first, at most three; only those of more than 25 words.
        hard_words: words of four syllables or more, each once, in the text's order, at most eight.
        others: letters of another alphabet than the one that English is written in, for every hundred letters.
    """

    words: int
    sentences: int
    grade: float
    longest: tuple[str, ...]
    hard_words: tuple[str, ...]
    others: int = 0

    @property
    def age(self) -> int:
        """The reading age, in years."""
        return max(5, round(self.grade) + 5)

    @property
    def tells(self) -> bool:
        """Whether the text is long enough, and English enough, for the measure to tell anything."""
        return self.words >= SHORTEST and self.others <= MOST_OTHERS

    @property
    def is_good(self) -> bool:
        """Whether a parent can be expected to read it."""
        return self.grade <= GOOD_GRADE and not self.longest


_WORD = re.compile(r"[A-Za-z][A-Za-z’'-]*[A-Za-z]|[A-Za-z]")
# An abbreviation or a number with a point ends no sentence; every line is at least one.
_NOT_AN_END = re.compile(r"\b(?:e\.g|i\.e|etc|Mr|Mrs|Ms|Dr|St|No|vs|approx|s|ss|para)\.(?=\s)|(?<=\d)\.(?=\d)")
_END = re.compile(r"[.!?]+[\"'’”)]*(?:\s+|$)")
# Two vowels beside each other that are said apart: sci-ence, cre-ate, stu-dy-ing, pe-ri-od, mu-se-um, us-u-al.
_SAID_APART = re.compile(
    r"ie(?=t|nc|nt)|(?<=cr)ea(?!tu)|(?<=[^aeiouy]r)ea(?=ct)|^rea(?=ct|li)|(?<=id)ea|(?<=ar)ea"
    r"|eo(?!us|p|r)|eu(?=m)|ei(?=ng)|oe(?=m|t)|io(?=us)(?<=[rv]io)|(?<![qg])ua|iu|(?<!q)uo(?=us)|i[ou](?!n|us|r)|(?<![ctg])ia(?!n|ti)|(?<![qg])ue(?=l)"
    r"|(?<=[ct])ia(?=te)|(?<![aeou])yi|[aeou]y(?=[aeiou])|ii|(?<=[^aeiouy])ism\b"
)
_AS_SPOKEN = {"business": 2, "every": 2, "everybody": 4, "everything": 3, "people": 2, "eyes": 1, "idea": 3, "area": 3}


def syllables(word: str) -> int:
    """Syllables of an English word: its groups of vowels, less silent endings, plus vowels that are said apart."""
    letters = re.sub(r"[^a-z]", "", word.lower())
    if letters in _AS_SPOKEN:
        return _AS_SPOKEN[letters]
    if len(letters) <= 3:
        return 1
    groups = len(re.findall(r"[aeiouy]+", letters))
    return max(1, groups + len(_SAID_APART.findall(letters)) - _silent_ending(letters))


def _silent_ending(letters: str) -> int:
    if letters.endswith("e"):
        # "table" says its le; "be" has no other vowel; "employee" says its last two.
        return 0 if re.search(r"(?:[^aeiouy]l|[aeiouy])e$", letters) else 1
    if letters.endswith("es"):
        return 0 if re.search(r"(?:s|x|z|c|g|ch|sh|[aeiouy]|[^aeiouy]l)es$", letters) else 1
    if letters.endswith("ed"):
        return 0 if re.search(r"(?:[td]|[aeiouy]|[^aeiouy]l)ed$", letters) else 1
    if re.search(r"[^aeiouy]ely$|[aeiouy][^aeiouy]ement$|[aeiouy][^aeiouy]eful$", letters):
        return 1
    return 0


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text; a line of its own is one."""
    found = []
    for line in text.splitlines():
        held = _NOT_AN_END.sub(lambda point: point[0].replace(".", "\0"), line)
        start = 0
        for end in _END.finditer(held):
            found.append(line[start : end.end()].strip())
            start = end.end()
        found.append(line[start:].strip())
    return tuple(part for part in found if _WORD.search(part))


def grade(words: int, sentence_count: int, syllable_count: int) -> float:
    """The Flesch-Kincaid grade of a text with these counts."""
    return 0.39 * words / sentence_count + 11.8 * syllable_count / words - 15.59


def _others(text: str) -> int:
    letters = [c for c in text if c.isalpha()]
    strange = sum(1 for c in letters if not c.isascii() and not unicodedata.name(c, "").startswith("LATIN"))
    return round(100 * strange / len(letters)) if letters else 0


def measure(text: str) -> Readability:
    """Measure a text; an empty one has the grade 0."""
    parts = sentences(text)
    words = _WORD.findall(text)
    if not words:
        return Readability(0, 0, 0.0, (), (), _others(text))
    counts = {word: syllables(word) for word in words}
    long = sorted(
        (part for part in parts if len(_WORD.findall(part)) > LONG_SENTENCE),
        key=lambda part: -len(_WORD.findall(part)),
    )
    hard = dict.fromkeys(word.lower() for word in words if counts[word] >= 4)
    return Readability(
        words=len(words),
        sentences=len(parts),
        grade=round(grade(len(words), len(parts), sum(counts[word] for word in words)), 1),
        longest=tuple(long[:3]),
        hard_words=tuple(hard)[:8],
        others=_others(text),
    )
