"""Letters on paper: who has no computer, or no address, hears of a case all the same, and it is counted whether.

A step that such a family has to hear of makes a letter, which waits until a named person of staff posted it. A decision
counts as told on the day its letter left and not before: until then no time to ask for more runs, nothing disputed is
used again (UK GDPR Article 18(3)), and no erasure takes the letter away with the case. An account without an address
that reads its case on its page was told there. Whose page is closed is told nothing, on paper as elsewhere.
"""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import date, timedelta

from django.db import transaction
from django.db.models import QuerySet

from schoolgate import statutory
from schoolgate.clock import Clock, custodians_day, day_of
from schoolgate.config import Config
from schoolgate.errors import Refusal, Refused
from schoolgate.machine import Move
from schoolgate.rights.cases import rules
from schoolgate.rights.cases.kept import facts_of, locked, said_in, take
from schoolgate.rights.cases.letters import NEWS, letter_pdf, news_letter
from schoolgate.rights.cases.models import Case, CaseLetter
from schoolgate.rights.cases.opened import READ, note_opened
from schoolgate.rights.cases.states import DECIDED, OVER
from schoolgate.rights.cases.telling import on_paper, opens, tell_family
from schoolgate.rights.cases.views import FileOut, LetterToPost, PostFigures, Said
from schoolgate.rights.claims import pupil_of
from schoolgate.rights.views import ChildLink

_TELLS = ("decide", "review", "comply", "end_outside", "record_outcome", "lapse")
"""Steps from which the days run in which a family can ask for more (`Case.told_on`)."""


def take_and_tell(row: Case, move: Move, role: str, actor: str, said: Said, config: Config, clock: Clock) -> None:
    """Take a step and tell the family: by a letter to its inbox, or on paper. In the caller's transaction.

    Args:
        row: the case, already stamped.
        move: the step.
        role: of who took it.
        actor: who took it.
        said: what was written, with the letter where it is a decision.
        config: the installation.
        clock: the time.
    """
    is_due = (move.event in NEWS or bool(said.letter)) and on_paper(row)
    if is_due:
        facts = facts_of(row)
        law = rules.letter_law(facts, move.event, is_first=not CaseLetter.objects.filter(step__case=row).exists())
        if not said.letter:
            open_day = None if facts.decided_by or move.target in OVER else rules.answer_due(facts).last_day
            said = replace(said, letter=news_letter(row, move.event, said, open_day, clock))
        if move.event in _TELLS:
            row.told_on = None
    step = take(row, move, role, actor, said, config, clock)
    if is_due:
        CaseLetter.objects.create(step=step, by_law=law.last_day, law=law.provision)
    tell_family(row, move.event, config, clock)


def _waiting() -> QuerySet[CaseLetter]:
    return CaseLetter.objects.filter(left_on=None).select_related("step__case").order_by("step__at", "pk")


def _line(letter: CaseLetter, link: int, today: date) -> LetterToPost:
    step = letter.step
    written = day_of(step.at)
    due = rules.letter_due(written, letter.by_law)
    return LetterToPost(
        reference=step.case.reference,
        number=step.number,
        event=step.event,
        link=link,
        written_on=written,
        by_law=letter.by_law,
        law=letter.law,
        due=due,
        is_late=today > due,
        is_late_soon=today <= due <= statutory.working_days_after(today, 1),
    )


def letters_to_post(clock: Clock, config: Config | None = None) -> tuple[LetterToPost, ...]:
    """The letters about cases that wait to be posted, oldest first. None to whom the child's page is closed."""
    today = custodians_day(clock)
    found = ((letter, opens(letter.step.case, config, clock)) for letter in _waiting())
    return tuple(_line(letter, link, today) for letter, link in found if link)


def post_figures(clock: Clock, days: int, config: Config | None = None) -> PostFigures:
    """How letters about cases stand, and how those were posted that left in the last days. Numbers alone."""
    found = letters_to_post(clock, config)
    after = custodians_day(clock) - timedelta(days=days)
    left = CaseLetter.objects.filter(how="posted", left_on__gt=after).select_related("step")
    late = [one.left_on is not None and one.left_on > rules.letter_due(day_of(one.step.at), one.by_law) for one in left]
    return PostFigures(
        waiting=len(found),
        late=sum(one.is_late for one in found),
        late_soon=sum(one.is_late_soon for one in found),
        posted=len(late),
        posted_late=sum(late),
    )


def _unknown() -> Refused:
    # The same for a case that is not there, a letter that left, and one to whom nothing opens today.
    return Refused((Refusal("letter-unknown", "No such letter waits.", remedy="See the list."),))


def _found(reference: str, number: int, config: Config, clock: Clock) -> CaseLetter | None:
    letter = _waiting().filter(step__case__reference=reference, step__number=number).first()
    return letter if letter is not None and opens(letter.step.case, config, clock) else None


def print_letter(reference: str, number: int, actor: str, *, config: Config, clock: Clock) -> FileOut | Refused:
    """A letter that waits, as a PDF; that it was opened is a step of the case, as any look of staff's."""
    letter = _found(reference, number, config, clock)
    if letter is None:
        return _unknown()
    note_opened(letter.step.case, "custodian", actor, what=READ, config=config, clock=clock)
    text = said_in(letter.step, reference, config).letter
    content = base64.b64encode(letter_pdf(text, reference)).decode()
    return FileOut(f"{reference}-{number}.pdf", "application/pdf", content)


def note_posted(
    reference: str, number: int, posted_on: date, actor: str, *, config: Config, clock: Clock
) -> bool | Refused:
    """Somebody of staff has posted a letter.

    Args:
        reference: the case.
        number: of the step that the letter is about.
        posted_on: the day; from then on the family counts as told.
        actor: the person.
        config: the installation.
        clock: the time.

    Returns:
        True; or why it is not noted.
    """
    with transaction.atomic():
        letter = _found(reference, number, config, clock)
        if letter is None:
            return _unknown()
        row = locked(reference)
        letter.refresh_from_db(fields=["left_on"])
        if letter.left_on is not None:
            return _unknown()
        if posted_on > custodians_day(clock):
            return _wrong_day("day-to-come", "This day is still to come.")
        if posted_on < day_of(letter.step.at):
            return _wrong_day("day-too-early", "The letter was not written yet on this day.")
        _leave(row, letter, "posted", posted_on, actor, clock)
    return True


def _wrong_day(code: str, reason: str) -> Refused:
    return Refused((Refusal(code, reason, remedy="Enter the day on which you posted it.", where="posted_on"),))


def note_seen(link: ChildLink, reference: str, *, clock: Clock) -> int:
    """The account itself looks at its case on its page, and so is told what waits to be posted; how many letters."""
    theirs = {"account_id": link.account_id, "pupil": pupil_of(link), "reference": reference}
    own = _waiting().filter(**{f"step__case__{name}": value for name, value in theirs.items()})
    if not own.exists():
        return 0
    with transaction.atomic():
        row = locked(reference)
        found = list(own)
        for letter in found:
            _leave(row, letter, "seen", custodians_day(clock), "", clock)
    return len(found)


def wait_no_more(config: Config, clock: Clock) -> int:
    """Nobody is written to whose page of the child opens no more, so no case waits for it; how many go on.

    The letter stays, and is to be posted should the page open again, as it does for who is confirmed after a shield.
    """
    done = 0
    for letter in _waiting():
        if not opens(letter.step.case, config, clock):
            with transaction.atomic():
                done += _told(locked(letter.step.case.reference), letter, custodians_day(clock))
    return done


def _leave(row: Case, letter: CaseLetter, how: str, on: date, actor: str, clock: Clock) -> None:
    letter.left_on, letter.how, letter.noted_by, letter.noted_at = on, how, actor, clock.now()
    letter.save(update_fields=["left_on", "how", "noted_by", "noted_at"])
    _told(row, letter, on)


def _told(row: Case, letter: CaseLetter, on: date) -> bool:
    """Let the days run in which a family can ask for more, when the letter is about the decision that stands."""
    last = row.steps.filter(event__in=_TELLS).order_by("-number").first()
    if last is None or last.pk != letter.step_id or row.told_on is not None or row.state not in (*DECIDED, *OVER):
        return False
    row.told_on = on
    row.save(update_fields=["told_on"])
    return True
