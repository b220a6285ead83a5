"""Saying no to a use, and taking it back."""

from __future__ import annotations

from schoolgate import consent
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.rights.claims import pupil_of
from schoolgate.rights.ports import REAL_GATE, installation
from schoolgate.rights.views import ChildLink, GatePort


def _actor(link: ChildLink) -> str:
    return f"account:{link.account_id}"


def object_to(
    link: ChildLink, purpose_id: str, *, clock: Clock, config: Config | None = None, gate: GatePort = REAL_GATE
) -> consent.Objection:
    """Say no to one purpose; it counts from the next read on.

    Returns:
        The objection; `overridden`, with the law's provision, when the use may go on all the same.

    Raises:
        UnknownLink: not this account's child.
        consent.UnknownPurpose: not in the published list.
    """
    return gate.lodge_objection(
        pupil_of(link), purpose_id, actor=_actor(link), config=installation(config), clock=clock
    )


def withdraw(
    link: ChildLink, purpose_id: str, *, clock: Clock, config: Config | None = None, gate: GatePort = REAL_GATE
) -> bool:
    """Take a "no" back, in the same one step.

    Returns:
        Whether there was one.

    Raises:
        UnknownLink: not this account's child.
        consent.UnknownPurpose: not in the published list.
    """
    return gate.withdraw_objection(
        pupil_of(link), purpose_id, actor=_actor(link), config=installation(config), clock=clock
    )


def objections(
    link: ChildLink, *, config: Config | None = None, gate: GatePort = REAL_GATE
) -> tuple[consent.Objection, ...]:
    """What was said no to, and is in force.

    Raises:
        UnknownLink: not this account's child.
    """
    return gate.objections_of(pupil_of(link), config=installation(config))
