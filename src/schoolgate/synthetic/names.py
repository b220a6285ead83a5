"""Names, addresses and numbers of children who do not exist, so made that nobody can take them for real.

Every surname ends in "synth"; every street is Synthetic Street; every postcode begins with ZZ, which is no
postcode area.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from schoolgate.ids import UPN_LETTERS
from schoolgate.synthetic.areas import allocator
from schoolgate.synthetic.tables import Ints

_FIRST = (
    "Al Ar Be Bri Ca Co Da Do El Em Fa Fe Gi Gra Ha Ho Il Is Jo Ju Ka Kei Lu Lo Ma Mi Na No Or Os Pe Ro Sa Ti Va Wi"
)
_SECOND = "bel dor fin gan har kin lan lo mel mon nar nin per ra rell rin rus sha tan tor ven vin wick zan"
_THIRD = "a e er i in o on or u y"

SLOTS = {"N1": (0, 50), "N2": (50, 200), "R": (250, 400), "elsewhere": (650, 350)}
"""Which serials of a school's year go to whom: first serial, and how many in each thousand.

Children who first come in N1, N2 or R, and those who come later (numbered in the year they began school). Each
cohort has serials of its own, so that no two cohorts need to know of each other.
"""

SLOT_NAMES = tuple(SLOTS)
_TEMPORARY_EACH = 135
"""Temporary numbers in each block for a year group: 100 serials times 23 letters, shared by 17 year groups."""

_POSTCODE_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
_WEIGHTS = np.arange(2, 14)


@cache
def surnames() -> tuple[str, ...]:
    """Every surname there is."""
    return tuple(a + b + c + "synth" for a in _FIRST.split() for b in _SECOND.split() for c in _THIRD.split())


@cache
def forenames() -> tuple[str, ...]:
    """Every forename there is."""
    return tuple(a + b for a in _FIRST.split() for b in _SECOND.split())


def home(number: int) -> tuple[str, str]:
    """House number and postcode of a home."""
    rest, house = divmod(number, 180)
    rest, district = divmod(rest, 99)
    rest, sector = divmod(rest, 9)
    first, second = divmod(rest % 400, 20)
    return str(house + 1), f"ZZ{district + 1} {sector + 1}{_POSTCODE_LETTERS[first]}{_POSTCODE_LETTERS[second]}"


def _with_letter(rest: list[str], digits: Ints, last: Ints) -> list[str]:
    letters = (digits @ _WEIGHTS[:11] + last * 13) % 23
    return [UPN_LETTERS[letter] + text for letter, text in zip(letters.tolist(), rest, strict=True)]


def _digits(rest: list[str]) -> Ints:
    raw = np.frombuffer("".join(text[:11] for text in rest).encode("ascii"), dtype=np.uint8)
    return raw.reshape(len(rest), 11).astype(np.int64) - 48


def upns(laestabs: list[str], years: Ints, slots: Ints, ranks: Ints) -> list[str]:
    """Permanent UPNs of children allocated one by these schools, in these slots (see `SLOTS`)."""
    if not laestabs:
        return []
    sizes = np.array([SLOTS[name][1] for name in SLOT_NAMES])[slots]
    starts = np.array([SLOTS[name][0] for name in SLOT_NAMES])[slots]
    rest = [
        f"{allocator(school, block)}{year:02}{serial:03}"
        for school, block, year, serial in zip(
            laestabs, (ranks // sizes).tolist(), (years % 100).tolist(), (starts + ranks % sizes).tolist(), strict=True
        )
    ]
    last = np.array([int(text[11]) for text in rest])
    return _with_letter(rest, _digits(rest), last)


def temporary_upn(laestab: str, year: int, group: int, rank: int) -> str:
    """The temporary UPN of the `rank`-th child of a year group to whom a school gave one in a year."""
    place = (group + 2) * _TEMPORARY_EACH + rank % _TEMPORARY_EACH
    serial, letter = divmod(place, 23)
    rest = f"{allocator(laestab, rank // _TEMPORARY_EACH)}{year % 100:02}{serial:02}{UPN_LETTERS[letter]}"
    return _with_letter([rest], _digits([rest]), np.array([letter]))[0]


_ULN_WEIGHTS = np.arange(10, 1, -1)


def learner_numbers(serials: Ints) -> list[str]:
    """Unique learner numbers with the right check digit, a different one for every serial below 90 million.

    Serials are scattered by a multiplication without common divisor. The ninth digit is chosen so that the remainder
    is not 0, for which there is no check digit (rule 1575).
    """
    body = serials * 48_271_993 % 90_000_000 + 10_000_000
    digits = body[:, None] // 10 ** np.arange(7, -1, -1) % 10
    ninth = body // 7 % 9
    partial = digits @ _ULN_WEIGHTS[:8]
    ninth += (partial + 2 * ninth) % 11 == 0
    check = 10 - (partial + 2 * ninth) % 11
    return [f"{b}{n}{c}" for b, n, c in zip(body.tolist(), ninth.tolist(), check.tolist(), strict=True)]
