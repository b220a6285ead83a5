"""How a long job tells its face how far it is, without knowing the face."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called now and then with what is being done and how far it is."""

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """Report `done` of `total` (None: not known yet) in `stage`."""
        ...


def silent(stage: str, done: int, total: int | None) -> None:
    """A face that does not listen."""
