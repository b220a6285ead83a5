"""A family's part in what it would rather not give: asked for its own child alone."""

from __future__ import annotations

from dataclasses import replace

from schoolgate import declining, gate
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.errors import Refusal
from schoolgate.ids import Pmr
from schoolgate.rights.choices import is_the_child
from schoolgate.rights.claims import accounts_of, pupil_of
from schoolgate.rights.views import ChildLink


def _actor(link: ChildLink) -> str:
    return f"account:{link.account_id}"


def declined(link: ChildLink) -> tuple[declining.DeclinedItem, ...]:
    """The items declined for the child.

    Raises:
        UnknownLink: not this account's child.
    """
    pupil = pupil_of(link)
    found = declining.declined_of(pupil, _actor(link))
    return tuple(replace(one, can_end=bool(_endable(link, pupil, one.item))) for one in found)


def _endable(link: ChildLink, pupil: Pmr, item: str) -> frozenset[str]:
    """Whose words about an item this account may take back."""
    said = declining.speakers(pupil, item)
    if is_the_child(link):
        return said
    acting = {f"account:{number}" for number in accounts_of(pupil)}
    return frozenset(one for one in said if one == _actor(link) or one not in acting)


def decline_item(link: ChildLink, item: str, *, config: Config, clock: Clock) -> declining.DeclinedItem:
    """Decline to give an item, from the next return on and for the past.

    Raises:
        UnknownLink: not this account's child.
        declining.NotDeclinable: the item may not be declined.
    """
    return gate.decline_item(pupil_of(link), item, actor=_actor(link), config=config, clock=clock)


_NOT_YOUR_WORD = Refusal(
    "declined-by-another",
    "Somebody else who may decide for the child would rather not tell, so it stays.",
    provision="Children Act 1989 s.2(7): each may act alone",
    remedy="Only they can take it back, or the young person.",
)


def withdraw_declined(link: ChildLink, item: str, *, config: Config, clock: Clock) -> bool | Refusal:
    """Take one's own word back. The young person takes back whoever's it is.

    The word of somebody who has no link to the child any more is everybody's to take back: all that comes of it is that
    the school asks again.

    Returns:
        Whether the item was declined; or a refusal when only others said so who still act for the child.

    Raises:
        UnknownLink: not this account's child.
        declining.NotDeclinable: no such item.
    """
    pupil = pupil_of(link)
    ending = _endable(link, pupil, item)
    if not ending and declining.speakers(pupil, item):
        return _NOT_YOUR_WORD
    return gate.withdraw_declined(pupil, item, actor=_actor(link), config=config, clock=clock, of=ending)
