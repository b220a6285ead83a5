"""Who has my child's data: ledger, agreements and register put together, with the proof of each line."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from schoolgate import dictionary, register, requests
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.rights.claims import pupil_of, school_name
from schoolgate.rights.inwords import did_in_words
from schoolgate.rights.ports import REAL_GATE, installation
from schoolgate.rights.views import ChildLink, GatePort, Gone, ItemInWords, Line, LineRelease, TakenAway

if TYPE_CHECKING:
    from schoolgate.gate import ChildExposure, RecipientState

_STANDING = {
    "active": lazy("in force"),
    "suspended": lazy("stopped for now"),
    "reopened": lazy("stopped until it is decided anew"),
    "ended": lazy("ended; the data is not yet certified destroyed"),
    "destroyed": lazy("ended, and the data is certified destroyed"),
}


class UnknownLine(SchoolgateError):
    """The child is in no such release; the same for one that does not exist."""


@cache
def _in_the_lake() -> dict[str, tuple[str, str]]:
    """Each item of the lake: its column's name, and its table's description."""
    return {
        column.item_id: (column.name, table.description)
        for table in dictionary.lake_tables()
        for column in table.columns
    }


def _words(items: Collection[str], config: Config) -> dict[str, ItemInWords]:
    """Items in words; the table's description where the dictionary has none for the item."""
    compiled = dictionary.open_dictionary(config.dictionary)
    return {item: _said_of(item, compiled.get(item)) for item in items}


def _said_of(item_id: str, item: dictionary.Item | None) -> ItemInWords:
    column, table = _in_the_lake().get(item_id, (item_id, ""))
    if item is None:
        return ItemInWords(item_id, column, table, "")
    return ItemInWords(item_id, item.name, item.description or table, item.why)


def _looked(taken: ChildExposure, link: ChildLink) -> tuple[str, str]:
    """Who looked at the child's record under the families' own agreement: kind, and the school's name."""
    kind, _, number = taken.looked.partition(":")
    if kind == "account" and number == str(link.account_id):
        return "you", ""
    if taken.exposure.settled_index is None:
        return "", ""
    if kind == "school":
        # Without a number where the child is shielded: the gate does not say which school it was.
        return "school", school_name(int(number)) if number else ""
    if kind == "custodian":
        return "custodian", ""
    return "another account", ""


_AFTERWARDS = {
    "extract.ready": "waits",
    "extract.received": "received",
    "extract.reported": "reported",
    "extract.expired": "deleted",
}
"""What the register says of an extract -> how it stands."""


def _left(taken: Sequence[ChildExposure]) -> dict[str, TakenAway]:
    """The releases of these whose answer left as a file, each as the public register tells of it."""
    orders = {one.exposure.release_id: one.order for one in taken if one.order}
    told = register.histories(orders.values())
    found = {release: _taken_away(release, told.get(order, ())) for release, order in orders.items()}
    return {release: one for release, one in found.items() if one is not None}


def _taken_away(release_id: str, told: Sequence[register.Event]) -> TakenAway | None:
    """How one extract stands, from the last word of the register about it; None where sealing it failed."""
    last = next((one for one in told if one.type in _AFTERWARDS), None)
    if last is None:
        return None
    state = _AFTERWARDS[last.type]
    fetched = {"received": True, "deleted": last.body.get("fetched") == "yes"}.get(state)
    return TakenAway(release_id, state, fetched, datetime.fromisoformat(str(last.body["at"])))


def _gone(agreements: Iterable[requests.Agreement]) -> dict[str, Gone]:
    """Agreement -> what was stated about the destruction, where there is something to state."""
    over = [one.id for one in agreements if one.state in ("ended", "destroyed")]
    return {
        number: Gone(stated.destroyed_on, stated.method, "custodian" if stated.seen else "")
        for number, stated in (requests.certificates(over) if over else {}).items()
    }


def _way(taken: ChildExposure, agreement: requests.Agreement, left: Mapping[str, TakenAway]) -> str:
    if taken.exposure.release_id in left:
        return "extract"
    # Nothing of an identity is read but where people who were named are looked for.
    named = any(item.startswith("identity.") for item in taken.exposure.items)
    return "look-up" if named and agreement.id != requests.SUBJECT_ACCESS else ""


def _release(
    taken: ChildExposure, agreement: requests.Agreement, link: ChildLink, left: Mapping[str, TakenAway]
) -> LineRelease:
    looked, school = _looked(taken, link) if agreement.id == requests.SUBJECT_ACCESS else ("", "")
    exposure = taken.exposure
    return LineRelease(
        release_id=exposure.release_id,
        at=exposure.at,
        state=exposure.state,
        can_prove=exposure.settled_index is not None,
        log_index=exposure.log_index,
        items=exposure.items,
        delivered=exposure.delivered,
        looked=looked,
        school=school,
        way=_way(taken, agreement, left),
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """What all lines of one answer are made from: looked up once."""

    agreements: Mapping[str, requests.Agreement]
    words: Mapping[str, ItemInWords]
    left: Mapping[str, TakenAway]
    corrections: Mapping[str, tuple[RecipientState, ...]]
    gone: Mapping[str, Gone]


def _in_words(state: RecipientState, link: ChildLink) -> RecipientState:
    """What it did in words; of a shielded child without the recipient's own words, which could name a place."""
    return replace(state, did=did_in_words(state.did), said="" if link.places_withheld else state.said)


def _known(taken: Sequence[ChildExposure], states: Sequence[RecipientState], link: ChildLink, config: Config) -> _Known:
    numbers = {_agreement_of(one) for one in taken}
    agreements = {one.id: one for one in requests.agreements(numbers)}
    told = {number: tuple(_in_words(one, link) for one in states if one.agreement_id == number) for number in numbers}
    items = {item for one in taken for item in one.exposure.items}
    return _Known(agreements, _words(items, config), _left(taken), told, _gone(agreements.values()))


def _line(agreement_id: str, taken: list[ChildExposure], known: _Known, link: ChildLink) -> Line:
    """One agreement's line; `taken` is oldest first."""
    agreement, words, left = known.agreements[agreement_id], known.words, known.left
    purpose = dictionary.find_purpose(agreement.purpose)
    releases = tuple(_release(one, agreement, link, left) for one in reversed(taken))
    newest = releases[0]
    items = tuple(sorted({item for one in taken for item in one.exposure.items}))
    return Line(
        agreement_id=agreement.id,
        organisation=agreement.organisation_name,
        purpose_id=agreement.purpose,
        purpose=_(purpose.name) if purpose else agreement.purpose,
        purpose_plain=agreement.purpose_plain,
        why=_(purpose.plain) if purpose else "",
        lawful_basis=agreement.lawful_basis,
        special_category_basis=agreement.special_category_basis,
        gateway=agreement.gateway,
        items=items,
        items_in_words=tuple(words[item] for item in items),
        first_at=taken[0].exposure.at,
        last_at=taken[-1].exposure.at,
        until=agreement.valid_until,
        processed_at=agreement.processed_at,
        country=agreement.country,
        conditions=agreement.conditions,
        standing=str(_STANDING.get(agreement.state, agreement.state)),
        agreement_state=agreement.state,
        releases=releases,
        release_id=newest.release_id,
        at=newest.at,
        since=taken[0].exposure.at,
        state=newest.state,
        can_prove=newest.can_prove,
        log_index=newest.log_index,
        processors=agreement.processors,
        linked_with=agreement.linkage,
        safeguard=agreement.transfer_safeguard,
        ended_on=agreement.ended_on,
        gone=known.gone.get(agreement.id),
        corrections=known.corrections[agreement.id],
        taken_away=tuple(left[one.exposure.release_id] for one in taken if one.exposure.release_id in left),
    )


def _agreement_of(taken: ChildExposure) -> str:
    return taken.exposure.agreement_id


def lines_for(link: ChildLink, *, config: Config | None = None, gate: GatePort = REAL_GATE) -> tuple[Line, ...]:
    """Everyone who has been given anything of the child's record, the latest first, by agreement.

    Raises:
        UnknownLink: not this account's child.
    """
    places = installation(config)
    pupil = pupil_of(link)
    found = gate.exposures_of(pupil, config=places)
    taken = sorted(found, key=lambda one: (one.exposure.agreement_id, one.exposure.log_index))
    if not taken:
        return ()
    known = _known(taken, gate.correction_states(pupil, config=places), link, places)
    lines = [_line(agreement_id, list(own), known, link) for agreement_id, own in groupby(taken, key=_agreement_of)]
    return tuple(sorted(lines, key=lambda line: line.releases[0].log_index, reverse=True))


def who_has(link: ChildLink, *, config: Config | None = None, gate: GatePort = REAL_GATE) -> tuple[Line, ...]:
    """The same, a line for each release, the latest first.

    Raises:
        UnknownLink: not this account's child.
    """
    places = installation(config)
    pupil = pupil_of(link)
    taken = gate.exposures_of(pupil, config=places)
    if not taken:
        return ()
    known = _known(taken, gate.correction_states(pupil, config=places), link, places)
    return tuple(_line(_agreement_of(one), [one], known, link) for one in reversed(taken))


def proof_file(
    link: ChildLink, release_id: str, *, config: Config | None = None, gate: GatePort = REAL_GATE
) -> dict[str, Any]:
    """The proof of one release (``family-proof/1``), checked offline by tools/verify_receipt.py.

    Returns:
        JSON values: the child's salt, reference and path; both log entries with their proofs; the log's key.

    Raises:
        UnknownLink: not this account's child.
        UnknownLine: the child is not in it, or it is still being worked out.
    """
    places, pupil = installation(config), pupil_of(link)
    taken = gate.exposures_of(pupil, config=places)
    exposure = next((one.exposure for one in taken if one.exposure.release_id == release_id), None)
    if exposure is None or exposure.settled_index is None:
        raise UnknownLine(
            "There is no such line, or it is still being worked out.",
            hint="Try again later.",
            code="line-unknown",
        )
    member = gate.member_proof(release_id, pupil, places)
    return {
        "schoolgate": "family-proof/1",
        **{k: member[k] for k in ("child_ref", "salt", "member_index", "member_count", "member_path")},
        "release": _entry(exposure.log_index, places, gate),
        "settled": _entry(exposure.settled_index, places, gate),
        "key": gate.log_key(places),
    }


def _entry(index: int, config: Config, gate: GatePort) -> dict[str, Any]:
    return {
        "event": dict(register.event(index).body),
        "index": index,
        "proof": gate.entry_proof(index, config),
    }
