"""A made-up nation's School Census returns: real schools, children who do not exist, one seed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TextIO

from schoolgate.dictionary import census_shape
from schoolgate.ids import CensusPoint, Urn
from schoolgate.progress import Progress, silent
from schoolgate.synthetic.areas import areas, choose_schools, named
from schoolgate.synthetic.lives import population
from schoolgate.synthetic.mistakes import plant
from schoolgate.synthetic.returns import AreaReturns, Return, written
from schoolgate.synthetic.rows import ASKED


class _Listing:
    """A list in a file, written as it grows."""

    def __init__(self, out: TextIO) -> None:
        self._out, self._any = out, False
        out.write("[")

    def add(self, entries: Iterable[dict[str, object]]) -> None:
        """Write these entries."""
        for entry in entries:
            self._out.write((",\n " if self._any else "\n ") + json.dumps(entry))
            self._any = True

    def close(self) -> None:
        """End the list."""
        self._out.write("\n]\n" if self._any else "]\n")


def _asked(found: Return) -> Iterable[dict[str, object]]:
    for row, kind in found.on_roll.asked:
        yield {
            "urn": int(found.area.places[found.number].school.urn),
            "census": f"{found.point.term}-{found.point.year}",
            "row": row + 1,
            "kind": kind,
            "rule": ASKED[kind],
        }


def generate(
    directory: Path,
    *,
    schools: int | Sequence[Urn],
    points: Sequence[CensusPoint],
    seed: int,
    pupils: int | None = None,
    mistake_rate: float = 0.0,
    query_rate: float = 0.0,
    progress: Progress = silent,
) -> tuple[Path, ...]:
    """Write one return a school and census; ``mistakes.json`` and ``queries.json`` say what was planted where.

    The same arguments give the same bytes. A return depends on the seed, the schools and the number of pupils, and
    not on which other censuses are asked for; mistakes change the rows they are planted in and nothing else.

    Args:
        directory: where to write.
        schools: how many (`choose_schools` picks them), or which.
        points: censuses, from autumn 2015 to autumn 2026.
        seed: the nation's seed.
        pupils: about how many in all; None for schools of their usual size.
        mistake_rate: share of rows with a planted mistake.
        query_rate: how much of what queries ask about is shown: temporary UPNs of children who have just come. Without
            it a return of right rows passes without a query.
        progress: told how far it is.

    Returns:
        The returns, by census and then by school in URN order.

    Raises:
        SchoolgateError: a school is not in the register, or too few schools for so many pupils.
        NoShape: no census of that year and term is known.
    """
    chosen = choose_schools(schools, seed) if isinstance(schools, int) else named(schools)
    wanted = sorted(set(points))
    for point in wanted:
        census_shape(point.year, point.term)
    directory.mkdir(parents=True, exist_ok=True)
    paths: dict[tuple[CensusPoint, int], Path] = {}
    if not wanted or not chosen:
        return ()
    first, last = wanted[0].academic_year - 2, wanted[-1].academic_year
    with (
        (directory / "mistakes.json").open("w", encoding="utf-8") as mistakes_file,
        (directory / "queries.json").open("w", encoding="utf-8") as queries_file,
    ):
        mistakes, queries = _Listing(mistakes_file), _Listing(queries_file)
        for area in areas(chosen, pupils, seed):
            returns = AreaReturns(area, population(area, seed, first, last), seed, query_rate)
            for point in wanted:
                returns.forget_before(point)
                for number, place in enumerate(area.places):
                    found = returns.build(number, point)
                    mistakes.add(plant(found, seed, mistake_rate))
                    queries.add(_asked(found))
                    path = directory / found.name
                    with path.open("w", encoding="utf-8") as out:
                        out.writelines(written(found))
                    paths[point, int(place.school.urn)] = path
                    progress("writing synthetic returns", len(paths), len(wanted) * len(chosen))
        mistakes.close()
        queries.close()
    return tuple(path for _, path in sorted(paths.items()))
