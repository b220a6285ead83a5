"""A family's part in what it would rather not give: asked for its own child alone."""

from __future__ import annotations

from dataclasses import replace

from schoolgate import declining, gate
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.errors import Refusal
from schoolgate.ids import Pmr
from schoolgate.rights.choices import is_the_child
from schoolgate.rights.claims import pupil_of, standing_of
from schoolgate.rights.competence import PUPIL
from schoolgate.rights.models import ChildLink as LinkRow
from schoolgate.rights.ports import REAL_GATE
from schoolgate.rights.views import ChildLink


def declined(
    link: ChildLink, *, config: Config | None = None, clock: Clock | None = None
) -> tuple[declining.DeclinedItem, ...]:
    """The items declined for the child.

    Raises:
        UnknownLink: not this account's child.
    """
    pupil = pupil_of(link)
    found = declining.declined_of(pupil, link.actor)
    kept = _kept(pupil, config, clock) if found else frozenset()
    return tuple(replace(one, can_end=bool(_endable(link, pupil, one.item, kept))) for one in found)


def _kept(pupil: Pmr, config: Config | None, clock: Clock | None) -> frozenset[str]:
    """Whose words nobody else takes back: theirs who may decline for the child today, and the young person's.

    A young person's word is theirs after their link has ended, too (UK GDPR Articles 15 to 22: the rights are theirs).
    Who is shut out, by a shield say, or is a carer now, holds nobody back: they could not take their word back either.
    """
    rows = LinkRow.objects.filter(pupil=pupil)
    today = standing_of(pupil, config, clock, REAL_GATE)
    return frozenset(
        f"account:{row.account_id}"
        for row in rows
        if row.standing == PUPIL or (row.ended_at is None and "decline" in today.may(row))
    )


def _endable(link: ChildLink, pupil: Pmr, item: str, kept: frozenset[str]) -> frozenset[str]:
    """Whose words about an item this account may take back."""
    said = declining.speakers(pupil, item)
    if is_the_child(link):
        return said
    return frozenset(one for one in said if one == link.actor or one not in kept)


def decline_item(link: ChildLink, item: str, *, config: Config, clock: Clock) -> declining.DeclinedItem:
    """Decline to give an item, from the next return on and for the past.

    Raises:
        UnknownLink: not this account's child.
        declining.NotDeclinable: the item may not be declined.
    """
    return gate.decline_item(pupil_of(link), item, actor=link.actor, config=config, clock=clock)


_NOT_YOUR_WORD = Refusal(
    "declined-by-another",
    "Somebody else who may decide for the child would rather not tell, so it stays.",
    provision="Children Act 1989 s.2(7): each may act alone",
    remedy="Only they can take it back, or the young person.",
)


def withdraw_declined(link: ChildLink, item: str, *, config: Config, clock: Clock) -> bool | Refusal:
    """Take one's own word back. The young person takes back whoever's it is.

    The word of an adult who may decline for the child no more is everybody's to take back: all that comes of it is that
    the school asks again.

    Returns:
        Whether the item was declined; or a refusal when only others said so who may still decline for the child, or the
        young person.

    Raises:
        UnknownLink: not this account's child.
        declining.NotDeclinable: no such item.
    """
    pupil = pupil_of(link)
    ending = _endable(link, pupil, item, _kept(pupil, config, clock))
    if not ending and declining.speakers(pupil, item):
        return _NOT_YOUR_WORD
    return gate.withdraw_declined(pupil, item, actor=link.actor, config=config, clock=clock, of=ending)
