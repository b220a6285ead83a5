"""An account's own words for which child is which: sealed, shown to that account alone, used for nothing.

The record itself could tell children apart, but a list of children that reads records would be a read of each.
"""

from __future__ import annotations

from contextlib import suppress

from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.rights.models import ChildLink as LinkRow

LONGEST = 40
_PURPOSE = "child-label"


def label_of(row: LinkRow, config: Config) -> str:
    """What the account calls the child; nothing where it cannot be opened: a page must not fail for a label."""
    if row.label is None:
        return ""
    with suppress(SchoolgateError):
        return config.site_keys().unseal(_PURPOSE, bytes(row.label), str(row.public_id).encode()).decode()
    return ""


def put_label(row: LinkRow, text: str, config: Config) -> str:
    """Keep it, or nothing for an empty text; what cannot be seen and what is too long is left out.

    Returns:
        What is kept.
    """
    plain = " ".join("".join(one for one in text if one.isprintable()).split())[:LONGEST].strip()
    sealed = config.site_keys().seal(_PURPOSE, plain.encode(), str(row.public_id).encode()) if plain else None
    row.label = sealed
    row.save(update_fields=["label"])
    return plain
