"""The vault's rows: sealed identities, blind indexes, keys."""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection, transaction

from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.ids import Pmr
from schoolgate.records.models import VaultCounter, VaultIdentity, VaultIndex, VaultKey
from schoolgate.records.pupil_keys import BLOCK_BITS, KeyDestroyed, PupilKeys
from schoolgate.records.vault.identity import Identity, NewIdentity, UnknownPupil, person_index
from schoolgate.records.vault.keyed import BLOCK_BYTES, keyed_blocks

_BATCH = 5_000
"""Values asked for in one statement: below SQLite's limit of 32,766 variables (SQLite, "Limits")."""


class Vault:
    """The identities of one installation.

    Args:
        config: where the master key is.
    """

    def __init__(self, config: Config) -> None:
        self._keys = config.keyring()
        self._own = PupilKeys(self._keys, config.keys)

    def _blind(self, kind: str, value: str) -> bytes:
        return self._keys.blind(f"vault-{kind}", value)

    def _seal(self, pmr: int, identity: NewIdentity) -> bytes:
        return self._own.seal(pmr, identity.to_json())

    def _open(self, pmr: int, sealed: bytes) -> Identity | None:
        """The identity; None when the pupil's key was destroyed, as in a database older than that."""
        try:
            return Identity.from_json(self._own.unseal(pmr, bytes(sealed)), Pmr(pmr))
        except KeyDestroyed:
            return None

    def find(self, upn: str) -> Pmr | None:
        """The pupil who has, or had, this UPN."""
        return self.find_many([upn]).get(upn)

    def find_many(self, upns: Iterable[str]) -> dict[str, Pmr]:
        """The pupils who have, or had, these UPNs; a UPN in dispute finds its first holder."""
        return {upn: pupils[0] for upn, pupils in self.holders(upns).items()}

    def holders(self, upns: Iterable[str]) -> dict[str, tuple[Pmr, ...]]:
        """Every pupil who has, or had, each of these UPNs; who has it undisputed comes first."""
        blinds = {self._blind("upn", upn): upn for upn in upns}
        found: dict[str, list[Pmr]] = {}
        for blind, pmr in self._look_up("upn", list(blinds)):
            found.setdefault(blinds[blind], []).append(pmr)
        return {upn: tuple(pupils) for upn, pupils in found.items()}

    def find_same_child(self, identities: Sequence[NewIdentity]) -> dict[int, Pmr]:
        """Position in `identities` -> a pupil with the same name, birth date, sex and postcode."""
        blinds = [self._blind("person", person_index(identity)) for identity in identities]
        found: dict[bytes, Pmr] = {}
        for blind, pmr in self._look_up("person", blinds):
            found.setdefault(blind, pmr)
        return {at: found[blind] for at, blind in enumerate(blinds) if blind in found}

    def same_children(self, identities: Sequence[NewIdentity]) -> dict[int, tuple[Pmr, ...]]:
        """Position in `identities` -> every pupil with the same name, birth date, sex and postcode."""
        blinds = [self._blind("person", person_index(identity)) for identity in identities]
        found: dict[bytes, list[Pmr]] = {}
        for blind, pmr in self._look_up("person", list(dict.fromkeys(blinds))):
            found.setdefault(blind, []).append(pmr)
        return {at: tuple(dict.fromkeys(found[blind])) for at, blind in enumerate(blinds) if blind in found}

    def _look_up(self, kind: str, blinds: Sequence[bytes]) -> Iterator[tuple[bytes, Pmr]]:
        table = VaultIndex._meta.db_table
        where = f'SELECT blind, pmr FROM "{table}" WHERE kind = %s AND blind IN'
        for blind, pmr in self._select(where, "ORDER BY disputed, pmr", blinds, kind):
            yield bytes(blind), Pmr(pmr)

    def _select(self, before: str, after: str, values: Sequence[Any], *first: Any) -> Iterator[tuple[Any, Any]]:
        """Rows by a long list of values, in parts; the ORM spends longer on the list than the database does."""
        with connection.cursor() as cursor:
            for start in range(0, len(values), _BATCH):
                part = values[start : start + _BATCH]
                cursor.execute(f"{before} ({', '.join(['%s'] * len(part))}) {after}", [*first, *part])
                yield from cursor.fetchall()

    def _counter(self) -> VaultCounter:
        counter, _ = VaultCounter.objects.select_for_update().get_or_create(name="pmr", defaults={"value": 0})
        return counter

    def next_reference(self) -> Pmr:
        """The reference that `allocate` gives next; nobody else is given one until the caller's transaction ends.

        Raises:
            SchoolgateError: there is no transaction.
        """
        if not connection.in_atomic_block:
            raise SchoolgateError("References are given out inside a transaction.", code="no-transaction")
        return Pmr(self._counter().value)

    def allocate(self, identities: Sequence[NewIdentity]) -> list[Pmr]:
        """Give each identity the next references, dense from 0, and keep it sealed.

        A UPN that is another child's already does not find this one first: it is in dispute.
        """
        if not identities:
            return []
        with transaction.atomic():
            counter = self._counter()
            first = counter.value
            counter.value += len(identities)
            counter.save(update_fields=["value"])
            pmrs = [Pmr(first + at) for at in range(len(identities))]
            pairs = list(zip(pmrs, identities, strict=True))
            self._write(
                f'INSERT INTO "{VaultIdentity._meta.db_table}" (pmr, sealed) VALUES (%s, %s)',
                [(pmr, self._seal(pmr, identity)) for pmr, identity in pairs],
            )
            self._index(pairs)
        return pmrs

    def update(self, changed: Mapping[Pmr, NewIdentity]) -> None:
        """Replace sealed identities and add what they can now be found by; old UPNs keep finding them."""
        if not changed:
            return
        with transaction.atomic():
            self._write(
                f'UPDATE "{VaultIdentity._meta.db_table}" SET sealed = %s WHERE pmr = %s',
                [(self._seal(pmr, identity), pmr) for pmr, identity in changed.items()],
            )
            self._index(list(changed.items()))

    def _index(self, pairs: Sequence[tuple[Pmr, NewIdentity]]) -> None:
        upns = [(pmr, upn) for pmr, who in pairs for upn in dict.fromkeys((who.upn, *who.former_upns)) if upn]
        first = {upn: pupils[0] for upn, pupils in self.holders({upn for _, upn in upns}).items()}
        rows = [
            # Who is given a UPN first has it undisputed, two in this very batch included.
            ("upn", self._blind("upn", upn), pmr, first.setdefault(upn, pmr) != pmr)
            for pmr, upn in upns
        ]
        # Without a postcode a name and a birth date are many children's, so they are not looked up by them.
        rows += [("person", self._blind("person", person_index(who)), pmr, False) for pmr, who in pairs if who.postcode]
        self._write(
            f'INSERT INTO "{VaultIndex._meta.db_table}" (kind, blind, pmr, disputed) VALUES (%s, %s, %s, %s)'
            " ON CONFLICT DO NOTHING",
            rows,
        )

    def _write(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Many rows at once. The ORM's bulk methods took three times as long, most of it building objects."""
        with connection.cursor() as cursor:
            cursor.executemany(sql, rows)

    def identity(self, pmr: Pmr) -> Identity:
        """Who this is.

        Raises:
            UnknownPupil: no identity is held.
        """
        found = self.identities([pmr])
        if pmr not in found:
            raise UnknownPupil("No identity is held for this reference.", code="pupil-unknown")
        return found[pmr]

    def identities(self, pmrs: Iterable[Pmr]) -> dict[Pmr, Identity]:
        """Who these are; those not held are left out."""
        where = f'SELECT pmr, sealed FROM "{VaultIdentity._meta.db_table}" WHERE pmr IN'
        found = ((Pmr(pmr), self._open(pmr, sealed)) for pmr, sealed in self._select(where, "", list(pmrs)))
        return {pmr: identity for pmr, identity in found if identity is not None}

    def _key(self, name: str) -> bytes:
        row, _ = VaultKey.objects.get_or_create(
            name=name, defaults={"sealed": self._keys.seal("vault-key", os.urandom(32), name.encode())}
        )
        return self._keys.unseal("vault-key", bytes(row.sealed), name.encode())

    def agreement_key(self, agreement_id: str) -> bytes:
        """The key of one agreement's pseudonyms: random, made once, sealed at rest."""
        return self._key(f"agreement/{agreement_id}")

    def release_key(self, release_id: str) -> bytes:
        """The key of one release's salts."""
        return self._key(f"release/{release_id}")

    def destroy_release_key(self, release_id: str) -> None:
        """Forget a release's salts: nobody can then show who was in it, the custodian included."""
        VaultKey.objects.filter(name=f"release/{release_id}").delete()

    def child_ref(self, pmr: Pmr) -> bytes:
        """Sixteen bytes that stand for one child in its family's proofs of version 1, the same in each."""
        return self._keys.blind("child-ref", str(int(pmr)))[:16]

    def child_refs(self, pmrs: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
        """The same for proofs of version 2: a row of sixteen bytes a child, for millions at once."""
        return keyed_blocks(self._keys.key("child-ref/2"), 0, pmrs)

    def own_child_refs(self, pmrs: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
        """The same for proofs of version 3: under the key of each child's own block of references.

        Of an erased child's block no key is left; the others' references are kept, its own is not.
        """
        blocks = pmrs >> np.uint32(BLOCK_BITS)
        edges = [0, *(np.flatnonzero(np.diff(blocks)) + 1).tolist(), len(pmrs)]
        made = np.empty((len(pmrs), BLOCK_BYTES), np.uint8)
        for start, end in pairwise(edges):
            if start < end:
                made[start:end] = self._refs_in(int(blocks[start]), pmrs[start:end])
        return made

    def _refs_in(self, block: int, pmrs: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
        key = self._own.block_key(block)
        if key is not None:
            return keyed_blocks(hmac.digest(key, b"schoolgate/child-ref/3", "sha256"), 0, pmrs)
        row = VaultKey.objects.get(name=_kept_refs(block))
        kept = np.frombuffer(self._keys.unseal("vault-key", bytes(row.sealed), row.name.encode()), np.uint8)
        refs: npt.NDArray[np.uint8] = kept.reshape(-1, BLOCK_BYTES)[pmrs & np.uint32((1 << BLOCK_BITS) - 1)]
        return refs

    def is_number_of(self, pmr: Pmr) -> Callable[[str], bool]:
        """Whether a UPN is, or was, one pupil's, by the index alone: for a pupil whose identity stays closed."""
        blinds = {bytes(row.blind) for row in VaultIndex.objects.filter(kind="upn", pmr=pmr)}
        return lambda upn: bool(blinds) and self._blind("upn", upn) in blinds

    def is_erased(self, pmr: Pmr) -> bool:
        """Whether a pupil's key was destroyed."""
        return self._own.is_destroyed(int(pmr))

    def erased(self) -> list[Pmr]:
        """Every reference whose key was destroyed, ascending."""
        return [Pmr(pmr) for pmr in self._own.destroyed()]

    def brought_back(self) -> list[Pmr]:
        """Erased pupils of whom a sealed identity or an index entry is held: the database is older than the erasure."""
        erased = list(self._own.destroyed())
        found = {row for row, _ in self._select(f'SELECT pmr, pmr FROM "{_IDENTITIES}" WHERE pmr IN', "", erased)}
        found |= {row for row, _ in self._select(f'SELECT pmr, pmr FROM "{_INDEX}" WHERE pmr IN', "", erased)}
        return [Pmr(pmr) for pmr in sorted(found)]

    def erase(self, pmr: Pmr) -> None:
        """Destroy a pupil's key and all that is held of who it is. Erasing it again changes nothing.

        The key goes first: from then on every copy of the identity, wherever it lies, stays closed; what is left
        undone by a power cut is found again by `brought_back`.
        """
        self.erase_many([pmr])

    def erase_many(self, pmrs: Collection[Pmr]) -> None:
        """The same of many pupils, a block of references at a time: the file of keys is written once for each."""
        blocks: dict[int, list[int]] = {}
        for pmr in sorted({int(pmr) for pmr in pmrs}):
            blocks.setdefault(pmr >> BLOCK_BITS, []).append(pmr)
        for block, own in blocks.items():
            self._erase_in(block, own)

    def _erase_in(self, block: int, pmrs: Sequence[int]) -> None:
        numbers = np.arange(block << BLOCK_BITS, (block + 1) << BLOCK_BITS, dtype=np.uint32)
        kept = self.own_child_refs(numbers).copy()
        for pmr in pmrs:
            kept[pmr & ((1 << BLOCK_BITS) - 1)] = np.frombuffer(os.urandom(BLOCK_BYTES), np.uint8)
        name = _kept_refs(block)
        sealed = self._keys.seal("vault-key", kept.tobytes(), name.encode())
        VaultKey.objects.update_or_create(name=name, defaults={"sealed": sealed})
        self._own.destroy(*pmrs)
        with transaction.atomic():  # a block has 8,192 references: below SQLite's limit of variables
            VaultIdentity.objects.filter(pmr__in=pmrs).delete()
            VaultIndex.objects.filter(pmr__in=pmrs).delete()


_IDENTITIES, _INDEX = VaultIdentity._meta.db_table, VaultIndex._meta.db_table


def _kept_refs(block: int) -> str:
    return f"child-refs/{block:05x}"
