"""A decision table: rules whose cases must be, together, all there is, and of which exactly one fits.

The rules are data, so that a test can walk every combination of what they look at: no gap, no overlap. Should one
be left all the same, the read is refused: a case nobody thought of is not an allowance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from schoolgate.errors import Refusal
from schoolgate.policy.terms import Ruling

F = TypeVar("F")

ALLOWED, REFUSED, NOT_APPLICABLE = "allowed", "refused", "not applicable"

GAP = "policy-gap"
"""The code of a refusal for want of exactly one fitting case."""


@dataclass(frozen=True)
class Case(Generic[F]):
    """One row of the table.

    Attributes:
        name: the condition in plain words, for docs/policy.md.
        when: whether it fits.
        verdict: what follows.
        says: why, in words.
        code: of the refusal; empty unless refused.
        remedy: what the asker can do; empty unless refused.
        reasons: several refusals instead of one.
    """

    name: str
    when: Callable[[F], bool]
    verdict: str
    says: Callable[[F], str]
    code: str = ""
    remedy: str = ""
    reasons: Callable[[F], tuple[Refusal, ...]] | None = None


@dataclass(frozen=True)
class Rule(Generic[F]):
    """One rule.

    Attributes:
        id: a stable short name.
        title: in plain words.
        provision: the term or law it rests on.
        cases: every case there is.
    """

    id: str
    title: str
    provision: Callable[[F], str]
    cases: tuple[Case[F], ...]


def fitting(rule: Rule[F], facts: F) -> tuple[Case[F], ...]:
    """The cases that fit; exactly one, unless the table is wrong."""
    return tuple(case for case in rule.cases if case.when(facts))


def apply(rule: Rule[F], facts: F, where: str = "") -> tuple[Ruling, tuple[Refusal, ...]]:
    """What a rule says of these facts, and its refusals."""
    found = fitting(rule, facts)
    provision = rule.provision(facts)
    if len(found) != 1:
        words = f"The rule “{rule.title}” has no single case for this."
        return (
            Ruling(rule.id, rule.title, REFUSED, words, provision),
            (Refusal(GAP, words, provision, "Tell the custodian: this is a fault of the rules, not yours.", where),),
        )
    (case,) = found
    says = case.says(facts)
    refusals: tuple[Refusal, ...] = ()
    if case.verdict == REFUSED:
        one = (Refusal(case.code, says, provision, case.remedy, where),)
        refusals = one if case.reasons is None else case.reasons(facts) or one
    return Ruling(rule.id, rule.title, case.verdict, says, provision), refusals
