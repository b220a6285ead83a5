"""The custodian looks at what stands in the record, to ask the source and to decide.

It is a read like any other: under the families' own agreement, in the log before anything is shown, in the child's own
answer as a look of staff's, and a step of the case. Shown is no more than the case needs.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from schoolgate import gate
from schoolgate.clock import Clock, custodians_day
from schoolgate.config import Config
from schoolgate.errors import Refusal, Refused, SchoolgateError
from schoolgate.ids import Term
from schoolgate.rights.cases.handling import staff_row
from schoolgate.rights.cases.kept import about, locked, note
from schoolgate.rights.cases.models import Case
from schoolgate.rights.cases.states import UNDECIDED
from schoolgate.rights.cases.telling import tell_school
from schoolgate.rights.cases.views import Looked, LookedRow, Said

_FOR_THE_SOURCE = ("upn", "surname", "forename", "dob")
_CENSUS = "census_pupil"
_LOOKS = (*UNDECIDED, "in_review", "overseen")


def look(reference: str, actor: str, *, config: Config, clock: Clock) -> Looked | Refused:
    """Look at the item that a case is about.

    Args:
        reference: of an open case.
        actor: the person of the custodian's who looks.
        config: the installation.
        clock: the time.

    Returns:
        What stands there; or why it is not shown.

    Raises:
        UnknownCase: there is no such case.
    """
    row = staff_row(reference, "custodian")
    if row.state not in _LOOKS:
        return Refused((Refusal("look-not-needed", "Nothing is to be decided in this case now."),))
    try:
        found = gate.subject_access(about(row), f"custodian:{actor}", config=config, clock=clock)
    except SchoolgateError as closed:
        if closed.code != "subject-access-closed":
            raise
        # The words are the same whether access is closed to all or this child is kept from being found.
        return Refused((Refusal("look-closed", "The record is not shown here.", remedy="Ask the family on paper."),))
    with transaction.atomic():
        case = locked(reference)
        _know_source(case, found.tables, found.tokens, clock)
        note(case, "look", case.state, "custodian", actor, Said(), config, clock)
    return Looked(
        who=tuple((name, found.identity[name]) for name in _FOR_THE_SOURCE if name in found.identity),
        rows=_rows(row, found.identity, found.tables, found.tokens),
        log_index=int(found.receipt["index"]),
    )


def _know_source(
    case: Case,
    tables: Mapping[str, tuple[Mapping[str, object], ...]],
    tokens: Mapping[str, tuple[str, ...]],
    clock: Clock,
) -> None:
    """Keep which school sent the fact, so that it can be asked on its own page; one that said "not ours" is not it."""
    if case.state not in UNDECIDED or case.kind != "rectification":
        return
    urn = source_of(case.item, case.row, tables, tokens)
    said_no = urn is not None and case.steps.filter(event="not_ours", actor=f"school:{urn}").exists()
    found = None if said_no else urn
    is_new, case.source_urn = found != case.source_urn, found
    if is_new and found is not None and case.state == "with_source":
        case.source_asked_on = custodians_day(clock)  # only now anybody is asked: its days begin here
    case.save(update_fields=["source_urn", "source_asked_on"])
    if is_new:
        tell_school(case, clock)


def source_of(
    item: str,
    row: str,
    tables: Mapping[str, tuple[Mapping[str, object], ...]],
    tokens: Mapping[str, tuple[str, ...]],
) -> int | None:
    """The one school whose return an item came from; of an identity, the school of the latest roll. None: not known."""
    table = item.partition(".")[0]
    if table == "identity":
        rolls = [one for one in tables.get(_CENSUS, ()) if one.get("onroll")]
        latest = max((_point(one) for one in tables.get(_CENSUS, ())), default=None)
        found = {str(one.get("urn") or "") for one in rolls if _point(one) == latest}
    else:
        held = tables.get(table, ())
        marks = tokens.get(table, ("",) * len(held))
        found = {str(one.get("urn") or "") for one, mark in zip(held, marks, strict=True) if not row or mark == row}
    (urn,) = found if len(found) == 1 else {""}
    return int(urn) if urn else None


def _point(row: Mapping[str, object]) -> tuple[int, int]:
    return int(str(row["year"])), Term(str(row["term"])).order


def _rows(
    row: Case,
    identity: Mapping[str, str],
    tables: Mapping[str, tuple[Mapping[str, object], ...]],
    tokens: Mapping[str, tuple[str, ...]],
) -> tuple[LookedRow, ...]:
    table, _, name = row.item.partition(".")
    if table == "identity":
        return tuple(LookedRow(token, "", 0, identity.get(name, "")) for token in tokens.get(table, ()))
    held = tables.get(table, ())
    return tuple(
        LookedRow(
            token,
            f"{one.get('term') or ''} {one.get('year') or ''}".strip(),
            int(str(one.get("urn") or 0)),
            "" if one.get(name) is None else str(one[name]),
        )
        for one, token in zip(held, tokens.get(table, ("",) * len(held)), strict=True)
    )
