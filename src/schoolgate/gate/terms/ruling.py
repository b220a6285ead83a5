"""Step 4, policy: an agreement's terms as policy reads them, and its decision on a query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from schoolgate import ledger, notices, people, requests
from schoolgate.clock import Clock, custodians_day
from schoolgate.dictionary import find_region
from schoolgate.errors import Refusal
from schoolgate.gate.asking.mention import mentioned
from schoolgate.gate.exposure.scans import Scan
from schoolgate.gate.releases.standing import holding_of
from schoolgate.gate.terms.small_cells import cell_problems
from schoolgate.gate.understand import Asked, understand
from schoolgate.policy import (
    HOLDS_EVERYTHING,
    Addition,
    AgreementTerms,
    AreaTerm,
    CohortTerm,
    Decision,
    ItemRuling,
    Notice,
    PersonTerms,
    QueryShape,
    Ruling,
    ScanRequest,
    Used,
    decide,
)


def _area(agreement: requests.Agreement) -> AreaTerm:
    found = [region for region in map(find_region, agreement.regions) if region is not None]
    if len(found) < len(agreement.regions):
        # A region that the list no longer has covers no school, and must not come to mean all of England.
        return AreaTerm((*agreement.authorities, "000"), agreement.schools)
    numbers = {*agreement.authorities, *(number for region in found for number in region.authorities)}
    return AreaTerm(tuple(sorted(numbers)), agreement.schools)


def _notice(days: int, published: date | None, told: Mapping[date, date | None]) -> Notice:
    """A notice whose days begin when the last family that asked to be told was written to."""
    return Notice(days, published if published is None else told.get(published, published))


def agreement_terms(agreement: requests.Agreement) -> AgreementTerms:
    """The terms of an agreement that policy looks at."""
    held = requests.enforced(agreement.structured_conditions)
    told = notices.told_days(agreement)
    return AgreementTerms(
        id=agreement.id,
        state=agreement.state,
        purpose=agreement.purpose,
        lawful_basis=agreement.lawful_basis,
        gateway=agreement.gateway,
        items=agreement.items,
        years=agreement.years,
        terms=agreement.terms,
        cohort=tuple(CohortTerm(part.column, tuple(part.values)) for part in agreement.cohort),
        area=_area(agreement),
        valid_from=agreement.valid_from,
        valid_until=agreement.valid_until,
        people=agreement.people,
        additions=tuple(
            Addition(frozenset(one.items), one.people, _notice(one.notice_days, one.notice_published, told), one.signed)
            for one in agreement.additions
        ),
        built_in=agreement.built_in,
        country=agreement.country,
        processors_in=tuple(one.country or agreement.country for one in agreement.processors),
        transfer_safeguard=agreement.transfer_safeguard,
        only_in=held.only_in,
        notice=_notice(agreement.notice_days, agreement.notice_published, told),
        deceased=agreement.deceased,
        minimum_cell=held.minimum_cell,
        row_budget=held.row_budget,
        query_budget=held.query_budget,
        not_together=held.not_together,
        pseudonyms=held.pseudonyms,
        setting_only=held.setting_only,
        review_due=agreement.review_due,
    )


def asked_of(scans: tuple[Scan, ...]) -> tuple[ScanRequest, ...]:
    """What policy is asked about a query's scans."""
    return tuple(
        ScanRequest(scan.table, scan.items, {f"{scan.table}.{c}": p for c, p in scan.places.items()}) for scan in scans
    )


def shape_of(asked: Asked, agreement: requests.Agreement, output: str) -> QueryShape:
    """What policy needs to know of a query beside its scans. The query must not have been rewritten yet."""
    counts_only = requests.enforced(agreement.structured_conditions).minimum_cell > 0
    return QueryShape(
        gives_reference=any(asked.references.outputs(asked.named.tree)),
        not_aggregate=cell_problems(asked.named, asked.references) if counts_only else (),
        output=output,
    )


def _asker(person_id: str) -> PersonTerms:
    try:
        person = people.person(person_id)
    except people.UnknownPerson:
        return PersonTerms(person_id, None, known=False)
    return PersonTerms(person.id, person.accredited_until, person.country)


def _used(terms: AgreementTerms) -> Used:
    if terms.query_budget is None and terms.row_budget is None:
        return Used()
    spent = ledger.spent(terms.id)
    return Used(spent.queries, spent.rows)


def rule_on(
    agreement: requests.Agreement,
    person_id: str,
    scans: tuple[ScanRequest, ...],
    clock: Clock,
    shape: QueryShape | None = None,
) -> Decision:
    """Ask policy about these scans today, where the custodian is."""
    terms = agreement_terms(agreement)
    today = custodians_day(clock)
    told = notices.told(agreement, frozenset(item for scan in scans for item in scan.items), today)
    used, holding = _used(terms), holding_of(agreement.id)
    return decide(terms, _asker(person_id), scans, today, shape=shape, used=used, told=told, holding=holding)


def against_person(agreement_id: str, person_id: str, clock: Clock) -> tuple[Refusal, ...]:
    """Every reason why this person may read nothing under an agreement now, whatever is asked.

    What earlier use brought about comes alone: a stop is answered before anything else is looked at.
    """
    refusals = rule_on(requests.get(agreement_id), person_id, (), clock).refusals
    return tuple(one for one in refusals if one.code in HOLDS_EVERYTHING) or refusals


def everything(
    agreement: requests.Agreement,
    person_id: str,
    sql: str,
    asked: Asked | tuple[Refusal, ...],
    clock: Clock,
    output: str,
) -> tuple[Decision, tuple[Refusal, ...]]:
    """The decision, and every reason against the read at once: the query's, the agreement's, each item's."""
    if isinstance(asked, tuple):
        decision = rule_on(agreement, person_id, mentioned(sql), clock, QueryShape(output=output))
        return decision, (*asked, *decision.refusals)
    decision = rule_on(agreement, person_id, asked_of(asked.scans), clock, shape_of(asked, agreement, output))
    return decision, decision.refusals


@dataclass(frozen=True, slots=True)
class Explained:
    """Why a query would be run or refused, without running it.

    Attributes:
        refusals: every reason against it; empty when it would be run.
        rulings: for each item, which rule allowed or refused it.
        table: what each rule of the decision table said.
        row_rules: which rows every scan would take and whom it would leave out, in words; never how many.
    """

    refusals: tuple[Refusal, ...]
    rulings: tuple[ItemRuling, ...]
    table: tuple[Ruling, ...] = ()
    row_rules: tuple[str, ...] = ()


def explain_query(agreement_id: str, person_id: str, sql: str, *, clock: Clock, output: str) -> Explained:
    """Which rule allows or refuses each item of a query; nothing is read."""
    agreement = requests.get(agreement_id)
    decision, reasons = everything(agreement, person_id, sql, understand(sql), clock, output)
    return Explained(reasons, decision.rulings, decision.table, decision.row_rules)
