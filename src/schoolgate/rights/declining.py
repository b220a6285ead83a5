"""A family's part in what it would rather not give: asked for its own child alone."""

from __future__ import annotations

from schoolgate import declining, gate
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.rights.claims import pupil_of
from schoolgate.rights.views import ChildLink


def declined(link: ChildLink) -> tuple[declining.DeclinedItem, ...]:
    """The items declined for the child.

    Raises:
        UnknownLink: not this account's child.
    """
    return declining.declined_of(pupil_of(link))


def decline_item(link: ChildLink, item: str, *, config: Config, clock: Clock) -> declining.DeclinedItem:
    """Decline to give an item, from the next return on and for the past.

    Raises:
        UnknownLink: not this account's child.
        declining.NotDeclinable: the item may not be declined.
    """
    return gate.decline_item(pupil_of(link), item, actor=f"account:{link.account_id}", config=config, clock=clock)


def withdraw_declined(link: ChildLink, item: str, *, config: Config, clock: Clock) -> bool:
    """Take it back; whether the item was declined.

    Raises:
        UnknownLink: not this account's child.
        declining.NotDeclinable: no such item.
    """
    return gate.withdraw_declined(pupil_of(link), item, actor=f"account:{link.account_id}", config=config, clock=clock)
