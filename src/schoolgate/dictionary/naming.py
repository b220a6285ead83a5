"""Finding items by what they are called: exactly, with an alias's places filled in, or by how a name begins."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from schoolgate.dictionary.items import Item

_PLACE = re.compile(r"\[[^\[\]]+\]")
_FILLED = {
    "[term]": "aut|spr|sum|autumn|spring|summer",
    "[yy]": "[0-9]{2}",
    "[n]": "[0-9]{1,3}",
    "[year]": "(?:[0-9]{2})?[0-9]{2}",
}
"""What stands in an extract where the workbook's alias has a place; case does not matter."""
_SHORTEST_BEGINNING = 3
_MOST = 60


def _pattern(name: str) -> re.Pattern[str]:
    """Any name that a name with places stands for, itself too."""
    parts, at = [], 0
    for place in _PLACE.finditer(name):
        parts += [
            re.escape(name[at : place.start()]),
            f"(?:{_FILLED.get(place.group(), '[a-z0-9]+')}|{re.escape(place.group())})",
        ]
        at = place.end()
    return re.compile("".join(parts) + re.escape(name[at:]))


class Names:
    """What every item is called: alias, field reference, former names, and for the lake's own the column."""

    def __init__(self, items: Sequence[Item], with_columns: Iterable[str]) -> None:
        """Items of the collections `with_columns` are also called by the last part of their id."""
        collections = frozenset(with_columns)
        self._named: dict[str, list[Item]] = {}
        for item in items:
            own = item.id.rsplit(".", 1)[-1] if item.collection in collections else ""
            for name in {name.lower() for name in (item.alias, item.name, own, *item.former_names) if name}:
                self._named.setdefault(name, []).append(item)
        self._patterns = [(_pattern(name), found) for name, found in self._named.items() if _PLACE.search(name)]

    def exactly(self, text: str) -> list[Item]:
        """Items called so, or whose alias is this once its places are filled in."""
        wanted = text.strip().lower()
        found = self._named.get(wanted)
        if found or not wanted:
            return list(found or ())
        return _once(item for pattern, items in self._patterns if pattern.fullmatch(wanted) for item in items)

    def beginning(self, text: str) -> list[Item]:
        """Items with a name that begins so: where a part of the name ends, else anywhere; none when very many do."""
        wanted = text.strip().lower()
        if len(wanted) < _SHORTEST_BEGINNING:
            return []
        longer = {name: items for name, items in self._named.items() if name.startswith(wanted)}
        parted = {name: items for name, items in longer.items() if not name[len(wanted)].isalnum()}
        found = _once(item for items in (parted or longer).values() for item in items)
        return found if len(found) <= _MOST else []


def _once(items: Iterable[Item]) -> list[Item]:
    return list({item.id: item for item in items}.values())
