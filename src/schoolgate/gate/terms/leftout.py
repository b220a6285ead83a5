"""Whom a read leaves out, and to whom it is confined: the sets of pupils that go with a decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from pyroaring import BitMap

from schoolgate import consent, declining, people, requests
from schoolgate.gate.terms.rowrules import consent_set, dispute_set
from schoolgate.policy import RowRule


@dataclass(frozen=True, slots=True)
class PupilSets:
    """The sets that go with one read.

    Attributes:
        denied: left out of every scan: objections in force, restrictions, shields, deaths.
        consenting: item -> the pupils whose family said yes to it, for the items that a scan reads.
        disputed: number of a scan -> the pupils left out of it, because an item that it reads is in dispute; a scan
            that leaves out nobody so is not in it.
    """

    denied: BitMap
    consenting: Mapping[str, BitMap]
    disputed: Mapping[int, BitMap]

    @property
    def named(self) -> dict[str, BitMap]:
        """The sets beside `denied` under the engine's names."""
        return named(self.consenting, self.disputed)


NOBODY = PupilSets(BitMap(), {}, {})
"""Nobody is left out: a family's own look."""


def named(consenting: Mapping[str, BitMap], disputed: Mapping[int, BitMap]) -> dict[str, BitMap]:
    """The engine's name of a set -> its pupils."""
    return {
        **{consent_set(item): pupils for item, pupils in consenting.items()},
        **{dispute_set(number): pupils for number, pupils in disputed.items()},
    }


def use_of(agreement: requests.Agreement) -> consent.Use:
    """What a family can have said no to, to be left out of reads under this agreement.

    A no to an organisation is heard wherever the child's facts would come to it: also where it only processes them for
    another (UK GDPR Article 28). A no to a kind of organisation is one to who asks, and a processor does not.
    """
    body = people.one_body(agreement.organisation_id)
    ids = {*body.ids, *(part for one in _processors(agreement) for part in people.one_body(one).ids)}
    return consent.Use((agreement.purpose,), body.kinds, tuple(sorted(ids)))


def _processors(agreement: requests.Agreement) -> set[str]:
    """The processors that the directory has: by number; of an agreement that gives none, by exact name."""
    numbered = {one.organisation for one in agreement.processors if one.organisation}
    named = {
        found.id
        for one in agreement.processors
        if not one.organisation
        for found in people.organisations_called(one.name)
    }
    return numbered | named


def left_out(agreement: requests.Agreement) -> BitMap:
    """The pupils no scan under this agreement may take."""
    return consent.left_out_pupils(use_of(agreement), deceased=agreement.deceased)


def _disputed(scans: Mapping[int, frozenset[str]]) -> dict[int, BitMap]:
    """Each scan's pupils of whom an item that it reads is in dispute.

    Identity items count with the first scan, as they do in what is recorded (`manner.exposing`).
    """
    items_read = frozenset[str]().union(*scans.values())
    by_item = {**consent.disputing_pupils(items_read)}
    for item, pupils in _declined_elsewhere(items_read).items():
        by_item[item] = by_item.get(item, BitMap()) | pupils
    if not by_item:
        return {}
    found = {
        number: BitMap.union(BitMap(), *(by_item[item] for item in items & by_item.keys()))
        for number, items in scans.items()
    }
    return {number: pupils for number, pupils in found.items() if pupils}


def _declined_elsewhere(items: frozenset[str]) -> dict[str, BitMap]:
    """Item -> pupils of whom it was declined under another reference of theirs.

    There its values are replaced, which nobody can undo; here it is no more than not read, since that the two are one
    child's is one person's word and can be taken back.
    """
    joined, found = consent.joined_pupils(), dict[str, BitMap]()
    for pupil, item in declining.declined_among(joined, items):
        found.setdefault(item, BitMap()).update(joined[pupil])
    return found


def pupil_sets(
    agreement: requests.Agreement, scans: Mapping[int, frozenset[str]], rows: RowRule, today: date
) -> PupilSets:
    """The sets for a read today. Whoever said nothing did not say yes.

    Args:
        agreement: under which it is read.
        scans: number of a scan -> the items that it reads, those the row rule looks at included.
        rows: the rows every scan is confined to.
        today: the custodian's date.
    """
    items = frozenset[str]().union(*scans.values())
    return PupilSets(
        left_out(agreement),
        {
            item: BitMap(consent.consenting_pupils(item, agreement.purpose, agreement.organisation_id, today))
            for item in rows.consent
            if item in items
        },
        _disputed(scans),
    )
