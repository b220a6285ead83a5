"""What the room takes in and gives out: frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from schoolgate.errors import Refusal, SchoolgateError
from schoolgate.requests.conditions import Condition

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Refused:
    """A step that was not taken, with every reason at once; nothing was changed."""

    reasons: tuple[Refusal, ...]


def insist(outcome: T | Refused) -> T:
    """The outcome when the step was taken.

    Raises:
        SchoolgateError: every reason, one a line, when it was not.
    """
    if isinstance(outcome, Refused):
        reasons = [
            f"{r.where + ': ' if r.where else ''}{r.reason}{' ' + r.remedy if r.remedy else ''}"
            for r in outcome.reasons
        ]
        raise SchoolgateError("\n".join(reasons), code=outcome.reasons[0].code)
    return outcome


@dataclass(frozen=True, slots=True)
class CohortCondition:
    """The pupils an agreement covers: those whose census_pupil `column` is one of `values`."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ApplicationSpec:
    """What is asked for, as the applicant filled it in; may be incomplete until it is submitted.

    Attributes:
        title: a short name.
        organisation: id or exact name.
        people: ids of the persons who would use the data.
        purpose: purpose id of the published taxonomy.
        purpose_plain: why, in words a parent understands.
        lawful_basis: Article 6 UK GDPR.
        special_category_basis: Article 9 UK GDPR; empty when no item needs one.
        gateway: the statutory power to share, with its provision.
        items: item ids (``table.column``).
        years: inclusive (first, last) calendar years of census points.
        terms: term codes (AUT, SPR, SUM); empty means all.
        cohort: conditions that every pupil must meet.
        valid_from: first day of use.
        valid_until: last day of use.
        processed_at: where the data is used.
        country: in which country that is.
        publish_queries: whether the register shows queries, with their values taken out.
        unread: what could not be read in the form; part of the answer to a submission.
    """

    title: str = ""
    organisation: str = ""
    people: tuple[str, ...] = ()
    purpose: str = ""
    purpose_plain: str = ""
    lawful_basis: str = ""
    special_category_basis: str = ""
    gateway: str = ""
    items: tuple[str, ...] = ()
    years: tuple[tuple[int, int], ...] = ()
    terms: tuple[str, ...] = ()
    cohort: tuple[CohortCondition, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None
    processed_at: str = ""
    country: str = ""
    publish_queries: bool = True
    unread: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One state change: who, when, why, and its register entry.

    Attributes:
        actors: person ids; a decision has at least two.
        role: the role they acted in.
    """

    event: str
    source: str
    target: str
    actors: tuple[str, ...]
    role: str
    reason: str
    at: datetime
    log_index: int


@dataclass(frozen=True, slots=True)
class Application:
    """An application and where it stands.

    Attributes:
        id: ``APP-2026-0001``.
        organisation_kind: one of ``people.ORGANISATION_KINDS``.
        agreement_id: the agreement that came of it; empty until it is signed.
        reasons: the panel's, empty until it decided.
        conditions: the panel's.
    """

    id: str
    organisation_id: str
    organisation_name: str
    organisation_kind: str
    spec: ApplicationSpec
    state: str
    reasons: tuple[str, ...]
    conditions: tuple[Condition, ...]
    agreement_id: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """The terms under which data may be read; what the gate and policy look at.

    Attributes:
        id: ``A-2026-0001``; ``A-SAR`` for access by families.
        application_id: the application it came of; empty when built in.
        people: person ids.
        items: approved item ids.
        years: inclusive (first, last) calendar years of census points.
        terms: term codes; empty means all.
        conditions: the panel's, in plain words.
        structured_conditions: the same, as they were set.
        state: ``active``, ``ended`` or ``destroyed``.
        built_in: whether a law, not an application, is its ground.
    """

    id: str
    application_id: str
    organisation_id: str
    organisation_name: str
    people: tuple[str, ...]
    purpose: str
    purpose_plain: str
    lawful_basis: str
    special_category_basis: str
    gateway: str
    items: frozenset[str]
    years: tuple[tuple[int, int], ...]
    terms: tuple[str, ...]
    cohort: tuple[CohortCondition, ...]
    valid_from: date
    valid_until: date
    processed_at: str
    country: str
    conditions: tuple[str, ...]
    structured_conditions: tuple[Condition, ...]
    publish_queries: bool
    state: str
    built_in: bool
