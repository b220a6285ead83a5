"""Returns as the collecting room reads them, for tests of the nation that made them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from schoolgate import synthetic
from schoolgate.collect import Finding, PupilRow, ReturnHeader, read_return, rules
from schoolgate.collect.checking import check
from schoolgate.collect.rulebook import Census
from schoolgate.dictionary import census_shape
from schoolgate.ids import CensusPoint, Term, Urn


@dataclass(frozen=True)
class Seen:
    """A row and the return it stands in."""

    header: ReturnHeader
    point: CensusPoint
    row: PupilRow

    def get(self, name: str) -> str:
        return self.row.fields.get(name, "")


def point(text: str) -> CensusPoint:
    """AUT-2025 as a census."""
    term, year = text.split("-")
    return CensusPoint(int(year), Term(term))


def made(
    place: Path, censuses: str, *, schools: int | Sequence[Urn] = 12, seed: int = 5, pupils: int | None = 1_500,
    mistake_rate: float = 0.0, query_rate: float = 0.0,
) -> tuple[Path, ...]:  # fmt: skip
    """A nation's returns of some censuses, written with spaces between."""
    return synthetic.generate(
        place, schools=schools, points=[point(text) for text in censuses.split()], seed=seed, pupils=pupils,
        mistake_rate=mistake_rate, query_rate=query_rate,
    )  # fmt: skip


def rows(paths: Iterable[Path]) -> Iterator[Seen]:
    """Every row of these returns."""
    for path in paths:
        with path.open("rb") as file:
            header, pupils = read_return(file)
            census = CensusPoint(int(header.year), Term(header.term))
            for pupil in pupils:
                yield Seen(header, census, pupil)


def findings(path: Path) -> tuple[Finding, ...]:
    """What the whole rule pack finds in a return."""
    with path.open("rb") as file:
        header, pupils = read_return(file)
        year, term = int(header.year), Term(header.term)
        return check(rules(year, term), Census(header, census_shape(year, term)), pupils).findings


def day(text: str) -> date:
    """A date of a return."""
    return date.fromisoformat(text)
