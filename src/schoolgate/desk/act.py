"""What a line of the table is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.people import PersonView


@dataclass(frozen=True, slots=True)
class Doing:
    """One act being done.

    Attributes:
        person: who acts.
        args: the arguments, of the types the table says.
    """

    person: PersonView
    args: Mapping[str, Any]
    clock: Clock
    config: Config


@dataclass(frozen=True, slots=True)
class Act:
    """One line of the table.

    Attributes:
        says: what it does, in a few words: "vote on an application".
        who: roles (`people.PERSON_ROLES`) that may do it; the room behind it has rules of its own besides.
        takes: argument -> type; only what crosses the gate's socket (plain values, dates, frozen values of them).
        gives: type of what comes of it; None when nothing is given back.
        run: does it; a `Refused` says why not.
    """

    says: str
    who: tuple[str, ...]
    takes: Mapping[str, Any]
    gives: Any
    run: Callable[[Doing], object]


def calling(act: Callable[..., object]) -> Callable[[Doing], object]:
    """Call a function of a room with the act's own arguments, who acts, and the time."""

    def run(doing: Doing) -> object:
        return act(**doing.args, actor=doing.person.id, clock=doing.clock)

    return run
