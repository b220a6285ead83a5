"""Encrypting an extract to its recipient's key: age with X25519 (age-encryption.org/v1), in memory alone."""

from __future__ import annotations

import pyrage

from schoolgate.errors import Refusal

ENDING = ".age"


def key_problem(recipient_key: str) -> Refusal | None:
    """Why this is no public key of age; None when it is one.

    A secret key is said to be one, and not repeated: whoever typed it has to make another.
    """
    if recipient_key.strip().upper().startswith("AGE-SECRET-KEY"):
        return Refusal(
            "key-secret",
            "This is a secret key. It is known to others now.",
            provision="age-encryption.org/v1",
            remedy="Make a new pair with age-keygen, and give only the line that begins with age1.",
        )
    try:
        pyrage.x25519.Recipient.from_str(recipient_key)
    except pyrage.RecipientError:
        return Refusal(
            "key-unknown",
            "This is not a public key of age (X25519).",
            provision="age-encryption.org/v1",
            remedy="Give the line that begins with age1, whole, as age-keygen prints it.",
        )
    return None


def sealed(plain: bytes, recipient_key: str) -> bytes:
    """The file that leaves: only the holder of the secret key opens it, and a changed byte is seen."""
    made: bytes = pyrage.encrypt(plain, [pyrage.x25519.Recipient.from_str(recipient_key)])
    return made
