"""A restriction ends only after everybody who acts for the child was written to, in time (UK GDPR Article 18(3)).

Who has an account with an address gets a letter there; who has none gets one on paper, which must have been posted long
enough before the day it names. Where nobody of the family is known a paper letter is written all the same, for whoever
announces it to post to the child's home by way of its school.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date

from django.db import models

from schoolgate import consent, gate, people, post
from schoolgate.clock import Clock, day_of
from schoolgate.config import Config
from schoolgate.errors import Refusal, Refused
from schoolgate.ids import Pmr
from schoolgate.rights.claims import open_links
from schoolgate.rights.helping import words
from schoolgate.rights.helping.models import PaperLetter
from schoolgate.rights.helping.serving import new_number
from schoolgate.rights.models import ChildLink as LinkRow


@dataclass(frozen=True, slots=True)
class Announced:
    """That the family was written to.

    Attributes:
        by_mail: letters to addresses.
        on_paper: letters that wait to be posted.
    """

    by_mail: int
    on_paper: int


def announce_lifting(
    upn: str, reason: str, lifts_on: date, *, actor: str, config: Config, clock: Clock
) -> Announced | Refused:
    """Write to everybody who acts for a child that a restriction will be lifted, and on which day.

    Args:
        upn: the child's.
        reason: of the restriction.
        lifts_on: the day.
        actor: a person of the custodian.
        config: the installation.
        clock: the time.

    Returns:
        How many were written to; or why it is not announced.

    Raises:
        SchoolgateError: an unknown reason, or a day too soon.
    """
    pupil = gate.find_to_protect(upn, actor, config=config, clock=clock)
    if isinstance(pupil, Refusal):
        return Refused((pupil,))
    written: list[bool] = []

    def tell() -> None:
        # What an earlier letter said and nobody has posted is not true any more.
        _letters(pupil, reason).filter(posted_at=None).delete()
        written.extend(
            _write_to(row, pupil, reason, lifts_on, actor, clock)
            for row in open_links(pupil, config=config, clock=clock)
        )
        if not written:
            _on_paper(None, pupil, reason, lifts_on, actor, clock)
            written.append(False)

    if not consent.tell_of_lifting(pupil, reason=reason, lifts_on=lifts_on, tell=tell, actor=actor, clock=clock):
        return Refused((Refusal("no-restriction", "There is no such restriction.", where="reason"),))
    return Announced(sum(written), len(written) - sum(written))


def _write_to(row: LinkRow, pupil: Pmr, reason: str, lifts_on: date, actor: str, clock: Clock) -> bool:
    """Write to one; whether by mail."""
    account = people.account(row.account_id)
    if row.by_staff or not account.has_address:
        _on_paper(row, pupil, reason, lifts_on, actor, clock)
        return False
    subject, text = words.lifting_mail(lifts_on, post.site_address())
    post.write(account.email, subject, text, clock=clock)
    return True


def _on_paper(row: LinkRow | None, pupil: Pmr, reason: str, lifts_on: date, actor: str, clock: Clock) -> None:
    PaperLetter.objects.create(
        public_id=new_number(os.urandom), pupil=pupil, link=row, kind="lifting",
        about={"reason": reason, "lifts_on": lifts_on.isoformat()}, written_by=actor, written_at=clock.now(),
    )  # fmt: skip


def _letters(pupil: Pmr, reason: str) -> models.QuerySet[PaperLetter]:
    return PaperLetter.objects.filter(pupil=pupil, kind="lifting", about__reason=reason)


def lifting_refused(pupil: Pmr, reason: str) -> Refusal | None:
    """Why a restriction cannot be lifted yet for its paper letters' sake: one has not left in time."""
    days = {one.lifts_on for one in consent.restrictions_of(pupil) if one.reason == reason and one.lifts_on}
    for letter in _letters(pupil, reason):
        named = date.fromisoformat(letter.about["lifts_on"])
        if named not in days:
            continue
        if letter.posted_at is None or day_of(letter.posted_at) + consent.LIFTING.posted > named:
            return Refusal(
                "lift-untold",
                "A letter to the family has not left in time, so the restriction stays.",
                provision="UK GDPR Article 18(3)",
                remedy="Announce a later day, and post the letter at once.",
            )
    return None


def lift(upn: str, reason: str, *, actor: str, config: Config, clock: Clock) -> bool | Refused:
    """Lift a restriction on or after the day that the family was told of.

    Returns:
        Whether there was one; or why it stays.

    Raises:
        SchoolgateError: an unknown reason; the family was not told, or that day has not come.
    """
    pupil = gate.find_to_protect(upn, actor, config=config, clock=clock)
    if isinstance(pupil, Refusal):
        return Refused((pupil,))
    refused = lifting_refused(pupil, reason)
    return Refused((refused,)) if refused else consent.lift_restriction(pupil, reason=reason, actor=actor, clock=clock)
