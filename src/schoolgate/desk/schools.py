"""The table of acts that a school does for its own pupils, and doing one: here, or in the gate's process.

A school's page asks for an act; whoever does it looks again whether the account is a school's, and of which school.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from schoolgate import gate, people, register, requests
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.desk import schooling
from schoolgate.desk.lines import as_values, joined, line_of
from schoolgate.desk.schoolact import SchoolAct, SchoolDoing
from schoolgate.errors import Refusal, Refused

PARTS: tuple[Mapping[str, SchoolAct], ...] = (schooling.SCHOOL_ACTS,)
"""The acts, by the part they belong to: one module's ``SCHOOL_ACTS`` each."""


@cache
def school_acts() -> Mapping[str, SchoolAct]:
    """Every act by its name.

    Raises:
        SchoolgateError: two parts have an act of one name.
    """
    return joined(PARTS)


def for_school(name: str, account_id: int, /, *, config: Config, clock: Clock, **given: Any) -> Any:
    """Do an act for a school.

    Args:
        name: of the table.
        account_id: whose turn it is; whoever calls has made sure that it is this account.
        config: the installation.
        clock: the time; a gate that is a process of its own uses its own.
        given: the arguments.

    Returns:
        What the act gives, or `Refused` with every reason.

    Raises:
        SchoolgateError: no such account or act; an argument is missing or of another type.
    """
    act = line_of(school_acts(), name, given)
    if config.gate is None:
        requests.ensure_built_in(clock)
        return _done(act, account_id, given, config, clock)
    refused, value = gate.ask_school_act(config, name, account_id, given)
    return gate.from_json(Refused if refused else act.gives, value)


def for_school_given(name: str, account_id: int, given: Mapping[str, Any], config: Config, clock: Clock) -> object:
    """Do an act whose arguments came as JSON: what the gate's process is handed to answer its callers.

    Raises:
        SchoolgateError: no such account or act; an argument is missing, unknown or of another type.
    """
    act = line_of(school_acts(), name, given)
    return _done(act, account_id, as_values(act, given), config, clock)


def _done(act: SchoolAct, account_id: int, args: Mapping[str, Any], config: Config, clock: Clock) -> object:
    account = people.account(account_id)
    if account.role != "school" or account.urn is None:
        no = "This account does not act for a school."
        return Refused(
            (Refusal("not-a-school", no, provision=NOT_A_SCHOOL, remedy="Ask the custodian to set your school."),)
        )
    outcome = act.run(SchoolDoing(account.urn, args, clock, config))
    if not isinstance(outcome, Refused):
        register.publish(clock, config)
    return outcome


NOT_A_SCHOOL = "table of schools’ acts"
"""The provision on which another account is told no."""
