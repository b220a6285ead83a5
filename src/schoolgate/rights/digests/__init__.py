"""Digests: telling a family that something new is in its list, as often as it wants, and only then.

In: an account's choice. Out: a letter that says that there is something, with a link.
Never: a child, a school, an organisation or an agreement in a letter; a letter about a use that is told later by law.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schoolgate.rights.digests.views import EVERY, NEVER, DigestView
from schoolgate.surface import lazy_surface

if TYPE_CHECKING:
    from schoolgate.rights.digests.choosing import digest_of, has_address, send_digests, set_digest

__all__ = ["EVERY", "NEVER", "DigestView", "digest_of", "has_address", "send_digests", "set_digest"]

__getattr__ = lazy_surface(
    __name__, dict.fromkeys(("digest_of", "has_address", "send_digests", "set_digest"), "choosing")
)
