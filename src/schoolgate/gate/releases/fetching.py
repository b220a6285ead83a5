"""A sealed extract on its way: fetched a few times until a day, signed for or reported, deleted.

Whoever fetches it owes a signature: the SHA-256 of the file *inside*, which only somebody who has opened it can say.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import timedelta

from django.db import transaction

from schoolgate import people, register, requests, work
from schoolgate.clock import Clock, day_of
from schoolgate.config import Config
from schoolgate.errors import Refusal, Refused, SchoolgateError
from schoolgate.gate.releases.delays import count_ended
from schoolgate.gate.releases.letters import EXPIRED, REPORTED, UNSIGNED, remind, write_to
from schoolgate.gate.releases.limits import limits
from schoolgate.gate.releases.models import ExtractOrder
from schoolgate.gate.releases.orders import (
    UnknownExtract,
    extract,
    file_of,
    find,
    folder,
    make_extract,
    may_see,
    new_token,
    step,
    view_of,
)
from schoolgate.gate.releases.sealing import ENDING
from schoolgate.gate.releases.views import ExtractView, Opened
from schoolgate.gate.terms.ruling import rule_on
from schoolgate.policy import is_late

PIECE = 8 << 20
"""Bytes of one piece: well below what one answer of the gate may hold."""

REPORTS = {
    "damaged": "the file was damaged",
    "key-lost": "the key that opens it was lost",
    "lost": "the file was lost or fell into other hands",
    "deleted": "it was deleted unopened",
}
"""What can be reported instead of a signature. A closed list: the register is public."""

_BEING_MADE = timedelta(hours=1)
"""An order approved longer ago than any read may run is not being made any more: it broke off."""

_SPENT = frozenset({"query-budget-spent", "row-budget-spent"})
"""The extract itself may have been the last read of a budget; fetching it reads nothing."""


def _mine(order_id: str, person: people.PersonView, *, locked: bool = False) -> ExtractOrder:
    row = find(order_id, locked=locked)
    if not may_see(row, person):
        raise UnknownExtract("There is no such extract.", hint="See the list of extracts.", code="extract-unknown")
    return row


def _recipient(row: ExtractOrder, person: people.PersonView) -> tuple[Refusal, ...]:
    if person.role == "researcher" and person.organisation_id == row.organisation_id:
        return ()
    return (Refusal("not-the-recipient", "Only the recipient's own people may do this."),)


def _against_reading(row: ExtractOrder, person: people.PersonView, clock: Clock) -> tuple[Refusal, ...]:
    """Why this person may not read under the agreement now; the extract itself may have been the last of a budget."""
    decision = rule_on(requests.get(row.agreement_id), person.id, (), clock)
    return tuple(one for one in decision.refusals if one.code not in _SPENT)


def _against_fetching(row: ExtractOrder, person: people.PersonView, clock: Clock) -> tuple[Refusal, ...]:
    """Every reason: the person's and the agreement's as for a read, and the download's own."""
    found = [*_recipient(row, person), *_against_reading(row, person, clock)]
    if row.state != "ready" or row.until is None:
        found.append(Refusal("extract-not-there", f"There is no file to fetch: the extract is {row.state}."))
    elif day_of(clock.now()) > row.until:
        found.append(
            Refusal(
                "download-over", f"The last day to fetch it was {row.until.day} {row.until:%B %Y}.",
                remedy="Order a new extract.",
            )
        )  # fmt: skip
    if row.downloads >= limits().downloads:
        found.append(
            Refusal(
                "downloads-used", f"It was fetched {row.downloads} times; more is not allowed.",
                remedy="Sign for it, or report what became of it, and order a new one.",
            )
        )  # fmt: skip
    return tuple(found)


def open_extract(order_id: str, person_id: str, *, config: Config, clock: Clock) -> Opened | Refused:
    """Begin a download, which is counted from here on, whatever becomes of it; an older token opens nothing more."""
    person = people.person(person_id)
    with transaction.atomic():
        row = _mine(order_id, person, locked=True)
        against = _against_fetching(row, person, clock)
        if against:
            return Refused(against)
        if not file_of(order_id, config).is_file():
            return Refused((Refusal("extract-not-there", "The file is not there.", remedy="Order a new extract."),))
        token, now = new_token(), clock.now()
        row.token_sha256 = hashlib.sha256(token.encode()).hexdigest()
        row.token_until = now + timedelta(minutes=limits().token_minutes)
        row.downloads += 1
        if row.first_fetched_at is None:
            row.first_fetched_at, row.sign_by = now, day_of(now) + timedelta(days=limits().sign_days)
        row.save()
    return Opened(
        token, f"{order_id}{row.form}{ENDING}", row.size or 0, row.file_sha256, json.dumps(row.receipt, indent=1)
    )


def extract_piece(order_id: str, token: str, at: int, person_id: str, *, config: Config, clock: Clock) -> str | Refused:
    """A part of the sealed file from a byte on, as base64; empty at the end.

    Asked anew for each part: an agreement suspended, or an accreditation withdrawn, stops a download that is running.
    """
    person, now = people.person(person_id), clock.now()
    row = _mine(order_id, person)
    against = (*_recipient(row, person), *_against_reading(row, person, clock))
    if against:
        return Refused(against)
    given = hashlib.sha256(token.encode()).hexdigest()
    fits = bool(row.token_sha256) and hmac.compare_digest(given, row.token_sha256)
    in_time = row.token_until is not None and now < row.token_until
    by_day = row.until is not None and day_of(now) <= row.until
    if not (fits and in_time and by_day and row.state == "ready" and at >= 0):
        return Refused(
            (Refusal("download-closed", "This download is closed.", remedy="Begin a new one, if there is one left."),)
        )
    try:
        with file_of(order_id, config).open("rb") as file:
            file.seek(at)
            return base64.b64encode(file.read(PIECE)).decode()
    except FileNotFoundError:
        return Refused((Refusal("extract-not-there", "The file is not there.", remedy="Order a new extract."),))


def extract_receipt(order_id: str, person_id: str) -> str | Refused:
    """The receipt of the read, as JSON text, for the recipient's people: what they sign for, and its proof."""
    person = people.person(person_id)
    row = _mine(order_id, person)
    against = _recipient(row, person)
    if row.receipt is None:
        against = (*against, Refusal("extract-not-there", f"There is no receipt: the extract is {row.state}."))
    return Refused(against) if against else json.dumps(row.receipt, indent=1, ensure_ascii=False)


def _done(row: ExtractOrder, event: str, told: dict[str, str], clock: Clock) -> Refused | None:
    refused = step(row, event, "researcher", {"release": row.release_id, **told}, clock)
    return None if refused is None else Refused((refused,))


def sign_extract(
    order_id: str, opened_sha256: str, person_id: str, *, config: Config, clock: Clock
) -> ExtractView | Refused:
    """Countersign the receipt: the file is there, whole, and was opened. The file here is deleted.

    Args:
        order_id: the extract.
        opened_sha256: SHA-256 of the decrypted file, hexadecimal.
        person_id: who signs, of the recipient's organisation.
        config: the installation.
        clock: the time.
    """
    person = people.person(person_id)
    with transaction.atomic():
        row = _mine(order_id, person, locked=True)
        against = list(_recipient(row, person))
        if row.first_fetched_at is None:
            against.append(Refusal("not-fetched", "It was not fetched yet.", remedy="Fetch and open it first."))
        elif not hmac.compare_digest(opened_sha256.strip().lower().encode(), row.opened_sha256.encode()):
            against.append(
                Refusal(
                    "file-differs",
                    "This is not the SHA-256 of the file inside the extract.",
                    remedy="Decrypt it and take the SHA-256 of what comes out; or report that it is damaged.",
                )
            )
        if against:
            return Refused(tuple(against))
        row.signed_by, row.signed_at = person.id, clock.now()
        refused = _done(row, "sign", {"file_sha256": row.file_sha256}, clock)
        if refused is not None:
            return refused
    return _deleted(row.order_id, config, clock)


def report_extract(
    order_id: str, kind: str, said: str, person_id: str, *, config: Config, clock: Clock
) -> ExtractView | Refused:
    """Say instead of a signature what became of it. The file here is deleted; `said` is for the custodian alone."""
    person = people.person(person_id)
    with transaction.atomic():
        row = _mine(order_id, person, locked=True)
        against = list(_recipient(row, person))
        if kind not in REPORTS:
            against.append(Refusal("report-kind", f"A report is one of {', '.join(REPORTS)}."))
        if len(said) > 4_000:
            against.append(Refusal("too-long", "Say it in 4,000 characters."))
        if against:
            return Refused(tuple(against))
        row.said, row.signed_by = f"{kind}: {said}".strip(), person.id
        refused = _done(row, "report", {"reason": REPORTS[kind]}, clock)
        if refused is not None:
            return refused
        write_to([row.decided_by], *REPORTED, clock=clock)
    return _deleted(row.order_id, config, clock)


def _deleted(order_id: str, config: Config, clock: Clock) -> ExtractView:
    file_of(order_id, config).unlink(missing_ok=True)
    ExtractOrder.objects.filter(order_id=order_id, deleted_at=None).update(deleted_at=clock.now(), token_sha256="")
    return view_of(find(order_id), clock)


def tend_extracts(*, config: Config, clock: Clock) -> int:
    """Take up what broke off, delete what is past its day, and tell the public of signatures that are late.

    Idempotent. A file that no order stands for any more is deleted, too: a process ended between two steps.

    Returns:
        How many orders were changed.
    """
    changed, today = 0, day_of(clock.now())
    over = ExtractOrder.objects.filter(state="ready", until__lt=today)
    for order_id in list(over.values_list("order_id", flat=True)):
        with transaction.atomic():
            row = find(order_id, locked=True)
            fetched = "no" if row.first_fetched_at is None else "yes"
            if step(row, "expire", "gate", {"release": row.release_id, "fetched": fetched}, clock) is None:
                write_to([row.person_id], *EXPIRED, clock=clock)
        _deleted(order_id, config, clock)
        changed += 1
    owed = ExtractOrder.objects.filter(state__in=("ready", "expired"), unsigned_told=False).exclude(sign_by=None)
    for order_id in list(owed.values_list("order_id", flat=True)):
        with transaction.atomic():
            row = find(order_id, locked=True)
            if row.unsigned_told or row.state not in ("ready", "expired") or not is_late(row.sign_by, today):
                continue
            told = {"agreement": row.agreement_id, "release": row.release_id}
            register.append_event("extract.unsigned", row.order_id, told, clock.now())
            row.unsigned_told = True
            row.save(update_fields=["unsigned_told"])
            write_to([row.person_id], *UNSIGNED, clock=clock)
        changed += 1
    remind(today, clock)
    _sweep(config)
    if changed:
        register.publish(clock, config)
    return changed + _taken_up(config, clock)


def _taken_up(config: Config, clock: Clock) -> int:
    """Approved orders that broke off, last of all: one that cannot be made keeps nothing else waiting.

    Raises:
        SchoolgateError: some could not be made; they are taken up again.
    """
    left = ExtractOrder.objects.filter(state="approved", decided_at__lt=clock.now() - _BEING_MADE)
    failed: list[SchoolgateError] = []
    orders = list(left.values_list("order_id", flat=True))
    for order_id in orders:
        try:
            make_extract(order_id, config=config, clock=clock)
        except SchoolgateError as problem:
            failed.append(problem)
    if failed:
        raise failed[0]
    return len(orders)


def _sweep(config: Config) -> None:
    if not folder(config).is_dir():
        return
    standing = set(ExtractOrder.objects.filter(state__in=("approved", "ready")).values_list("order_id", flat=True))
    for path in folder(config).iterdir():
        if path.name.partition(".")[0] not in standing:  # one that is being written has an ending of its own
            path.unlink(missing_ok=True)


@work.job
def tend(*, config: Config, clock: Clock) -> None:
    """Count delays that ended, delete extracts past their day, and tell of those that nobody signed for."""
    count_ended(config=config, clock=clock)
    tend_extracts(config=config, clock=clock)


work.every(timedelta(hours=1), tend)

__all__ = [
    "PIECE",
    "REPORTS",
    "extract",
    "extract_piece",
    "extract_receipt",
    "open_extract",
    "report_extract",
    "sign_extract",
    "tend",
    "tend_extracts",
]  # fmt: skip
