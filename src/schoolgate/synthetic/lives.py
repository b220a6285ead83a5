"""The children of an area: who they are, and which school they are at from when to when.

An area's children follow from the seed, the area and their cohort alone, year by year, so that a census does not
depend on which other censuses are asked for. A cohort is named after the year it begins reception.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from typing import TypeVar

import numpy as np

from schoolgate.errors import SchoolgateError
from schoolgate.synthetic.areas import FIRST_COHORT, FIRST_GROUP, LAST_GROUP, Area
from schoolgate.synthetic.children import NEVER, Children, draw_children
from schoolgate.synthetic.names import SLOT_NAMES
from schoolgate.synthetic.tables import Flags, Floats, Ints, rate

_T = TypeVar("_T", Children, "Stays")

FOREVER = NEVER
MAIN, SPECIAL, PRU = 0, 1, 2
STAYED, ENDED, MOVED, WENT, EXCLUDED = range(5)
"""Why a stay is over: not over, the school's last year was over, to another school here, away, excluded for good."""

_ELSEWHERE = SLOT_NAMES.index("elsewhere")
# Between two censuses, and never between the start of a term and its census: (month, day, days) of leaving.
_WINDOWS = ((11, 3, 32), (1, 27, 45), (5, 27, 36))


@dataclass(frozen=True, slots=True)
class Stays:
    """Rows of one child at one school.

    Attributes:
        child: position among the children.
        place: position among the area's schools.
        entered, left: ordinals of dates; `FOREVER` when it is not over.
        subsidiary: whether it is the second school of a child at two.
        why: why it is over.
        home: the child's address while there.
        temporary: rank of the temporary UPN the school gave, or -1.
    """

    child: Ints
    place: Ints
    entered: Ints
    left: Ints
    subsidiary: Flags
    why: Ints
    home: Ints
    temporary: Ints


@dataclass(frozen=True, slots=True)
class Population:
    """All children of an area that any of the wanted years needs, and their stays."""

    children: Children
    stays: Stays


def ordinal(year: int, month: int, day: int) -> int:
    """A date as a number of days."""
    return date(year, month, day).toordinal()


class _Cohort:
    """One cohort of one area, taken through its years."""

    def __init__(self, area: Area, seed: int, cohort: int) -> None:
        self._area, self._seed, self._cohort = area, seed, cohort
        phases = [place.school.phase for place in area.places]
        self._kind = np.array([{"SP": SPECIAL, "PR": PRU}.get(phase, MAIN) for phase in phases])
        self._seats = np.array([place.seats for place in area.places])
        self._at = np.empty(0, dtype=np.int64)
        self._stay = np.empty(0, dtype=np.int64)
        self._children: list[Children] = []
        self._stays: list[Stays] = []
        self._count = self._stay_count = 0
        self._left: list[tuple[Ints, Ints, int]] = []
        self._home = np.empty(0, dtype=np.int64)
        self._twin = np.empty(0, dtype=bool)
        self._behaviour = np.empty(0)
        self._sen = np.empty(0)
        self._ranks = np.zeros((len(SLOT_NAMES), len(phases)), dtype=np.int64)
        self._temporary = np.zeros(len(phases), dtype=np.int64)

    # -- the book of stays

    def _enter(self, who: Ints, place: Ints, when: Ints, temporary: Flags, *, subsidiary: bool = False) -> None:
        ranks = np.full(len(who), -1, dtype=np.int64)
        ranks[temporary] = _next_ranks(place[temporary], self._temporary)
        numbers = np.arange(self._stay_count, self._stay_count + len(who))
        self._stay_count += len(who)
        if not subsidiary:
            self._at[who], self._stay[who] = place, numbers
        self._stays.append(
            Stays(
                who, place, when, np.full(len(who), FOREVER), np.full(len(who), subsidiary),
                np.full(len(who), STAYED), self._home[who].copy(), ranks,
            )
        )  # fmt: skip

    def _leave(self, who: Ints, when: Ints, why: int) -> None:
        self._left.append((self._stay[who], when, why))
        self._at[who] = -1

    def _arrive(self, rng: np.random.Generator, place: Ints, group: int, when: Ints) -> None:
        """Children who are new to the nation's schools."""
        if not len(place):
            return
        slot = group - FIRST_GROUP if group <= 0 else _ELSEWHERE
        ranks = _next_ranks(place, self._ranks[slot])
        year = self._cohort + min(group, 0)
        first, most = self._area.learner_numbers
        if self._count + len(place) > most:
            raise SchoolgateError("The area has more children than learner numbers.", code="synthetic-size")
        serial = first + (self._cohort - FIRST_COHORT) * most + self._count
        new = draw_children(
            rng,
            self._area,
            place,
            self._kind[place] == SPECIAL,
            self._kind[place] == PRU,
            self._cohort,
            group,
            slot,
            ranks,
            year,
            serial,
        )
        who = np.arange(self._count, self._count + len(place))
        self._count += len(place)
        self._children.append(new)
        self._at = np.concatenate([self._at, np.full(len(place), -1)])
        self._stay = np.concatenate([self._stay, np.full(len(place), -1)])
        self._home = np.concatenate([self._home, new.home])
        self._twin = np.concatenate([self._twin, new.twin])
        self._behaviour = np.concatenate([self._behaviour, new.behaviour])
        self._sen = np.concatenate([self._sen, new.sen])
        temporary = (rng.random(len(place)) < rate("temporary_arrival")) & ~new.twin & (group > 0)
        self._enter(who, place, when, temporary)

    # -- a year

    def year(self, academic_year: int) -> None:
        """Take the cohort through one academic year."""
        group = academic_year - self._cohort
        rng = np.random.default_rng([self._seed, 20, self._area.number, self._cohort, academic_year])
        self._temporary[:] = 0
        self._summer(rng, group, academic_year)
        self._units(rng, group, academic_year)
        if 0 <= group <= 11:
            for window in range(3):
                self._in_year(rng, group, academic_year, window)

    def _summer(self, rng: np.random.Generator, group: int, year: int) -> None:
        seats = self._seats[:, group - FIRST_GROUP] if group <= LAST_GROUP else np.zeros(len(self._kind), dtype=int)
        end, start = ordinal(year, 7, 21), ordinal(year, 9, 3)
        here = np.flatnonzero(self._at >= 0)
        place = self._at[here]
        kind, taught = self._kind[place], seats[place] > 0
        lot = rng.random(len(here))
        free = taught & (kind == MAIN) & ~self._twin[here]
        goes = free & (lot < rate("leave_in_summer"))
        moves = free & ~goes & (lot < rate("leave_in_summer") + rate("move_in_summer"))
        moves |= taught & (kind == PRU) & (lot < rate("back_from_pru"))
        pool = here[~taught | moves]
        vacant = seats - np.bincount(place[taught & ~moves & ~goes], minlength=len(seats))
        vacant = np.maximum(vacant, 0)
        wanted = np.full(len(self._at), -1)
        self._place_pool(rng, pool, vacant, wanted)
        went = np.concatenate([here[goes], pool[wanted[pool] < 0]])
        placed = pool[(wanted[pool] >= 0) & (wanted[pool] != self._at[pool])]
        # A home changes with a change of school that was not due; twins and their school years go together.
        changed = (rng.random(len(placed)) < rate("home_moves")) & (seats[self._at[placed]] > 0)
        self._leave(went, np.full(len(went), end), ENDED)
        self._leave(placed, np.full(len(placed), end), MOVED)
        temporary = (rng.random(len(placed)) < rate("temporary_mover") * 0.25) & ~self._twin[placed] & ~changed
        moved_house = placed[changed & ~self._twin[placed]]
        self._home[moved_house] = rng.integers(2**31, size=len(moved_house))
        self._enter(placed, wanted[placed], np.full(len(placed), start), temporary)
        vacant[self._kind == PRU] = 0
        new = np.repeat(np.arange(len(vacant)), vacant)
        self._arrive(rng, new, group, np.full(len(new), start))

    def _place_pool(self, rng: np.random.Generator, pool: Ints, vacant: Ints, wanted: Ints) -> None:
        """Give those who change school a seat each, as far as there are; takes the seats from `vacant`."""
        special = self._kind == SPECIAL
        from_special = self._kind[self._at[pool]] == SPECIAL
        neediest = ~from_special & (self._sen[pool] < 0.012)
        ordinary = pool[~from_special]
        steps = ((pool[from_special], special), (pool[neediest], special), (ordinary, self._kind == MAIN))
        for those, where in steps:
            who = rng.permutation(those[wanted[those] < 0])
            seats = rng.permutation(np.repeat(np.flatnonzero(where), vacant[where]))[: len(who)]
            wanted[who[: len(seats)]] = seats
            vacant -= np.bincount(seats, minlength=len(vacant))

    def _units(self, rng: np.random.Generator, group: int, year: int) -> None:
        """Fill the pupil referral units: most of their pupils stay on roll at their own school too."""
        self._dual = np.zeros(len(self._at), dtype=bool)
        units = np.flatnonzero((self._kind == PRU) & (self._seats[:, min(group, LAST_GROUP) - FIRST_GROUP] > 0))
        if group > LAST_GROUP or not len(units):
            return
        held = np.bincount(self._at[self._at >= 0], minlength=len(self._kind))
        for unit in units.tolist():
            vacant = max(0, int(self._seats[unit, group - FIRST_GROUP] - held[unit]))
            near = np.flatnonzero((self._at >= 0) & ~self._dual & ~self._twin)
            near = near[self._kind[self._at[near]] == MAIN]
            order = np.argsort(-self._behaviour[near] * rng.random(len(near)), kind="stable")
            both = near[order[: rng.binomial(vacant, rate("dual_share"))]]
            self._dual[both] = True
            began = ordinal(year, 9, 15) + rng.integers(13, size=len(both))
            first = self._stay_count
            self._enter(both, np.full(len(both), unit), began, np.zeros(len(both), dtype=bool), subsidiary=True)
            self._left.append((np.arange(first, self._stay_count), np.full(len(both), ordinal(year + 1, 7, 21)), ENDED))
            alone = np.full(vacant - len(both), unit)
            self._arrive(rng, alone, group, ordinal(year, 9, 10) + rng.integers(10, size=len(alone)))
            self._dual = np.concatenate([self._dual, np.ones(len(alone), dtype=bool)])

    def _in_year(self, rng: np.random.Generator, group: int, year: int, window: int) -> None:
        month, day, days = _WINDOWS[window]
        first = ordinal(year + (window > 0), month, day)
        taught = self._seats[:, group - FIRST_GROUP] * (self._kind == MAIN)
        settled = np.zeros(len(self._at), dtype=bool)
        settled[: len(self._dual)] = ~self._dual
        here = np.flatnonzero((self._at >= 0) & settled & ~self._twin)
        here = here[self._kind[self._at[here]] == MAIN]
        lot = rng.random(len(here))
        late = window == 2  # whoever moves after May half-term begins the new year elsewhere: see _summer
        moving, leaving = 0.0 if late else rate("move_in_year"), rate("leave_in_year")
        # Permanent exclusion by behaviour alone; meals and special needs come in with the suspensions.
        risk = (
            _EXCLUSION[window]
            * np.minimum(self._behaviour[here], 30.0)
            * (0.0 if group < 1 else 0.2 if group < 7 else 2.0)
        )
        out = here[lot > 1 - risk * (not late)]
        move = here[lot < moving]
        away = here[(lot >= moving) & (lot < moving + leaving)]
        self._leave(away, first + rng.integers(days, size=len(away)), WENT)
        self._move(rng, move, taught.astype(float), first + rng.integers(days, size=len(move)), MOVED)
        units = self._seats[:, group - FIRST_GROUP] * (self._kind == PRU)
        self._move(rng, out, units.astype(float), first + rng.integers(days, size=len(out)), EXCLUDED)
        arrivals = rng.poisson(0.0 if late else rate("arrive_in_year") / 2 * taught)
        new = np.repeat(np.arange(len(taught)), arrivals)
        self._arrive(rng, new, group, first + rng.integers(days, size=len(new)))
        self._dual = np.concatenate([self._dual, np.zeros(len(self._at) - len(self._dual), dtype=bool)])

    def _move(self, rng: np.random.Generator, who: Ints, seats: Floats, left: Ints, why: int) -> None:
        if not len(who):
            return
        chances = np.repeat(seats[None, :], len(who), axis=0)
        chances[np.arange(len(who)), self._at[who]] = 0
        total = chances.sum(axis=1)
        draw = rng.random(len(who)) * total
        to = (np.cumsum(chances, axis=1) > draw[:, None]).argmax(axis=1)
        found = total > 0
        self._leave(who, left, why)
        changed = (rng.random(len(who)) < rate("home_moves")) & found & (why == MOVED)
        temporary = (rng.random(len(who)) < rate("temporary_mover")) & found & ~changed & (why == MOVED)
        self._home[who[changed]] = rng.integers(2**31, size=int(changed.sum()))
        joined = left + 1 + rng.integers(11, size=len(who))
        self._enter(who[found], to[found], joined[found], temporary[found])

    def finished(self) -> Population | None:
        """The cohort as it is after the years it was taken through."""
        if not self._children:
            return None
        stays = _joined(Stays, self._stays)
        left, why = stays.left.copy(), stays.why.copy()
        for number, when, reason in self._left:
            left[number], why[number] = when, reason
        return Population(
            _joined(Children, self._children),
            Stays(stays.child, stays.place, stays.entered, left, stays.subsidiary, why, stays.home, stays.temporary),
        )


# Shares of a year's permanent exclusions by the time between two censuses, for a behaviour of 1 (mean): about 0.1 in
# 100 pupils a year, nearly all of them of secondary age (EXC 2023/24).
_EXCLUSION = (0.00045, 0.00045, 0.0)


def _next_ranks(place: Ints, used: Ints) -> Ints:
    """Ranks of new entries at each place, going on from `used`, which is moved on."""
    order = np.argsort(place, kind="stable")
    ordered = place[order]
    starts = np.r_[0, np.flatnonzero(np.diff(ordered)) + 1] if len(ordered) else np.empty(0, dtype=np.int64)
    within = np.arange(len(ordered)) - np.repeat(starts, np.diff(np.r_[starts, len(ordered)]))
    ranks = np.empty(len(place), dtype=np.int64)
    ranks[order] = within + used[ordered]
    used += np.bincount(place, minlength=len(used))
    return ranks


def _joined(kind: type[_T], parts: list[_T]) -> _T:
    return kind(**{f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(kind)})


def population(area: Area, seed: int, first_year: int, last_year: int) -> Population:
    """Every child of an area who is or was at school in these academic years.

    A cohort begins in N1, two years before reception, and is taken up to `last_year`; what happens later does not
    change what happened before.
    """
    parts = []
    for cohort in range(first_year - LAST_GROUP - 1, last_year - FIRST_GROUP + 1):
        book = _Cohort(area, seed, cohort)
        for year in range(cohort + FIRST_GROUP, min(last_year, cohort + LAST_GROUP + 1) + 1):
            book.year(year)
        found = book.finished()
        if found is not None:
            parts.append(found)
    children = _joined(Children, [part.children for part in parts])
    offsets = np.cumsum([0] + [len(part.children.sex) for part in parts[:-1]])
    moved = [
        Stays(part.stays.child + offset, *(getattr(part.stays, f.name) for f in fields(Stays)[1:]))
        for part, offset in zip(parts, offsets.tolist(), strict=True)
    ]
    return Population(children, _joined(Stays, moved))
