"""Slows down guessing of passwords. Counts in this process's memory, under a hash of what was tried."""

from __future__ import annotations

import hashlib

from django.core.cache import cache

WINDOW_SECONDS = 15 * 60
TRIES = 10


def _key(email: str) -> str:
    return "sign-in:" + hashlib.sha256(email.strip().lower().encode("utf-8")).hexdigest()


def is_closed(email: str) -> bool:
    """Whether this address was tried too often in the window."""
    return int(cache.get(_key(email), 0)) >= TRIES


def count_failure(email: str) -> None:
    """Count a wrong password."""
    cache.add(_key(email), 0, WINDOW_SECONDS)
    try:
        cache.incr(_key(email))
    except ValueError:  # it ran out between the two calls
        cache.set(_key(email), 1, WINDOW_SECONDS)


def forget(email: str) -> None:
    """Clear the count after a right password."""
    cache.delete(_key(email))
