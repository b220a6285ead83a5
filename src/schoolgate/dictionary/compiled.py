"""The compiled dictionary: read once from workbooks, kept as one content-addressed file, opened quickly."""

from __future__ import annotations

import csv
import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache, cached_property, lru_cache
from importlib.resources import as_file, files
from pathlib import Path

from schoolgate.dictionary.census import LAST_YEAR, code_sets, known_shapes, renames
from schoolgate.dictionary.concepts import load_concepts
from schoolgate.dictionary.identity import identity_items
from schoolgate.dictionary.items import Code, CodeSet, Item, LoadReport, Source
from schoolgate.dictionary.labels import labelled
from schoolgate.dictionary.lake import lake_rows
from schoolgate.dictionary.naming import Names
from schoolgate.dictionary.reasons import with_reason
from schoolgate.dictionary.search import Found, Index
from schoolgate.dictionary.workbook import load_workbook
from schoolgate.errors import SchoolgateError
from schoolgate.ids import CensusPoint
from schoolgate.progress import Progress, silent

LAKE_COLLECTION = "School Census (held here)"
RETURN_COLLECTION = "School Census return"
WORKBOOK = "npd_data_tables_2018_reduced.xlsx"
CONCEPTS = "npd_concept_tree.xlsx"


class NoItem(SchoolgateError):
    """The dictionary has no such item."""


class SeveralItems(NoItem):
    """The words fit several items; `items` holds them."""

    def __init__(self, items: Sequence[Item], *, begin_so: bool = False) -> None:
        super().__init__(
            f"{len(items)} items {'have a name that begins' if begin_so else 'are called'} so.",
            hint="Say which, by its full name: " + ", ".join(item.id for item in items[:20]),
            code="item-ambiguous",
        )
        self.items, self.begin_so = tuple(items), begin_so


@dataclass(frozen=True)
class Dictionary:
    """Every item, found by id or by words.

    Attributes:
        version: first sixteen hexadecimal digits of the content's SHA-256.
        items: every item, the lake's first.
    """

    version: str
    items: tuple[Item, ...]

    @cached_property
    def _by_id(self) -> dict[str, Item]:
        return {item.id.lower(): item for item in self.items}

    @cached_property
    def _names(self) -> Names:
        return Names(self.items, (LAKE_COLLECTION, RETURN_COLLECTION))

    @cached_property
    def _index(self) -> Index:
        return Index(self.items, (LAKE_COLLECTION, RETURN_COLLECTION))

    def get(self, item_id: str) -> Item | None:
        """The item with this id, or None."""
        return self._by_id.get(item_id.lower())

    def resolve(self, text: str) -> Item:
        """The item somebody means: by id, alias, former name or field reference; else by how one of these begins.

        An alias may have its places filled in: UPN_SPR17 is UPN_[term][yy].

        Raises:
            SeveralItems: the name, or its beginning, is that of several.
            NoItem: none, with what to do.
        """
        wanted = text.strip().lower()
        named = self._by_id.get(wanted)
        if named is not None:
            return named
        called = self._names.exactly(wanted)
        found = called or self._names.beginning(wanted)
        if len(found) > 1:
            raise SeveralItems(found, begin_so=not called)
        if not found:
            near = self.find(text).items[:3]
            raise NoItem(
                "The dictionary has no such item.",
                hint="Try `schoolgate dictionary search WORDS`."
                + (f" Near it: {', '.join(item.id for item in near)}." if near else ""),
                code="item-unknown",
            )
        return found[0]

    def find(self, words: str) -> Found:
        """Items called exactly so, then those that have these words, best first.

        Everyday words and slips of the keyboard are understood.
        """
        found, named = self._index.find(words), self.get(words.strip())
        called = list(dict.fromkeys([*([named] if named else []), *self._names.exactly(words)]))
        if not called:
            return found
        if found.is_partial or found.understood:
            return Found(tuple(called))
        return replace(found, items=tuple(dict.fromkeys([*called, *found.items])))

    def search(self, words: str) -> list[Item]:
        """Items in which every word stands, those named so before those described so."""
        found = self.find(words)
        return [] if found.is_partial else list(found.items)


def lake_items() -> tuple[Item, ...]:
    """The lake's own columns as items."""
    found = []
    for row in lake_rows():
        if row["kind"] == "provenance":
            continue
        found.append(
            Item(
                id=f"{row['table']}.{row['column']}",
                collection=LAKE_COLLECTION,
                table=row["table"],
                name=row["title"],
                alias=f"{row['table']}.{row['column']}",
                description=row.get("description") or "",
                former_names=_former(row["census_module"], row["census_column"]),
                codes=_latest((row["census_module"], row["census_column"])) or labelled(row["census_column"]),
                code_sets=_changed((row["census_module"], row["census_column"])),
                identifiability=int(row["identifiability"]) if row.get("identifiability") else None,
                sensitivity=row.get("sensitivity") or None,
                concept=tuple(part for part in (row.get("concept") or "").split(" > ") if part),
                given="by request" if row["kind"] == "item" else "default",
                why=row.get("why") or "",
                law=row.get("law") or "",
                must_send=row["kind"] == "item" and bool(row["census_column"]),
                may_decline=row.get("may_decline") == "yes",
                decline_code=row.get("decline_code") or "",
                source=Source("lake.csv", row["table"], 0),
            )
        )
    return tuple(found)


def _latest(place: tuple[str, str]) -> tuple[Code, ...]:
    """The codes in the newest census that has the column."""
    sets = code_sets().get(place, ())
    return sets[-1].codes if sets else ()


def _changed(place: tuple[str, str]) -> tuple[CodeSet, ...]:
    sets = code_sets().get(place, ())
    return sets if len(sets) > 1 else ()


def _former(table: str, column: str) -> tuple[str, ...]:
    return tuple(old for (where, old), new in renames().items() if (where, new) == (table, column))


def _plumbing(column: str) -> bool:
    """Whether a column only ties the tables of a return together."""
    return column in ("NativeId", "sourceid") or column.endswith(("tableid", "orderseqcolumn"))


@cache
def _said() -> dict[tuple[str, str], dict[str, str]]:
    """(table of the return, column) -> what is known of it: from the lake's list, else from ``return.csv``.

    Tables of pupils who have left hold the same facts as those of pupils on roll.
    """
    found: dict[tuple[str, str], dict[str, str]] = {}
    for row in lake_rows():
        module, column = row["census_module"], row["census_column"]
        if row["kind"] != "item" or not column or row["column"] != column:
            continue
        left = module.replace("pupilonroll", "pupilnolongeronroll").replace("detailsonroll", "detailsoffroll")
        for table in (module, left, module.replace("exclusionsonroll", "exclusionsoffroll")):
            found.setdefault((table, column), row)
    return found


@cache
def _identity() -> dict[str, dict[str, str]]:
    text = (files(__package__) / "data" / "return.csv").read_text(encoding="utf-8")
    return {row["column"]: row for row in csv.DictReader(text.splitlines())}


def _return_item(table: str, column: str, points: Sequence[CensusPoint]) -> Item:
    is_open = max(points).year == LAST_YEAR
    row = _said().get((table, column)) or ({} if table == "school" else _identity().get(column, {}))
    newer = renames().get((table, column), "")
    description = row.get("description", "")
    if _plumbing(column):
        description = "A number that ties the tables of a return together. It says nothing about a pupil."
    elif newer and not is_open:
        description = f"{description} Now called {newer}.".strip()
    return Item(
        id=f"return.{table}.{column}",
        collection=RETURN_COLLECTION,
        table=table,
        name=column,
        former_names=_former(table, column),
        years=f"{min(points)} -" if is_open else f"{min(points)} - {max(points)}",
        first_year=min(points).academic_year,
        last_year=None if is_open else max(points).academic_year,
        description=description,
        codes=_latest((table, column)),
        code_sets=_changed((table, column)),
        terms=tuple(sorted({str(point.term) for point in points})),
        identifiability=int(row["identifiability"]) if row.get("identifiability") else None,
        sensitivity=row.get("sensitivity") or None,
        concept=tuple(part for part in row.get("concept", "").split(" > ") if part),
        why=row.get("why", ""),
        law=row.get("law", ""),
        may_decline=row.get("may_decline") == "yes",
        decline_code=row.get("decline_code", ""),
        source=Source("School Census table shapes", table, 0),
    )


def census_items() -> tuple[Item, ...]:
    """Every column of the School Census return since 2015, with the years and terms it was asked in."""
    asked: dict[tuple[str, str], list[CensusPoint]] = {}
    for shape in known_shapes():
        for table, columns in shape.tables.items():
            for column in columns:
                asked.setdefault((table, column), []).append(CensusPoint(shape.year, shape.term))
    return tuple(_return_item(table, column, points) for (table, column), points in sorted(asked.items()))


def _field(item: Item) -> str:
    return item.name.lower().removeprefix("s.").strip()


def with_concepts(items: Sequence[Item], concepts: Mapping[str, tuple[str, ...]]) -> list[Item]:
    """Items with their place in the concept tree: by alias; else as two or more items of the same name agree."""
    by_alias = {alias.lower(): path for alias, path in concepts.items()}
    placed = [replace(item, concept=by_alias.get(item.alias.lower(), item.concept)) for item in items]
    same: dict[str, list[Item]] = {}
    for item in placed:
        if item.concept:
            same.setdefault(_field(item), []).append(item)
    found = []
    for item in placed:
        others = same.get(_field(item), [])
        agree = len({other.alias for other in others}) > 1 and len({other.concept for other in others}) == 1
        found.append(replace(item, concept=others[0].concept) if not item.concept and agree else item)
    return found


def assemble(loaded: Sequence[Item], concepts: Mapping[str, tuple[str, ...]]) -> tuple[Item, ...]:
    """All items: the lake's, the return's, and the workbooks' with their concepts; none is lost to another's name."""
    loaded = with_concepts(loaded, concepts)
    found: dict[str, Item] = {}
    for item in (*lake_items(), *identity_items(), *census_items(), *loaded):
        name = item.id
        if name.lower() in found:
            name = f"{item.source.file}.{item.source.sheet}.{item.alias or item.name}@{item.source.row}"
        found[name.lower()] = with_reason(item if name == item.id else replace(item, id=name))
    return tuple(found.values())


@cache
def _lists() -> str:
    """A fingerprint of the shipped lists: a dictionary made from others is made again from these."""
    seen = hashlib.sha256(b"2")  # the form of the file below
    for place in (files(__package__) / "data", files(__package__) / "data" / "census"):
        for part in sorted(place.iterdir(), key=lambda part: part.name):
            if part.is_file() and part.name != WORKBOOK:
                seen.update(part.read_bytes())
    return seen.hexdigest()[:16]


def _dump(items: Iterable[Item]) -> bytes:
    content = {"lists": _lists(), "items": [asdict(item) for item in items]}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


@lru_cache(maxsize=4)
def _load(data: bytes) -> tuple[str, tuple[Item, ...]]:
    """The fingerprint of the lists it was made from, and the items; the same bytes are read once."""
    content = json.loads(data)
    lists, listed = (content["lists"], content["items"]) if isinstance(content, dict) else ("", content)
    items = []
    for raw in listed:
        raw["codes"] = tuple(Code(**code) for code in raw["codes"])
        raw["code_sets"] = tuple(
            CodeSet(span["when"], tuple(Code(**code) for code in span["codes"])) for span in raw.get("code_sets", ())
        )
        raw["source"] = Source(**raw["source"])
        for name in ("former_names", "terms", "concept"):
            raw[name] = tuple(raw[name])
        items.append(Item(**raw))
    return lists, tuple(items)


def _write(items: tuple[Item, ...], directory: Path) -> Dictionary:
    data = _dump(items)
    version = hashlib.sha256(data).hexdigest()[:16]
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, content in ((f"{version}.json", data), ("current", version.encode())):
        fresh = directory / f"{name}.{os.getpid()}.new"
        with open(fresh, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, directory / name)
    return Dictionary(version, items)


def _assembled(items: Sequence[Item]) -> tuple[Item, ...]:
    with as_file(files(__package__) / "data" / CONCEPTS) as tree:
        return assemble(items, load_concepts(tree))


def install(
    workbooks: Sequence[Path], directory: Path, tell: Progress = silent
) -> tuple[Dictionary, tuple[LoadReport, ...]]:
    """Load workbooks beside the shipped lists and make the result the dictionary in force.

    The file is named by its content; the one in force is named in ``current``, replaced in one step. A workbook
    in which no item was found changes nothing: the dictionary in force stays.
    """
    reports = tuple(load_workbook(path, tell) for path in workbooks)
    if not all(report.items for report in reports):
        return open_dictionary(directory), reports
    tell("putting the items in their places", 0, None)
    return _write(_assembled([item for report in reports for item in report.items]), directory), reports


def shipped_workbook() -> Path:
    """The ministry's workbook that comes with the project."""
    with as_file(files(__package__) / "data" / WORKBOOK) as path:
        return path


def _install_shipped(directory: Path) -> Dictionary:
    return install([shipped_workbook()], directory)[0]


def open_dictionary(directory: Path) -> Dictionary:
    """The dictionary in force; the shipped one is installed when there is none.

    One that an earlier release made is made again from its workbook's items and this release's lists.
    """
    current = directory / "current"
    if not current.exists():
        return _install_shipped(directory)
    lists, found = _opened(directory, current.read_text().strip())
    if lists == _lists():
        return found
    return _write(_assembled([item for item in found.items if item.source.row]), directory)


@lru_cache(maxsize=4)
def _opened(directory: Path, version: str) -> tuple[str, Dictionary]:
    lists, items = _load((directory / f"{version}.json").read_bytes())
    return lists, Dictionary(version, items)
