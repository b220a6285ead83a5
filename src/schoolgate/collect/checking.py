"""Running a pack over a return: one pass, one pupil at a time, and a bounded list of what was found.

A return in which every row is wrong has more findings than anybody reads. Of each rule the first
`KEPT_PER_RULE` are kept with their rows; how many there were in all is always told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schoolgate.collect.reader import PupilRow
from schoolgate.collect.rulebook import EVERYONE, ON_ROLL, Census, Finding, Pupil, RowCheck, Rule, RulePack
from schoolgate.progress import Progress, silent

KEPT_PER_RULE = 200


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How often a rule was broken in all, whatever was kept of it."""

    rule: str
    kind: str
    times: int


@dataclass(frozen=True, slots=True)
class Checked:
    """What a pack found in a return.

    Attributes:
        pupils: rows read.
        findings: by rule in the pack's order, at most `KEPT_PER_RULE` of each.
        counts: every rule that was broken, with the true number.
    """

    pupils: int
    findings: tuple[Finding, ...]
    counts: tuple[RuleCount, ...]

    @property
    def state(self) -> str:
        """What the return is to be: errors block, queries need an explanation."""
        kinds = {count.kind for count in self.counts}
        return "rejected" if "error" in kinds else "needs-explanation" if "query" in kinds else "accepted"


class _Tally:
    """What was found so far, rule by rule."""

    def __init__(self) -> None:
        self._rows: dict[str, list[int]] = {}
        self._times: dict[str, int] = {}

    def add(self, rule: Rule, row: int) -> None:
        times = self._times[rule.number] = self._times.get(rule.number, 0) + 1
        if times <= KEPT_PER_RULE:
            self._rows.setdefault(rule.number, []).append(row)

    def result(self, rules: Sequence[Rule], pupils: int) -> Checked:
        broken = [rule for rule in rules if rule.number in self._times]
        return Checked(
            pupils,
            tuple(
                Finding(rule.number, rule.kind, row, rule.item, rule.title, rule.remedy)
                for rule in broken
                for row in self._rows[rule.number]
            ),
            tuple(RuleCount(rule.number, rule.kind, self._times[rule.number]) for rule in broken),
        )


def check(pack: RulePack, census: Census, rows: Iterable[PupilRow], progress: Progress = silent) -> Checked:
    """Run a pack over a return's pupils."""
    rules = pack.for_phase(census.header.phase)
    here: list[tuple[Rule, RowCheck]] = []
    gone: list[tuple[Rule, RowCheck]] = []
    for rule in rules:
        if rule.breaks is not None:
            if rule.who in (ON_ROLL, EVERYONE):
                here.append((rule, rule.breaks))
            if rule.who != ON_ROLL:
                gone.append((rule, rule.breaks))
    whole = [(rule, rule.whole(census)) for rule in rules if rule.whole is not None]
    watching = [one.see for _, one in whole]
    tally, count = _Tally(), 0
    for row in rows:
        count += 1
        pupil = Pupil(row, census)
        for rule, breaks in here if row.on_roll else gone:
            if breaks(pupil, census):
                tally.add(rule, row.row)
        for see in watching:
            see(pupil)
        if count % 500 == 0:
            progress("checking pupils", count, None)
    for rule, one in whole:
        for number in one.rows():
            tally.add(rule, number)
    return tally.result(rules, count)
