"""Schools of the register: URN, LAESTAB, name, authority, phase, ages (see data/ORIGIN.md)."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from schoolgate.ids import Laestab, Urn


@dataclass(frozen=True, slots=True)
class Establishment:
    """A school.

    Attributes:
        phase: NS, PS, MS, SS, AT (all-through), SP (special) or PR (pupil referral unit), as in the census header.
        low_age, high_age: ages it takes.
    """

    urn: Urn
    laestab: Laestab
    name: str
    authority_name: str
    phase: str
    low_age: int
    high_age: int


@cache
def authorities() -> dict[str, str]:
    """Authority number -> name; the numbers of authorities that were reorganised are kept (data/ORIGIN.md)."""
    text = (files(__package__) / "data" / "authorities.csv").read_text(encoding="utf-8")
    return {row["authority"]: row["name"] for row in csv.DictReader(text.splitlines())}


@cache
def _all() -> dict[int, Establishment]:
    raw = (files(__package__) / "data" / "establishments.csv.gz").read_bytes()
    rows = csv.DictReader(gzip.decompress(raw).decode("utf-8").splitlines())
    return {
        int(row["urn"]): Establishment(
            Urn(row["urn"]), Laestab(row["laestab"]), row["name"], authorities()[row["laestab"][:3]], row["phase"],
            int(row["low_age"]), int(row["high_age"]),
        )
        for row in rows
    }  # fmt: skip


def establishments() -> Iterator[Establishment]:
    """Every school, in URN order."""
    yield from _all().values()


def establishment(urn: int) -> Establishment | None:
    """The school with this URN, or None."""
    return _all().get(int(urn))
