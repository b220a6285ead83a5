"""The overseer's questions: put with a day, answered in public, or with a reason why not."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction

from schoolgate import people, register
from schoolgate.clock import Clock, custodians_day
from schoolgate.errors import Refusal, Refused
from schoolgate.oversight.models import Question
from schoolgate.oversight.views import QuestionView
from schoolgate.oversight.words import number, words_problems

ANSWER_DAYS = 28
"""Days to answer in, unless the overseer names another day: as for an individual's request (UK GDPR Article 12(3))."""

_SOONEST, _LATEST = 5, 90
"""Days. A day to answer by cannot be today, nor so far off that nobody remembers the question."""


def _view(row: Question) -> QuestionView:
    return QuestionView(
        number=row.number,
        question=row.question,
        about=row.about,
        asked_on=row.asked_on,
        due=row.due,
        log_index=row.log_index,
        answer=row.answer,
        outcome=row.outcome,
        answered_on=row.answered_on,
        answer_index=row.answer_index,
    )


def questions() -> tuple[QuestionView, ...]:
    """Every question, newest first."""
    return tuple(_view(row) for row in Question.objects.order_by("-pk"))


def question(number: str) -> QuestionView | None:
    """One question; None when there is no such."""
    row = Question.objects.filter(number=number).first()
    return None if row is None else _view(row)


def _role(actor: str, role: str, may: str) -> list[Refusal]:
    if people.person(actor).role == role:
        return []
    return [Refusal("not-your-decision", f"Only a person of the role {role} may {may}.", provision="docs/oversight.md")]


def ask(text: str, about: str, due: date | None, actor: str, clock: Clock) -> QuestionView | Refused:
    """Put a question to the custodian; it is public at once.

    Args:
        text: the question.
        about: what it is about: a public number such as ``A-2026-0001``; may be empty.
        due: the day by which an answer is expected; `ANSWER_DAYS` from today when None.
        actor: an overseer's person id.
        clock: the time.
    """
    today = custodians_day(clock)
    by = due or today + timedelta(days=ANSWER_DAYS)
    found = [*_role(actor, "overseer", "put a question"), *words_problems(text, "question")]
    if about:
        found += words_problems(about, "about")
    if len(about) > 40:
        found.append(Refusal("text", "Name one thing: its number in the register.", where="about"))
    if not timedelta(days=_SOONEST) <= by - today <= timedelta(days=_LATEST):
        what = f"The answer is due {_SOONEST} to {_LATEST} days from today."
        found.append(Refusal("due", what, where="due"))
    if found:
        return Refused(tuple(found))
    payload = {"question": text.strip(), "due": by.isoformat(), **({"about": about.strip()} if about.strip() else {})}
    try:
        with transaction.atomic():
            register.hold_log()  # whoever comes second has the next number
            made = number("Q", today.year, Question.objects.filter(asked_on__year=today.year).count())
            index = register.append_event("question.asked", made, payload, clock.now())
            row = Question.objects.create(
                number=made, question=text.strip(), about=about.strip(), asked_by=actor, asked_on=today, due=by,
                log_index=index,
            )  # fmt: skip
    except register.EventRefused as problem:
        return Refused((Refusal(problem.code, problem.what, remedy=problem.hint, where="question"),))
    return _view(row)


def answer(number: str, text: str, is_answer: bool, actor: str, clock: Clock) -> QuestionView | Refused:
    """Answer a question in public, or say in public why it is not answered.

    Args:
        number: of the question.
        text: the answer, or the reason why there is none.
        is_answer: which of the two.
        actor: a custodian's person id.
        clock: the time.
    """
    found = [*_role(actor, "custodian", "answer"), *words_problems(text, "answer")]
    outcome = "answered" if is_answer else "not answered"
    try:
        with transaction.atomic():
            row = Question.objects.select_for_update().filter(number=number).first()
            if row is None:
                found.append(Refusal("question-unknown", "There is no such question.", where="number"))
            elif row.answered_on is not None:
                found.append(Refusal("already-answered", "This question has been answered.", where="number"))
            if found or row is None:
                return Refused(tuple(found))
            row.answer_index = register.append_event(
                "question.answered", number, {"outcome": outcome, "answer": text.strip()}, clock.now()
            )
            row.answer, row.outcome, row.answered_by = text.strip(), outcome, actor
            row.answered_on = custodians_day(clock)
            row.save()
    except register.EventRefused as problem:
        return Refused((Refusal(problem.code, problem.what, remedy=problem.hint, where="answer"),))
    return _view(row)
