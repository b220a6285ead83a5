"""Letters on paper: which wait, what they say, and that somebody other than who acted has posted them."""

from __future__ import annotations

from datetime import date

from django.db import models, transaction

from schoolgate import consent, people, post, statutory
from schoolgate.clock import Clock, custodians_day, day_of
from schoolgate.config import Config
from schoolgate.errors import Refusal, Refused
from schoolgate.rights.claims import open_links
from schoolgate.rights.helping import words
from schoolgate.rights.helping.models import PaperLetter
from schoolgate.rights.helping.policy import the_policy
from schoolgate.rights.helping.views import LetterFigures, LetterLine
from schoolgate.rights.packs.models import Pack


def _waiting() -> models.QuerySet[PaperLetter]:
    return PaperLetter.objects.filter(posted_at=None).select_related("link", "done", "serving").order_by("written_at")


def _goes(row: PaperLetter, config: Config | None, clock: Clock) -> bool:
    """Whether a letter may leave: not to somebody whose page of the child is closed, by a court or in another way.

    Who gave the child up by their own word hears of that, and of what was done before: nobody shut them out.
    """
    link = row.link
    if link is None:
        return True
    if link.ended_at is not None:
        return link.ended_by == f"account:{link.account_id}" and not link.barred
    return link.pk in {one.pk for one in open_links(link.pupil, config=config, clock=clock)}


def _due(row: PaperLetter) -> date:
    return statutory.working_days_after(day_of(row.written_at), the_policy().post_days)


def _line(row: PaperLetter, today: date) -> LetterLine:
    due = _due(row)
    with_copy = row.about.get("act") == "copy-ask"
    return LetterLine(
        id=row.public_id,
        link=row.link.public_id if row.link else 0,
        kind=row.kind,
        act=str(row.about.get("act", "")),
        written_by=row.written_by,
        written_at=row.written_at,
        due=due,
        is_late=today > due,
        is_late_soon=today <= due <= statutory.working_days_after(today, 1),
        with_copy=with_copy,
        copy_waits=with_copy and not _copies(row).filter(state="ready").exists(),
    )


def _copies(row: PaperLetter) -> models.QuerySet[Pack]:
    return Pack.objects.filter(link_id=row.link.public_id if row.link else 0)


def letters(clock: Clock, config: Config | None = None) -> tuple[LetterLine, ...]:
    """The letters that wait to be posted, oldest first. None to whom the child's page is closed."""
    today = custodians_day(clock)
    return tuple(_line(row, today) for row in _waiting() if _goes(row, config, clock))


def letter_figures(clock: Clock, config: Config | None = None) -> LetterFigures:
    """How letters on paper stand."""
    found = letters(clock, config)
    return LetterFigures(len(found), sum(one.is_late for one in found), sum(one.is_late_soon for one in found))


def letter(number: int, *, config: Config, clock: Clock) -> str | Refused:
    """What a letter says, as canonical text: no name, no school, nothing of the record."""
    row = PaperLetter.objects.select_related("link", "done", "serving").filter(public_id=number).first()
    if row is None or not _goes(row, config, clock):
        return _unknown()
    link = row.link.public_id if row.link else 0
    if row.kind == "lifting":
        ground = consent.RESTRICTION_REASONS.get(row.about["reason"], "")
        return words.lifting(ground, date.fromisoformat(row.about["lifts_on"]), link, post.site_address())
    policy = the_policy()
    if row.serving is None or row.done is None:
        return _unknown()
    return words.acted(
        link, row.about, row.done.reason, policy.channels.get(row.serving.channel, ""),
        policy.how.get(row.serving.how, ""), day_of(row.written_at), post.site_address(),
    )  # fmt: skip


def _unknown() -> Refused:
    return Refused((Refusal("letter-unknown", "No such letter waits.", remedy="See the list."),))


def note_posted(number: int, *, actor: str, config: Config, clock: Clock) -> bool | Refused:
    """Somebody has posted a letter; one about an act on behalf, not who acted: the person hears of it in any case.

    Returns:
        True; or why it is not noted.
    """
    with transaction.atomic():
        row = PaperLetter.objects.select_for_update().filter(public_id=number, posted_at=None).first()
        if row is None or not _goes(row, config, clock):
            return _unknown()
        if row.kind == "acted" and people.same_human(row.written_by, actor):
            no = Refusal(
                "same-person", "Who acted for a family does not post the letter about it.", remedy="Ask a colleague."
            )
            return Refused((no,))
        if row.about.get("act") == "copy-ask" and not _copies(row).exclude(state="asked").exists():
            return Refused((Refusal("copy-waits", "The copy that goes with it is not made yet."),))
        row.posted_by, row.posted_at = actor, clock.now()
        row.save(update_fields=["posted_by", "posted_at"])
    return True
