"""Policy: may this person, under this agreement, read these items today, and of which pupils.

Pure: the same arguments give the same answer. All reasons are given at once, so that a researcher
mends a query in one go. The rules are tables (`standing`, `held`, `lawful`, `asking`), in the order in which they
are explained.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache

from schoolgate.dictionary import consent_only_items, find_purpose, lake_tables
from schoolgate.errors import Refusal
from schoolgate.policy.asking import ASKING, ITEM
from schoolgate.policy.collected import TOLD_OF_CHANGE, TOLD_OF_ITEM, ChangeFacts, CollectedFacts, Told
from schoolgate.policy.facts import Facts, ItemFacts
from schoolgate.policy.held import HELD
from schoolgate.policy.lawful import LAWFUL
from schoolgate.policy.standing import STANDING
from schoolgate.policy.table import ALLOWED, apply
from schoolgate.policy.terms import (
    AgreementTerms,
    Decision,
    Holding,
    ItemRuling,
    PersonTerms,
    QueryShape,
    RowRule,
    ScanRequest,
    Used,
)

RULES = (*STANDING, *HELD, *LAWFUL, *ASKING)
"""Every rule on a read as a whole, in the order in which they are explained."""


@cache
def _kinds() -> dict[str, str]:
    return {f"{t.name}.{c.name}": c.kind for t in lake_tables() for c in t.columns}


def consent_needed(purpose: str) -> tuple[str, ...]:
    """The items that, for this purpose, may be read only of pupils whose family said yes.

    Where a law overrides a family's objection it does not wait for its yes either: the items were collected for
    that very end.
    """
    found = find_purpose(purpose)
    if found is not None and found.statutory_override:
        return ()
    return tuple(one.item for one in consent_only_items())


def row_rule(agreement: AgreementTerms) -> RowRule:
    """The rows every scan under an agreement is confined to."""
    return RowRule(
        agreement.years, agreement.terms, agreement.cohort, agreement.area, consent_needed(agreement.purpose)
    )


def _row_words(agreement: AgreementTerms, items: frozenset[str]) -> tuple[str, ...]:
    """Which rows every scan takes, in words. Whom it leaves out is said by rule alone: a number would tell."""
    spans = ", ".join(str(a) if a == b else f"{a} to {b}" for a, b in agreement.years)
    area = [
        *(f"authority {one}" for one in agreement.area.authorities),
        *(f"school {o}" for o in agreement.area.schools),
    ]
    words = [
        f"years: {spans or 'all'}",
        f"terms: {', '.join(agreement.terms) or 'all'}",
        "pupils: "
        + (
            "; ".join(f"{part.column} is {' or '.join(part.values)}" for part in agreement.cohort)
            or "all of these years"
        ),
        f"places: {', '.join(area) or 'all of England'}",
    ]
    purpose = find_purpose(agreement.purpose)
    if purpose is not None and not purpose.statutory_override:
        words.append(
            "left out: pupils whose family objected to this purpose, to who asks, or to all that it may refuse"
        )
    words.append("left out: pupils whose record is restricted or kept apart for their safety")
    words.append("left out of a scan: pupils of whom an item that it reads is in dispute")
    if not agreement.deceased:
        words.append("left out: pupils who have died")
    needed = sorted(items & set(consent_needed(agreement.purpose)))
    words += [f"only pupils whose family said yes, in every scan that reads {item}" for item in needed]
    if agreement.minimum_cell:
        words.append(f"withheld: rows about fewer than {agreement.minimum_cell} pupils")
    return tuple(words)


def decide(
    agreement: AgreementTerms,
    person: PersonTerms,
    scans: Sequence[ScanRequest],
    today: date,
    *,
    shape: QueryShape | None = None,
    used: Used | None = None,
    told: Told | None = None,
    holding: Holding | None = None,
) -> Decision:
    """Rule on a read.

    Args:
        agreement: the terms.
        person: who asks.
        scans: what the query reads, table by table.
        today: the custodian's date (Europe/London).
        shape: what the query gives out.
        used: what was read under the agreement so far.
        told: what families must have been told of beside the agreement's own notices.
        holding: what came of earlier use.

    Returns:
        Every refusal at once, a ruling for each rule and each item, and the rows that each scan is confined to.
    """
    places = {item: scan.where.get(item, "") for scan in scans for item in scan.items}
    spent = used or Used()
    facts = Facts(agreement, person, today, frozenset(places), shape or QueryShape(), spent, holding or Holding())
    refusals: list[Refusal] = []
    table = []
    for rule in RULES:
        ruling, reasons = apply(rule, facts)
        table.append(ruling)
        refusals += reasons
    heard = told or Told()
    ruling, reasons = apply(TOLD_OF_CHANGE, ChangeFacts(heard.changes, today))
    table.append(ruling)
    refusals += reasons
    needed = frozenset(consent_needed(agreement.purpose))
    rulings = []
    for item in sorted(places):
        of_item = ItemFacts(item, _kinds().get(item), item in needed, agreement, today)
        ruling, reasons = apply(ITEM, of_item, places[item])
        rulings.append(ItemRuling(item, ruling.verdict == ALLOWED, ruling.says))
        refusals += [replace(reason, reason=f"{item} is {reason.reason}.") for reason in reasons]
        if item in heard.items:
            ruling, reasons = apply(TOLD_OF_ITEM, CollectedFacts(item, heard.items[item], today), places[item])
            rulings.append(ItemRuling(item, ruling.verdict == ALLOWED, ruling.says))
            refusals += [replace(reason, reason=f"{item} is {reason.reason}.") for reason in reasons]
    return Decision(
        refusals=tuple(refusals),
        rulings=tuple(rulings),
        rows=row_rule(agreement),
        table=tuple(table),
        row_rules=_row_words(agreement, frozenset(places)),
        minimum_cell=agreement.minimum_cell,
        rows_left=None if agreement.row_budget is None else max(0, agreement.row_budget - spent.rows),
    )
