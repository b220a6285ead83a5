"""Putting right what the vault holds: names, a date of birth, a sex.

The old value stays beside the new: a return that still says it finds the child, and brings nothing back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from schoolgate.config import Config
from schoolgate.errors import Refusal
from schoolgate.gate.corrections.tokens import IDENTITY, row_token
from schoolgate.gate.corrections.values import column_of, read_value
from schoolgate.ids import Pmr
from schoolgate.records.vault import Identity, Vault

NAMES = ("surname", "forename", "middle_names", "preferred_surname", "former_surname", "dob", "sex")
"""What of an identity is put right here. Numbers (UPN, ULN) are given out by others, and follow theirs."""

_NEEDED = ("surname", "forename", "dob", "sex")
_LIKE = {"dob": "census_pupil.entrydate"}
"""What a part of an identity looks like: a day; every other is a short text or a code, as a sex is."""


def identity_row(who: Identity) -> dict[str, str]:
    """What can be put right of an identity, as its token is made over it."""
    return {name: str(getattr(who, name)) for name in NAMES}


def identity_token(who: Identity, config: Config) -> str:
    """The token of what the vault holds of a child, as its family's record gives it."""
    return row_token(config.keyring(), IDENTITY, who.pmr, identity_row(who))


def identity_problem(name: str, text: str, codes: frozenset[str]) -> Refusal | None:
    """Why a text is no such part of an identity; None when it is.

    Args:
        name: one of `NAMES`.
        text: as it was given.
        codes: the codes of a sex.
    """
    if name in _NEEDED and not text.strip():
        return Refusal("value-shape", "This cannot be left empty.", remedy="Give the value as it should be.")
    column = column_of(_LIKE.get(name, "census_pupil.sex"))
    return column if isinstance(column, Refusal) else read_value(column, text, codes if name == "sex" else _NO_CODES)[1]


_NO_CODES: frozenset[str] = frozenset()


def put_identities(made: Iterable[tuple[Pmr, str, str, str]], config: Config) -> None:
    """Change identities, in the caller's transaction.

    Args:
        made: (child, part, value before, value since), in order.
        config: the installation.
    """
    vault = Vault(config)
    changes = list(made)
    held: dict[Pmr, Identity] = dict(vault.identities({pupil for pupil, _, _, _ in changes}))
    for pupil, name, old, new in changes:
        who = held[pupil]
        # Whatever was ever wrong leads to what is right now; and what is right now leads nowhere.
        wrong = {(part, before) for part, before, _ in who.put_right if part == name} | {(name, old)}
        others = [one for one in who.put_right if one[0] != name]
        told = (*others, *((part, before, new) for part, before in sorted(wrong) if before != new))
        changed: dict[str, Any] = {"put_right": told, name: new}
        held[pupil] = replace(who, **changed)
    # What a child was found by before still finds it: `update` only adds to the index.
    vault.update({pupil: who.without_reference() for pupil, who in held.items()})
