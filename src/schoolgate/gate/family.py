"""What a family's page asks of the gate beside the record itself: who took it, and the log's proofs.

Each is about one child, whom the site knows by an account's link. The site has no table of the ledger or of
families' choices to look into.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from schoolgate import consent, ledger, people, register, requests
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.gate.releases.delays import is_untold, untold
from schoolgate.gate.releases.standing import orders_of
from schoolgate.gate.settle import NotAMember, member_proof
from schoolgate.gate.shelter import place_columns
from schoolgate.gate.subject import SUBJECT_ACCESS
from schoolgate.ids import Pmr
from schoolgate.ledger import Exposure


@dataclass(frozen=True, slots=True)
class ChildExposure:
    """One line of a child's answer.

    Attributes:
        exposure: the release, as the ledger knows it of this child.
        looked: who looked under the families' own agreement (``account:7``, ``school:100000``, ``school:`` where the
            child is shielded, ``custodian``); empty for every other agreement: which person of an organisation asked
            is not the family's to know.
        order: the extract that the answer was sealed into; empty when it did not leave as a file.
    """

    exposure: Exposure
    looked: str
    order: str = ""


def exposures_of(pupil: Pmr, clock: Clock) -> tuple[ChildExposure, ...]:
    """Every release that took, or may have taken, any item of this child, oldest first.

    Those under an agreement of which the family is told later by law are not among them until the day after the last.
    Of a shielded child those that would say where it is are not among them either: whom a local authority or a police
    force asked about, and what was asked about some places only. Where the child stands under another reference, too,
    what was taken of it there is among them.
    """
    references = _references(pupil)
    later = _untold(references, clock)
    shielded = consent.shielded_since(pupil) is not None
    found = [one for one in _taken(references) if not is_untold(one.agreement_id, one.at, later)]
    agreements = {one.agreement_id for one in found} if shielded else set()
    telling = {number for number in agreements if _says_where(number)}
    orders = orders_of({one.release_id for one in found})
    looks = ledger.askers({one.release_id for one in found if one.agreement_id == SUBJECT_ACCESS})
    return tuple(
        ChildExposure(
            exposure,
            looked=_looked(looks[exposure.release_id], shielded) if exposure.release_id in looks else "",
            order=orders.get(exposure.release_id, ""),
        )
        for exposure in found
        if exposure.agreement_id not in telling
    )


def _references(pupil: Pmr) -> tuple[Pmr, ...]:
    return (pupil, *consent.other_references(pupil))


def _taken(references: tuple[Pmr, ...]) -> list[Exposure]:
    """What was taken of a child under all its references, each release once."""
    if len(references) == 1:
        return list(ledger.who_has(references[0]))
    found = dict[str, Exposure]()
    for each in references:
        for one in ledger.who_has(each):
            before = found.get(one.release_id)
            items = tuple(sorted({*one.items, *before.items})) if before is not None else one.items
            found[one.release_id] = replace(before or one, items=items)
    return sorted(found.values(), key=lambda one: one.log_index)


def _untold(references: tuple[Pmr, ...], clock: Clock) -> dict[str, datetime]:
    """What the family is told of later, under whichever reference: the earlier of two days hides more."""
    found: dict[str, datetime] = {}
    for each in references:
        for agreement, since in untold(each, clock).items():
            found[agreement] = min(since, found.get(agreement, since))
    return found


_OF_ONE_AREA = ("local-authority", "police")


def _says_where(agreement_id: str) -> bool:
    """Whether it says something of a child's whereabouts that the child was read under this agreement."""
    agreement = requests.get(agreement_id)
    if agreement.authorities or agreement.regions or agreement.schools:
        return True
    if any(one.column in place_columns() for one in agreement.cohort):
        return True  # a condition on who is in it names a place as well as the list of places does
    return people.organisation(agreement.organisation_id).kind in _OF_ONE_AREA


def _looked(person: str, shielded: bool) -> str:
    """Who looked, as far as a family is told: a school by its number, but not where the child is shielded."""
    kind, mark, _ = person.partition(":")
    if not mark:
        return "custodian"
    return "school:" if shielded and kind == "school" else person


def proof_of(release_id: str, pupil: Pmr, config: Config, clock: Clock) -> dict[str, Any]:
    """What lets one child's family show that the custodian told them about a release.

    Raises:
        NotAMember: the child is not in it, its family is told of it later, or it would say where a shielded child is:
            the same words for all, so that nobody finds out by asking for a proof.
    """
    references = _references(pupil)
    found = _member(release_id, references, config)
    record = ledger.release(release_id)
    later = is_untold(record.agreement_id, record.begun_at, _untold(references, clock))
    if later or (consent.shielded_since(pupil) is not None and _says_where(record.agreement_id)):
        raise NotAMember("This child is not in this release.", code="not-a-member")
    return found


def _member(release_id: str, references: tuple[Pmr, ...], config: Config) -> dict[str, Any]:
    """The proof for the child's own reference, or else for another of its references."""
    *first, last = references
    for each in first:
        with suppress(NotAMember):
            return member_proof(release_id, each, config)
    return member_proof(release_id, last, config)


def entry_proof(index: int, config: Config) -> str:
    """The C2SP tlog-proof of one entry."""
    return register.receipt_proof(index, config)


def log_key(config: Config) -> str:
    """The log's public key."""
    return register.verifier_key(config)
