"""The reviewed list of the engine's functions, and how a call of one could be spelled."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

import schoolgate.gate.asking.allowed

_FOLDER = Path(schoolgate.gate.asking.allowed.__file__).parent
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

# A plausible value for each declared type of a parameter: columns and plain literals, as a researcher has them.
_VALUES = {
    "VARCHAR": "sex", "CHAR": "sex", "BOOLEAN": "onroll", "DATE": "entrydate", "TIMESTAMP": "entrydate",
    "TIMESTAMP WITH TIME ZONE": "entrydate", "TIMESTAMP_NS": "entrydate", "TIMESTAMPTZ_NS": "entrydate",
    "JSON": "'{}'", "BLOB": "sex", "LAMBDA": "x -> x", "INTERVAL": "INTERVAL 1 DAY", "TIME": "'10:00'",
    "VARCHAR[]": "[sex]", "ANY[]": "[age]", "T[]": "[age]", "DOUBLE[]": "[age]", "FLOAT[]": "[age]",
    "MAP(K, V)": "MAP {'a': age}", "STRUCT": "{'a': age}", "TUPLE": "(age, sex)",
}  # fmt: skip


@dataclass(frozen=True)
class Reviewed:
    """One line of the list: who may call this function."""

    name: str
    kind: str
    called_by: str
    family: str


@dataclass(frozen=True)
class Overload:
    """One form of a function that the installed engine has."""

    name: str
    kind: str
    parameters: tuple[str, ...]


def reviewed() -> list[Reviewed]:
    with (_FOLDER / "reviewed.csv").open(newline="") as file:
        return [Reviewed(**line) for line in csv.DictReader(file)]


def families() -> dict[str, str]:
    with (_FOLDER / "reviewed_families.csv").open(newline="") as file:
        return {line["family"]: line["why"] for line in csv.DictReader(file)}


def offered() -> list[Overload]:
    """Every function of the installed DuckDB, in every form."""
    rows = duckdb.connect(":memory:").execute(
        "SELECT DISTINCT function_name, function_type, coalesce(parameter_types, []), varargs FROM duckdb_functions()"
    )
    return [
        Overload(name, kind, tuple(str(t) for t in types) + ((varargs,) if varargs else ()))
        for name, kind, types, varargs in rows.fetchall()
    ]


def _arguments(overload: Overload) -> list[str]:
    return [_VALUES.get(kind, "age") for kind in overload.parameters]


def plain_calls(overload: Overload) -> Iterator[str]:
    """A call as one writes it, and as a method of its first value."""
    arguments = _arguments(overload)
    listed = ", ".join(arguments)
    name = overload.name if _WORD.fullmatch(overload.name) else f'"{overload.name}"'
    yield f"SELECT {name}({listed}) AS x FROM census_pupil"
    if arguments:
        yield f"SELECT ({arguments[0]}).{name}({', '.join(arguments[1:])}) AS x FROM census_pupil"
    if overload.kind in ("table", "table_macro", "pragma"):
        yield f"SELECT sex FROM {name}({listed})"


def odd_calls(overload: Overload) -> Iterator[str]:
    """The same call in every other spelling there is."""
    listed = ", ".join(_arguments(overload))
    name = overload.name
    spellings = [f'"{name}"', f'"{name.upper()}"']
    if _WORD.fullmatch(name):
        spellings += [name.upper(), f"main.{name}", f"system.main.{name}", f"pg_catalog.{name}", f"/**/{name} "]
    for spelling in spellings:
        yield f"SELECT {spelling}({listed}) AS x FROM census_pupil"
    yield f'SELECT "{name}"() AS x FROM census_pupil'
    yield f'SELECT "{name}"(*) AS x FROM census_pupil'
    yield f'SELECT "{name}"(DISTINCT sex) AS x FROM census_pupil'
    yield f'SELECT "{name}"(sex ORDER BY age) AS x FROM census_pupil'
    yield f'SELECT "{name}"({listed}) OVER (ORDER BY age) AS x FROM census_pupil'
    yield f'SELECT "{name}"({listed}) FILTER (WHERE onroll) AS x FROM census_pupil'
    yield f'SELECT {{fn "{name}"({listed})}} AS x FROM census_pupil'
    yield f'SELECT sex FROM "{name}"({listed})'
    yield f'SELECT a.sex FROM census_pupil a, LATERAL "{name}"({listed}) AS t(x)'
    if _WORD.fullmatch(name) and name not in ("age", "year"):  # items of the dictionary
        yield f"SELECT {name} FROM census_pupil"
        yield f"CALL {name}({listed})"
        yield f"PRAGMA {name}({listed})"
    if not _WORD.fullmatch(name):
        sign = name.removesuffix("__postfix")
        yield f"SELECT age {sign} age AS x FROM census_pupil"
        yield f"SELECT {sign} age AS x FROM census_pupil"
        yield f"SELECT age {sign} AS x FROM census_pupil"
        yield f"SELECT sex {sign} 'F' AS x FROM census_pupil"
        yield f"SELECT age OPERATOR({sign}) age AS x FROM census_pupil"
        yield f"SELECT age OPERATOR(main.{sign}) age AS x FROM census_pupil"
