"""Who may do what for a child, by standing and age: read from `data/competence.toml`, which names the law of each row.

Pure: facts in, what may be done out. Where a fact is not known, the answer is the one that shows less to a newcomer
and takes nothing from who had it: an age that nobody knows lets no young person take over, and ends no parent's page.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from schoolgate.errors import SchoolgateError

PUPIL = "pupil"
"""The standing of the young person."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody is to a child.

    Attributes:
        words: what it is, after "This is".
        may: what it may do, keys of `Competence.needs`.
        with_leave: what it may still do once the young person has taken over and gives leave.
        ends_at: age at which it ends by itself; None: never.
        source: the law.
    """

    id: str
    words: str
    may: frozenset[str]
    with_leave: frozenset[str]
    ends_at: int | None
    source: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """One kind of paper that shows who somebody is to a child."""

    id: str
    words: str
    source: str


@dataclass(frozen=True, slots=True)
class Competence:
    """The whole policy.

    Attributes:
        takes_over: age in years from which a young person may take over.
        majority: age at which what others may do ends.
        needs: what can be done -> in words.
        standings: id -> the standing.
        after_death: what may still be done, by those who might before.
        evidence: id -> kind of paper.
    """

    takes_over: int
    majority: int
    needs: Mapping[str, str]
    standings: Mapping[str, Standing]
    after_death: frozenset[str]
    evidence: Mapping[str, Evidence]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is asked of the child, today.

    Attributes:
        age: in whole years; None when the date of birth is not known.
        died: whether a death is recorded.
        taken_over: whether the young person has an account of their own for the record.
        leave: whether the young person lets this adult go on.
        hidden: whether the child is shielded, and who asks was not confirmed since.
    """

    age: int | None = None
    died: bool = False
    taken_over: bool = False
    leave: bool = False
    hidden: bool = False


def read_competence(text: str) -> Competence:
    """Read the policy.

    Raises:
        SchoolgateError: something in it is not understood; a policy that is half understood lets somebody in.
    """
    try:
        held = tomllib.loads(text)
        needs = {str(key): str(words) for key, words in held["needs"].items()}
        ages = {str(key): int(value) for key, value in held["ages"].items()}
        standings = {str(row["id"]): _standing(row, ages, needs) for row in held["standing"]}
        evidence = {str(row["id"]): Evidence(row["id"], row["words"], row["source"]) for row in held["evidence"]}
        policy = Competence(
            ages["takes_over"],
            ages["majority"],
            MappingProxyType(needs),
            MappingProxyType(standings),
            _known(held["death"]["may"], needs),
            MappingProxyType(evidence),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise SchoolgateError(
            "The policy on who may act for a child is not understood.", code="competence"
        ) from problem
    if PUPIL not in standings or not 0 < policy.takes_over <= policy.majority:
        raise SchoolgateError("The policy on who may act for a child is not whole.", code="competence")
    return policy


def _known(names: Any, needs: Mapping[str, str]) -> frozenset[str]:
    found = frozenset(str(name) for name in names)
    if found - set(needs):
        raise ValueError
    return found


def _standing(row: Mapping[str, Any], ages: Mapping[str, int], needs: Mapping[str, str]) -> Standing:
    if not row["source"]:
        raise ValueError
    return Standing(
        id=str(row["id"]),
        words=str(row["words"]),
        may=_known(row["may"], needs),
        with_leave=_known(row["with_leave"], needs),
        ends_at=ages[row["ends"]] if row["ends"] else None,
        source=str(row["source"]),
    )


@cache
def competence() -> Competence:
    """The policy in force."""
    return read_competence((files(__package__) / "data" / "competence.toml").read_text(encoding="utf-8"))


def allowed(standing: str, facts: Facts, policy: Competence | None = None) -> frozenset[str]:
    """What somebody of this standing may do for the child today; nothing for a standing that the policy has not."""
    rules = policy or competence()
    row = rules.standings.get(standing)
    if row is None or facts.hidden:
        return frozenset()
    if facts.died:
        return row.may & rules.after_death
    if standing == PUPIL:
        old_enough = facts.age is not None and facts.age >= rules.takes_over
        return row.may if old_enough else frozenset()
    if row.ends_at is not None and facts.age is not None and facts.age >= row.ends_at:
        return frozenset()
    if facts.taken_over:
        return row.may & row.with_leave if facts.leave else frozenset()
    return row.may
