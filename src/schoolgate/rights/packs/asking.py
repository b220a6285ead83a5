"""Asking for a pack, seeing how it stands, fetching it, and letting it be deleted. Each is written down.

A pack is the account's that asked for it: another adult's pack of the same child is answered as one that is not there.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial

from django.db import IntegrityError, transaction

from schoolgate import consent, statutory, work
from schoolgate.clock import Clock, day_of
from schoolgate.config import Config
from schoolgate.errors import Refusal, Refused, SchoolgateError
from schoolgate.ids import Pmr
from schoolgate.rights.claims import pupil_of, row_of
from schoolgate.rights.packs import keep
from schoolgate.rights.packs.models import Pack, PackStep
from schoolgate.rights.packs.states import PACK
from schoolgate.rights.packs.views import FORMS, AccessFigures, PackStepView, PackView
from schoolgate.rights.views import ChildLink

KEPT_DAYS = 7
"""Days a pack can be fetched: long enough for a family that looks once a week."""

PIECE = 4 << 20
"""Bytes of a file that one answer of the gate carries."""

_A_DAY = 3
"""Packs that an account may ask for in a day of one child. More is no wish to know; each is a read and is shown."""


def _unknown() -> SchoolgateError:
    return SchoolgateError("There is no such copy.", hint="Ask for a new one.", code="pack-unknown")


def _view(row: Pack) -> PackView:
    return PackView(
        id=row.public_id,
        state=row.state,
        stage=row.stage or "waits",
        asked_at=row.asked_at,
        due=row.due,
        made_at=row.made_at,
        until=row.until,
        sizes=tuple((form, row.sizes[form]) for form in FORMS if form in row.sizes),
        steps=tuple(PackStepView(one.event, one.form, one.at) for one in row.steps.all().order_by("at", "pk")),
    )


def _own(link: ChildLink, *, locked: bool = False) -> Pack:
    """The account's latest pack of the child.

    Raises:
        UnknownLink: the account has no such child.
        SchoolgateError: it has none.
    """
    rows = Pack.objects.filter(account_id=link.account_id, pupil=pupil_of(link)).order_by("-asked_at", "-pk")
    row = (rows.select_for_update() if locked else rows).first()
    if row is None:
        raise _unknown()
    return row


def step(row: Pack, event: str, role: str, written: str, account_id: int | None, now: datetime, form: str = "") -> None:
    """Change a pack's state by the table, and write it down, in the caller's transaction.

    Raises:
        SchoolgateError: the table has no such move.
    """
    move = PACK.move(row.state, event, role)
    if isinstance(move, Refusal):
        raise SchoolgateError(move.reason, hint=move.remedy, code=move.code)
    row.state = move.target
    note(row, written, account_id, now, form)


def note(row: Pack, written: str, account_id: int | None, now: datetime, form: str = "") -> None:
    """Write down what was done with a pack."""
    PackStep.objects.create(pack=row, event=written, form=form, account_id=account_id, at=now)


def due_of(received: date) -> date:
    """The last day of the answer to a request for access (UK GDPR Articles 12(3) and 12A)."""
    last = statutory.answer_by(statutory.Running(received)).last_day
    if last is None:
        raise SchoolgateError("A clock that nothing stops has a last day.", code="clock")
    return last


def ask_for_pack(
    link: ChildLink, clock: Clock, token: Callable[[int], str] = secrets.token_urlsafe
) -> PackView | Refused:
    """Ask for a copy of everything; the one that is waited for, when there is one.

    The request counts as a statutory request for access from this moment on.

    Raises:
        UnknownLink: the account has no such child.
    """
    pupil, now = pupil_of(link), clock.now()
    own = Pack.objects.filter(account_id=link.account_id, pupil=pupil)
    if own.filter(asked_at__gt=now - timedelta(days=1)).count() >= _A_DAY and not own.filter(state="asked").exists():
        return Refused(
            (
                Refusal(
                    "packs-a-day",
                    "You asked for this several times today.",
                    provision="UK GDPR Article 12A: a request that repeats itself may wait",
                    remedy="Use the copy that you have, or ask again tomorrow.",
                ),
            )
        )
    try:
        with transaction.atomic():
            row = Pack.objects.create(
                public_id=token(18), account_id=link.account_id, link_id=link.id, pupil=pupil, asked_at=now,
                due=due_of(day_of(now)), stage="waits",
            )  # fmt: skip
            note(row, "asked", link.account_id, now)
            _note_making(row)
    except IntegrityError:  # two clicks at the same moment: one pack
        pass
    return _view(_own(link))


def _note_making(row: Pack) -> None:
    from schoolgate.rights.packs.jobs import make

    work.later(make, pack=row.public_id)


def own_pack(link: ChildLink) -> PackView | None:
    """The account's latest pack of the child, whatever became of it; None when it never asked.

    Raises:
        UnknownLink: the account has no such child.
    """
    row = Pack.objects.filter(account_id=link.account_id, pupil=pupil_of(link)).order_by("-asked_at", "-pk").first()
    return None if row is None else _view(row)


def pack_piece(link: ChildLink, pack: str, form: str, at: int, *, config: Config, clock: Clock) -> str | Refused:
    """A part of a pack's file from a byte on, as base64; empty at the end.

    The link is looked at anew for each part, so that access that ends in the middle ends there. That it was fetched is
    written down with the first part.

    Raises:
        UnknownLink: the account has no such child.
        SchoolgateError: there is no such pack of this account.
    """
    today = day_of(clock.now())
    with transaction.atomic():
        row = Pack.objects.select_for_update().filter(
            public_id=pack, account_id=link.account_id, pupil=row_of(link).pupil
        ).first()  # fmt: skip
        if row is None or form not in FORMS or at < 0:
            raise _unknown()
        if row.state != "ready" or row.until is None or today > row.until or names_places(row):
            return Refused((Refusal("pack-gone", "This copy is not there any more.", remedy="Ask for a new one."),))
        if at == 0:
            note(row, "fetched", link.account_id, clock.now(), form)
        data = keep.opened(row.public_id, form, bytes(row.sealed_key), config)
    return base64.b64encode(data[at : at + PIECE]).decode()


def names_places(row: Pack) -> bool:
    """Whether a pack was made before the child was shielded: it says where the child was, whoever may see it now."""
    since = consent.shielded_since(Pmr(row.pupil))
    return since is not None and row.made_at is not None and row.made_at <= since


def drop_pack(link: ChildLink, *, config: Config, clock: Clock) -> bool:
    """Delete the account's pack now; whether there was one.

    Raises:
        UnknownLink: the account has no such child.
    """
    with transaction.atomic():
        rows = Pack.objects.select_for_update().filter(account_id=link.account_id, pupil=pupil_of(link), state="ready")
        row = rows.first()
        if row is None:
            return False
        emptied(row, "drop", "family", link.account_id, clock.now())
        transaction.on_commit(partial(keep.delete, row.public_id, config))
    return True


def emptied(row: Pack, event: str, role: str, account_id: int | None, now: datetime) -> None:
    """Take the key out of a pack's row, in the caller's transaction: from then on its files are noise."""
    step(row, event, role, "deleted", account_id, now)
    row.sealed_key, row.gone_at, row.sizes = b"", now, {}
    row.save(update_fields=["state", "sealed_key", "gone_at", "sizes"])


def drop_packs_of(pupil: int, *, config: Config, clock: Clock) -> int:
    """Delete every pack of a child, whosever it is, with what was written down of it: for an erasure.

    Returns:
        How many there were.
    """
    with transaction.atomic():
        rows = list(Pack.objects.select_for_update().filter(pupil=pupil))
        for row in rows:
            row.delete()
            transaction.on_commit(partial(keep.delete, row.public_id, config))
    return len(rows)


def access_figures(first: date, last: date, today: date) -> AccessFigures:
    """How the requests for access of some days were answered, by the clock of UK GDPR Article 12(3).

    Args:
        first: the first day of receipt.
        last: the last.
        today: the custodian's day.
    """
    rows = [
        row
        for row in Pack.objects.filter(asked_at__date__gte=first - timedelta(days=1)).values(
            "asked_at", "made_at", "due", "state"
        )
        if first <= day_of(row["asked_at"]) <= last
    ]
    answered = [(day_of(made), row["due"]) for row in rows if (made := row["made_at"]) is not None]
    return AccessFigures(
        asked=len(rows),
        answered=len(answered),
        in_time=sum(made <= due for made, due in answered),
        late=sum(row["state"] == "asked" and today > row["due"] for row in rows),
        closed=sum(row["state"] == "closed" for row in rows),
    )


def access_soon(today: date) -> int:
    """How many requests for access wait for their copy and will be late within five working days."""
    waiting = Pack.objects.filter(state="asked").values_list("due", flat=True)
    return sum(statutory.Due(due, None, "answer").is_late_soon(today) for due in waiting)
