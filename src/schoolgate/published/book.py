"""Rows of some log entries held in memory while they are worked through, read once before and written once after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Model

from schoolgate.published import written
from schoolgate.published.models import (
    Case,
    CaseArea,
    CaseItem,
    CaseYear,
    Entry,
    Organisation,
    OrganisationName,
    Release,
    Word,
)
from schoolgate.published.taken import text_of
from schoolgate.published.words import name_key, slug_of, words_of

_AT_ONCE = 400
"""Values one question names: SQLite took 999 before its release 3.32."""


def _portions(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


class Book:
    """What is known of the cases, releases and organisations that some entries name.

    Args:
        bodies: the entries' bodies.
    """

    def __init__(self, bodies: Iterable[Mapping[str, Any]]) -> None:
        self.cases: dict[int, Case] = {}
        self.by_name: dict[str, int] = {}
        self.releases: dict[str, Release] = {}
        self.organisations: dict[int, Organisation] = {}
        self.names: dict[str, OrganisationName] = {}
        self.items: dict[tuple[int, str], CaseItem] = {}
        self.tallies: Counter[str] = Counter()
        self.years: set[tuple[int, int]] = set()
        self.areas: set[tuple[int, str]] = set()
        self.words: dict[int, set[bytes]] = {}
        self.entries: list[Entry] = []
        self._new_names: list[OrganisationName] = []
        self._changed: dict[type[Model], dict[Any, Model]] = {}
        self._slugs: set[str] | None = None
        self._load(list(bodies))

    def _load(self, bodies: list[Mapping[str, Any]]) -> None:
        keys = ("subject", "agreement", "application", "release")
        told = {text_of(body.get(key), 64) for body in bodies for key in keys}
        told |= {str(one)[:64] for body in bodies for one in _listed(body.get("requests"))}
        named = sorted(told - {""})
        releases = [row for part in _portions(named) for row in Release.objects.filter(release__in=part)]
        self.releases = {row.release: row for row in releases}
        wanted = {row.case for row in releases}
        found: dict[int, Case] = {}
        for part in _portions(named):
            found |= {row.id: row for row in Case.objects.filter(application__in=part)}
            found |= {row.id: row for row in Case.objects.filter(agreement__in=part)}
        for part in _portions(sorted(wanted - set(found))):
            found |= {row.id: row for row in Case.objects.filter(id__in=part)}
        for case in found.values():
            self.know(case)
        for part in _portions(sorted(found)):
            for item in CaseItem.objects.filter(case__in=part):
                self.items[item.case, item.item] = item
        naming = ("organisation", "former_name")
        keyed = sorted(
            {name_key(str(body[key])[:300]) for body in bodies for key in naming if body.get(key) is not None}
        )
        for part in _portions(keyed):
            self.names |= {row.key: row for row in OrganisationName.objects.filter(key__in=part)}
        ids = {row.organisation for row in self.names.values()} | {row.organisation for row in found.values()}
        for part in _portions(sorted(ids)):
            self.organisations |= {row.id: row for row in Organisation.objects.filter(id__in=part)}

    def know(self, case: Case) -> None:
        """Find a case by the names it has."""
        self.cases[case.id] = case
        for name in (case.application, case.agreement):
            if name:
                self.by_name[name] = case.id

    def case(self, *names: object) -> Case | None:
        """The case that has one of these names."""
        for name in names:
            if isinstance(name, str) and name in self.by_name:
                return self.cases[self.by_name[name]]
        return None

    def touch(self, *rows: Model) -> None:
        """Have rows written."""
        for row in rows:
            self._changed.setdefault(type(row), {})[row.pk] = row

    def item(self, case: Case, item: str) -> CaseItem:
        """A case's line of an item, made when there is none."""
        found = self.items.get((case.id, item))
        if found is None:
            found = self.items[case.id, item] = CaseItem(case=case.id, item=item)
        self.touch(found)
        return found

    def add_words(self, case: Case, *texts: str) -> None:
        """Have a case found by the words of some texts."""
        self.words.setdefault(case.id, set()).update(words_of(texts))

    def organisation(self, name: str, index: int, *, imported: bool = False) -> Organisation:
        """The organisation of this name, entered when nobody has or had it."""
        key = name_key(name)
        known = self.names.get(key)
        if known is not None:
            found = self.organisations[known.organisation]
            if found.imported_only and not imported:
                found.imported_only = False
                self.touch(found)
            return found
        made = Organisation(id=index, slug=self._slug(name), name=name[:300], imported_only=imported)
        self.organisations[made.id] = made
        self.touch(made)
        self.call(made, name, index)
        return made

    def call(self, organisation: Organisation, name: str, index: int) -> None:
        """Note one more name of an organisation."""
        row = OrganisationName(key=name_key(name), name=name[:300], organisation=organisation.id, since_index=index)
        if row.key not in self.names:
            self.names[row.key] = row
            self._new_names.append(row)

    def cases_of(self, organisation: Organisation) -> list[Case]:
        """Every case of an organisation, as it stands now."""
        for row in Case.objects.filter(organisation=organisation.id).exclude(id__in=list(self.cases)[:_AT_ONCE]):
            if row.id not in self.cases:
                self.know(row)
        return [case for case in self.cases.values() if case.organisation == organisation.id]

    def _slug(self, name: str) -> str:
        if self._slugs is None:
            self._slugs = set(Organisation.objects.values_list("slug", flat=True))
        made = slug_of(name, self._slugs)
        self._slugs.add(made)
        return made

    def write(self) -> None:
        """Write everything that changed."""
        for model in (Organisation, Case, CaseItem, Release):
            written.put(model, [row for _key, row in sorted(self._changed.get(model, {}).items())])
        written.put(OrganisationName, self._new_names)
        written.put(Entry, self.entries)
        written.add(CaseYear, ("year", "case"), [(year, case) for case, year in sorted(self.years)])
        written.add(CaseArea, ("area", "case"), [(area, case) for case, area in sorted(self.areas)])
        words = [(word, case) for case, held in sorted(self.words.items()) for word in sorted(held)]
        written.add(Word, ("word", "case"), words)
        written.count(sorted(self.tallies.items()))
