"""Names that look alike: what a person cannot tell apart on a page, and what fraud is made of.

`skeleton` follows the idea of Unicode's confusable detection (UTS 39, section 4): two names are alike when their
skeletons are equal. Beside letters that share a shape it forgets case, accents, spaces, punctuation and the words for
a legal form, because "Example Ltd" and "EXAMPLE LIMITED" are one name to a reader. It errs on the side of alike:
being alike only makes the custodian look twice.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import cache

_CAPITALS = str.maketrans("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX")
"""Greek capitals, before case folding: a capital eta is an H, a small one an n."""

_SAME_SHAPE = str.maketrans(
    "авеԁһіјкӏмнорԛѕтухԝсгпиαβγεζηικνορςτυχωϲıłøđħŧɑɡ015|!$ij",
    "abedhllklmhopqstyxwcrnuabyeznlkvopstuxwcllodhtagolsllsll",
)
"""Small letters of one shape, from Unicode's confusables.txt: Cyrillic, Greek, Latin, then digits and i, j, l."""

_RUNS = (("rn", "m"), ("vv", "w"))
_LEGAL = frozenset(
    (
        "ltd", "limited", "plc", "llp", "lp", "cic", "cio", "inc", "incorporated", "corp", "corporation", "co",
        "company", "cyf", "cyfyngedig", "gmbh", "ag", "sa", "bv", "the", "of", "and",
    )
)  # fmt: skip
_SPLIT = re.compile(r"[\W_]+")


_METHOD = 1
"""Of `skeleton`: to be counted up when its steps change."""


def skeleton(name: str) -> str:
    """What of a name a hurried reader sees; equal for names that look alike."""
    folded = unicodedata.normalize("NFKD", name.replace("&", " and ")).translate(_CAPITALS).casefold()
    bare = "".join(c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c))
    words = [word for word in _SPLIT.split(re.sub(r"[’'.]", "", bare)) if word] or [bare.strip()]
    kept = [word for word in words if word.translate(_SAME_SHAPE) not in _LEGAL_SHAPES] or words
    seen = "".join(kept).translate(_SAME_SHAPE)
    for run, letter in _RUNS:
        seen = seen.replace(run, letter)
    return seen


_LEGAL_SHAPES = frozenset(word.translate(_SAME_SHAPE) for word in _LEGAL)


@cache
def recipe() -> str:
    """What skeletons are made by today, short: whoever keeps them makes them again when it changes.

    Beside the tables above it is this function's own number, and the Unicode data that Python comes with.
    """
    parts = (_METHOD, unicodedata.unidata_version, sorted(_CAPITALS.items()), sorted(_SAME_SHAPE.items()), _RUNS)
    return hashlib.sha256(repr((*parts, sorted(_LEGAL))).encode()).hexdigest()[:16]


def scripts(name: str) -> tuple[str, ...]:
    """The alphabets that one word of a name mixes, e.g. ``("CYRILLIC", "LATIN")``; empty when none does.

    UTS 39, section 5.2: a word in more than one alphabet is hardly ever honest.
    """
    for word in _SPLIT.split(unicodedata.normalize("NFKC", name)):
        used = {unicodedata.name(c, "UNNAMED").split()[0] for c in word if c.isalpha()}
        used &= {"LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU", "GEORGIAN"}
        if len(used) > 1:
            return tuple(sorted(used))
    return ()
