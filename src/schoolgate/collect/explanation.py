"""Explanations are kept in words anyone of the custodian's staff may read, so they may not point at a child.

What is looked for is the shape alone, whether or not the number is right: a mistyped UPN is still a UPN.
"""

from __future__ import annotations

import re
import unicodedata

from schoolgate.errors import SchoolgateError

_DAY, _MONTH = r"(?:0?[1-9]|[12][0-9]|3[01])", r"(?:0?[1-9]|1[0-2])"
_YEAR = r"(?:(?:19|20)[0-9]{2}|'?[0-9]{2})"
_NAME = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_NTH = rf"{_DAY}(?:\s?(?:st|nd|rd|th))?"
_BETWEEN = r"\s*[-./,]?\s*"
_SHAPES = {
    "UPN": r"[a-z](?:[ -]?[0-9]){11}[ -]?[0-9a-z]",
    "a ten-digit number, grouped or not, and any longer one": (
        r"[0-9]{10,}|[0-9]{3}[ -][0-9]{3}[ -][0-9]{4}|[0-9]{4}[ -][0-9]{3}[ -][0-9]{3}|[0-9]{4}[ -][0-9]{4}[ -][0-9]{2}"
        r"|[0-9]{5}[ -][0-9]{5}"
    ),
    "postcode": r"[a-z]{1,2}[0-9][0-9a-z]?\s*[0-9][a-z]{2}",
    "day, month, year": rf"{_DAY}\s?[-./ ]\s?{_MONTH}\s?[-./ ]\s?{_YEAR}",
    "month, day, year": rf"{_MONTH}\s?[-./]\s?{_DAY}\s?[-./]\s?{_YEAR}",
    "year, month, day": rf"(?:19|20)[0-9]{{2}}\s?[-./ ]\s?{_MONTH}\s?[-./ ]\s?{_DAY}(?:t[0-9:.]+z?)?",
    "eight digits": r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
    r"|(?:0[1-9]|[12][0-9]|3[01])(?:0[1-9]|1[0-2])(?:19|20)[0-9]{2}",
    "day, month's name, year": rf"{_NTH}{_BETWEEN}(?:of\s+)?{_NAME}{_BETWEEN}{_YEAR}",
    "month's name, day, year": rf"{_NAME}{_BETWEEN}{_NTH}{_BETWEEN}(?:19|20)[0-9]{{2}}",
    "year, month's name, day": rf"(?:19|20)[0-9]{{2}}{_BETWEEN}{_NAME}{_BETWEEN}{_NTH}",
}
_ANY = re.compile(r"(?<![0-9a-z])(?:" + "|".join(_SHAPES.values()) + r")(?![0-9a-z])", re.IGNORECASE)
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—−"), "-")


def explained(text: str) -> str:
    """The explanation as it is kept.

    Raises:
        SchoolgateError: it says nothing, or holds what points at a pupil; the text is not repeated.
    """
    if len(text.strip()) < 10:
        raise SchoolgateError("Explain in a sentence why this is right.", code="explanation-short")
    if _ANY.search(" ".join(unicodedata.normalize("NFKC", text).translate(_DASHES).split())):
        raise SchoolgateError(
            "The explanation holds what looks like a UPN, a learner number, a postcode or a full date.",
            hint="Explain without naming a pupil: give the pupil's row number.",
            code="explanation-pupil",
        )
    return text.strip()
