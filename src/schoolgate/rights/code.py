"""The text of a one-time code: 80 random bits in 16 characters that cannot be mistaken for one another."""

from __future__ import annotations

from collections.abc import Callable

Entropy = Callable[[int], bytes]
"""Gives that many random bytes: `os.urandom`, or a test's own."""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U. What looks like a 1 or a 0 is read as one."""

CODE_LENGTH = 16
CODE_BITS = 80
_LOOKALIKES = str.maketrans({"I": "1", "L": "1", "O": "0"})


def code_text(entropy: Entropy) -> str:
    """A fresh code, in four groups of four.

    Five bits a character, so that 16 characters carry exactly 80 bits (32 ** 16 = 2 ** 80): at a hundred
    tries an hour, guessing one of a million live codes takes longer than the universe is old.
    """
    number = int.from_bytes(entropy(CODE_BITS // 8), "big")
    letters = [ALPHABET[number >> shift & 31] for shift in range(CODE_BITS - 5, -1, -5)]
    return "-".join("".join(letters[at : at + 4]) for at in range(0, CODE_LENGTH, 4))


def normalised(typed: str) -> str:
    """A code as it is compared: capitals, without spaces or dashes, look-alikes read as the digit.

    Whatever else was typed is kept, so that a text which is not a code stays one that does not fit.
    """
    kept = "".join(c for c in typed[:256] if not c.isspace() and c not in "-‐‑–—")
    return kept.upper().translate(_LOOKALIKES)
