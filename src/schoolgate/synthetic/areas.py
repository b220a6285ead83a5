"""Which schools there are, how big, and which of them children move between."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from schoolgate.dictionary import Establishment, establishment, establishments
from schoolgate.errors import SchoolgateError
from schoolgate.ids import Urn
from schoolgate.synthetic.tables import factors, in_london, shares

FIRST_GROUP, LAST_GROUP = -2, 13
"""Year groups by age on 31 August less four: -2 is N1, -1 is N2, 0 is R, then 1 to 13."""

FIRST_COHORT, COHORTS = 1998, 32
"""The cohorts there can be: from those in year 13 two years before the first census to those in N1 at the last."""

_AREA_SCHOOLS = 24
_MOST_IN_ONE_SCHOOL = 15_000
"""Below what a return may hold (20,000 rows), with room for those who come and go."""


@dataclass(frozen=True, slots=True)
class Place:
    """A school of the nation: the year groups it teaches and the seats in each.

    Attributes:
        seats: seats by year group, from `FIRST_GROUP` on.
    """

    school: Establishment
    low: int
    high: int
    seats: tuple[int, ...]

    def teaches(self, group: int) -> bool:
        """Whether it has this year group."""
        return self.low <= group <= self.high


@dataclass(frozen=True, slots=True)
class Area:
    """Schools that children move between. What happens in one area does not touch another.

    Attributes:
        number: the area's place in the nation; with the seed it fixes every child of the area.
        learner_numbers: where the area's block of learner numbers begins, and how many a year's cohort may use.
    """

    number: int
    places: tuple[Place, ...]
    learner_numbers: tuple[int, int]


def year_groups(school: Establishment) -> tuple[int, int]:
    """The lowest and highest year group of a school, from its phase and ages.

    The register mixes ages reached with ages at the start of a year, so each phase is held to its usual span.
    """
    low, high = school.low_age - 4, school.high_age - 4
    if school.phase == "NS":
        return max(FIRST_GROUP, min(low, -1)), -1
    if school.phase == "PS":
        return max(FIRST_GROUP, min(low, 3)), max(2, min(high, 6))
    if school.phase == "MS":
        return 5, 8
    if school.phase == "SS":
        return min(max(low, 6), 10), 13 if high >= 13 else min(max(high, 9), 11)
    if school.phase == "AT":
        return max(FIRST_GROUP, min(low, 0)), 13 if high >= 13 else 11
    if school.phase == "PR":
        return min(max(low, 1), 7), 11
    return max(FIRST_GROUP, min(low, 7)), min(max(high, 6), LAST_GROUP)


def _weight(school: Establishment, group: int) -> float:
    """How full a year group is beside the others: nursery classes and sixth forms are smaller, PRUs fill late."""
    if school.phase == "PR":
        return {10: 2.0, 11: 2.4, 9: 1.3, 8: 0.8, 7: 0.4}.get(group, 0.15)
    if group < 0 and school.phase != "NS":
        return 0.25 if group == FIRST_GROUP else 0.55
    return 0.45 if group > 11 else 1.0


def _places(chosen: Sequence[Establishment], pupils: int | None, seed: int) -> list[Place]:
    usual = np.array([factors("size")[school.phase] for school in chosen])
    # Schools of a phase differ in size: the spread is approximate, its mean is one.
    spread = np.array([np.random.default_rng([seed, 11, int(school.urn)]).lognormal(-0.06, 0.35) for school in chosen])
    sizes = usual * spread
    if pupils is not None:
        sizes *= pupils / sizes.sum()
    if sizes.max() > _MOST_IN_ONE_SCHOOL:
        raise SchoolgateError(
            "So few schools cannot hold so many pupils: a return holds 20,000.",
            hint="Ask for more schools, or fewer pupils.",
            code="synthetic-size",
        )
    found = []
    for school, size in zip(chosen, sizes, strict=True):
        low, high = year_groups(school)
        weights = np.array([_weight(school, group) for group in range(low, high + 1)])
        wanted = size * weights / weights.sum()
        # Rounded up or down by lot, so that small schools keep their size on average.
        rng = np.random.default_rng([seed, 12, int(school.urn)])
        seats = np.floor(wanted + rng.random(len(wanted))).astype(int)
        before, after = low - FIRST_GROUP, LAST_GROUP - high
        found.append(Place(school, low, high, (0,) * before + tuple(int(n) for n in seats) + (0,) * after))
    return found


def areas(chosen: Sequence[Establishment], pupils: int | None, seed: int) -> tuple[Area, ...]:
    """The nation's areas: neighbours by authority, each with a share of every phase."""
    order = {"SS": 0, "AT": 1, "MS": 2, "SP": 3, "PR": 4, "NS": 5, "PS": 6}
    by_authority: dict[str, list[Place]] = {}
    for place in _places(chosen, pupils, seed):
        by_authority.setdefault(place.school.laestab.authority, []).append(place)
    groups: list[list[Place]] = []
    for _, members in sorted(by_authority.items()):
        members.sort(key=lambda place: (order[place.school.phase], int(place.school.urn)))
        parts = max(1, round(len(members) / _AREA_SCHOOLS))
        groups += [members[part::parts] for part in range(parts)]
    found, start = [], 0
    for number, members in enumerate(groups):
        # Those who come and go make a cohort up to 1.6 times its fullest year, in what was tried.
        most = max(sum(place.seats[group] for place in members) for group in range(len(members[0].seats)))
        cohort = 60 + 5 * most // 2
        found.append(Area(number, tuple(members), (start, cohort)))
        start += COHORTS * cohort
    return tuple(found)


def choose_schools(count: int, seed: int) -> tuple[Establishment, ...]:
    """A believable mix of real schools: some authorities of London and of the rest, and in each every phase.

    Args:
        count: how many; all of the register when there are not so many.
        seed: the nation's seed.
    """
    every = list(establishments())
    if count >= len(every):
        return tuple(every)
    rng = np.random.default_rng([seed, 10])
    held: dict[str, Counter[str]] = {}
    for school in every:
        held.setdefault(school.laestab.authority, Counter())[school.phase] += 1
    names = sorted(name for name, phases in held.items() if phases.total() > 20)
    lot = dict(zip(names, rng.permutation(len(names)).tolist(), strict=True))
    # Authorities with every kind of school come first, so that a small nation has pupils at two schools too.
    kinds = ("SS", "SP", "PR")
    names.sort(key=lambda name: (not all(held[name][kind] for kind in kinds), lot[name]))
    london, rest = [n for n in names if in_london(n)], [n for n in names if not in_london(n)]
    wanted = max(1, min(len(london) + len(rest), round(count / _AREA_SCHOOLS)))
    # Most small nations have one authority of London and one of the rest; a sixth of all pupils are in London.
    inside = max(1, round(wanted / 6))
    authorities = london[:inside] + rest[: wanted - inside]
    chosen: dict[int, Establishment] = {}
    for number, authority in enumerate(authorities):
        share = count // len(authorities) + (number < count % len(authorities))
        for school in _mix(authority, share, rng):
            chosen[int(school.urn)] = school
    missing = [school for school in every if int(school.urn) not in chosen]
    nearest = sorted(missing, key=lambda school: (school.laestab.authority not in authorities, int(school.urn)))
    for school in nearest[: count - len(chosen)]:
        chosen[int(school.urn)] = school
    return tuple(chosen[urn] for urn in sorted(chosen))


def _mix(authority: str, count: int, rng: np.random.Generator) -> list[Establishment]:
    """Schools of one authority: two secondary schools at least when there is room, then by the nation's shares."""
    pools: dict[str, list[Establishment]] = {}
    for school in establishments():
        if school.laestab.authority == authority:
            pools.setdefault(school.phase, []).append(school)
    pools = {phase: [pool[n] for n in rng.permutation(len(pool)).tolist()] for phase, pool in sorted(pools.items())}
    mix = shares("phase", "all")
    wanted = {phase: share * count for phase, share in zip(mix.codes, mix.weights, strict=True)}
    if count >= 8:
        wanted["SS"] = max(2.0, wanted["SS"])
    if count >= 15:
        for phase in ("SP", "PR", "NS"):
            wanted[phase] = max(1.0, wanted[phase])
    found: list[Establishment] = []
    for phase in ("SS", "SP", "PR", "NS", "AT", "MS"):
        found += pools.get(phase, [])[: int(wanted[phase] + 0.5)]
    found += pools.get("PS", [])[: max(0, count - len(found))]
    return found[:count]


def named(urns: Sequence[Urn]) -> tuple[Establishment, ...]:
    """The schools with these URNs.

    Raises:
        SchoolgateError: one is not in the register.
    """
    found = []
    for urn in dict.fromkeys(int(urn) for urn in urns):
        school = establishment(urn)
        if school is None:
            raise SchoolgateError(
                "No school of the register has one of the URNs.", hint="Check the numbers.", code="synthetic-school"
            )
        found.append(school)
    return tuple(sorted(found, key=lambda school: int(school.urn)))


@lru_cache(maxsize=8)
def _free_numbers(authority: str) -> tuple[dict[str, int], tuple[str, ...]]:
    """Each school's place in its authority, and the authority's establishment numbers that no school has."""
    used = sorted(school.laestab.establishment for school in establishments() if school.laestab.authority == authority)
    taken = set(used)
    free = tuple(f"{number:04}" for number in range(1, 10_000) if f"{number:04}" not in taken)
    return {establishment: at for at, establishment in enumerate(used)}, free


@lru_cache(maxsize=4_096)
def allocator(laestab: str, block: int) -> str:
    """Authority and establishment number that a school's `block`-th thousand of UPNs of a year begins with.

    A serial has three digits, so a school that allocates more than 1,000 UPNs in a year goes on under numbers that
    no school of its authority has; every school has its own.
    """
    if block == 0:
        return laestab
    order, free = _free_numbers(laestab[:3])
    at = (block - 1) * len(order) + order[laestab[3:]]
    if at >= len(free):
        raise SchoolgateError(
            "The authority has no establishment numbers left for so many pupils.",
            hint="Ask for more schools, or fewer pupils.",
            code="synthetic-size",
        )
    return laestab[:3] + free[at]
