"""The compiled dictionary: read once from workbooks, kept as one content-addressed file, opened quickly."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache, cached_property
from importlib.resources import as_file, files
from pathlib import Path

from schoolgate.dictionary.census import LAST_YEAR, census_shape, known_shapes
from schoolgate.dictionary.concepts import load_concepts
from schoolgate.dictionary.items import Code, Item, LoadReport, Source
from schoolgate.dictionary.lake import lake_rows
from schoolgate.dictionary.workbook import load_workbook
from schoolgate.errors import SchoolgateError
from schoolgate.ids import Term

LAKE_COLLECTION = "School Census (held here)"
RETURN_COLLECTION = "School Census return"
WORKBOOK = "npd_data_tables_2018_reduced.xlsx"
CONCEPTS = "npd_concept_tree.xlsx"


class NoItem(SchoolgateError):
    """The dictionary has no such item."""


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
    def _texts(self) -> list[tuple[str, str]]:
        return [
            (
                f"{item.id} {item.name} {item.alias}".lower(),
                " ".join([*item.former_names, item.description, item.collection, *item.concept]).lower(),
            )
            for item in self.items
        ]

    def get(self, item_id: str) -> Item | None:
        """The item with this id, or None."""
        return self._by_id.get(item_id.lower())

    def resolve(self, text: str) -> Item:
        """The item somebody means: by id, alias, former name or field reference.

        Raises:
            NoItem: none, with what to do.
        """
        wanted = text.strip().lower()
        for item in self.items:
            names = (item.id, item.alias, item.name, *item.former_names)
            if any(name.lower() == wanted for name in names):
                return item
        raise NoItem(
            "The dictionary has no such item.",
            hint="Try `schoolgate dictionary search WORDS`.",
            code="item-unknown",
        )

    def search(self, words: str) -> list[Item]:
        """Items in which every word stands, those named so before those described so."""
        wanted = re.findall(r"[\w\[\]]+", words.lower())
        if not wanted:
            return []
        ranked = []
        for item, (name, rest) in zip(self.items, self._texts, strict=True):
            if all(word in name or word in rest for word in wanted):
                ranked.append((sum(word not in name for word in wanted), item))
        return [item for _, item in sorted(ranked, key=lambda pair: pair[0])]


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
                name=row["column"],
                alias=f"{row['table']}.{row['column']}",
                description=row.get("description") or "",
                codes=_return_codes(row["census_module"], row["census_column"]),
                identifiability=int(row["identifiability"]) if row.get("identifiability") else None,
                sensitivity=row.get("sensitivity") or None,
                concept=tuple(part for part in (row.get("concept") or "").split(" > ") if part),
                given="by request" if row["kind"] == "item" else "default",
                why=row.get("why") or "",
                may_decline=row.get("may_decline") == "yes",
                decline_code=row.get("decline_code") or "",
                source=Source("lake.csv", row["table"], 0),
            )
        )
    return tuple(found)


@cache
def _latest() -> dict[tuple[str, str], tuple[Code, ...]]:
    codes: dict[tuple[str, str], tuple[Code, ...]] = {}
    for term in Term:
        for table, columns in census_shape(LAST_YEAR, term).tables.items():
            for column, spec in columns.items():
                if spec.codes:
                    codes.setdefault((table, column), spec.codes)
    return codes


def _return_codes(module: str, column: str) -> tuple[Code, ...]:
    return _latest().get((module, column), ())


def census_items() -> tuple[Item, ...]:
    """Every column of the School Census return since 2015, with the years and terms it was asked in."""
    years: dict[tuple[str, str], set[int]] = {}
    terms: dict[tuple[str, str], set[str]] = {}
    codes: dict[tuple[str, str], tuple[Code, ...]] = {}
    for shape in known_shapes():
        for table, columns in shape.tables.items():
            for column, spec in columns.items():
                years.setdefault((table, column), set()).add(shape.year)
                terms.setdefault((table, column), set()).add(str(shape.term))
                codes[table, column] = spec.codes
    return tuple(
        Item(
            id=f"return.{table}.{column}",
            collection=RETURN_COLLECTION,
            table=table,
            name=column,
            years=f"{min(asked)} - {max(asked) if max(asked) < LAST_YEAR else ''}".strip(),
            first_year=min(asked),
            last_year=None if max(asked) == LAST_YEAR else max(asked),
            codes=codes[table, column],
            terms=tuple(sorted(terms[table, column])),
            source=Source("School Census table shapes", table, 0),
        )
        for (table, column), asked in sorted(years.items())
    )


def assemble(reports: Sequence[LoadReport], concepts: dict[str, tuple[str, ...]]) -> tuple[Item, ...]:
    """All items: the lake's, the return's, and each workbook's with their concepts."""
    loaded = [
        replace(item, concept=concepts.get(item.alias, item.concept)) for report in reports for item in report.items
    ]
    found: dict[str, Item] = {}
    for item in (*lake_items(), *census_items(), *loaded):
        found.setdefault(item.id.lower(), item)
    return tuple(found.values())


def _dump(items: Iterable[Item]) -> bytes:
    return json.dumps([asdict(item) for item in items], ensure_ascii=False, separators=(",", ":")).encode()


def _load(data: bytes) -> tuple[Item, ...]:
    items = []
    for raw in json.loads(data):
        raw["codes"] = tuple(Code(**code) for code in raw["codes"])
        raw["source"] = Source(**raw["source"])
        for name in ("former_names", "terms", "concept"):
            raw[name] = tuple(raw[name])
        items.append(Item(**raw))
    return tuple(items)


def install(workbooks: Sequence[Path], directory: Path) -> tuple[Dictionary, tuple[LoadReport, ...]]:
    """Load workbooks beside the shipped lists and make the result the dictionary in force.

    The file is named by its content; the one in force is named in ``current``, replaced in one step.
    """
    reports = tuple(load_workbook(path) for path in workbooks)
    with as_file(files(__package__) / "data" / CONCEPTS) as tree:
        items = assemble(reports, load_concepts(tree))
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
    return Dictionary(version, items), reports


def shipped_workbook() -> Path:
    """The ministry's workbook that comes with the project."""
    with as_file(files(__package__) / "data" / WORKBOOK) as path:
        return path


def open_dictionary(directory: Path) -> Dictionary:
    """The dictionary in force; the shipped one is installed when there is none."""
    current = directory / "current"
    if not current.exists():
        return install([shipped_workbook()], directory)[0]
    version = current.read_text().strip()
    return _opened(directory, version)


@cache
def _opened(directory: Path, version: str) -> Dictionary:
    return Dictionary(version, _load((directory / f"{version}.json").read_bytes()))
