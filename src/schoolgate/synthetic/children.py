"""Who a child is: what does not change with time, and the lots that decide what does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from schoolgate.synthetic.areas import Area
from schoolgate.synthetic.names import forenames, surnames
from schoolgate.synthetic.tables import Flags, Floats, Ints, in_london, rate, shares, values, white_british

ETHNICITIES = ("WBRI", *shares("minority", "rest").codes)
LANGUAGES = (
    "ENG",
    *sorted({code for ethnicity in ETHNICITIES for code in shares("language", ethnicity).codes}),
)
_LANGUAGE_AT = {code: at for at, code in enumerate(LANGUAGES)}
NEVER = date(2999, 1, 1).toordinal()
PLAA, SERVICE, YSSA = shares("plaa", "all").codes, shares("service", "all").codes, shares("yssa", "all").codes


@dataclass(frozen=True, slots=True)
class Children:
    """Columns, one entry a child.

    Attributes:
        cohort: year of reception.
        sex: 0 for M, 1 for F.
        birth: ordinal of the date of birth.
        ethnicity, language, plaa, service, yssa: positions in the lists above.
        surname, forename, middle, new_surname: positions in the lists of names; -1 for none.
        renamed: ordinal of the day the surname changed.
        home: the address at first.
        meals, meals_when, sen, need, second_need, carer, hours, odd: lots from 0 to 1.
        absence: log of how much more often than others.
        behaviour: how many times the suspensions of others; mean 1.
        allocated_by, allocated_in, slot, rank: who gave the UPN, when, and its place (see names).
        learner: serial of the learner number.
        twin: whether it is one of twins.
        boarder: whether it boards, at a school that has boarders.
        special: whether it began at a special school.
    """

    cohort: Ints
    sex: Ints
    birth: Ints
    ethnicity: Ints
    language: Ints
    plaa: Ints
    service: Ints
    yssa: Ints
    surname: Ints
    forename: Ints
    middle: Ints
    new_surname: Ints
    renamed: Ints
    home: Ints
    meals: Floats
    meals_when: Floats
    sen: Floats
    need: Floats
    second_need: Floats
    carer: Floats
    hours: Floats
    odd: Floats
    absence: Floats
    behaviour: Floats
    allocated_by: Ints
    allocated_in: Ints
    slot: Ints
    rank: Ints
    learner: Ints
    twin: Flags
    boarder: Flags
    special: Flags


def _ethnicities(rng: np.random.Generator, area: Area, size: int) -> Ints:
    authority = area.places[0].school.laestab.authority
    region = "london" if in_london(authority) else "rest"
    known = white_british()
    share = known.get(authority, known[region])
    mix = shares("minority", region)
    positions = np.array([ETHNICITIES.index(code) for code in mix.codes])
    drawn = positions[mix.draw(rng, size)]
    return np.where(rng.random(size) < share, 0, drawn)


def _languages(rng: np.random.Generator, ethnicity: Ints) -> Ints:
    other = values("other-language", "ethnicity")
    speaks = rng.random(len(ethnicity)) < np.array([other[code] for code in ETHNICITIES])[ethnicity]
    lot = rng.random(len(ethnicity))
    found = np.zeros(len(ethnicity), dtype=np.int64)
    for at in np.unique(ethnicity[speaks]).tolist():
        mix = shares("language", ETHNICITIES[at])
        which = speaks & (ethnicity == at)
        found[which] = np.array([_LANGUAGE_AT[code] for code in mix.codes])[mix.pick(lot[which])]
    return found


def draw_children(
    rng: np.random.Generator,
    area: Area,
    place: Ints,
    special: Flags,
    unit: Flags,
    cohort: int,
    group: int,
    slot: int,
    rank: Ints,
    allocated_in: int,
    serial: int,
) -> Children:
    """New children at these places.

    Args:
        rng: where the lots come from.
        area: their area.
        place: the school of each, in order.
        special: whether it is a special school.
        unit: whether it is a pupil referral unit.
        cohort: the year they begin, or began, reception.
        group: their year group now.
        slot: what their UPNs are numbered under.
        rank: their ranks there.
        allocated_in: the year of their UPNs.
        serial: learner number serial of the first.
    """
    size = len(place)
    boys = np.where(special, rate("boys_special"), rate("boys"))
    born = date(cohort - 5, 9, 1).toordinal()
    ethnicity = _ethnicities(rng, area, size)
    behaviour = rng.gamma(0.2, 5.0, size)  # most are never suspended, a few again and again (approximate)
    sen = rng.random(size)
    # All at special schools have a plan, most at pupil referral units some need (83 %, SEN 2024/25) and free meals:
    # those who need most have the lowest lots.
    sen = np.where(special, sen * 0.012, np.where(unit, sen * 0.2, sen))
    meals = rng.random(size)
    found = {
        "cohort": np.full(size, cohort),
        "sex": (rng.random(size) >= boys).astype(np.int64),
        # A child that comes to N1 has its second birthday before the term before is over (rule 1601).
        "birth": born + rng.integers((date(cohort - 4, 8 if group == -2 else 9, 1).toordinal() - born), size=size),
        "ethnicity": ethnicity,
        "language": _languages(rng, ethnicity),
        "plaa": shares("plaa", "all").draw(rng, size),
        "service": shares("service", "all").draw(rng, size),
        "yssa": shares("yssa", "all").draw(rng, size),
        "surname": rng.integers(len(surnames()), size=size),
        "forename": rng.integers(len(forenames()), size=size),
        "middle": np.where(rng.random(size) < rate("middle_name"), rng.integers(len(forenames()), size=size), -1),
        "new_surname": rng.integers(len(surnames()), size=size),
        # A name changes once at most, some time between starting school and sixteen.
        "renamed": np.where(
            rng.random(size) < rate("changed_name"), born + 4 * 365 + rng.integers(12 * 365, size=size), NEVER
        ),
        "home": rng.integers(2**31, size=size),
        "meals": np.where(unit, meals * 0.4, meals),
        "meals_when": rng.random(size),
        "sen": sen,
        "need": rng.random(size),
        "second_need": rng.random(size),
        "carer": rng.random(size),
        "hours": rng.random(size),
        "odd": rng.random(size),
        "absence": rng.normal(0.0, 0.85, size),
        "behaviour": behaviour,
        "allocated_by": place,
        "allocated_in": np.full(size, allocated_in),
        "slot": np.full(size, slot),
        "rank": rank,
        "learner": serial + np.arange(size),
        "boarder": rng.random(size) < rate("boarder"),
        "special": special,
    }
    found["twin"] = _twins(rng, found, place, group)
    return Children(**found)


def _twins(rng: np.random.Generator, found: dict[str, Ints], place: Ints, group: int) -> Flags:
    """Make some neighbours in the list twins: born together at one address, of one family, under names of their own."""
    size = len(place)
    first = np.zeros(size, dtype=bool)
    if size > 1 and group <= 0:
        first[:-1] = (rng.random(size - 1) < rate("twins")) & (place[:-1] == place[1:])
        # Two marks in a row would make a third child one of two pairs.
        for at in np.flatnonzero(first[1:] & first[:-1]).tolist():
            first[at + 1] = not first[at]
    one = np.flatnonzero(first)
    two = one + 1
    for name in ("birth", "ethnicity", "language", "surname", "home", "meals", "meals_when", "service"):
        found[name][two] = found[name][one]
    same = found["forename"][two] == found["forename"][one]
    found["forename"][two] = np.where(same, (found["forename"][two] + 1) % len(forenames()), found["forename"][two])
    for name in ("renamed", "new_surname"):
        found[name][two] = found[name][one]
    twin = np.zeros(size, dtype=bool)
    twin[one] = twin[two] = True
    found["boarder"][twin] = False
    return twin
