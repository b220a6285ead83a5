"""That staff or a school opened a family's files is a step of the case: whose files they are can read who, and when.

Evidence is a birth certificate or a court's order as often as not; a case of somebody well known must not be a way to
look at them unseen. Kept once a day for each person: a case is worked on for weeks, and a list nobody reads tells less.
"""

from __future__ import annotations

from django.db import transaction

from schoolgate.clock import Clock, custodians_day, day_of
from schoolgate.config import Config
from schoolgate.rights.cases.kept import locked, note
from schoolgate.rights.cases.models import Case
from schoolgate.rights.cases.views import Said

OPENED = "open_files"


def note_opened(row: Case, role: str, actor: str, *, config: Config, clock: Clock) -> bool:
    """Write down that somebody opens the family's files, before they are handed out; whether it was news.

    Args:
        row: the case, which whoever asks may see.
        role: ``custodian``, ``overseer``, or ``school`` for the one that sent a fact.
        actor: the person, or the school.
        config: the installation.
        clock: the time.
    """
    today = custodians_day(clock)
    with transaction.atomic():
        case = locked(row.reference)
        if any(day_of(one.at) == today for one in case.steps.filter(event=OPENED, actor=actor)):
            return False
        note(case, OPENED, case.state, role, actor, Said(), config, clock)
    return True
