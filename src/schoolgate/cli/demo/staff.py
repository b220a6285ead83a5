"""Accounts for the people of the demo, so that every face of the site can be looked at; clearly synthetic."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from schoolgate import people
from schoolgate.cli.demo.cast import Cast

FACES: Mapping[str, str] = MappingProxyType(
    {
        "researcher": "applications and agreements of the university",
        "panel": "votes on what waits for a decision",
        "custodian": "the queue, agreements, notices, organisations",
        "overseer": "everything above, and what changed",
    }
)
"""Role -> what its pages show."""


def open_staff_accounts(cast: Cast, password: str) -> None:
    """One account for each face, all with the password of the family's; nobody is behind them."""
    acts_as = {
        "researcher": cast.researcher,
        "panel": cast.panel[0],
        "custodian": cast.custodian,
        "overseer": cast.overseer,
    }
    for role in FACES:
        account = people.create_account(address(role), password, role=role)
        people.hold_person(acts_as[role], account.id)


def address(role: str) -> str:
    """The e-mail address of a role's account."""
    return f"{role}@example.org"
