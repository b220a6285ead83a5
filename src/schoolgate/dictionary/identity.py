"""Items of a pupil's identity: sealed in a vault apart from the facts, and never given to a query."""

from __future__ import annotations

import csv
from importlib.resources import files

from schoolgate.dictionary.items import Item, Source

IDENTITY_COLLECTION = "Identity (sealed apart)"


def identity_items() -> tuple[Item, ...]:
    """The items that a family sees of its own child and that no agreement can ask for, from ``data/identity.csv``."""
    text = (files(__package__) / "data" / "identity.csv").read_text(encoding="utf-8")
    return tuple(
        Item(
            id=f"identity.{row['item']}",
            collection=IDENTITY_COLLECTION,
            table="identity",
            name=row["title"],
            alias=f"identity.{row['item']}",
            description=row["description"],
            identifiability=int(row["identifiability"]),
            sensitivity=row["sensitivity"],
            given="never by a query",
            why=row["why"],
            law=row["law"],
            must_send=True,
            source=Source("identity.csv", "identity", 0),
        )
        for row in csv.DictReader(text.splitlines())
    )
