"""What the source says, decisions, reviews, and what the overseer thinks: each with reasons and by the right person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from django.db import transaction

from schoolgate import consent, dictionary
from schoolgate.clock import Clock, custodians_day
from schoolgate.config import Config
from schoolgate.errors import Refusal, Refused
from schoolgate.rights.cases import effects, rules
from schoolgate.rights.cases.handling import staff_row
from schoolgate.rights.cases.kept import about, facts_of, locked, refuse_or_move, unknown
from schoolgate.rights.cases.letters import decision_letter
from schoolgate.rights.cases.models import Case
from schoolgate.rights.cases.opening import text_problems
from schoolgate.rights.cases.posting import take_and_tell
from schoolgate.rights.cases.views import Said

DECISIONS = ("decide", "review", "comply")


def source_answers(
    reference: str, source: str, agrees: bool, text: str, actor: str, *, config: Config, clock: Clock
) -> str | Refused:
    """Write down what the source of a fact says of it.

    Args:
        reference: the case.
        source: who the source is, in words: the school that sent the return, or the authority.
        agrees: whether it says that the fact is wrong.
        text: what it says.
        actor: the person of the custodian's who writes it down, and so does not decide.
        config: the installation.
        clock: the time.

    Returns:
        The state the case is in now, or every reason why not.

    Raises:
        UnknownCase: there is none.
    """
    with transaction.atomic():
        row = locked(reference)
        found = refuse_or_move(row, "answer", "custodian", actor, clock)
        words = [*text_problems(text), *text_problems(source, "source", 200)]
        if isinstance(found, Refused) or words:
            return Refused((*(found.reasons if isinstance(found, Refused) else ()), *words))
        row.source_heard, row.source_by = True, actor
        said = Said(text=text.strip(), source=source.strip(), agrees="yes" if agrees else "no")
        take_and_tell(row, found, "custodian", actor, said, config, clock)
    return row.state


def decide(
    reference: str, event: str, said: Said, row_token: str, actor: str, *, config: Config, clock: Clock
) -> str | Refused:
    """Decide a case, review a decision, or act on the overseer's word.

    What is decided is done and written in one transaction, in which the case is held and looked at again: of two who
    decide at once, or where the family takes its case back meanwhile, only what the case says is carried out.

    Args:
        reference: the case.
        event: one of `DECISIONS`.
        said: `outcome`; `text`, the reasons; `provision` it rests on (needed when something is refused); `value`, what
            the item is set to or the note beside it.
        row_token: the row that is corrected; empty: the one the family named.
        actor: the person.
        config: the installation.
        clock: the time.

    Returns:
        The state the case is in now, or every reason why not; then nothing was changed.

    Raises:
        UnknownCase: no such case or step.
    """
    if event not in DECISIONS:
        raise unknown()
    row = staff_row(reference, "custodian")
    token = row_token or row.row
    refused = _problems(row, event, said, token, actor, clock)
    if refused is not None:
        return refused
    states: list[str] = []
    try:
        refused = _carry_out(
            row, said, token, actor, config, clock,
            lambda: states.append(_write(row, event, said, actor, config, clock)),
        )  # fmt: skip
    except _Meanwhile as late:
        return late.why
    return refused or states[0]


class _Meanwhile(Exception):
    """Somebody took a step before this one; raised so that what was carried out is undone with it."""

    def __init__(self, why: Refused) -> None:
        super().__init__("The case has changed meanwhile.")
        self.why = why


def _write(known: Case, event: str, said: Said, actor: str, config: Config, clock: Clock) -> str:
    """Write the decision down, in the transaction that carries it out; the state the case is in now.

    Raises:
        _Meanwhile: the case is not as it was when it was looked at.
    """
    row = locked(known.reference)
    found = refuse_or_move(row, event, "custodian", actor, clock, said.outcome)
    if isinstance(found, Refused):
        raise _Meanwhile(found)
    if (about(row), row.row) != (about(known), known.row):
        again = Refusal("case-changed", "The case has changed meanwhile.", remedy="Look at it again, then decide.")
        raise _Meanwhile(Refused((again,)))
    _stamp(row, event, said, actor, clock)
    letter = decision_letter(row, event, said, clock)
    take_and_tell(row, found, "custodian", actor, replace(said, letter=letter), config, clock)
    return row.state


def _problems(row: Case, event: str, said: Said, token: str, actor: str, clock: Clock) -> Refused | None:
    found = refuse_or_move(row, event, "custodian", actor, clock, said.outcome)
    words = text_problems(said.text)
    if said.outcome in ("refused", "not-upheld", "partly"):
        words += text_problems(said.provision, "provision", 500)
    if said.outcome in ("corrected", "annotated"):
        words += text_problems(said.value, "value", 500)
        if not token:
            words.append(
                Refusal("row-missing", "It is not said which row.", remedy="Look at the record first.", where="row")
            )
    if row.kind == "objection-review" and said.outcome in ("upheld", "partly"):
        words += [] if _use(said) else [Refusal("use-missing", "It is not said which use stops.", where="value")]
    if said.outcome == "restricted" and said.value not in consent.RESTRICTION_REASONS:
        words.append(Refusal("restriction-reason", "This is not a ground to restrict a record.", where="value"))
    if isinstance(found, Refused) or words:
        return Refused((*(found.reasons if isinstance(found, Refused) else ()), *words))
    return None


def _use(said: Said) -> tuple[str, ...]:
    """The use that a decision about an objection stops, of the published taxonomy; empty when it names none."""
    return tuple(one.id for one in dictionary.purposes() if one.id == said.value)


def _carry_out(
    row: Case, said: Said, token: str, actor: str, config: Config, clock: Clock, write: Callable[[], None]
) -> Refused | None:
    """Do what was decided, and `write` it in the same transaction. Nobody who holds a case waits for the lake, so what
    changes the lake calls `write` where it makes the change visible (docs/decisions/0011-isolation.md).
    """
    no: Refusal | None = None
    if said.outcome == "corrected":
        no = effects.correct(
            about(row), row.item, token, said.value.strip(), wrong_since=row.wrong_since,
            case=row.reference, actor=actor, config=config, clock=clock, beside=write,
        )  # fmt: skip
    elif said.outcome == "annotated":
        no = effects.annotate(
            about(row), row.item, token, said.value.strip(),
            case=row.reference, actor=actor, config=config, clock=clock, beside=write,
        )  # fmt: skip
    else:
        with transaction.atomic():
            write()
            if said.outcome == "restricted":
                effects.restrict(row.pupil, said.value, actor=actor, clock=clock)
            if row.kind == "objection-review":
                uses = _use(said) if said.outcome in ("upheld", "partly") else ()
                effects.uphold(row.pupil, uses, account_id=row.account_id, case=row.reference, clock=clock)
    return None if no is None else Refused((no,))


def _stamp(row: Case, event: str, said: Said, actor: str, clock: Clock) -> None:
    row.outcome, row.told_on = said.outcome, custodians_day(clock)
    if event == "decide":
        row.decided_by, row.decided_on = actor, custodians_day(clock)
        row.decided_late = rules.answer_due(facts_of(row)).is_late(custodians_day(clock))
    if event == "review":
        row.reviewed_by = actor
    if row.acknowledged_on is None:
        row.acknowledged_on = custodians_day(clock)


def opine(reference: str, upheld: bool, text: str, actor: str, *, config: Config, clock: Clock) -> str | Refused:
    """What the independent overseer thinks of a case that a family brought before it.

    Returns:
        The state the case is in now, or every reason why not.

    Raises:
        UnknownCase: there is none before the overseer.
    """
    staff_row(reference, "overseer")
    with transaction.atomic():
        row = locked(reference)
        found = refuse_or_move(row, "opine", "overseer", actor, clock)
        words = text_problems(text)
        if isinstance(found, Refused) or words:
            return Refused((*(found.reasons if isinstance(found, Refused) else ()), *words))
        said = Said(text=text.strip(), outcome="upheld" if upheld else "not-upheld")
        take_and_tell(row, found, "overseer", actor, said, config, clock)
    return row.state
