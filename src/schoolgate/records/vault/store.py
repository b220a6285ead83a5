"""The vault's rows: sealed identities, blind indexes, keys."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction

from schoolgate.config import Config
from schoolgate.ids import Pmr
from schoolgate.records.models import VaultCounter, VaultIdentity, VaultIndex, VaultKey
from schoolgate.records.vault.identity import Identity, NewIdentity, UnknownPupil, person_index

_BATCH = 400
"""Below SQLite's limit on variables in one statement."""


class Vault:
    """The identities of one installation.

    Args:
        config: where the master key is.
    """

    def __init__(self, config: Config) -> None:
        self._keys = config.keyring()

    def _blind(self, kind: str, value: str) -> bytes:
        return self._keys.blind(f"vault-{kind}", value)

    def _seal(self, pmr: int, identity: NewIdentity) -> bytes:
        plain = NewIdentity(**{name: getattr(identity, name) for name in NewIdentity.__slots__}).to_json()
        return self._keys.seal("vault", plain, pmr.to_bytes(4, "big"))

    def _open(self, row: VaultIdentity) -> Identity:
        plain = self._keys.unseal("vault", bytes(row.sealed), row.pmr.to_bytes(4, "big"))
        held = NewIdentity.from_json(plain)
        return Identity(**{name: getattr(held, name) for name in NewIdentity.__slots__}, pmr=Pmr(row.pmr))

    def find(self, upn: str) -> Pmr | None:
        """The pupil who has, or had, this UPN."""
        return self.find_many([upn]).get(upn)

    def find_many(self, upns: Iterable[str]) -> dict[str, Pmr]:
        """The pupils who have, or had, these UPNs; a UPN in dispute finds its first holder."""
        blinds = {self._blind("upn", upn): upn for upn in upns}
        return {blinds[blind]: pmr for blind, pmr in self._look_up("upn", list(blinds)).items()}

    def find_same_child(self, identities: Sequence[NewIdentity]) -> dict[int, Pmr]:
        """Position in `identities` -> a pupil with the same name, birth date, sex and postcode."""
        blinds = [self._blind("person", person_index(identity)) for identity in identities]
        found = self._look_up("person", blinds)
        return {at: found[blind] for at, blind in enumerate(blinds) if blind in found}

    def _look_up(self, kind: str, blinds: Sequence[bytes]) -> dict[bytes, Pmr]:
        found: dict[bytes, Pmr] = {}
        for start in range(0, len(blinds), _BATCH):
            rows = VaultIndex.objects.filter(kind=kind, blind__in=blinds[start : start + _BATCH], disputed=False)
            for blind, pmr in rows.order_by("-pmr").values_list("blind", "pmr"):
                found[bytes(blind)] = Pmr(pmr)
        return found

    def allocate(self, identities: Sequence[NewIdentity], *, disputed: bool = False) -> list[Pmr]:
        """Give each identity the next references, dense from 0, and keep it sealed.

        Args:
            identities: new pupils.
            disputed: the UPN is also another child's; it then does not find this one.
        """
        with transaction.atomic():
            counter, _ = VaultCounter.objects.select_for_update().get_or_create(name="pmr", defaults={"value": 0})
            first = counter.value
            counter.value += len(identities)
            counter.save(update_fields=["value"])
            pmrs = [Pmr(first + at) for at in range(len(identities))]
            pairs = list(zip(pmrs, identities, strict=True))
            VaultIdentity.objects.bulk_create(
                (VaultIdentity(pmr=pmr, sealed=self._seal(pmr, identity)) for pmr, identity in pairs),
                batch_size=_BATCH,
            )
            self._index(pairs, disputed=disputed)
        return pmrs

    def _index(self, pairs: Sequence[tuple[Pmr, NewIdentity]], *, disputed: bool = False) -> None:
        rows = []
        for pmr, identity in pairs:
            for upn in dict.fromkeys((identity.upn, *identity.former_upns)):
                if upn:
                    rows.append(VaultIndex(kind="upn", blind=self._blind("upn", upn), pmr=pmr, disputed=disputed))
            rows.append(VaultIndex(kind="person", blind=self._blind("person", person_index(identity)), pmr=pmr))
        VaultIndex.objects.bulk_create(rows, batch_size=_BATCH, ignore_conflicts=True)

    def update(self, changed: Mapping[Pmr, NewIdentity]) -> None:
        """Replace sealed identities and add what they can now be found by; old UPNs keep finding them."""
        with transaction.atomic():
            rows = [VaultIdentity(pmr=pmr, sealed=self._seal(pmr, identity)) for pmr, identity in changed.items()]
            VaultIdentity.objects.bulk_update(rows, ["sealed"], batch_size=_BATCH)
            self._index(list(changed.items()))

    def identity(self, pmr: Pmr) -> Identity:
        """Who this is.

        Raises:
            UnknownPupil: no identity is held.
        """
        row = VaultIdentity.objects.filter(pmr=pmr).first()
        if row is None:
            raise UnknownPupil("No identity is held for this reference.", code="pupil-unknown")
        return self._open(row)

    def identities(self, pmrs: Iterable[Pmr]) -> dict[Pmr, Identity]:
        """Who these are; those not held are left out."""
        wanted = list(pmrs)
        found: dict[Pmr, Identity] = {}
        for start in range(0, len(wanted), _BATCH):
            for row in VaultIdentity.objects.filter(pmr__in=wanted[start : start + _BATCH]):
                found[Pmr(row.pmr)] = self._open(row)
        return found

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
        """Sixteen bytes that stand for one child in its family's proofs, the same in every proof."""
        return self._keys.blind("child-ref", str(int(pmr)))[:16]
