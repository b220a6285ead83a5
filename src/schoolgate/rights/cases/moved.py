"""A clerk found that the row a case is about is another pupil's: of the same child under two references, or not.

From then on the fact is kept out of use for both, and nothing is decided until a person has said which it is. Whose the
row is now follows from the return it came from; nobody types it in, so nobody can bring another child into a case.
"""

from __future__ import annotations

from contextlib import suppress

from django.db import transaction

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
    """Look whether the rows of open cases are still their child's; how many are found to be another's."""
    open_ = Case.objects.filter(closed_on=None, disputed=True, followed=False).exclude(paper="")
    known = {row.reference: row for row in open_}
    if not known:
        return 0
    now = gate.holders_of_rows({row.paper for row in known.values()}, config=config)
    moved = 0
    for reference, row in known.items():
        holder = now.get(row.paper)
        if holder is None or int(holder) in (row.pupil, row.pmr):
            continue
        with transaction.atomic():
            case = locked(reference)
            if case.closed_on is not None or not case.disputed:
                continue
            no_more(case, clock)
            case.pmr = int(holder)
            case.save(update_fields=["pmr"])
            effects.dispute(case.pmr, case.item, case=reference, actor="clock", clock=clock)
            note(case, "row_moved", case.state, "clock", "clock", Said(), config, clock)
            tell_family(case, "row_moved", config, clock)
        moved += 1
    return moved


def follow(row: Case) -> None:
    """It is the same child: the case goes along with the row."""
    row.followed, row.row = True, ""  # its mark is another now, and is read off the record


def keep(row: Case, clock: Clock) -> None:
    """It is another child: that child's fact is used again, and the family is asked which row it means."""
    no_more(row, clock)
    row.pmr, row.row, row.paper = None, "", ""


def no_more(row: Case, clock: Clock) -> None:
    """What was kept out of use for the other reference is used again."""
    if row.pmr is not None:
        effects.settle(row.pmr, row.item, case=row.reference, actor="clock", clock=clock)
