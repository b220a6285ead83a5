"""State machines as tables: state × event -> state, who may, and what the register is told.

The same rows run the service, are walked by the tests and draw the diagram in the docs, so the three
cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass

from schoolgate.errors import Refusal


@dataclass(frozen=True, slots=True)
class Move:
    """One allowed move.

    Attributes:
        source: state before.
        event: what is asked.
        target: state after.
        who: roles that may ask it.
        register_event: type of the register event it writes; every move writes one or says "" with a reason.
        why: why the move is there, in a plain sentence, for the docs.
    """

    source: str
    event: str
    target: str
    who: tuple[str, ...]
    register_event: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class StateTable:
    """A whole machine."""

    name: str
    start: str
    moves: tuple[Move, ...]

    @property
    def states(self) -> tuple[str, ...]:
        """Every state, in order of first appearance."""
        seen = dict.fromkeys([self.start])
        for move in self.moves:
            seen.setdefault(move.source)
            seen.setdefault(move.target)
        return tuple(seen)

    @property
    def events(self) -> tuple[str, ...]:
        """Every event, in order of first appearance."""
        return tuple(dict.fromkeys(move.event for move in self.moves))

    def move(self, state: str, event: str, role: str) -> Move | Refusal:
        """The move for this state, event and role; a refusal when it is not in the table."""
        for move in self.moves:
            if move.source == state and move.event == event:
                if role not in move.who:
                    return Refusal(
                        "not-your-decision",
                        f"A {role} may not {event.replace('_', ' ')}; {' or '.join(move.who)} may.",
                        provision=f"state table {self.name}",
                    )
                return move
        return Refusal(
            "not-possible-now",
            f"{self.name}: {event.replace('_', ' ')} is not possible while it is {state.replace('_', ' ')}.",
            provision=f"state table {self.name}",
        )

    def mermaid(self) -> str:
        """The diagram for the docs."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.start}"]
        lines += [f"    {m.source} --> {m.target}: {m.event} ({', '.join(m.who)})" for m in self.moves]
        left = {m.source for m in self.moves}
        lines += [f"    {state} --> [*]" for state in self.states if state not in left]
        return "\n".join(lines)
