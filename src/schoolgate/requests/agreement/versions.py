"""The versions of an agreement: what would be signed now, what was signed by whom, and how two differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from schoolgate import dictionary, people
from schoolgate.clock import Clock
from schoolgate.errors import SchoolgateError
from schoolgate.requests.agreement.compose import Agreed, compose
from schoolgate.requests.agreement.text import Difference, as_text, compare, text_hash
from schoolgate.requests.conditions import enforced
from schoolgate.requests.found import request_row
from schoolgate.requests.models import Request, Signature, Version
from schoolgate.requests.stored import approved_items, conditions_of, from_json

ORGANISATION, CUSTODIAN = "organisation", "custodian"
"""The two sides that sign."""

CHANGING = ("active", "reopened")
"""States in which a later version than the first can be signed."""

REAFFIRMED = "reaffirmation"
"""The kind of a version with which an agreement goes on after the organisation changed."""


@dataclass(frozen=True, slots=True)
class SignatureView:
    """One side's signature.

    Attributes:
        side: ``organisation`` or ``custodian``.
        person_id: who signed; for the two sides and the overseer, never in public.
        log_index: its entry in the register.
    """

    side: str
    person_id: str
    text_hash: str
    at: datetime
    log_index: int


@dataclass(frozen=True, slots=True)
class VersionView:
    """One version of an agreement's text.

    Attributes:
        application_id, agreement_id: whose; the agreement's is empty until the first version is signed.
        kind: ``agreement``, ``amendment``, ``extension`` or ``reaffirmation``.
        text: canonical (`text.read` gives its lines); empty when it was made before texts were kept.
        items, people: what an amendment adds.
        valid_until: of an extension.
        notice_days: days of notice before what it adds may be used.
        log_index: the panel's decision that it came of.
        signatures: in the order in which they were given.
        state: ``waits`` (for a signature), ``signed``, or ``replaced`` (by a later one before both had signed).
    """

    application_id: str
    agreement_id: str
    number: int
    kind: str
    text: str
    text_hash: str
    items: tuple[str, ...]
    people: tuple[str, ...]
    valid_until: date | None
    notice_days: int
    log_index: int
    signatures: tuple[SignatureView, ...]
    state: str


def _state(row: Version, last: int) -> str:
    if row.signed_index is not None:
        return "signed"
    return "waits" if row.number == last else "replaced"


def view_of(row: Version, request: Request, last: int) -> VersionView:
    """The row as a value; `last` is the newest version's number."""
    signed = sorted(row.signatures.all(), key=lambda one: one.log_index)
    return VersionView(
        application_id=request.application_id,
        agreement_id=request.agreement_id or "",
        number=row.number,
        kind=row.kind,
        text=row.text,
        text_hash=row.text_hash,
        items=tuple(row.items),
        people=tuple(row.people),
        valid_until=row.valid_until,
        notice_days=row.notice_days,
        log_index=row.log_index,
        signatures=tuple(
            SignatureView(one.side, one.person_id, one.text_hash, one.at, one.log_index) for one in signed
        ),
        state=_state(row, last),
    )


def versions(request_id: str) -> tuple[VersionView, ...]:
    """Every version of a request's text, oldest first; none before somebody signed the first.

    Raises:
        UnknownRequest: no application or agreement has this id.
    """
    request = request_row(request_id)
    rows = list(request.versions.prefetch_related("signatures").order_by("number"))
    waits = waiting_version(request)
    return tuple(view_of(row, request, waits.number if waits is not None else -1) for row in rows)


def differences(request_id: str, before: int, after: int) -> tuple[Difference, ...]:
    """How one version's text differs from another's.

    Raises:
        UnknownRequest: no application or agreement has this id.
        SchoolgateError: it has no such version.
    """
    found = {one.number: one.text for one in versions(request_id)}
    if not {before, after} <= set(found):
        raise SchoolgateError("The agreement has no such version.", code="version-unknown")
    return compare(found[before], found[after])


def first_notice_days(row: Request) -> int:
    """Days between the notice and the first use: what the purpose needs, or more where the panel asked for more."""
    purpose = dictionary.find_purpose(from_json(row.spec).purpose)
    asked = enforced(conditions_of(row)).notice_days
    return max(dictionary.UNTOLD_NOTICE_DAYS if purpose is None else purpose.notice_days, asked)


def compose_text(
    row: Request,
    number: int,
    *,
    items: Sequence[str] = (),
    added: Sequence[str] = (),
    valid_until: date | None = None,
    notice_days: int = 0,
) -> str:
    """The text of a version: the application as it was decided, the changes signed so far, and this one's."""
    spec, conditions = from_json(row.spec), conditions_of(row)
    organisation = people.organisation(row.organisation_id)
    signed = [one for one in row.versions.filter(signed_index__isnull=False) if one.number < number]
    days = [one.valid_until for one in signed if one.valid_until is not None]
    first = spec.valid_until or date.max
    agreed = Agreed(
        application_id=row.application_id,
        version=number,
        organisation=organisation.name,
        organisation_kind=people.ORGANISATION_KINDS[organisation.kind],
        country=organisation.country,
        spec=spec,
        items=approved_items(spec, conditions).union(*(one.items for one in signed)),
        conditions=conditions,
        people_count=len({*spec.people, *(who for one in signed for who in one.people), *added}),
        valid_until=valid_until or max([first, *days]),
        notice_days=notice_days or (first_notice_days(row) if not items and not added else 0),
        added=tuple(sorted(items)),
        added_people=len(set(added)),
    )
    return as_text(compose(agreed))


def waiting_version(row: Request) -> Version | None:
    """The version that waits for a signature, or None.

    While an agreement is re-opened only what the panel decided after the organisation's last change can be signed.
    """
    last = row.versions.order_by("number").last()
    if last is None or last.signed_index is not None:
        return None
    if row.state != "reopened":
        return last
    changed = row.steps.filter(event="reopen", log_index__gt=last.log_index).exists()
    return last if last.kind == REAFFIRMED and not changed else None


def next_text(row: Request) -> tuple[int, str]:
    """Number and text of a version that changes nothing but whom it names."""
    last = row.versions.order_by("number").last()
    number = (last.number if last is not None else 1) + 1
    return number, compose_text(row, number)


def text_now(row: Request) -> tuple[int, str]:
    """Number and text of what would be signed now."""
    last = row.versions.order_by("number").last()
    if last is None:
        return 1, compose_text(row, 1)
    if last.kind == "agreement":
        # The first text, signed by one side: it is made anew each time, so that a change of its terms is seen.
        # One that was approved anew after it was signed by one side is signed anew, as a version of its own.
        text = compose_text(row, last.number)
        stands = row.state != "approved" and text_hash(text) == last.text_hash
        if last.signed_index is not None or stands:
            return last.number, text
        return last.number + 1, compose_text(row, last.number + 1)
    made = compose_text(
        row,
        last.number,
        items=last.items,
        added=last.people,
        valid_until=last.valid_until,
        notice_days=last.notice_days,
    )
    return last.number, made


def to_sign(request_id: str) -> VersionView | None:
    """What waits for a signature: of an approved application its first text, of an agreement its newest change.

    Returns:
        The version as it would be signed now, with the signatures it has; None when nothing waits.

    Raises:
        UnknownRequest: no application or agreement has this id.
    """
    row = request_row(request_id)
    waits = waiting_version(row)
    if row.state not in ("approved", "accepted") and (row.state not in CHANGING or waits is None):
        return None
    number, text = text_now(row)
    if waits is not None and waits.number == number:
        return view_of(waits, row, number)
    return VersionView(
        application_id=row.application_id,
        agreement_id=row.agreement_id or "",
        number=number,
        kind="agreement",
        text=text,
        text_hash=text_hash(text),
        items=(),
        people=(),
        valid_until=None,
        notice_days=first_notice_days(row),
        log_index=row.steps.order_by("log_index").last().log_index,  # type: ignore[union-attr]  # it was submitted
        signatures=(),
        state="waits",
    )


def keep_version(row: Request, number: int, kind: str, text: str, log_index: int, clock: Clock) -> Version:
    """Keep a text as a version; nothing of it is changed afterwards but that both have signed."""
    return Version.objects.create(
        request=row,
        number=number,
        kind=kind,
        text=text,
        text_hash=text_hash(text),
        made_at=clock.now(),
        log_index=log_index,
        notice_days=first_notice_days(row) if kind == "agreement" else 0,
    )


def keep_signature(version: Version, side: str, actor: people.PersonView, log_index: int, clock: Clock) -> None:
    """Keep who signed a version, and with which account."""
    Signature.objects.create(
        version=version,
        side=side,
        person_id=actor.id,
        account_id=actor.account_id,
        text_hash=version.text_hash,
        at=clock.now(),
        log_index=log_index,
    )
