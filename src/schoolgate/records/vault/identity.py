"""An identity, and when two names are the same name."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass, field, fields
from operator import attrgetter

from schoolgate.errors import SchoolgateError
from schoolgate.ids import Pmr


class UnknownPupil(SchoolgateError):
    """No identity is held for this reference."""


@dataclass(frozen=True, slots=True)
class NewIdentity:
    """Who a child is, before a reference is allocated. Its repr shows nothing.

    Attributes:
        as_of: the census this was said in, in a form that sorts by time (`match` writes and compares it), so that
            a term loaded again later does not bring an old name back; "" is older than any.
        put_right: (field, value before, value since) of what was put right for the family: a return that still says
            the value before is read as saying the other.
    """

    upn: str = field(repr=False)
    surname: str = field(repr=False)
    forename: str = field(repr=False)
    dob: str = field(repr=False)
    sex: str = field(repr=False, default="")
    former_upns: tuple[str, ...] = field(repr=False, default=())
    uln: str = field(repr=False, default="")
    middle_names: str = field(repr=False, default="")
    preferred_surname: str = field(repr=False, default="")
    former_surname: str = field(repr=False, default="")
    postcode: str = field(repr=False, default="")
    address: str = field(repr=False, default="")
    as_of: str = field(repr=False, default="")
    put_right: tuple[tuple[str, str, str], ...] = field(repr=False, default=())

    def to_json(self) -> bytes:
        """The form that is sealed; it holds no reference, which is the seal's context."""
        return _ENCODER.encode(dict(zip(_FIELDS, _values(self), strict=True))).encode()


@dataclass(frozen=True, slots=True)
class Identity(NewIdentity):
    """Who a pupil matching reference is."""

    pmr: Pmr = field(default=Pmr(-1), kw_only=True)

    @classmethod
    def of(cls, who: NewIdentity, pmr: Pmr) -> Identity:
        """An identity with its reference."""
        return cls(*_values(who), pmr=pmr)

    def without_reference(self) -> NewIdentity:
        """The identity alone."""
        return NewIdentity(*_values(self))

    @classmethod
    def from_json(cls, data: bytes, pmr: Pmr) -> Identity:
        """Read what `to_json` wrote."""
        values = json.loads(data)
        values["former_upns"] = tuple(values["former_upns"])
        values["put_right"] = tuple(tuple(one) for one in values.get("put_right", ()))  # earlier seals have none
        return cls(**values, pmr=pmr)


_FIELDS = tuple(part.name for part in fields(NewIdentity))
_values = attrgetter(*_FIELDS)
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def _plain(name: str) -> str:
    """Letters only, without accents, case or punctuation: O'Neil, ONeil and o’neil are one name."""
    if name.isascii() and name.isalpha():
        return name.lower()
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in decomposed if letter.isalpha())


def same_name(one: str, other: str) -> bool:
    """Whether two spellings are the same name; one part of a hyphenated or double name counts as the whole."""
    if one == other or _plain(one) == _plain(other):
        return True
    parts = [{_plain(part) for part in name.replace("-", " ").split() if _plain(part)} for name in (one, other)]
    return bool(parts[0]) and bool(parts[1]) and (parts[0] <= parts[1] or parts[1] <= parts[0])


def person_index(identity: NewIdentity) -> str:
    """What a possible second record of the same child is found by: full name, birth date, sex and postcode."""
    place = identity.postcode.replace(" ", "").upper()
    return "|".join([_plain(identity.surname), _plain(identity.forename), identity.dob, identity.sex, place])
