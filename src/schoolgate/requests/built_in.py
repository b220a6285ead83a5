"""The agreement that nobody applies for: a family's access to its own child's record."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from schoolgate import dictionary, people, register
from schoolgate.clock import Clock, custodians_day
from schoolgate.requests.drafting.check import FIRST_YEAR, LAST_YEAR
from schoolgate.requests.models import Request, RequestStep
from schoolgate.requests.steps import signed_payload, turn
from schoolgate.requests.stored import agreement_of, to_json
from schoolgate.requests.terms import Agreement, ApplicationSpec

SUBJECT_ACCESS = "A-SAR"
"""Its number."""

_FAMILY = "The child’s own family and school"


def _terms(clock: Clock) -> ApplicationSpec:
    items = [c.item_id for t in dictionary.lake_tables() for c in t.columns if c.kind == "item"]
    return ApplicationSpec(
        title="Access by families",
        organisation=_FAMILY,
        purpose="subject-access",
        purpose_plain="You can see what is kept about your child. The school can look up its own pupil"
        " to give you a code.",
        lawful_basis="UK GDPR Article 6(1)(c): a legal duty, namely the right of access in Article 15",
        special_category_basis="UK GDPR Article 9(2)(g); Data Protection Act 2018 Schedule 1 paragraph 6",
        gateway="UK GDPR Article 15",
        items=tuple(sorted(items)),
        years=((FIRST_YEAR, LAST_YEAR),),
        valid_from=custodians_day(clock),
        # A right has no last day; a date is kept so that every agreement has the same shape.
        valid_until=date(LAST_YEAR - 1, 12, 31),
        processed_at="On the family's own screen",
        country="United Kingdom",
        publish_queries=False,
    )


def ensure_built_in(clock: Clock) -> Agreement:
    """Make the built-in agreement unless it is there; safe to call at every start."""
    row = Request.objects.filter(agreement_id=SUBJECT_ACCESS).first()
    if row is not None:
        return agreement_of(row)
    with transaction.atomic():
        turn(SUBJECT_ACCESS)  # two processes that start at once: one makes it, the other finds it
        row = Request.objects.filter(agreement_id=SUBJECT_ACCESS).first()
        if row is None:
            try:
                organisation = people.find_organisation(_FAMILY)
            except people.UnknownOrganisation:
                organisation = people.add_organisation(_FAMILY, "family")
            row = Request.objects.create(
                application_id=f"{SUBJECT_ACCESS} (built in)",
                agreement_id=SUBJECT_ACCESS,
                organisation_id=organisation.id,
                state="active",
                spec=to_json(_terms(clock)),
                built_in=True,
            )
            payload = signed_payload(agreement_of(row))
            index = register.append_event("agreement.signed", SUBJECT_ACCESS, payload, clock.now())
            RequestStep.objects.create(
                request=row,
                event="sign",
                source="approved",
                target="active",
                actors=[],
                role="law",
                reason="UK GDPR Article 15",
                at=clock.now(),
                log_index=index,
            )
    return agreement_of(row)
