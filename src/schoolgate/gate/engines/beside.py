"""A process beside the gate that looks at what somebody sent, behind the walls that stand around an engine.

Whoever runs one calls `shut_in` in it before the first byte of what was sent is looked at. It reads no file from then
on, so all that it needs is loaded before.
"""

from __future__ import annotations

import sys

from schoolgate.gate.engines import walls
from schoolgate.gate.engines.sandbox import _ENVIRONMENT, Wall, _bound, wall


def beside(module: str, *given: str) -> tuple[list[str], dict[str, str], Wall]:
    """The command of a process that runs a module, all that it may know of its surroundings, and the wall around it.

    Args:
        module: that is run; it is told the wall's name, and then what is given.
        given: arguments.
    """
    around = wall()
    command = [sys.executable, "-I", "-B", "-m", module, around.name, *given]
    return [*(_bound([]) if around.name == "bubblewrap" else []), *command], dict(_ENVIRONMENT), around


def shut_in(wall_name: str, *, memory: int, processor: int, size: int) -> None:
    """Shut this process in for good.

    Args:
        wall_name: as `beside` told it; empty where there is none, and then there are limits alone.
        memory: bytes beyond what it has now.
        processor: seconds.
        size: bytes that it may write to what it was handed.

    Raises:
        WallMissing: the wall could not be put up.
    """
    walls.die_with_parent()
    room = walls.Room((), memory, processor, size)
    if wall_name:
        walls.enter(room, files_shut=wall_name == "landlock")
    else:
        walls.limit(room)
