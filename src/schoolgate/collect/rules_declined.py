"""Rules on what a family declined to give: a value that a return carries all the same.

A query and no error: the family may have told the school otherwise since. Whatever the school says, the value is not
stored while the family declines (`match`); the question is there so that the school's own system is put right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from schoolgate.collect.rulebook import EVERYONE, Census, Pupil, Rule, WholeCheck


class SentAllTheSame:
    """A column that some families declined, and that is given with another code than theirs."""

    def __init__(self, column: str, census: Census) -> None:
        self._column, self._declined = column, census.declined
        self._given: list[tuple[int, str, str]] = []

    def see(self, pupil: Pupil) -> None:
        """One more pupil."""
        value, upn = pupil.get(self._column), pupil.get("upn")
        if value is not None and upn is not None:
            self._given.append((pupil.row.row, upn, value))

    def rows(self) -> Iterable[int]:
        """The rows whose family declined."""
        declined = self._declined(upn for _, upn, _ in self._given)
        codes = {upn: columns[self._column] for upn, columns in declined.items() if self._column in columns}
        return [row for row, upn, value in self._given if upn in codes and value != codes[upn]]


def _sent(column: str) -> Callable[[Census], WholeCheck]:
    return lambda census: SentAllTheSame(column, census)


def _rule(number: int, column: str, what: str, code: str) -> Rule:
    return Rule(
        f"SG-{number}",
        "query",
        column,
        f"Please check: the family has declined to give {what}, and the return carries it.",
        f"Enter {code} for this pupil in your system, or explain that the family has told you otherwise since.",
        whole=_sent(column),
        who=EVERYONE,
        column=("pupilonroll", column),
    )


RULES: tuple[Rule, ...] = (
    _rule(48, "ethnicity", "the ethnic background", "REFU"),
    _rule(49, "language", "the first language", "REF"),
    _rule(50, "servicechild", "whether a parent is in the armed forces", "R"),
    _rule(51, "plaa", "whether the pupil left care", "N"),
    _rule(52, "youngcarer", "whether the pupil looks after somebody at home", "N"),
)
