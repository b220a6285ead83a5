"""Words of a text as they are looked for: pure, and the same for what is kept and for what is asked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

LONGEST = 40
MOST = 4_000
"""Words of one text: more than the longest that can be handed in has."""
_WORD = re.compile(r"\w+")
_BREAKS = re.compile(r"[_\W]+")


def folded(text: str) -> str:
    """Text without capitals, accents and ligatures: Unicode NFKD, marks left out, case folded."""
    if text.isascii():  # nearly every text, and nine tenths of the time
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in parts if not unicodedata.combining(char))


def name_key(name: str) -> str:
    """What two spellings of one organisation's name have in common."""
    return " ".join(folded(name).split())[:300]


def words_of(texts: Iterable[str]) -> tuple[bytes, ...]:
    """The words of some texts, each once, sorted; single letters and digits from a to 9 are left out."""
    found = {
        word[:LONGEST].encode()
        for text in texts
        for word in _WORD.findall(_BREAKS.sub(" ", folded(text)))
        if len(word) > 1 or not word.isascii()
    }
    return tuple(sorted(found)[:MOST])


def just_after(prefix: bytes) -> bytes:
    """The first bytes that do not begin with the prefix and come after all that do. UTF-8 has no byte 255."""
    return prefix[:-1] + bytes([prefix[-1] + 1])


def slug_of(name: str, taken: Iterable[str]) -> str:
    """A name for an address, not yet taken."""
    plain = re.sub(r"[^a-z0-9]+", "-", folded(name)).strip("-")[:60].strip("-") or "organisation"
    used, number, slug = set(taken), 1, plain
    while slug in used:
        number += 1
        slug = f"{plain}-{number}"
    return slug
