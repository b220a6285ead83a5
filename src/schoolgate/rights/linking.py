"""Writing links down: by a code, by papers, by a proven identity; and asking what a code's link would open, before."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from schoolgate.rights.code import Entropy
from schoolgate.rights.competence import PUPIL
from schoolgate.rights.models import ChildLink as LinkRow
from schoolgate.rights.models import ClaimCode


def any_link() -> LinkRow | None:
    """Some link to some child, to do the same work for what is not there; None before there is any."""
    return LinkRow.objects.order_by("pk").first()


def a_pupil() -> int:
    """The child of some link; nobody's number before there is any."""
    other = any_link()
    return other.pupil if other is not None else -1


def _in_force(account_id: int, pupil: int) -> LinkRow | None:
    return LinkRow.objects.filter(account_id=account_id, pupil=pupil, ended_at=None).first()


def _carry(row: LinkRow, code: ClaimCode) -> None:
    """The later code says what the account is to the child now: a carer who was given parental responsibility."""
    row.standing = code.standing
    row.confirmed_at = (code.paper.decided_at if code.paper is not None else None) or row.confirmed_at
    row.leave_at = code.leave_at or row.leave_at


def like_by_code(account_id: int, pupil: int, code: ClaimCode | None) -> LinkRow:
    """The link that a code would make or change; nothing is kept."""
    row = _in_force(account_id, pupil) or LinkRow(account_id=account_id, pupil=pupil)
    if code is not None:
        _carry(row, code)
    return row


def was_another(account_id: int, code: ClaimCode) -> bool:
    """Whether an account is, or was, to the child what this code's bearer is not: the young person, or somebody else.

    A parent who found the young person's letter would end whatever the other parent said, and act in the young person's
    name. Two people who saw the papers put a mistake right; a letter alone does not.
    """
    if code.paper is not None:
        return False
    known = LinkRow.objects.filter(account_id=account_id, pupil=code.pupil).values_list("standing", flat=True)
    return any((standing == PUPIL) != (code.standing == PUPIL) for standing in known)


def link_by_code(account_id: int, code: ClaimCode, now: datetime, rng: Entropy) -> LinkRow:
    """The link that a code makes, or changes."""
    row = _in_force(account_id, code.pupil)
    if row is None:
        try:
            with transaction.atomic():
                row = new_link(account_id, code.pupil, code.standing, now, rng, code)
        except IntegrityError:  # a second code of the same child, used at the same moment
            row = LinkRow.objects.get(account_id=account_id, pupil=code.pupil, ended_at=None)
    _carry(row, code)
    row.save(update_fields=["standing", "confirmed_at", "leave_at"])
    return row


def new_link(
    account_id: int,
    pupil: int,
    standing: str,
    now: datetime,
    rng: Entropy,
    code: ClaimCode | None = None,
    confirmed_at: datetime | None = None,
    by_staff: bool = False,
) -> LinkRow:
    """Write a link down."""
    return LinkRow.objects.create(
        # 62 bits: positive in every database's 64-bit column.
        public_id=(int.from_bytes(rng(8), "big") >> 2) | 1,
        account_id=account_id,
        pupil=pupil,
        code=code,
        standing=standing,
        confirmed_at=confirmed_at,
        by_staff=by_staff,
        since=now,
    )
