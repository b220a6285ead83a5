"""Finding items by the words people use: names before descriptions, everyday words, slips of the keyboard."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from schoolgate.dictionary.items import Item

_SMALL = frozenset(
    re.findall(
        r"\w+",
        "a about an and any are at by child childs can do does for from has have i in is it kept my of on or our s "
        "that the their they to was what when where which who why with you your",
    )
)
_WEIGHTS = {"name": 6.0, "former": 4.0, "concept": 3.0, "description": 2.0, "collection": 1.0, "codes": 0.5}
_MANY_CODES = 400

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search gave.

    Attributes:
        items: best first.
        understood: the words as they were read, when a slip was mended; empty otherwise.
        is_partial: whether no item has all the words, and these have some.
    """

    items: tuple[Item, ...]
    understood: str = ""
    is_partial: bool = False


def words_of(text: str) -> list[str]:
    """Words in lower case, singular; "LeavingDate" and "leaving_date" are two words."""
    spaced = re.sub(r"([a-z])([A-Z])|([A-Z]{2,})([A-Z][a-z])", r"\1\3 \2\4", text)
    return [_singular(word) for word in re.findall(r"[a-z0-9]+", spaced.lower().replace("’", "").replace("'", ""))]


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def _distance(one: str, other: str, most: int) -> int:
    """Letters to add, drop, change or swap to make one word the other; `most` + 1 when it is more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        row = [i]
        for j, against in enumerate(other, start=1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
        before, last = last, row
    return last[-1]


@cache
def _everyday() -> tuple[tuple[Words, tuple[Words, ...]], ...]:
    """Everyday words -> what the dictionary calls it; the longest first."""
    text = (files(__package__) / "data" / "words.csv").read_text(encoding="utf-8")
    rows = [
        (tuple(words_of(row["said"])), tuple(tuple(words_of(part)) for part in row["means"].split(";")))
        for row in csv.DictReader(text.splitlines())
    ]
    return tuple(sorted(rows, key=lambda row: -len(row[0])))


class Index:
    """An index of items by word."""

    def __init__(self, items: Sequence[Item], first: Sequence[str]) -> None:
        """Index `items`; those of the collections `first` come first among equals, in that order."""
        self._items, self._first = items, first
        self._places: dict[str, dict[int, float]] = {}
        for at, item in enumerate(items):
            self._add(at, "name", item.name, *_own_names(item))
            self._add(at, "former", *item.former_names)
            self._add(at, "concept", *item.concept)
            self._add(at, "description", item.description)
            self._add(at, "collection", item.collection, item.table)
            if len(item.codes) <= _MANY_CODES:
                self._add(at, "codes", *(code.label for code in item.codes if code.is_explained))

    def _add(self, at: int, field: str, *texts: str) -> None:
        weight = _WEIGHTS[field]
        for text in texts:
            for word in {*words_of(text), re.sub(r"[^a-z0-9]", "", text.lower()) if field == "name" else ""} - {""}:
                known = self._places.setdefault(word, {})
                known[at] = max(known.get(at, 0.0), weight)

    def find(self, text: str) -> Found:
        """Items that have every word; those that have most of them when none has all."""
        asked = words_of(text)
        if not asked:
            return Found(())
        mended = [word if word in _SMALL else self._mend(word) for word in asked]
        understood = " ".join(mended) if mended != asked else ""
        wants = [self._scores(alternatives) for alternatives in _wants(mended)]
        exact = text.strip().lower()
        every = set.intersection(*(set(want) for want in wants))
        if every:
            return Found(tuple(self._ranked(every, wants, exact)), understood)
        some = set().union(*(set(want) for want in wants)) if len(wants) > 1 else set()
        best = max((sum(at in want for want in wants) for at in some), default=0)
        kept = {at for at in some if sum(at in want for want in wants) == best}
        return Found(tuple(self._ranked(kept, wants, exact)), understood, is_partial=True)

    def _ranked(self, found: Iterable[int], wants: Sequence[dict[int, float]], exact: str) -> list[Item]:
        def score(at: int) -> tuple[float, int]:
            item = self._items[at]
            total = sum(want.get(at, 0.0) for want in wants)
            total += 20.0 if exact in (item.id.lower(), item.alias.lower()) else 0.0
            total += 2.0 if exact == item.name.lower() else 0.0
            if item.collection in self._first:
                total += (3.0 - 1.5 * self._first.index(item.collection)) * len(wants)
            total += 0.5 if item.description else 0.0
            return -total, at

        return [self._items[at] for at in sorted(found, key=score)]

    def _scores(self, alternatives: Iterable[Words]) -> dict[int, float]:
        """Item -> how well it has one of the alternatives: all its words, by the weakest of them."""
        best: dict[int, float] = {}
        for number, words in enumerate(alternatives):
            places = [self._of(word) for word in words]
            for at in set.intersection(*(set(place) for place in places)):
                value = min(place[at] for place in places) * (1.0 if number == 0 else 0.9)
                best[at] = max(best.get(at, 0.0), value)
        return best

    def _of(self, word: str) -> dict[int, float]:
        """Item -> weight of a word in it; a word of three letters also stands for the longer ones it begins."""
        found = dict(self._places.get(word, {}))
        if len(word) >= 3:
            for longer, places in self._places.items():
                if longer != word and longer.startswith(word):
                    for at, weight in places.items():
                        found[at] = max(found.get(at, 0.0), weight * 0.7)
        return found

    def _mend(self, word: str) -> str:
        """The word, or the known word it is a slip for: one letter out in four, two in eight."""
        everyday = {part for said, _ in _everyday() for part in said}
        if len(word) < 4 or word in everyday or self._of(word):
            return word
        most = 1 if len(word) < 8 else 2
        near = [
            (_distance(word, known, most), known not in everyday, -len(self._places.get(known, ())), known)
            for known in everyday | set(self._places)
            if known[0] == word[0] or most > 1 or len(word) > 5
        ]
        closest = min(near, default=(most + 1, True, 0, word))
        return closest[3] if closest[0] <= most else word


def _own_names(item: Item) -> tuple[str, ...]:
    """Its alias; for an item of the lake or a return the last part of its id, for the rest names its table."""
    is_ours = not item.source.row
    return (item.id.rsplit(".", 1)[-1],) if is_ours else (item.alias,)


def _wants(words: Sequence[str]) -> list[list[Words]]:
    """The words to be found; everyday phrases with what the dictionary calls them; small words left out."""
    wants: list[list[Words]] = []
    at = 0
    while at < len(words):
        for said, means in _everyday():
            if tuple(words[at : at + len(said)]) == said:
                wants.append([said, *means])
                at += len(said)
                break
        else:
            if words[at] not in _SMALL:
                wants.append([(words[at],)])
            at += 1
    return wants or [[(word,)] for word in words]
