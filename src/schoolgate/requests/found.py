"""Finding requests."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import prefetch_related_objects

from schoolgate import people
from schoolgate.errors import SchoolgateError
from schoolgate.requests.models import Request, Version
from schoolgate.requests.stored import AS_TEXT, agreement_of, application_of, as_read, step_of
from schoolgate.requests.terms import Agreement, Application, Step


class UnknownRequest(SchoolgateError):
    """No application or agreement has this id."""


def request_row(request_id: str, *, locked: bool = False) -> Request:
    """The row of an application or agreement.

    Raises:
        UnknownRequest: none has this id.
    """
    rows = Request.objects.select_for_update() if locked else Request.objects.all()
    row = rows.filter(application_id=request_id).first() or rows.filter(agreement_id=request_id).first()
    if row is None:
        raise UnknownRequest(
            "There is no such application or agreement.", hint="See `request list`.", code="request-unknown"
        )
    return row


def get(agreement_id: str) -> Agreement:
    """One agreement.

    Raises:
        UnknownRequest: no agreement has this id.
    """
    row = Request.objects.filter(agreement_id=agreement_id).first()
    if row is None:
        raise UnknownRequest("There is no such agreement.", hint="See `request list`.", code="agreement-unknown")
    return agreement_of(row)


def agreements(numbers: Collection[str] | None = None) -> tuple[Agreement, ...]:
    """Every agreement, or those with these numbers, the built-in one included, in order of application."""
    found = Request.objects.exclude(agreement_id=None).defer("spec").annotate(text=AS_TEXT).order_by("pk")
    rows = list(found if numbers is None else found.filter(agreement_id__in=numbers))
    prefetch_related_objects([row for row in rows if row.changed], "versions", "notices")
    homes = {one.id: one for one in people.organisations()}
    return tuple(agreement_of(row, homes.get(row.organisation_id), as_read(row.text)) for row in rows)


def recipients(numbers: Collection[str]) -> dict[str, str]:
    """Agreement -> its organisation's name, without reading what was agreed: a family may have hundreds."""
    names = {one.id: one.name for one in people.organisations()}
    rows = Request.objects.filter(agreement_id__in=numbers).values_list("agreement_id", "organisation_id")
    return {str(agreement): names[organisation] for agreement, organisation in rows}


def application(request_id: str) -> Application:
    """One application, by its own id or that of its agreement.

    Raises:
        UnknownRequest: none has this id.
    """
    return application_of(request_row(request_id))


def applications(agreement_numbers: Collection[str] | None = None) -> tuple[Application, ...]:
    """Every application, or those of these agreements, oldest first; the built-in agreement is none."""
    homes = {one.id: one for one in people.organisations()}
    rows = Request.objects.filter(built_in=False).order_by("pk")
    rows = rows if agreement_numbers is None else rows.filter(agreement_id__in=agreement_numbers)
    return tuple(application_of(row, homes.get(row.organisation_id)) for row in rows)


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of a list of requests.

    Attributes:
        agreement_id: empty while none was signed.
        title: as the applicant named it.
        waits: whether a version of the text waits for a signature.
    """

    application_id: str
    agreement_id: str
    organisation_id: str
    title: str
    state: str
    waits: bool


def listed(
    states: Sequence[str], *, organisations: Sequence[str] | None = None, before: int | None = None, limit: int = 50
) -> tuple[tuple[Listed, ...], int | None]:
    """Requests in some states, newest first; a page, and the place to go on from (None: there are no more).

    Args:
        states: of `LIFECYCLE`.
        organisations: of these organisations only.
        before: the place that the page before gave.
        limit: lines at most.
    """
    rows = Request.objects.filter(built_in=False, state__in=states)
    if organisations is not None:
        rows = rows.filter(organisation_id__in=organisations)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: limit + 1])
    waiting = set(
        Version.objects.filter(request__in=found[:limit], signed_index=None)
        .exclude(request__state__in=("withdrawn", "ended", "destroyed"))
        .values_list("request_id", flat=True)
    )
    lines = tuple(
        Listed(
            row.application_id,
            row.agreement_id or "",
            row.organisation_id,
            str(row.spec.get("title", "")),
            row.state,
            row.state in ("approved", "accepted") or row.pk in waiting,
        )
        for row in found[:limit]
    )
    return lines, found[limit - 1].pk if len(found) > limit else None


def history(request_id: str) -> tuple[Step, ...]:
    """Every step of a request, oldest first.

    Raises:
        UnknownRequest: none has this id.
    """
    return tuple(step_of(row) for row in request_row(request_id).steps.order_by("log_index"))
