"""Organisations that change their name or kind, and organisations that become part of another."""

from __future__ import annotations

from schoolgate.published.book import Book
from schoolgate.published.models import Case
from schoolgate.published.taken import Told
from schoolgate.published.words import name_key


def renamed(book: Book, told: Told, case: Case | None) -> None:
    """An organisation has another name or kind: its old name leads to it still, its cases go by what it is now."""
    now = told.text("organisation")
    if not now:
        return
    found = book.organisation(told.text("former_name") or now, told.index)
    kinds = dict(zip(told.texts("changed"), told.texts("after"), strict=False))
    if found.name == now and "kind" not in kinds:
        return
    book.call(found, now, told.index)
    found.name, found.kind = now, kinds.get("kind", found.kind)[:64]
    book.touch(found)
    for one in book.cases_of(found):
        one.organisation_name, one.kind = found.name, found.kind
        book.add_words(one, now)
        book.touch(one)


def merged(book: Book, told: Told, case: Case | None) -> None:
    """An organisation became part of another: each leads to the other, and what it asked for stays under its name.

    The other is kept by its name: it may not have asked for anything yet, and then has no page.
    """
    name, into = told.text("organisation"), told.text("into")
    if not name or not into or name_key(name) == name_key(into):
        return
    found = book.organisation(name, told.index)
    found.merged_into, found.merged_key, found.merged_index = into, name_key(into), told.index
    book.touch(found)
    for one in book.cases_of(found):
        book.add_words(one, into)
        book.touch(one)
