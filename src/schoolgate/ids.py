"""Typed identifiers of the English school system; building one validates it.

Sources: UPN guide 1.2 (Department for Education) for the check letter and its weights; rule 1575 of
the School Census validation rules for the ULN; Get Information About Schools for URN and LAESTAB.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import total_ordering
from typing import NewType

from schoolgate.errors import SchoolgateError

Pmr = NewType("Pmr", int)
"""Pupil matching reference: dense, internal, never shown outside the custodian."""

UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
"""The 23 letters a UPN may use, in check order: I, O and S are left out (UPN guide 1.2)."""

_UPN = re.compile(r"^[A-Z]\d{11}[0-9A-Z]$")


class InvalidIdentifier(SchoolgateError):
    """An identifier that cannot be what it claims to be. The value itself is not repeated in the text."""


def upn_check_letter(rest: str) -> str:
    """The check letter for characters 2 to 13 of a UPN.

    Weights 2 to 13 over the twelve characters, modulo 23, indexing `UPN_LETTERS`. The last character of
    a temporary UPN is a letter and counts as its own index in that table (UPN guide 1.2).

    Raises:
        InvalidIdentifier: when the characters are not eleven digits and a digit or legal letter.
    """
    if len(rest) != 12 or not (rest[:11].isascii() and rest[:11].isdigit()):
        raise InvalidIdentifier("The eleven characters after the check letter must be digits.", code="upn-format")
    last = rest[11]
    if last.isascii() and last.isdigit():
        final = int(last)
    elif last in UPN_LETTERS:
        final = UPN_LETTERS.index(last)
    else:
        raise InvalidIdentifier(
            "The last character must be a digit, or one of the letters " + UPN_LETTERS + " for a temporary UPN.",
            code="upn-last-character",
        )
    total = sum(weight * int(digit) for weight, digit in zip(range(2, 13), rest[:11], strict=True)) + 13 * final
    return UPN_LETTERS[total % 23]


class Upn(str):
    """A unique pupil number: check letter, allocating authority, establishment, year, serial."""

    __slots__ = ()

    def __new__(cls, text: str) -> Upn:
        """Validate and build.

        Raises:
            InvalidIdentifier: wrong length, characters or check letter.
        """
        problem = upn_problem(text)
        if problem is not None:
            raise InvalidIdentifier(problem, code="upn")
        return super().__new__(cls, text)

    @property
    def temporary(self) -> bool:
        """Whether a school issued it while the permanent one was unknown (last character a letter)."""
        return not self[12].isdigit()


def upn_problem(text: str) -> str | None:
    """Why `text` is not a UPN, in plain words, or None when it is one."""
    if len(text) != 13:
        return f"A UPN has 13 characters; this has {len(text)}."
    if not _UPN.match(text):
        return "A UPN is a letter, eleven digits, and a digit (or, when temporary, a letter)."
    if text[0] not in UPN_LETTERS:
        return f"The letter {text[0]} is not used in UPNs (I, O and S are left out)."
    try:
        expected = upn_check_letter(text[1:])
    except InvalidIdentifier as problem:
        return problem.what
    if text[0] != expected:
        return f"The check letter should be {expected}, not {text[0]}: a character was probably mistyped."
    return None


def uln_problem(text: str) -> str | None:
    """Why `text` is not a unique learner number, or None when it is one.

    Ten digits, the first not zero; weights 10 to 2 over the first nine; remainder modulo 11 must not be
    0, and the tenth digit is 10 minus the remainder (School Census rule 1575).
    """
    if not re.fullmatch(r"[0-9]{10}", text):
        return "A ULN has ten digits."
    if text[0] == "0":
        return "A ULN does not begin with 0."
    remainder = sum(weight * int(digit) for weight, digit in zip(range(10, 1, -1), text[:9], strict=True)) % 11
    if remainder == 0 or int(text[9]) != 10 - remainder:
        return "The check digit is wrong: a digit was probably mistyped."
    return None


class Uln(str):
    """A unique learner number."""

    __slots__ = ()

    def __new__(cls, text: str) -> Uln:
        """Validate and build.

        Raises:
            InvalidIdentifier: wrong length, characters or check digit.
        """
        problem = uln_problem(text)
        if problem is not None:
            raise InvalidIdentifier(problem, code="uln")
        return super().__new__(cls, text)


class Urn(int):
    """A school's unique reference number: six digits, issued by GIAS, never changes."""

    def __new__(cls, value: int | str) -> Urn:
        """Validate and build.

        Raises:
            InvalidIdentifier: not a number of six digits.
        """
        if not re.fullmatch(r"[1-9][0-9]{5}", str(value)):
            raise InvalidIdentifier("A school's URN has six digits.", code="urn")
        return super().__new__(cls, int(value))


class Laestab(str):
    """Local authority number (3 digits) and establishment number (4 digits); may change over time."""

    __slots__ = ()

    def __new__(cls, text: str) -> Laestab:
        """Validate and build.

        Raises:
            InvalidIdentifier: not seven digits.
        """
        if not re.fullmatch(r"[0-9]{7}", text):
            raise InvalidIdentifier("A LAESTAB has seven digits: authority, then establishment.", code="laestab")
        return super().__new__(cls, text)

    @property
    def authority(self) -> str:
        """The local authority number."""
        return self[:3]

    @property
    def establishment(self) -> str:
        """The establishment number within the authority."""
        return self[3:]


class Term(StrEnum):
    """A School Census term, with the codes of the return's header."""

    SPRING = "SPR"
    SUMMER = "SUM"
    AUTUMN = "AUT"

    @property
    def label(self) -> str:
        """The term in words."""
        return {"SPR": "spring", "SUM": "summer", "AUT": "autumn"}[self.value]

    @property
    def order(self) -> int:
        """Position within a calendar year: spring, summer, autumn."""
        return ("SPR", "SUM", "AUT").index(self.value)


@total_ordering
@dataclass(frozen=True, slots=True)
class CensusPoint:
    """One School Census: the calendar year of its census day, and its term."""

    year: int
    term: Term

    def __lt__(self, other: CensusPoint) -> bool:
        return (self.year, self.term.order) < (other.year, other.term.order)

    @property
    def academic_year(self) -> int:
        """The year in which the academic year began (September)."""
        return self.year if self.term is Term.AUTUMN else self.year - 1

    def __str__(self) -> str:
        return f"{self.term.label} {self.year}"
