"""Notices as their recipients see them, fetch them and answer for them.

A notice is its agreement's people's alone. To everybody else it is not there: the custodian and the overseer see that
it was sent and how it stands, and none of its lines.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from django.db import transaction
from pyroaring import BitMap

from schoolgate import consent, people, register, requests
from schoolgate.clock import Clock, custodians_day, day_of
from schoolgate.config import Config
from schoolgate.errors import Refusal, Refused, SchoolgateError
from schoolgate.gate.corrections.erased import counts_of, forget, how_many, lines_of
from schoolgate.gate.corrections.history import opened
from schoolgate.gate.corrections.limits import correction_limits
from schoolgate.gate.corrections.models import CORRECTED, EMPTIED, Correction, Notice
from schoolgate.gate.corrections.spreading import without_declined
from schoolgate.gate.corrections.states import ERASED, FITS, NOTICE, WAITING
from schoolgate.gate.corrections.views import NoticeCount, NoticeLine, NoticePage, NoticeView
from schoolgate.gate.engines.finish import Pseudonyms
from schoolgate.gate.shelter import place_columns
from schoolgate.ids import Pmr
from schoolgate.machine import Move
from schoolgate.records.vault import Vault

_SAID_MOST = 2_000


class UnknownNotice(SchoolgateError):
    """No such notice, or somebody else's: the same words for both."""


def view_of(row: Notice, clock: Clock) -> NoticeView:
    """A notice without its lines."""
    if row.kind == ERASED:
        named, counted = how_many(row.notice_id)
    else:
        named, counted = (len(BitMap.deserialize(bytes(held))) for held in (row.named, row.counted))
    return NoticeView(
        id=row.notice_id,
        agreement_id=row.agreement_id,
        organisation=requests.get(row.agreement_id).organisation_name,
        state=row.state,
        sent_on=day_of(row.sent_at),
        due=row.due,
        refuse_after=row.refuse_after,
        lines=named,
        counted=register.round_count(counted),
        fetched_on=None if row.fetched_at is None else day_of(row.fetched_at),
        acknowledged_on=None if row.acknowledged_at is None else day_of(row.acknowledged_at),
        did=row.did,
        said=row.said,
        late=row.state in WAITING and custodians_day(clock) > row.due,
        kind=row.kind,
    )


def _is_of(person: people.PersonView, agreement_id: str) -> bool:
    """Whether a person is one of an agreement's."""
    return person.left_on is None and person.id in requests.get(agreement_id).people


def notices(person_id: str, *, clock: Clock) -> tuple[NoticeView, ...]:
    """The notices a person may see, newest first: of its own agreements; all, without lines, for who watches."""
    person = people.person(person_id)
    rows = Notice.objects.order_by("-pk").defer("moved")
    if person.role in ("custodian", "overseer"):
        return tuple(view_of(row, clock) for row in rows)
    own = {agreement for agreement in set(rows.values_list("agreement_id", flat=True)) if _is_of(person, agreement)}
    return tuple(view_of(row, clock) for row in rows.filter(agreement_id__in=own))


def _own(notice_id: str, person: people.PersonView, *, locked: bool = False) -> Notice:
    rows = Notice.objects.select_for_update() if locked else Notice.objects
    row = rows.filter(notice_id=notice_id).first()
    if row is None or not _is_of(person, row.agreement_id):
        raise UnknownNotice("There is no such correction notice.", code="notice-unknown")
    return row


def notice(notice_id: str, person_id: str, after: int, *, config: Config, clock: Clock) -> NoticePage:
    """A part of a notice with its lines, for a person of its agreement; looking at it is put on record.

    Args:
        notice_id: which.
        person_id: who looks.
        after: how many lines to pass over; 0 for the first part.
        config: the installation.
        clock: the time.

    Raises:
        UnknownNotice: none, or another agreement's.
    """
    person = people.person(person_id)
    with transaction.atomic():
        row = _own(notice_id, person, locked=True)
        if isinstance(NOTICE.move(row.state, "fetch", person.role), Move):
            row.state, row.fetched_at = "fetched", clock.now()
            row.save(update_fields=["state", "fetched_at"])
    if row.state == "not needed":
        return NoticePage(view_of(row, clock), (), (), None)
    erased = row.kind == ERASED
    lines = lines_of(row.notice_id, config) if erased else _lines(row, config)
    counts = counts_of(row.notice_id, config) if erased else _counts(row)
    most = correction_limits().lines_most
    start = max(0, after)
    end = start + most
    return NoticePage(view_of(row, clock), tuple(lines[start:end]), counts, end if end < len(lines) else None)


def _lines(row: Notice, config: Config) -> list[NoticeLine]:
    """The lines, in the order of what they say: neither a reference nor a day is told by it."""
    keys = list(BitMap.deserialize(bytes(row.named)))
    found: list[Correction] = []
    for start in range(0, len(keys), 5_000):
        part = Correction.objects.filter(pk__in=keys[start : start + 5_000]).exclude(kind=EMPTIED)
        found += without_declined(part)
    holders = [int(row.moved.get(str(one.pk), one.pupil)) for one in found]
    cipher = Pseudonyms(Vault(config).agreement_key(row.agreement_id))
    names = cipher.text(pa.array(np.asarray(holders, np.int32))).to_pylist()
    shielded, places = BitMap(consent.shielded_pupils()), place_columns()
    lines = []
    for one, holder, name in zip(found, holders, names, strict=True):
        if one.item.partition(".")[2] in places and (holder in shielded or one.pupil in shielded):
            continue  # where a shielded child is, nobody is told anew
        held = opened(one, config)
        lines.append(NoticeLine(name, one.item, one.year, one.term, held["old"], held["new"], one.kind))
    return sorted(lines, key=lambda line: (line.item, line.year or 0, line.term, line.pupil, line.old))


def _counts(row: Notice) -> tuple[NoticeCount, ...]:
    keys = list(BitMap.deserialize(bytes(row.counted)))
    counts: dict[tuple[str, int | None, str, str], int] = {}
    for start in range(0, len(keys), 5_000):
        rows = Correction.objects.filter(pk__in=keys[start : start + 5_000])
        for item, year, term, kind in rows.values_list("item", "year", "term", "kind"):
            part = (item, year, term, CORRECTED if kind == EMPTIED else kind)  # a count tells no value
            counts[part] = counts.get(part, 0) + 1
    ordered = sorted(counts.items(), key=lambda one: (one[0][0], one[0][1] or 0, *one[0][2:]))
    return tuple(
        NoticeCount(item, year, term, register.round_count(count), kind) for (item, year, term, kind), count in ordered
    )


def acknowledge(notice_id: str, did: str, said: str, person_id: str, *, clock: Clock) -> NoticeView | Refused:
    """Say what was done about a notice.

    Args:
        notice_id: which.
        did: one of `DID` that fits the kind of notice (`states.FITS`).
        said: in the recipient's own words; needed where it cannot be put right. The families concerned read it.
        person_id: who says so, a person of the agreement.
        clock: the time.

    Raises:
        UnknownNotice: none, or another agreement's.
    """
    person, said = people.person(person_id), said.strip()
    with transaction.atomic():
        row = _own(notice_id, person, locked=True)
        move = NOTICE.move(row.state, "acknowledge", person.role)
        against = [] if isinstance(move, Move) else [move]
        if did not in FITS[row.kind]:
            against.append(Refusal("did-unknown", f"Say one of: {', '.join(FITS[row.kind])}."))
        if did == "erased" and row.fetched_at is None:
            # What it tells is forgotten with the answer: nobody could look afterwards.
            against.append(Refusal("not-fetched", "Look at the notice first: it says what is to be deleted."))
        if did == "cannot" and not said:
            why = "Say why it cannot be deleted." if row.kind == ERASED else "Say why it cannot be put right."
            against.append(Refusal("reason-missing", why, provision="UK GDPR Article 19"))
        if len(said) > _SAID_MOST:
            against.append(Refusal("too-long", f"Say it in {_SAID_MOST:,} characters."))
        if against:
            return Refused(tuple(against))
        row.state, row.did, row.said = "acknowledged", did, said
        row.acknowledged_at, row.acknowledged_by = clock.now(), person.id
        row.save(update_fields=["state", "did", "said", "acknowledged_at", "acknowledged_by"])
        forget(row.notice_id)
    return view_of(row, clock)


def unanswered_of(agreement_id: str) -> tuple[Notice, ...]:
    """The notices of an agreement for which an answer is owed."""
    return tuple(Notice.objects.filter(agreement_id=agreement_id, state__in=WAITING).order_by("pk"))


def holder_in(row: Notice, correction: Correction) -> Pmr:
    """Whose the corrected row was when the notice's recipient read it."""
    return Pmr(int(row.moved.get(str(correction.pk), correction.pupil)))
