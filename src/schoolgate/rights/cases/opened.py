"""That staff read a case, or staff or a school its files, is a step of it: whose case it is can read who did, and when.

What a family writes, and what it shows for it, is as private as the record; a case of somebody well known must not be
a way to look at them unseen. Kept once a day for each person: a case is worked on for weeks, and a list nobody reads
tells less.
"""

from __future__ import annotations

from django.db import transaction

from schoolgate.clock import Clock, custodians_day, day_of
from schoolgate.config import Config
from schoolgate.rights.cases.kept import locked, note
from schoolgate.rights.cases.models import Case
from schoolgate.rights.cases.views import Said

OPENED, READ = "open_files", "read_case"


def note_opened(row: Case, role: str, actor: str, *, what: str = OPENED, config: Config, clock: Clock) -> bool:
    """Write down that somebody opens the case or its files, before they are handed out; whether it was news.

    Args:
        row: the case, which whoever asks may see.
        role: ``custodian``, ``overseer``, or ``school`` for the one that sent a fact.
        actor: the person, or the school.
        what: ``open_files``, or ``read_case`` for its words.
        config: the installation.
        clock: the time.
    """
    today = custodians_day(clock)
    with transaction.atomic():
        case = locked(row.reference)
        if any(day_of(one.at) == today for one in case.steps.filter(event=what, actor=actor)):
            return False
        note(case, what, case.state, role, actor, Said(), config, clock)
    return True
