"""Post: letters to people outside, and who asked to be told about what.

In: an address and a letter; a topic somebody wants to follow. Out: letters through Django's mail, sent by the worker.
Never: an address in a log, an error or in plain in the database; a letter to somebody who did not say yes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schoolgate.surface import lazy_surface

if TYPE_CHECKING:
    from schoolgate.post.following import (
        Asked,
        Following,
        confirm,
        end_topic,
        followed,
        followed_since,
        leave,
        subscribe,
        tell,
        topics,
    )
    from schoolgate.post.letters import Outgoing, outgoing, site_address, write

_SURFACE = {
    "Asked": "following",
    "Following": "following",
    "Outgoing": "letters",
    "confirm": "following",
    "end_topic": "following",
    "followed": "following",
    "followed_since": "following",
    "leave": "following",
    "outgoing": "letters",
    "site_address": "letters",
    "subscribe": "following",
    "tell": "following",
    "topics": "following",
    "write": "letters",
}

__all__ = [
    "Asked",
    "Following",
    "Outgoing",
    "confirm",
    "end_topic",
    "followed",
    "followed_since",
    "leave",
    "outgoing",
    "site_address",
    "subscribe",
    "tell",
    "topics",
    "write",
]

__getattr__ = lazy_surface(__name__, _SURFACE)
