"""When a step of a case may be taken, by when the next is due, and when a disputed item may be used again. Pure.

Where the law gives no number (how long a source, a review or the overseer may take) the custodian's own policy does:
`CaseRules`, with what the ICO expects ("How to deal with data protection complaints": without undue delay, kept
informed) as its measure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from schoolgate import statutory
from schoolgate.errors import Refusal
from schoolgate.rights.cases.states import DECIDED, KINDS, LIFE, OVER, UNDECIDED


@dataclass(frozen=True, slots=True)
class CaseRules:
    """The custodian's own numbers.

    Attributes:
        source_days: working days the source has.
        review_days: working days an internal review has.
        overseer_days: working days the overseer has.
        appeal_days: days in which a family can ask for more after a decision; then the case closes.
        lift_days: days between telling the family of a decision and using a disputed item again, so that it can
            appeal before (UK GDPR Article 18(3)).
        silence_days: days without an answer to what was asked of the family, after which the case closes.
    """

    source_days: int = 10
    review_days: int = 20
    overseer_days: int = 20
    appeal_days: int = 90
    lift_days: int = 14
    silence_days: int = 90


RULES = CaseRules()


@dataclass(frozen=True, slots=True)
class Facts:
    """What bears on a case's next step.

    Attributes:
        received: the day it was received.
        running: what bears on the clock of the first decision.
        acknowledged: the day it was acknowledged.
        source_asked: the day the source was asked last.
        source_heard: whether it answered, or its silence was noted.
        source_by: who wrote down what the source said; empty when nobody did.
        decided_by: who decided first.
        reviewed_by: who reviewed.
        told: the day the family was told of the decision that stands now.
        waits_since: the day from which the present state waits.
        disputed: whether an item is kept out of every query because of this case.
    """

    kind: str
    state: str
    received: date
    running: statutory.Running
    acknowledged: date | None = None
    source_asked: date | None = None
    source_heard: bool = False
    source_by: str = ""
    decided_by: str = ""
    reviewed_by: str = ""
    told: date | None = None
    waits_since: date | None = None
    disputed: bool = False


def counted_pauses(kind: str, pauses: tuple[statutory.Pause, ...]) -> tuple[statutory.Pause, ...]:
    """The clarifications that stop a case's clock: those of a request for access alone (UK GDPR Article 12A(5)).

    Whoever is asked what it means in another matter is answered within the same month all the same.
    """
    return pauses if kind == "access-question" else ()


@dataclass(frozen=True, slots=True)
class NextDue:
    """What is due next.

    Attributes:
        what: ``acknowledge``, ``decide``, ``source``, ``review``, ``opine``, ``comply``; empty when nothing is.
        last_day: by the end of which; None while the clock stands still or nothing is due.
        provision: the law or ``policy``.
    """

    what: str
    last_day: date | None
    provision: str

    def is_late(self, today: date) -> bool:
        """Whether the last day is past."""
        return self.last_day is not None and today > self.last_day

    def is_late_soon(self, today: date) -> bool:
        """Whether it will be late within five working days."""
        return statutory.Due(self.last_day, None, "").is_late_soon(today)


_NOTHING = NextDue("", None, "")


def due(facts: Facts, rules: CaseRules = RULES) -> NextDue:
    """What is due next in a case. A source that is asked does not stop the clock: only the family's answers do."""
    if facts.state in UNDECIDED:
        if facts.kind == "complaint" and facts.acknowledged is None:
            law = statutory.RULES["acknowledge"].provision
            return NextDue("acknowledge", statutory.acknowledge_by(facts.received), law)
        found = statutory.answer_by(facts.running)
        return NextDue("decide", found.last_day, statutory.RULES[found.rule].provision)
    own = {
        "in_review": ("review", rules.review_days),
        "with_overseer": ("opine", rules.overseer_days),
        "overseen": ("comply", rules.review_days),
    }.get(facts.state)
    if own is None or facts.waits_since is None:
        return _NOTHING
    return NextDue(own[0], statutory.working_days_after(facts.waits_since, own[1]), "policy")


def source_due(facts: Facts, rules: CaseRules = RULES) -> date | None:
    """The day by which the source was asked to answer; None when it was not asked."""
    return None if facts.source_asked is None else statutory.working_days_after(facts.source_asked, rules.source_days)


def problems(
    facts: Facts, event: str, role: str, actor: str, today: date, outcome: str = "", rules: CaseRules = RULES
) -> tuple[Refusal, ...]:
    """Why a step may not be taken; nothing when it may.

    Args:
        facts: the case.
        event: of the table.
        role: ``family``, ``custodian``, ``overseer`` or ``clock``.
        actor: who, as an account or a person.
        today: the custodian's day.
        outcome: of a decision.
        rules: the custodian's numbers.
    """
    move = LIFE.move(facts.state, event, role)
    if isinstance(move, Refusal):
        return (move,)
    found = {
        "ask_identity": _identifying,
        "extend": _extending,
        "decide": _deciding,
        "review": _reviewing,
        "comply": _complying,
        "escalate": _escalating,
        "note_silence": _silence,
        "close": _closing,
        "lapse": _lapsing,
    }.get(event)
    return () if found is None else tuple(found(facts, actor, today, outcome, rules))


def _identifying(facts: Facts, actor: str, today: date, outcome: str, rules: CaseRules) -> list[Refusal]:
    # Each proof begins the month anew: who could ask twice could put off an answer for ever.
    if facts.running.identity_asked is None:
        return []
    return [Refusal("identity-asked", "Proof was asked for already.", provision="UK GDPR Article 12(6)")]


def _extending(facts: Facts, actor: str, today: date, outcome: str, rules: CaseRules) -> list[Refusal]:
    no = statutory.may_extend(facts.running, today)
    return [] if no is None else [no]


def _outcome(facts: Facts, outcome: str) -> list[Refusal]:
    if outcome in KINDS[facts.kind].outcomes:
        return []
    return [
        Refusal("outcome", "This is not an outcome of such a case.", remedy="Choose one of the list.", where="outcome")
    ]


def _deciding(facts: Facts, actor: str, today: date, outcome: str, rules: CaseRules) -> list[Refusal]:
    found = _outcome(facts, outcome)
    if KINDS[facts.kind].needs_source and not facts.source_heard:
        found.append(
            Refusal("source-not-heard", "Who sent the fact was not heard yet.", remedy="Ask the source first.")
        )
    if facts.source_by and actor == facts.source_by:
        found.append(Refusal("two-people", "You wrote down the source’s answer.", remedy="Somebody else must decide."))
    return found


def _reviewing(facts: Facts, actor: str, today: date, outcome: str, rules: CaseRules) -> list[Refusal]:
    found = _outcome(facts, outcome)
    if actor in (facts.decided_by, facts.source_by):
        found.append(
            Refusal("two-people", "You had a part in the first decision.", remedy="Somebody else must review it.")
        )
    return found


def _complying(facts: Facts, actor: str, today: date, outcome: str, rules: CaseRules) -> list[Refusal]:
    return _outcome(facts, outcome)


def _escalating(facts: Facts, actor: str, today: date, outcome: str, rules: CaseRules) -> list[Refusal]:
    if facts.state == "in_review" and not due(facts, rules).is_late(today):
        return [
            Refusal(
                "review-not-late", "The review is still in time.", remedy="Wait for it, or go to the regulator at once."
            )
        ]
    return []


def _silence(facts: Facts, actor: str, today: date, outcome: str, rules: CaseRules) -> list[Refusal]:
    until = source_due(facts, rules)
    if until is None or today > until:
        return []
    return [Refusal("source-in-time", "The source still has time to answer.", remedy=f"Wait until {until} is past.")]


def _closing(facts: Facts, actor: str, today: date, outcome: str, rules: CaseRules) -> list[Refusal]:
    if facts.told is not None and today > facts.told + timedelta(days=rules.appeal_days):
        return []
    return [Refusal("appeal-open", "The family can still ask for more.")]


def _lapsing(facts: Facts, actor: str, today: date, outcome: str, rules: CaseRules) -> list[Refusal]:
    if facts.waits_since is not None and today > facts.waits_since + timedelta(days=rules.silence_days):
        return []
    return [Refusal("answer-awaited", "The family still has time to answer.")]


def may_lift(facts: Facts, today: date, rules: CaseRules = RULES) -> bool:
    """Whether a disputed item may be used again.

    At once when the family took the matter back itself. Otherwise only when it was told of a decision some days ago
    and has not asked for more; a case that goes on keeps the item out (UK GDPR Article 18(1)(a) and (3)).
    """
    if not facts.disputed:
        return False
    if facts.state == "withdrawn":
        return True
    if facts.state not in (*DECIDED, *OVER):
        return False
    return facts.told is not None and today > facts.told + timedelta(days=rules.lift_days)
