"""What the room takes in and gives out: frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from schoolgate.errors import Refusal, Refused, insist
from schoolgate.requests.asked import Answer, ItemReason, Linkage, Processor
from schoolgate.requests.conditions import Condition

__all__ = [
    "Addition",
    "Agreement",
    "Answer",
    "Application",
    "ApplicationSpec",
    "CohortCondition",
    "ItemReason",
    "Linkage",
    "Processor",
    "Refused",
    "Step",
    "insist",
]


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
        authorities: numbers of the local authorities whose schools are asked for; with `regions` and `schools` empty
            too, all of England.
        regions: codes of regions whose schools are asked for.
        schools: URNs of single schools asked for.
        transfer_safeguard: what protects the data abroad (UK GDPR Article 46); empty at home.
        deceased: whether pupils who have died are asked for too.
        kind_of_request: id of a kind in ``drafting/data/kinds.toml``: research, operational, law-enforcement, ...
        commercial_interest: ``none``, ``indirect`` or ``direct``.
        commercial_detail: whose interest and which, when there is one.
        funders: who pays; "none" when nobody does.
        public_benefit: what the public gains, in plain words.
        harm: who could be harmed, and how.
        harm_prevention: how that is prevented.
        item_reasons: why each item, and why less will not do.
        linkage: other data the pupils' would be joined with; empty: none.
        processors: who processes for the applicant; empty: nobody.
        retention_until: the day by which everything is destroyed.
        retention_why: why it is kept until then.
        destruction: how it will be destroyed.
        publication_plan: what is published, where and when.
        ethics_body, ethics_reference, ethics_date: the ethics approval.
        ethics_why_none: why there is none.
        dpia_date, dpia_summary: the data protection impact assessment (UK GDPR Article 35).
        dpia_reference: the name of the attachment that holds it, or where it is kept.
        conflicts: conflicts of interest; "none" when there are none.
        answers: to the further questions.
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
    authorities: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    schools: tuple[str, ...] = ()
    transfer_safeguard: str = ""
    deceased: bool = False
    kind_of_request: str = ""
    commercial_interest: str = ""
    commercial_detail: str = ""
    funders: tuple[str, ...] = ()
    public_benefit: str = ""
    harm: str = ""
    harm_prevention: str = ""
    item_reasons: tuple[ItemReason, ...] = ()
    linkage: tuple[Linkage, ...] = ()
    processors: tuple[Processor, ...] = ()
    retention_until: date | None = None
    retention_why: str = ""
    destruction: str = ""
    publication_plan: str = ""
    ethics_body: str = ""
    ethics_reference: str = ""
    ethics_date: date | None = None
    ethics_why_none: str = ""
    dpia_date: date | None = None
    dpia_summary: str = ""
    dpia_reference: str = ""
    conflicts: str = ""
    answers: tuple[Answer, ...] = ()
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
class Addition:
    """What the panel added to an agreement in force; usable when families have had a notice of it.

    Attributes:
        items: item ids.
        people: person ids.
        notice_days: days between the notice and the first use.
        notice_published: the custodian's day on which the notice was published; None until then.
        signed: whether both sides have signed the version that says so.
        version: its number.
    """

    items: tuple[str, ...]
    people: tuple[str, ...]
    notice_days: int
    notice_published: date | None
    signed: bool = True
    version: int = 0


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
        valid_until: last day of use, as the last extension that both sides signed has it.
        state: ``active``, ``suspended``, ``reopened``, ``ended`` or ``destroyed``.
        built_in: whether a law, not an application, is its ground.
        authorities, regions, schools: whose pupils; all empty means all of England.
        transfer_safeguard: what protects the data abroad.
        deceased: whether it covers pupils who have died.
        notice_days: days between the notice to families and the first use; 0 when none is needed.
        notice_published: the custodian's day on which the notice was published; None until then.
        additions: what the panel added later.
        review_due: of an emergency approval, the last day of use unless the panel has looked at it again; None when
            nothing is due.
        ended_on: the custodian's day on which it ended.
        processors: who processes for the organisation, and where.
        linkage: other data that the pupils' may be joined with.
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
    authorities: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    schools: tuple[str, ...] = ()
    transfer_safeguard: str = ""
    deceased: bool = False
    notice_days: int = 0
    notice_published: date | None = None
    additions: tuple[Addition, ...] = ()
    review_due: date | None = None
    ended_on: date | None = None
    processors: tuple[Processor, ...] = ()
    linkage: tuple[Linkage, ...] = ()
