"""A ledger's worth of believable releases: pupils over two decades, and what was asked of them.

References are given out in order of first arrival, as the vault does: first a whole nation of all ages, school by
school, then every September a year's newcomers, school by school again. A set that follows a year group or an area
therefore lies in stretches with holes (those who left early, those left out); a set that follows a characteristic
lies scattered.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

AREAS = 153
SHARE_FIRST = 0.36
"""Of all references, those of the first nation: 7.6 of 21 million."""

FIRST_YEAR, LAST_YEAR = 2004, 2026
RELEASES_FROM = 2016
OBJECTING = 0.01
"""Of all pupils, those whose family objects in the end, evenly over the years of the releases."""

MIX = (
    ("everybody of one to four years", 0.30),
    ("one to three year groups", 0.20),
    ("one to twenty areas", 0.12),
    ("a characteristic, everybody", 0.12),
    ("a characteristic, one to three year groups", 0.11),
    ("one to five schools", 0.05),
    ("a random sample of 1 to 100 %", 0.10),
)

_CHARACTERISTICS = (0.25, 0.14, 0.05, 0.12, 0.01, 0.06, 0.02, 0.20)
"""Shares: free meals, special needs, a plan, a language, an exclusion, some ethnic groups."""

_SAMPLES = (0.01, 0.02, 0.05, 0.10, 0.25, 0.50, 1.0)

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Nation:
    """Every reference ever given: when it came, its year of birth, when it left, its area and school."""

    came: npt.NDArray[np.int16]
    born: npt.NDArray[np.int16]
    left: npt.NDArray[np.int16]
    school: npt.NDArray[np.uint16]
    traits: npt.NDArray[np.uint16]
    objects: npt.NDArray[np.int16]

    @property
    def area(self) -> npt.NDArray[np.uint16]:
        """Schools of an area have numbers that lie together."""
        return self.school // np.uint16(160)


def nation(pupils: int, seed: int = 5) -> Nation:
    """A nation of so many references."""
    rng = np.random.default_rng(seed)
    first = int(pupils * SHARE_FIRST)
    years = LAST_YEAR - FIRST_YEAR
    came = np.full(pupils, FIRST_YEAR, np.int16)
    came[first:] = FIRST_YEAR + 1 + (np.arange(pupils - first) * years // (pupils - first)).astype(np.int16)
    # Newcomers are four or five, some older; the first nation is of all ages.
    age = np.where(rng.random(pupils) < 0.88, 4, rng.integers(5, 17, pupils)).astype(np.int16)
    age[:first] = rng.integers(4, 18, first)
    school = np.zeros(pupils, np.uint16)
    for start, end in _intakes(first, pupils, years):
        school[start:end] = np.sort(rng.integers(0, AREAS * 160, end - start)).astype(np.uint16)
    born = came - age
    early = came + rng.geometric(0.015, pupils).astype(np.int16)
    objects = np.full(pupils, 9999, np.int16)
    who = rng.random(pupils) < OBJECTING
    objects[who] = rng.integers(0, 1000, int(who.sum()))
    left = np.minimum(born + 18, early).astype(np.int16)
    return Nation(came, born, left, school, rng.integers(0, 1 << 16, pupils).astype(np.uint16), objects)


def _intakes(first: int, pupils: int, years: int) -> Iterator[tuple[int, int]]:
    yield 0, first
    edges = [first + (pupils - first) * at // years for at in range(years + 1)]
    yield from pairwise(edges)


def _roll(found: Nation, years: range) -> Flags:
    return (found.came <= years[-1]) & (found.left > years[0])


def _some(rng: np.random.Generator, most: int, of: int) -> npt.NDArray[np.int64]:
    return rng.choice(of, int(rng.integers(1, most + 1)), replace=False)


def _groups(found: Nation, rng: np.random.Generator, year: int) -> Flags:
    return np.isin(year - found.born, 4 + _some(rng, 3, 14))


def _trait(found: Nation, rng: np.random.Generator, year: int) -> Flags:
    """A characteristic of this year: the same pupils for every release that asks for it, some others next year."""
    which = int(rng.integers(0, len(_CHARACTERISTICS)))
    spread = np.uint16((which * 2 + 1) * 40_503 & 0xFFFF)
    return (found.traits * spread + np.uint16((which * 9_973 + (year - RELEASES_FROM) * 600) & 0xFFFF)) < np.uint16(
        _CHARACTERISTICS[which] * 65_536
    )


def releases(found: Nation, count: int, seed: int = 6) -> Iterator[tuple[str, BitMap, list[BitMap]]]:
    """Kind, pupils left out, and the pupils of each scan of so many releases, oldest first."""
    from schoolgate.ledger.pupil_sets import set_of

    rng = np.random.default_rng(seed)
    kinds, weights = zip(*MIX, strict=True)
    for number in range(count):
        year = RELEASES_FROM + number * (LAST_YEAR - RELEASES_FROM) // count
        kind = str(rng.choice(kinds, p=np.array(weights) / sum(weights)))
        years = range(year - (int(rng.integers(0, 4)) if kind.startswith("everybody") else 0), year + 1)
        taken = _roll(found, years)
        if "year groups" in kind:
            taken &= _groups(found, rng, year)
        if "areas" in kind:
            taken &= np.isin(found.area, _some(rng, 20, AREAS))
        if "characteristic" in kind:
            taken &= _trait(found, rng, year)
        if "schools" in kind:
            taken &= np.isin(found.school, _some(rng, 5, AREAS * 160))
        if "sample" in kind:
            taken &= rng.random(len(taken)) < rng.choice(_SAMPLES)
        objecting = found.objects <= number * 1000 // count
        taken &= ~objecting
        scans = [set_of(taken)]
        if number % 3 == 0:  # a second table, in which not everybody has a row that term
            scans.append(set_of(taken & ((found.traits + np.uint16(year * 31)) % np.uint16(7) != 0)))
        yield kind, set_of(objecting), scans
