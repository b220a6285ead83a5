"""The table of acts that a family does for its child, and doing one: here, or in the gate's process where there is one.

A page of a family never writes to a case by itself either: it asks for an act, and whoever keeps the case looks at the
link between account and child again. The table is the whole of what a family's pages can change about a child's case.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from schoolgate import gate, register, rights
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.desk import choosing, declining, informing, letting, recourse
from schoolgate.desk.familyact import FamilyAct, FamilyDoing
from schoolgate.desk.lines import as_values, joined, line_of
from schoolgate.errors import Refusal, Refused

PARTS: tuple[Mapping[str, FamilyAct], ...] = (
    choosing.FAMILY_ACTS,
    declining.FAMILY_ACTS,
    informing.FAMILY_ACTS,
    letting.FAMILY_ACTS,
    recourse.FAMILY_ACTS,
)
"""The acts, by the right they belong to: one module's ``FAMILY_ACTS`` each."""


@cache
def family_acts() -> Mapping[str, FamilyAct]:
    """Every act by its name.

    Raises:
        SchoolgateError: two parts have an act of one name.
    """
    return joined(PARTS)


def for_family(name: str, account_id: int, link_id: int, /, *, config: Config, clock: Clock, **given: Any) -> Any:
    """Do an act for a family.

    Args:
        name: of the table.
        account_id: whose turn it is; whoever calls has made sure that it is this account.
        link_id: the public number of the account's link to the child; 0 for an act about no child.
        config: the installation.
        clock: the time; a gate that is a process of its own uses its own.
        given: the arguments.

    Returns:
        What the act gives, or `Refused` with every reason.

    Raises:
        UnknownLink: the account has no such child.
        SchoolgateError: no such act; an argument is missing or of another type.
    """
    act = line_of(family_acts(), name, given)
    if config.gate is None:
        return _done(act, account_id, link_id, given, config, clock)
    refused, value = gate.ask_family_act(config, name, account_id, link_id, given)
    return gate.from_json(Refused if refused else act.gives, value)


def for_family_given(
    name: str, account_id: int, link_id: int, given: Mapping[str, Any], config: Config, clock: Clock
) -> object:
    """Do an act whose arguments came as JSON: what the gate's process is handed to answer its callers.

    Raises:
        UnknownLink: the account has no such child.
        SchoolgateError: no such act; an argument is missing, unknown or of another type.
    """
    act = line_of(family_acts(), name, given)
    return _done(act, account_id, link_id, as_values(act, given), config, clock)


def _not_theirs(link: rights.ChildLink, act: FamilyAct) -> Refused:
    """What somebody is told whose standing does not let them do this."""
    policy = rights.competence()
    row = policy.standings[link.standing]
    return Refused(
        (
            Refusal(
                "standing",
                f"You are here as {row.words}, and cannot {policy.needs[act.needs]}.",
                provision=row.source,
                remedy="Ask somebody who may, or complain if you think that this is wrong.",
            ),
        )
    )


def within(name: str, account_id: int, link_id: int, given: Mapping[str, Any], config: Config, clock: Clock) -> object:
    """The same as part of a caller's transaction, who notes it there: nothing is published before that has ended."""
    act = line_of(family_acts(), name, given)
    return _run(act, account_id, link_id, as_values(act, given), config, clock)


def _run(
    act: FamilyAct, account_id: int, link_id: int, args: Mapping[str, Any], config: Config, clock: Clock
) -> object:
    link = rights.child(account_id, link_id, config=config, clock=clock) if act.about_child else None
    if link is not None and act.needs not in link.may:
        return _not_theirs(link, act)
    return act.run(FamilyDoing(account_id, link, args, clock, config))


def _done(
    act: FamilyAct, account_id: int, link_id: int, args: Mapping[str, Any], config: Config, clock: Clock
) -> object:
    outcome = _run(act, account_id, link_id, args, config, clock)
    if not isinstance(outcome, Refused):
        register.publish(clock, config)
    return outcome
