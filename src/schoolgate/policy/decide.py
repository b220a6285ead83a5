"""Policy: may this person, under this agreement, read these items today, and of which pupils.

Pure: the same arguments give the same answer. All reasons are given at once, so that a researcher
mends a query in one go. The rules are a table, in the order in which they are explained.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from schoolgate.dictionary import lake_tables
from schoolgate.errors import Refusal
from schoolgate.policy.terms import (
    AgreementTerms,
    Decision,
    ItemRuling,
    PersonTerms,
    RowRule,
    ScanRequest,
)

_STATE_WORDS = {
    "ended": "The agreement has ended.",
    "destroyed": "The agreement has ended and its data were certified destroyed.",
    "approved": "The panel approved the application, but the agreement is not signed yet.",
    "submitted": "The panel has not decided the application yet.",
    "refused": "The panel refused the application.",
    "drafted": "The application has not been submitted.",
}


def _in_force(agreement: AgreementTerms, person: PersonTerms, today: date) -> Iterable[Refusal]:
    if agreement.state != "active":
        yield Refusal(
            "agreement-not-active",
            _STATE_WORDS.get(agreement.state, f"The agreement is {agreement.state}."),
            provision=f"agreement {agreement.id}",
            remedy="Only an active agreement allows reading. Ask the data-sharing panel.",
        )


def _begun(agreement: AgreementTerms, person: PersonTerms, today: date) -> Iterable[Refusal]:
    if today < agreement.valid_from:
        yield Refusal(
            "agreement-not-begun",
            f"The agreement begins on {agreement.valid_from:%-d %B %Y}.",
            provision=f"agreement {agreement.id}, valid from",
            remedy="Wait until that day.",
        )


def _expired(agreement: AgreementTerms, person: PersonTerms, today: date) -> Iterable[Refusal]:
    # The last day is a day of use; expiry is the day after, as with a notice that runs "until" a date.
    if today > agreement.valid_until:
        yield Refusal(
            "agreement-expired",
            f"The agreement expired on {agreement.valid_until:%-d %B %Y}.",
            provision=f"agreement {agreement.id}, valid until",
            remedy="Apply to the panel for an extension.",
        )


def _named(agreement: AgreementTerms, person: PersonTerms, today: date) -> Iterable[Refusal]:
    if person.id not in agreement.people:
        yield Refusal(
            "person-not-named",
            "You are not one of the people named in this agreement.",
            provision=f"agreement {agreement.id}, people",
            remedy="Ask the lead applicant to have you added by the panel.",
        )


def _accredited(agreement: AgreementTerms, person: PersonTerms, today: date) -> Iterable[Refusal]:
    if person.accredited_until is None:
        yield Refusal(
            "not-accredited",
            "You hold no researcher accreditation.",
            provision="Digital Economy Act 2017 s.70 (accredited researchers)",
            remedy="Apply for accreditation.",
        )
    elif today > person.accredited_until:
        yield Refusal(
            "accreditation-expired",
            f"Your accreditation expired on {person.accredited_until:%-d %B %Y}.",
            provision="Digital Economy Act 2017 s.70 (accredited researchers)",
            remedy="Renew your accreditation.",
        )


_STANDING_RULES: Sequence[Callable[[AgreementTerms, PersonTerms, date], Iterable[Refusal]]] = (
    _in_force,
    _begun,
    _expired,
    _named,
    _accredited,
)


def _kinds() -> dict[str, str]:
    return {f"{t.name}.{c.name}": c.kind for t in lake_tables() for c in t.columns}


def _rule_on_item(item: str, kind: str | None, agreement: AgreementTerms) -> ItemRuling:
    if kind is None or kind == "provenance":
        return ItemRuling(item, False, "not in the dictionary as an item that can be asked for")
    if kind == "frame":
        return ItemRuling(item, True, "year and term frame every agreement")
    if kind == "pupil":
        return ItemRuling(item, True, "the pupil reference is a pseudonym of this agreement alone")
    if item in agreement.items:
        return ItemRuling(item, True, f"approved in agreement {agreement.id}")
    return ItemRuling(item, False, f"not among the items approved in agreement {agreement.id}")


def decide(agreement: AgreementTerms, person: PersonTerms, scans: Sequence[ScanRequest], today: date) -> Decision:
    """Rule on a read.

    Args:
        agreement: the terms.
        person: who asks.
        scans: what the query reads, table by table.
        today: the custodian's date (Europe/London).

    Returns:
        Every refusal at once, a ruling for each item, and the rows that each scan is confined to.
    """
    refusals = [refusal for rule in _STANDING_RULES for refusal in rule(agreement, person, today)]
    kinds = _kinds()
    places = {item: scan.where.get(item, "") for scan in scans for item in scan.items}
    rulings = tuple(_rule_on_item(item, kinds.get(item), agreement) for item in sorted(places))
    refusals += [
        Refusal(
            "item-not-approved",
            f"{ruling.item} is {ruling.rule}.",
            provision=f"agreement {agreement.id}, items",
            remedy="Leave it out, or ask the panel to amend the agreement.",
            where=places[ruling.item],
        )
        for ruling in rulings
        if not ruling.allowed
    ]
    return Decision(
        refusals=tuple(refusals),
        rulings=rulings,
        rows=RowRule(agreement.years, agreement.terms, agreement.cohort),
    )
