"""Slows down guessing of passwords. Counts in this process's memory, under a hash of what was tried.

Tries are counted by e-mail address and where they come from, so that somebody who knows a parent's address cannot
keep the parent out by typing wrong passwords; and, at ten times as many, by e-mail address alone, so that guessing
from many places is slow, too. Behind a proxy all come from one place: then the smaller number counts for all.
"""

from __future__ import annotations

import hashlib

from django.core.cache import cache

WINDOW_SECONDS = 15 * 60
TRIES = 10
TRIES_FROM_EVERYWHERE = 100


def _keys(email: str, place: str) -> dict[str, int]:
    """What is counted -> how many tries it has."""
    who = email.strip().lower()
    limits = {f"{who}\n{place}": TRIES, who: TRIES_FROM_EVERYWHERE}
    return {"sign-in:" + hashlib.sha256(key.encode("utf-8")).hexdigest(): limit for key, limit in limits.items()}


def is_closed(email: str, place: str) -> bool:
    """Whether this address was tried too often in the window, from this place or from all together."""
    return any(int(cache.get(key, 0)) >= limit for key, limit in _keys(email, place).items())


def count_failure(email: str, place: str) -> None:
    """Count a wrong password."""
    for key in _keys(email, place):
        cache.add(key, 0, WINDOW_SECONDS)
        try:
            cache.incr(key)
        except ValueError:  # it ran out between the two calls
            cache.set(key, 1, WINDOW_SECONDS)


def forget(email: str, place: str) -> None:
    """Clear this place's count after a right password; what others tried stays counted."""
    cache.delete(next(iter(_keys(email, place))))
