"""When a step of a case may be taken, by when the next is due, and when a disputed item may be used again. Pure.

Where the law gives no number (how long a source, a review or the overseer may take) the custodian's own policy does:
`days.CaseRules`, read from ``data/days.toml`` with what each number rests on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from schoolgate import statutory
from schoolgate.errors import Refusal
from schoolgate.rights.cases.days import CaseRules, case_rules
from schoolgate.rights.cases.states import DECIDED, KINDS, LIFE, OVER, UNDECIDED


@dataclass(frozen=True, slots=True)
class Facts:
    """What bears on a case's next step.

    Attributes:
        received: the day it was received.
        running: what bears on the clock of the first decision.
        acknowledged: the day it was acknowledged.
        source_asked: the day the source was asked last.
        source_heard: whether it answered, or its silence was noted.
        source_by: who wrote down what the source said, or that it said nothing; empty when nobody did.
        decided_by: who decided first.
        reviewed_by: who reviewed.
        told: the day the family was told of the decision that stands now.
        waits_since: the day from which the present state waits.
        disputed: whether an item is kept out of every query because of this case.
        moved: whether the row was found to be another pupil's, and nobody has said yet whether that is the same child.
        clarified: whether the family was asked what it means.
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
    moved: bool = False
    clarified: bool = False


def counted(kind: str, running: statutory.Running) -> statutory.Running:
    """What of it bears on a case's clock.

    A clarification stops that of a request for access alone (UK GDPR Article 12A(5)): whoever is asked what it means in
    another matter is answered within the same month all the same. Proof of identity is of a request, too (Article
    12(6)): DPA 2018 s.164A knows none for a complaint.
    """
    if kind == "complaint":
        running = replace(running, identity_asked=None, identity_received=None)
    return running if kind == "access-question" else replace(running, pauses=())


@dataclass(frozen=True, slots=True)
class NextDue:
    """What is due next.

    Attributes:
        what: ``acknowledge``, ``decide``, ``review``, ``opine``, ``comply``, ``ask_how_it_stands`` (of a regulator or
            a court); empty when nothing is.
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


def answer_due(facts: Facts) -> NextDue:
    """By when the first decision is to come. A source that is asked does not stop the clock: only the family does.

    For a complaint the law has no number: what became of it is told without undue delay (DPA 2018 s.164A(4)). It is
    counted like a request, so that it can be seen to be late, and says so in its provision.
    """
    found = statutory.answer_by(facts.running)
    rule = "outcome" if facts.kind == "complaint" else found.rule
    return NextDue("decide", found.last_day, statutory.RULES[rule].provision)


def due(facts: Facts, rules: CaseRules | None = None) -> NextDue:
    """What is due next in a case."""
    rules = rules or case_rules()
    if facts.state in UNDECIDED or (facts.state == "outside" and not facts.decided_by):
        if facts.kind == "complaint" and facts.acknowledged is None:
            law = statutory.RULES["acknowledge"].provision
            return NextDue("acknowledge", statutory.acknowledge_by(facts.received), law)
        return answer_due(facts)
    if facts.waits_since is None:
        return _NOTHING
    if facts.state == "outside":
        return NextDue("ask_how_it_stands", facts.waits_since + timedelta(days=rules.outside_days), "policy")
    own = {
        "in_review": ("review", rules.review_days),
        "with_overseer": ("opine", rules.overseer_days),
        "overseen": ("comply", rules.review_days),
    }.get(facts.state)
    if own is None:
        return _NOTHING
    return NextDue(own[0], statutory.working_days_after(facts.waits_since, own[1]), "policy")


def letter_law(facts: Facts, event: str, *, is_first: bool) -> NextDue:
    """By when the law wants the letter about a step to be out; no last day where it says "without undue delay".

    Args:
        facts: the case, with the step's own days noted.
        event: the step.
        is_first: whether no letter went before it: whoever complained learns from it that the complaint arrived.
    """
    found = [answer_due(facts)] if event == "decide" else []
    if event == "extend":
        month = statutory.answer_by(facts.running).extend_by
        found.append(NextDue("extend", month, statutory.RULES["extension"].provision))
    if facts.kind == "complaint" and is_first:
        law = statutory.RULES["acknowledge"].provision
        found.append(NextDue("acknowledge", statutory.acknowledge_by(facts.received), law))
    known = [one for one in found if one.last_day is not None]
    return min(known, key=lambda one: one.last_day or date.max, default=_NOTHING)


def letter_due(written: date, by_law: date | None, rules: CaseRules | None = None) -> date:
    """The last day of posting a letter: the custodian's own, and never after the one that the law sets."""
    own = statutory.working_days_after(written, (rules or case_rules()).post_days)
    return own if by_law is None else min(own, by_law)


def source_due(facts: Facts, rules: CaseRules | None = None) -> date | None:
    """The day by which the source was asked to answer; None when it was not asked."""
    days = (rules or case_rules()).source_days
    return None if facts.source_asked is None else statutory.working_days_after(facts.source_asked, days)


def problems(
    facts: Facts, event: str, role: str, actor: str, today: date, outcome: str = "", rules: CaseRules | None = None
) -> tuple[Refusal, ...]:
    """Why a step may not be taken; nothing when it may.

    Args:
        facts: the case.
        event: of the table.
        role: ``family``, ``custodian``, ``overseer`` or ``clock``.
        actor: who, as an account or a person.
        today: the custodian's day.
        outcome: of a decision.
        rules: the custodian's numbers; None: those in force.
    """
    move = LIFE.move(facts.state, event, role)
    if isinstance(move, Refusal):
        return (move,)
    found = {
        "ask_identity": _identifying,
        "ask_clarification": _clarifying,
        "extend": _extending,
        "decide": _deciding,
        "review": _reviewing,
        "comply": _complying,
        "opine": _opining,
        "escalate": _escalating,
        "note_silence": _silence,
        "close": _closing,
        "lapse": _lapsing,
        "follow_row": _moving,
        "keep_child": _moving,
        "end_outside": _ending,
        "take_up_again": _taking_up,
    }.get(event)
    return () if found is None else tuple(found(facts, actor, today, outcome, rules or case_rules()))


def _identifying(facts: Facts, actor: str, today: date, outcome: str, rules: CaseRules) -> list[Refusal]:
    if facts.kind == "complaint":
        law = statutory.RULES["outcome"].provision
        words = "A complaint is answered without proof of who complains."
        return [
            Refusal("no-proof", words, provision=law, remedy="Ask what is meant, or tell the family how it stands.")
        ]
    # Each proof begins the month anew: who could ask twice could put off an answer for ever.
    if facts.running.identity_asked is None:
        return []
    return [Refusal("identity-asked", "Proof was asked for already.", provision="UK GDPR Article 12(6)")]


def _clarifying(facts: Facts, actor: str, today: date, outcome: str, rules: CaseRules) -> list[Refusal]:
    # The days of a clarification do not count: who could ask day after day could put off an answer for ever.
    if facts.kind != "access-question" or not facts.clarified:
        return []
    words = "The family was asked already what it means; the time stops once."
    remedy = "Answer what you can. What you still need to know, ask where you tell the family how it stands."
    return [Refusal("clarification-asked", words, provision="UK GDPR Article 12A(5)", remedy=remedy)]


def _extending(facts: Facts, actor: str, today: date, outcome: str, rules: CaseRules) -> list[Refusal]:
    if facts.kind == "complaint":
        law = statutory.RULES["outcome"].provision
        words = "The law knows no longer time for a complaint: it is answered without undue delay."
        return [Refusal("no-extension", words, provision=law, remedy="Tell the family how it stands.")]
    no = statutory.may_extend(facts.running, today)
    return [] if no is None else [no]


def _moving(facts: Facts, actor: str, today: date, outcome: str, rules: CaseRules) -> list[Refusal]:
    if facts.moved:
        return []
    return [Refusal("row-not-moved", "The row that the family named is still of this record.")]


def _outcome(facts: Facts, outcome: str) -> list[Refusal]:
    if facts.moved:
        return [
            Refusal(
                "row-moved", "The row that the family named was found to be of another record.",
                remedy="Say first whether it is the same child.",
            )
        ]  # fmt: skip
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
        words = "You wrote down what the source said, or that it said nothing."
        found.append(Refusal("two-people", words, remedy="Somebody else must decide."))
    return found


def _no_part(facts: Facts, actor: str, remedy: str) -> list[Refusal]:
    if actor not in (facts.decided_by, facts.source_by):
        return []
    return [Refusal("two-people", "You had a part in the first decision.", remedy=remedy)]


def _reviewing(facts: Facts, actor: str, today: date, outcome: str, rules: CaseRules) -> list[Refusal]:
    return [*_outcome(facts, outcome), *_no_part(facts, actor, "Somebody else must review it.")]


def _complying(facts: Facts, actor: str, today: date, outcome: str, rules: CaseRules) -> list[Refusal]:
    # A review that is late can be taken past: else who decided first would be the only one who ever looked at it.
    return [*_outcome(facts, outcome), *_no_part(facts, actor, "Somebody else must act on what the overseer thinks.")]


def _opining(facts: Facts, actor: str, today: date, outcome: str, rules: CaseRules) -> list[Refusal]:
    if actor not in (facts.decided_by, facts.source_by, facts.reviewed_by):
        return []
    return [Refusal("two-people", "You had a part in the decision.", remedy="Another overseer must look at it.")]


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
    if answer_due(facts).last_day is not None:
        words = "The month runs on, so an answer is owed."
        return [Refusal("answer-owed", words, remedy="Go on without, and decide.", provision="UK GDPR Article 12(4)")]
    if facts.waits_since is not None and today > facts.waits_since + timedelta(days=rules.silence_days):
        return []
    return [Refusal("answer-awaited", "The family still has time to answer.")]


def _taking_up(facts: Facts, actor: str, today: date, outcome: str, rules: CaseRules) -> list[Refusal]:
    if not facts.decided_by:
        return []
    return [Refusal("decided-already", "This was decided already; the regulator or a court looks at it now.")]


def _ending(facts: Facts, actor: str, today: date, outcome: str, rules: CaseRules) -> list[Refusal]:
    if not facts.decided_by:
        return [Refusal("not-decided", "Nothing was decided in this case yet.", remedy="Take it up again, and decide.")]
    found = []
    if not due(facts, rules).is_late(today):
        found.append(
            Refusal(
                "outside-not-late", "It is not time yet to end the wait for a regulator or court.",
                remedy="Ask the family first how it stands.",
            )
        )  # fmt: skip
    if actor in (facts.decided_by, facts.reviewed_by):
        found.append(
            Refusal("two-people", "You had a part in the decision.", remedy="Somebody else must end the wait.")
        )
    return found


def may_lift(facts: Facts, today: date, rules: CaseRules | None = None) -> bool:
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
    return facts.told is not None and today > facts.told + timedelta(days=(rules or case_rules()).lift_days)
