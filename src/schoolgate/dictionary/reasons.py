"""Why items are collected: by collection, from ``data/reasons.csv``; each reason with the law it rests on.

Where no row fits, no reason is known, and pages say so: a reason is never made up for an item.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from schoolgate.dictionary.items import Item


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a collection exists.

    Attributes:
        words: how the name of the collection or its sheet begins, in lower case.
        why: in plain words.
        law: the provisions; empty for what is worked out from other collections.
        must_send: whether schools or councils have to send it.
    """

    words: str
    why: str
    law: str
    must_send: bool


@cache
def reasons() -> tuple[Reason, ...]:
    """Every known reason; the first that fits a collection counts."""
    text = (files(__package__) / "data" / "reasons.csv").read_text(encoding="utf-8")
    return tuple(
        Reason(row["words"].lower(), row["why"], row["law"], row["must_send"] == "yes")
        for row in csv.DictReader(text.splitlines())
    )


def with_reason(item: Item) -> Item:
    """The item with its collection's reason and law, where it has none of its own."""
    names = (f"{item.collection} ".lower().replace("’", "'"), f"{item.source.sheet} ".lower())
    reason = next((r for r in reasons() if any(name.startswith(r.words) for name in names)), None)
    if reason is None:
        return item
    return replace(
        item, why=item.why or reason.why, law=item.law or reason.law, must_send=item.must_send or reason.must_send
    )
