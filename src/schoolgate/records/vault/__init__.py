"""The identity vault: who a pupil matching reference is. For match and the gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schoolgate.records.vault.identity import Identity, NewIdentity, UnknownPupil, person_index, same_name
from schoolgate.records.vault.keyed import keyed_blocks
from schoolgate.surface import lazy_surface

if TYPE_CHECKING:
    from schoolgate.records.vault.store import Vault

__all__ = [
    "Identity",
    "NewIdentity",
    "UnknownPupil",
    "Vault",
    "keyed_blocks",
    "person_index",
    "same_name",
]

__getattr__ = lazy_surface(__name__, {"Vault": "store"})
