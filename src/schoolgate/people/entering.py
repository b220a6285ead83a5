"""What every entry is checked with: public ids, words of a closed list, texts on one line, and the moment."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from datetime import datetime

from schoolgate.clock import Clock, SystemClock
from schoolgate.errors import SchoolgateError

NAME_LENGTH = 200
TEXT_LENGTH = 500


def number(text: str, letter: str) -> int | None:
    """The row of a public id like ``P-0001``, or None when it is not one."""
    match = re.fullmatch(rf"{letter}-([0-9]{{4,18}})", text)
    return int(match[1]) if match else None


def one_of(value: str, allowed: Collection[str], what: str) -> None:
    """Insist on a word of a closed list.

    Raises:
        SchoolgateError: it is not; the known words are named.
    """
    if value not in allowed:
        known = ", ".join(sorted(word for word in allowed if word))
        raise SchoolgateError(f"This {what} is not known.", hint=f"Known: {known}.", code="kind")


def label(text: str, what: str, length: int = NAME_LENGTH, *, empty: bool = False) -> str:
    """A text on one line, normalised (NFC) so that two names that look alike are alike.

    Raises:
        SchoolgateError: empty (unless it may be), too long, or with characters that could not be shown as they are.
    """
    clean = unicodedata.normalize("NFC", text).strip()
    if empty and not clean:
        return ""
    # Category C: control, format (bidirectional overrides among them) and unassigned characters.
    if not clean or len(clean) > length or any(unicodedata.category(c).startswith("C") for c in clean):
        raise SchoolgateError(f"The {what} must be 1 to {length} ordinary characters on one line.", code="text")
    return clean


def reason_of(text: str) -> str:
    """A reason that was given.

    Raises:
        SchoolgateError: there is none.
    """
    if not text.strip():
        raise SchoolgateError("Every change has a reason.", hint="Say why in a sentence.", code="reason-missing")
    return label(text, "reason", TEXT_LENGTH)


def moment(clock: Clock | None) -> datetime:
    """When an entry is made; the machine's time where no clock is passed."""
    return (clock or SystemClock()).now()
