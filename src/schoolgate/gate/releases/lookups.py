"""Looking people up: a list that another body sends, and a claim that is answered yes or no.

Each is a read like any other, through `service.read`: the agreement's rules, rows left out and budgets, an exposure of
exactly the pupils who were found, ledger and register before anything is told. What differs is who is looked for: that
comes from the vault, is held in memory for the time of the question, and of whoever is not found nothing stays.

"Not found" is the one word for nobody of these particulars, for several, for a child who is left out (an objection, a
restriction, a shield, a death), for one outside the agreement's years, places and cohort: the steps are the same, and
the answers are.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from pyroaring import BitMap

from schoolgate import ledger, register, requests
from schoolgate.clock import Clock, custodians_day, day_of
from schoolgate.config import Config
from schoolgate.dictionary import lake_tables
from schoolgate.errors import Refusal
from schoolgate.gate import service
from schoolgate.gate.asking.reference import KEY
from schoolgate.gate.engines.finish import Pseudonyms
from schoolgate.gate.failclosed import plainly
from schoolgate.gate.handover import Handover, RefusedQuery
from schoolgate.gate.manner import Manner
from schoolgate.gate.releases.limits import limits, lookup_reasons
from schoolgate.gate.releases.lists import claim_problem, list_problems
from schoolgate.gate.releases.models import LookedUp
from schoolgate.gate.releases.pattern import same_child
from schoolgate.gate.releases.use import against_use, stop_use
from schoolgate.gate.releases.views import Found, ListAnswer, Verified, Wanted
from schoolgate.gate.settle import settle
from schoolgate.gate.terms.ruling import against_person
from schoolgate.gate.writing import Entropy, refuse
from schoolgate.ids import Pmr, upn_problem
from schoolgate.policy import HANDED_OVER
from schoolgate.records.vault import Identity, NewIdentity, Vault, same_name

_IDENTITY = ("upn", "surname", "forename", "dob", "sex")
"""What of an identity is compared, and so counts as exposed."""

_TERM_ORDER = {"SPR": 0, "SUM": 1, "AUT": 2}


def _is_that_child(identity: Identity, wanted: Wanted) -> bool:
    """Whether particulars with a child's UPN are that child's: the birth date, and a name when one is given."""
    if identity.dob != wanted.dob:
        return False
    surnames = [one for one in (identity.surname, identity.preferred_surname, identity.former_surname) if one]
    by_surname = not wanted.surname.strip() or any(same_name(one, wanted.surname) for one in surnames)
    by_forename = not wanted.forename.strip() or same_name(identity.forename, wanted.forename)
    return by_surname and by_forename


def find_people(rows: Sequence[Wanted], vault: Vault) -> list[Pmr | None]:
    """The one pupil each row is about; None for nobody and for several."""
    by_upn = vault.holders({row.upn for row in rows if row.upn and upn_problem(row.upn) is None})
    held = vault.identities({pupil for pupils in by_upn.values() for pupil in pupils})
    named = [
        NewIdentity(
            upn="", surname=row.surname.strip(), forename=row.forename.strip(), dob=row.dob, sex=row.sex,
            postcode=row.postcode,
        )
        for row in rows
    ]  # fmt: skip
    by_name = vault.same_children(named)
    found: list[Pmr | None] = []
    for at, row in enumerate(rows):
        if row.upn:
            candidates = [pupil for pupil in by_upn.get(row.upn, ()) if _is_that_child(held[pupil], row)]
        else:
            candidates = list(by_name.get(at, ()))
        found.append(candidates[0] if len(candidates) == 1 else None)
    return found


def _sql(items: Sequence[str]) -> str:
    """The question that is asked of the lake about whoever was found."""
    columns = dict.fromkeys(["pupil", "year", "term", *(item.partition(".")[2] for item in items)])
    # Names of the dictionary's, which `_items_problem` has seen to.
    return f"SELECT {', '.join(columns)} FROM census_pupil"


def _items_problem(items: Sequence[str]) -> Refusal | None:
    if f"census_pupil.{KEY}" in items:
        return Refusal(
            "lookup-pseudonym",
            "Whose a pseudonym is, no look-up tells.",
            provision="look-ups: a pseudonym stands in place of a name, never beside it",
            remedy="Leave it out.",
        )
    known = {column.item_id for table in lake_tables() if table.name == "census_pupil" for column in table.columns}
    if set(items) <= known:
        return None
    return Refusal("item-not-approved", "A look-up tells items of census_pupil alone.", remedy="Name only these.")


def _latest(table: pa.Table) -> dict[str, dict[str, Any]]:
    """Pseudonym -> the row of the latest census in it."""
    found: dict[str, tuple[tuple[int, int], dict[str, Any]]] = {}
    for row in table.to_pylist():
        point = (int(row["year"]), _TERM_ORDER.get(str(row["term"]), -1))
        before = found.get(row["pupil"])
        if before is None or point > before[0]:
            found[row["pupil"]] = (point, row)
    return {name: row for name, (_, row) in found.items()}


@dataclass(frozen=True, slots=True)
class _Group:
    """Look-ups of one kind, reason and provision, made at once."""

    agreement_id: str
    person_id: str
    kind: str
    reason: str
    provision: str
    pupils: tuple[Pmr | None, ...]

    @property
    def asked(self) -> int:
        """How many people it is about."""
        return len(self.pupils)

    @property
    def own(self) -> BitMap:
        """The pupils among them."""
        return BitMap(pupil for pupil in self.pupils if pupil is not None)


def _look(
    group: _Group, items: Sequence[str], *, config: Config, clock: Clock, entropy: Entropy
) -> tuple[Handover, dict[str, dict[str, Any]]] | RefusedQuery:
    """One release: the read confined to whoever was found, with its own events, settled at once."""
    agreement = requests.get(group.agreement_id)
    asked_for = frozenset({group.reason})
    names = _names_of(group.own, Vault(config).agreement_key(group.agreement_id))
    out_of_pattern: tuple[Refusal, ...] = ()

    def against() -> tuple[Refusal, ...]:
        nonlocal out_of_pattern
        refused, out_of_pattern = against_use(
            group.agreement_id, group.person_id, group.kind, asked_for, group.asked, clock
        )
        return (*refused, *out_of_pattern)

    def beside(release_id: str) -> None:
        counts = {"people_asked": register.round_count(group.asked), "people_found": register.round_count(len(found))}
        told = {
            "agreement": agreement.id, "organisation": agreement.organisation_name, "kind": group.kind, **counts,
            "reason": lookup_reasons()[group.reason], "provision": group.provision,
        }  # fmt: skip
        register.append_event("lookup.made", release_id, told, clock.now())
        LookedUp.objects.create(
            agreement_id=agreement.id, person_id=group.person_id, kind=group.kind, reason=group.reason,
            provision=group.provision, asked=group.asked, found=hits(), release_id=release_id, at=clock.now(),
        )  # fmt: skip
        if group.kind == "matching":
            misses = {"agreement": agreement.id, "misses": register.round_count(group.asked - hits())}
            register.append_event("lookup.misses_destroyed", release_id, misses, clock.now())

    found: frozenset[str] = frozenset()

    def hits() -> int:
        """Rows that are answered with "found": a person of two rows is found twice, and missed in neither."""
        return sum(pupil is not None and names[int(pupil)] in found for pupil in group.pupils)

    def render(result: pa.Table) -> Mapping[str, bytes]:
        nonlocal found
        found = frozenset(result.column("pupil").to_pylist())
        return {}

    answer = service.read(
        group.agreement_id, group.person_id, _sql(items),
        config=config, clock=clock, entropy=entropy, output=HANDED_OVER, render=render,
        manner=Manner(
            further={"kind": group.kind, "provision": group.provision}, only=group.own, identity=_IDENTITY,
            check=against, beside=beside, leaves=True,
        ),
    )  # fmt: skip
    if isinstance(answer, RefusedQuery):
        if out_of_pattern:  # another look-up came between, and this one is what went too far
            stop_use(group.agreement_id, group.person_id, out_of_pattern, clock=clock)
            register.publish(clock, config)
        return answer
    with plainly(answer.release_id):
        # The same day means now: whoever was looked up sees it as soon as the asker has the answer.
        settle(ledger.release(answer.release_id), config=config, clock=clock)
        register.publish(clock, config)
    return answer, _latest(answer.table)


def _stopped_first(
    agreement_id: str, person_id: str, kind: str, rows: Sequence[Wanted], *, config: Config, clock: Clock
) -> RefusedQuery | None:
    """Asked before anybody is looked for: a use out of pattern is stopped, and tells nothing."""
    if not _known(agreement_id):
        return refuse(None, (_UNKNOWN,), config=config, clock=clock)
    # Whoever may not use the agreement today is refused, and no more: a stranger stops nobody else's work.
    may_not = against_person(agreement_id, person_id, clock)
    if may_not:
        return refuse(agreement_id, may_not, config=config, clock=clock)
    reasons = frozenset(row.reason for row in rows)
    refused, stopping = against_use(agreement_id, person_id, kind, reasons, len(rows), clock)
    if not (refused or stopping):
        return None
    if stopping:
        stop_use(agreement_id, person_id, stopping, clock=clock)
    return refuse(agreement_id, (*refused, *stopping), config=config, clock=clock)


_UNKNOWN = Refusal("agreement-unknown", "There is no such agreement.", "agreements in the register")


def _known(agreement_id: str) -> bool:
    try:
        return not requests.get(agreement_id).built_in
    except requests.UnknownRequest:
        return False


@plainly()
def match_list(
    agreement_id: str,
    person_id: str,
    rows: Sequence[Wanted],
    items: Sequence[str] = (),
    *,
    config: Config,
    clock: Clock,
    entropy: Entropy = os.urandom,
) -> ListAnswer | RefusedQuery:
    """Compare a list that another body sends with the pupils.

    Rows of one reason and one provision are one release; each exposes exactly the pupils found. When a later group is
    refused, nothing is told of the earlier ones either; they stay on record as exposed.

    Args:
        agreement_id: an agreement whose look-ups were declared (`use.declare_lookups`).
        person_id: who asks.
        rows: the people, each with the reason and the provision for this look-up.
        items: what of census_pupil is told about whoever is found, from the latest census.
        config: the installation.
        clock: the time.
        entropy: randomness.

    Returns:
        An answer for each row, or every reason why there is none; both are on record.
    """
    problems = list_problems(rows)
    problem = _items_problem(items)
    problems = (*problems, *([problem] if problem else []))
    if problems:
        return refuse(agreement_id if _known(agreement_id) else None, problems, config=config, clock=clock)
    stopped = _stopped_first(agreement_id, person_id, "matching", rows, config=config, clock=clock)
    if stopped is not None:
        return stopped
    vault = Vault(config)
    pupils = find_people(rows, vault)
    groups: dict[tuple[str, str], list[int]] = {}
    for at, row in enumerate(rows):
        groups.setdefault((row.reason, row.provision), []).append(at)
    answers: dict[int, Found] = {}
    releases = []
    for (reason, provision), places in groups.items():
        group = _Group(agreement_id, person_id, "matching", reason, provision, tuple(pupils[at] for at in places))
        looked = _look(group, items, config=config, clock=clock, entropy=entropy)
        if isinstance(looked, RefusedQuery):
            return looked
        handed, told = looked
        releases.append(handed.release_id)
        names = _names_of(group.own, vault.agreement_key(agreement_id))
        for at in places:
            pupil = pupils[at]
            held = told.get(names[int(pupil)]) if pupil is not None else None
            answers[at] = _found(rows[at].ref, held, items)
    return ListAnswer(tuple(answers[at] for at in range(len(rows))), tuple(releases))


def _names_of(pupils: BitMap, key: bytes) -> dict[int, str]:
    """Pupil -> the agreement's pseudonym, as results have it."""
    numbers = list(pupils)
    if not numbers:
        return {}
    halves = Pseudonyms(key).halves(pa.array(numbers, pa.int32()))
    text = halves.tobytes().hex()
    return {number: text[32 * at : 32 * (at + 1)] for at, number in enumerate(numbers)}


def _found(ref: str, held: Mapping[str, Any] | None, items: Sequence[str]) -> Found:
    if held is None:
        return Found(ref, False)
    told = ((item, held[item.partition(".")[2]]) for item in items)
    return Found(ref, True, tuple((item, "" if value is None else str(value)) for item, value in told))


@plainly()
def verify(
    agreement_id: str,
    person_id: str,
    wanted: Wanted,
    item: str = "",
    value: str = "",
    *,
    config: Config,
    clock: Clock,
    entropy: Entropy = os.urandom,
) -> Verified | RefusedQuery:
    """Answer a claim with yes or no: there is such a pupil, and (when an item is named) its latest value is this.

    A yes tells, and so does a no about somebody who is found: either is a read, in that child's own answer.

    Args:
        agreement_id: an agreement whose look-ups were declared.
        person_id: who asks.
        wanted: the person, with the reason and the provision for this question.
        item: an item of census_pupil, or empty.
        value: what is claimed of it, as text in any case of letters.
        config: the installation.
        clock: the time.
        entropy: randomness.
    """
    items = (item,) if item else ()
    problem = _items_problem(items)
    problems = (*list_problems([wanted]), *([problem] if problem else []), *claim_problem(item, value))
    if problems:
        return refuse(agreement_id if _known(agreement_id) else None, problems, config=config, clock=clock)
    stopped = _stopped_first(agreement_id, person_id, "verification", [wanted], config=config, clock=clock)
    if stopped is not None:
        return stopped
    vault = Vault(config)
    (pupil,) = find_people([wanted], vault)
    # Asked of somebody in any case: that a child is there and left out must not be heard by how long "no" takes.
    times = _times_today(Pmr(0) if pupil is None else pupil, agreement_id, clock)
    again = same_child(0 if pupil is None else times, limits())
    if again:
        stop_use(agreement_id, person_id, again, clock=clock)
        return refuse(agreement_id, again, config=config, clock=clock)
    group = _Group(agreement_id, person_id, "verification", wanted.reason, wanted.provision, (pupil,))
    looked = _look(group, items, config=config, clock=clock, entropy=entropy)
    if isinstance(looked, RefusedQuery):
        return looked
    handed, told = looked
    held = next(iter(told.values()), None)
    yes = held is not None and (not item or _claimed(held[item.partition(".")[2]], value))
    return Verified(yes, handed.release_id)


def _times_today(pupil: Pmr, agreement_id: str, clock: Clock) -> int:
    """How often a child was read about under an agreement on the custodian's day."""
    today = custodians_day(clock)
    lines = ledger.who_has(pupil)
    return sum(one.agreement_id == agreement_id and day_of(one.at) == today for one in lines)


def _claimed(held: Any, value: str) -> bool:
    """Whether a value is the one claimed; nothing is claimed of a value that is not there."""
    return held is not None and str(held).casefold() == value.strip().casefold()


__all__ = ["find_people", "match_list", "verify"]
