"""A clerk found that the row a case is about is another pupil's: of the same child under two references, or not.

From then on the fact is kept out of use for both, and nothing is decided until a person has said which it is. Whose the
row is now follows from the return it came from; nobody types it in, so nobody can bring another child into a case.
"""

from __future__ import annotations

from contextlib import suppress

from django.db import transaction
from django.db.models import Q

from schoolgate import gate
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.ids import Pmr
from schoolgate.rights.cases import effects
from schoolgate.rights.cases.kept import locked, note
from schoolgate.rights.cases.models import Case
from schoolgate.rights.cases.telling import tell_family
from schoolgate.rights.cases.views import Said


def place_of(pupil: int, item: str, row: str, config: Config) -> str:
    """The return and row that a family names, so that it is found again; empty when it is not known."""
    with suppress(SchoolgateError):  # without the lake a family can still say what is wrong
        return gate.place_of_row(Pmr(pupil), item, row, config=config)
    return ""


def mind_rows(config: Config, clock: Clock) -> int:
    """Look whether the rows that cases are about are still whose they were; how many are found to be another's.

    Looked at are open cases, and those of which a person said that the row is the same child's: that holds as long as
    the row stays there, also when the case is closed.
    """
    open_ = Q(closed_on=None, disputed=True) | Q(followed=True)
    known = {row.reference: row for row in Case.objects.filter(open_).exclude(paper="")}
    if not known:
        return 0
    now = gate.holders_of_rows({row.paper for row in known.values()}, config=config)
    moved = 0
    for reference, row in known.items():
        holder = now.get(row.paper)
        if holder is None or int(holder) == _known_at(row):
            continue
        with transaction.atomic():
            case = locked(reference)
            if (case.pmr, case.followed, case.closed_on) != (row.pmr, row.followed, row.closed_on):
                continue  # somebody was at it meanwhile; the next look sees it
            _moves(case, int(holder), config, clock)
        moved += 1
    return moved


def _known_at(row: Case) -> int:
    """Whose a case's row was when it was looked at last."""
    return row.pupil if row.pmr is None else row.pmr


def _moves(case: Case, holder: int, config: Config, clock: Clock) -> None:
    """The row is another's now, or its child's again: what was said of where it was before holds no more."""
    part(case, clock)
    is_open = case.closed_on is None and case.disputed
    event = "row_moved" if is_open and holder != case.pupil else "row_back"
    case.pmr, case.followed = (holder if event == "row_moved" else None), False
    case.save(update_fields=["pmr", "followed"])
    if case.pmr is not None:
        effects.dispute(case.pmr, case.item, case=case.reference, actor="clock", clock=clock)
    note(case, event, case.state, "clock", "clock", Said(), config, clock)
    tell_family(case, event, config, clock)


def follow(row: Case, actor: str, clock: Clock) -> None:
    """It is the same child: the case goes along with the row, and what protects the child protects it there, too."""
    row.followed, row.row = True, ""  # its mark is another now, and is read off the record
    if row.pmr is not None:
        effects.join(row.pupil, row.pmr, case=row.reference, actor=actor, clock=clock)


def keep(row: Case, clock: Clock) -> None:
    """It is another child: that child's fact is used again, and the family is asked which row it means."""
    part(row, clock)
    row.pmr, row.row, row.paper = None, "", ""


def part(row: Case, clock: Clock) -> None:
    """What was kept out of use for the other reference is used again, and nothing of the child's protects it there."""
    if row.pmr is not None:
        effects.settle(row.pmr, row.item, case=row.reference, actor="clock", clock=clock)
        effects.part(row.reference, actor="clock", clock=clock)
