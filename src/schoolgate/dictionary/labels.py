"""What codes of the School Census mean, where the published shapes give the code alone (see data/ORIGIN.md)."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

from schoolgate.dictionary.items import Code

_SAME_AS = {
    "adoptedfromcare": "plaa",
    "highestncyeargroup": "ncyearactual",
    "lowestncyeargroup": "ncyearactual",
    "ncyearleaving": "ncyearactual",
    "reason1": "reason",
    "reason2": "reason",
    "reason3": "reason",
    "senprovisionentry": "senprovision",
    "senprovisionleaving": "senprovision",
    "specialschooltype": "sentype",
    "yeargroup": "ncyearactual",
}
"""Columns that use another column's codes."""


def _rows(name: str) -> list[dict[str, str]]:
    text = (files(__package__) / "data" / "census" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def _labels() -> dict[tuple[str, str], str]:
    """(column, code) -> meaning; the ministry's own lists of languages and ethnic groups win over ours."""
    found = {(row["column"], row["code"]): row["label"] for row in _rows("labels.csv")}
    for column in ("language", "ethnicity"):
        for row in _rows(f"{column}.csv"):
            label = row["description"].strip().rstrip("*").strip()
            if label:
                found[column, row["code"]] = label
    return found


def explained(column: str, codes: tuple[Code, ...]) -> tuple[Code, ...]:
    """The codes with a meaning beside each one that is known; a meaning the shape gives is kept."""
    labels, name = _labels(), _SAME_AS.get(column, column)
    # The shapes write some codes as "FIXD -> SUSP", where what looks like a meaning is the code it replaced.
    return tuple(Code(code.code, labels[name, code.code]) if (name, code.code) in labels else code for code in codes)


def labelled(column: str) -> tuple[Code, ...]:
    """The codes known for a column that the published shapes call text, as they do a special need's type."""
    name = _SAME_AS.get(column, column)
    return tuple(Code(code, label) for (of, code), label in _labels().items() if of == name)
