"""Links: how an account stands to a child, today, and how that ends. Codes are in `codes`.

A link that does not open anything today is answered as one that never was: because it ended, because it is somebody
else's, because a court ordered it, because the child is shielded, grew up or died. Which of these it is is told to
nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from schoolgate import dictionary
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.ids import Pmr
from schoolgate.rights.competence import PUPIL, Facts, allowed
from schoolgate.rights.labels import label_of, put_label
from schoolgate.rights.linking import any_link
from schoolgate.rights.models import ChildLink as LinkRow
from schoolgate.rights.models import ClaimCode
from schoolgate.rights.ports import REAL_GATE, installation, the_clock
from schoolgate.rights.views import ChildLink, GatePort, OtherAdult

if TYPE_CHECKING:
    from schoolgate.gate import ChildAccess


class UnknownLink(SchoolgateError):
    """The account has no such child; the same for a link of somebody else, one that ended, and none."""


def unknown() -> UnknownLink:
    """What is said of a link that opens nothing, whyever."""
    return UnknownLink("This account has no such child.", code="link-unknown")


def school_name(urn: int) -> str:
    """A school's name in the register of schools; its number when the register does not have it."""
    school = dictionary.establishment(urn)
    return school.name if school is not None else f"School {urn}"


@dataclass(frozen=True, slots=True, repr=False)
class _Standing:
    """How access to a child stands today, whoever asks."""

    access: ChildAccess
    own: tuple[LinkRow, ...]

    @classmethod
    def of(cls, pupil: int, config: Config, clock: Clock, gate: GatePort) -> _Standing:
        own = LinkRow.objects.filter(pupil=pupil, standing=PUPIL, ended_at=None)
        return cls(gate.access_of(Pmr(pupil), config=config, clock=clock), tuple(own))

    def may(self, row: LinkRow) -> frozenset[str]:
        # A young person whose own page is closed has taken nothing over: nobody would be left who sees the record.
        taken_over = row.standing != PUPIL and any(allowed(PUPIL, self._facts(one, False)) for one in self.own)
        return allowed(row.standing, self._facts(row, taken_over))

    def _facts(self, row: LinkRow, taken_over: bool) -> Facts:
        since = self.access.shielded_since
        return Facts(
            age=self.access.age,
            died=self.access.died,
            taken_over=taken_over,
            leave=row.leave_at is not None,
            hidden=since is not None and (row.confirmed_at is None or row.confirmed_at <= since),
        )


def view(row: LinkRow, standing: _Standing, config: Config) -> ChildLink:
    """A row as the room gives it out."""
    return ChildLink(
        id=row.public_id,
        account_id=row.account_id,
        since=row.since,
        standing=row.standing,
        may=standing.may(row),
        confirmed_at=row.confirmed_at,
        places_withheld=standing.access.shielded_since is not None,
        label=label_of(row, config),
    )


def standing_of(pupil: int, config: Config | None, clock: Clock | None, gate: GatePort) -> _Standing:
    """How access to a child stands, asked of the gate."""
    return _Standing.of(pupil, installation(config), clock or the_clock(), gate)


def _open(rows: Iterable[LinkRow], config: Config | None, clock: Clock | None, gate: GatePort) -> list[ChildLink]:
    places = installation(config)
    views = [view(row, standing_of(row.pupil, places, clock, gate), places) for row in rows]
    return [link for link in views if "see" in link.may]


def children(
    account_id: int, *, config: Config | None = None, clock: Clock | None = None, gate: GatePort = REAL_GATE
) -> tuple[ChildLink, ...]:
    """The account's children whose pages open today, in the order in which they were added."""
    rows = LinkRow.objects.filter(account_id=account_id, ended_at=None).order_by("since", "pk")
    return tuple(_open(rows, config, clock, gate))


def child(
    account_id: int,
    link_id: int,
    *,
    config: Config | None = None,
    clock: Clock | None = None,
    gate: GatePort = REAL_GATE,
) -> ChildLink:
    """One of the account's children.

    For a link that is not there the same is asked of another child, and thrown away: a closed page and one that never
    was take the same steps, and the same time.

    Raises:
        UnknownLink: not this account's, ended, closed today, or none.
    """
    own = LinkRow.objects.filter(public_id=link_id, account_id=account_id, ended_at=None).first()
    other = any_link()
    row = own or other
    found = _open([row], config, clock, gate) if row is not None else []
    if own is None or not found:
        raise unknown()
    return found[0]


def open_links(
    pupil: int, *, config: Config | None = None, clock: Clock | None = None, gate: GatePort = REAL_GATE
) -> tuple[LinkRow, ...]:
    """The links whose page of a child opens today, oldest first: nobody else is written to about it.

    A letter to whom a shield, a young person who took over, or a court shut out would say that there is a record.
    """
    rows = tuple(LinkRow.objects.filter(pupil=pupil, ended_at=None).order_by("since", "pk"))
    if not rows:
        return ()
    standing = standing_of(pupil, config, clock, gate)
    return tuple(row for row in rows if "see" in standing.may(row))


def row_of(link: ChildLink) -> LinkRow:
    """The row of a link that is in force.

    Raises:
        UnknownLink: it is not in force, or not this account's.
    """
    row = LinkRow.objects.filter(public_id=link.id, account_id=link.account_id, ended_at=None).first()
    if row is None:
        raise unknown()
    return row


def pupil_of(link: ChildLink) -> Pmr:
    """The child, after asking whether the link is in force and its account's own; each use asks anew.

    Raises:
        UnknownLink: it is not.
    """
    return Pmr(row_of(link).pupil)


def end_link(link: ChildLink, *, clock: Clock) -> None:
    """The account gives the child up.

    Raises:
        UnknownLink: it had no such child.
    """
    row = row_of(link)
    row.ended_at, row.ended_by, row.label = clock.now(), link.actor, None
    row.save(update_fields=["ended_at", "ended_by", "label"])


def set_label(link: ChildLink, text: str, *, config: Config) -> str:
    """Call a child something, for this account alone, so that it can tell its children apart.

    Returns:
        What is kept: printable, at most `labels.LONGEST` characters; empty when nothing is.

    Raises:
        UnknownLink: not this account's child.
    """
    return put_label(row_of(link), text, config)


def bar(rows: Iterable[LinkRow], actor: str, now: datetime) -> int:
    """End links so that these accounts get none to the child again: what a court's order asks for."""
    ended = 0
    for row in rows:
        row.ended_at, row.ended_by, row.barred, row.label = row.ended_at or now, row.ended_by or actor, True, None
        row.save(update_fields=["ended_at", "ended_by", "barred", "label"])
        ended += 1
    return ended


def others(
    link: ChildLink, *, config: Config | None = None, clock: Clock | None = None, gate: GatePort = REAL_GATE
) -> tuple[OtherAdult, ...]:
    """Who else holds a link to the child, or an open code, for the young person who says who may see.

    By standing, without a name. Links first.

    Raises:
        UnknownLink: not this account's child.
        SchoolgateError: this standing does not say who may see.
    """
    if "manage" not in link.may:
        raise SchoolgateError("This is the young person's to say.", code="not-yours-to-say")
    pupil = pupil_of(link)
    rows = LinkRow.objects.filter(pupil=pupil, ended_at=None).exclude(account_id=link.account_id)
    return (
        *(
            OtherAdult(id=row.public_id, standing=row.standing, since=row.since, leave=row.leave_at is not None)
            for row in rows.order_by("since", "pk")
        ),
        *(
            OtherAdult(-code.pk, code.standing, code.issued_at, code.leave_at is not None, code.expires_at)
            for code in _open_codes(pupil, (clock or the_clock()).now()).order_by("pk")
        ),
    )


def _open_codes(pupil: Pmr, now: datetime) -> QuerySet[ClaimCode]:
    """Codes for adults that nobody has used."""
    live = ClaimCode.objects.filter(pupil=pupil, used_at=None, revoked_at=None, expires_at__gt=now)
    return live.exclude(standing=PUPIL)


def give_leave(link: ChildLink, other_id: int, given: bool, *, clock: Clock) -> None:
    """The young person lets an adult look, or no more: one with a link, or whoever uses a code (an id below zero).

    Raises:
        UnknownLink: there is no such adult, or the link is not this account's.
        SchoolgateError: this standing does not say who may see.
    """
    if "manage" not in link.may:
        raise SchoolgateError("This is the young person's to say.", code="not-yours-to-say")
    pupil, leave_at = pupil_of(link), clock.now() if given else None
    links = LinkRow.objects.filter(pupil=pupil, public_id=other_id, ended_at=None).exclude(account_id=link.account_id)
    codes = _open_codes(pupil, clock.now()).filter(pk=-other_id)
    if not links.update(leave_at=leave_at) + codes.update(leave_at=leave_at):
        raise unknown()
