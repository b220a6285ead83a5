"""The table of acts, and doing one: in this process, or in the gate's where that is a process of its own.

A face never writes to what was applied for, decided or agreed: it asks for an act, and whoever keeps the case looks
at the person's role again. The table is the whole of what faces can change, so it is also what the access matrix is
drawn from (`tests/web/test_access.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from schoolgate import gate, people, register
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.desk import (
    agreeing,
    applying,
    claiming,
    correcting,
    deciding,
    erasing,
    onbehalf,
    overseeing,
    protecting,
    recourse,
    releasing,
    restricting,
    staffing,
    standing,
    telling,
    withholding,
)
from schoolgate.desk.act import Act, Doing
from schoolgate.desk.lines import as_values, joined, line_of
from schoolgate.errors import Refusal, Refused

PARTS: tuple[Mapping[str, Act], ...] = (
    agreeing.ACTS,
    applying.ACTS,
    claiming.ACTS,
    correcting.ACTS,
    deciding.ACTS,
    erasing.ACTS,
    onbehalf.ACTS,
    overseeing.ACTS,
    protecting.ACTS,
    recourse.ACTS,
    releasing.ACTS,
    restricting.ACTS,
    staffing.ACTS,
    standing.ACTS,
    telling.ACTS,
    withholding.ACTS,
)
"""The acts, by the part of the road they belong to: one module's ``ACTS`` each."""


@cache
def acts() -> Mapping[str, Act]:
    """Every act by its name.

    Raises:
        SchoolgateError: two parts have an act of one name.
    """
    return joined(PARTS)


def may(person: people.PersonView, name: str) -> Refusal | None:
    """Why this person's role may not do an act; None when it may."""
    act = acts()[name]
    if person.left_on is not None:
        return Refusal("left", f"{person.id} has left {person.organisation_name}, and does nothing any more.")
    if person.role in act.who:
        return None
    return Refusal(
        "not-your-decision",
        f"A {person.role} may not {act.says}; {' or '.join(act.who)} may.",
        provision="table of acts",
    )


def do(name: str, person_id: str, /, *, config: Config, clock: Clock, **given: Any) -> Any:
    """Do an act.

    Args:
        name: of the table.
        person_id: who acts, e.g. ``P-0001``; whoever calls has made sure that it is this person.
        config: the installation.
        clock: the time; a gate that is a process of its own uses its own.
        given: the arguments.

    Returns:
        What the act gives, or `Refused` with every reason.

    Raises:
        SchoolgateError: no such act; an argument is missing or of another type.
    """
    act = line_of(acts(), name, given)
    if config.gate is None:
        return _done(name, act, person_id, given, config, clock)
    refused, value = gate.ask_act(config, name, person_id, given)
    return gate.from_json(Refused if refused else act.gives, value)


def do_given(name: str, person_id: str, given: Mapping[str, Any], config: Config, clock: Clock) -> object:
    """Do an act whose arguments came as JSON: what the gate's process is handed to answer its callers.

    Raises:
        SchoolgateError: no such act; an argument is missing, unknown or of another type.
    """
    act = line_of(acts(), name, given)
    return _done(name, act, person_id, as_values(act, given), config, clock)


def _done(name: str, act: Act, person_id: str, args: Mapping[str, Any], config: Config, clock: Clock) -> object:
    person = people.person(person_id)
    no = may(person, name)
    if no is not None:
        return Refused((no,))
    outcome = act.run(Doing(person, args, clock, config))
    if not isinstance(outcome, Refused):
        register.publish(clock, config)
    return outcome
