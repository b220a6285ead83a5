"""Whom a read leaves out, and to whom it is confined: the sets of pupils that go with a decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from pyroaring import BitMap

from schoolgate import consent, requests
from schoolgate.policy import RowRule


@dataclass(frozen=True, slots=True)
class PupilSets:
    """The sets that go with one read.

    Attributes:
        denied: left out of every scan: objections in force, restrictions, shields, deaths.
        consenting: item -> the pupils whose family said yes to it, for the items that a scan reads.
    """

    denied: BitMap
    consenting: Mapping[str, BitMap]


def left_out(agreement: requests.Agreement) -> BitMap:
    """The pupils no scan under this agreement may take."""
    return consent.left_out_pupils([agreement.purpose], deceased=agreement.deceased)


def pupil_sets(agreement: requests.Agreement, items: frozenset[str], rows: RowRule, today: date) -> PupilSets:
    """The sets for a read of these items today. Whoever said nothing did not say yes."""
    return PupilSets(
        left_out(agreement),
        {
            item: BitMap(consent.consenting_pupils(item, agreement.purpose, agreement.organisation_id, today))
            for item in rows.consent
            if item in items
        },
    )
