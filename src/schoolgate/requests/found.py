"""Finding requests."""

from __future__ import annotations

from schoolgate.errors import SchoolgateError
from schoolgate.requests.models import Request
from schoolgate.requests.stored import agreement_of, application_of, step_of
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


def agreements() -> tuple[Agreement, ...]:
    """Every agreement, the built-in one included, in order of application."""
    return tuple(agreement_of(row) for row in Request.objects.exclude(agreement_id=None).order_by("pk"))


def application(request_id: str) -> Application:
    """One application, by its own id or that of its agreement.

    Raises:
        UnknownRequest: none has this id.
    """
    return application_of(request_row(request_id))


def applications() -> tuple[Application, ...]:
    """Every application, oldest first; the built-in agreement is none."""
    return tuple(application_of(row) for row in Request.objects.filter(built_in=False).order_by("pk"))


def history(request_id: str) -> tuple[Step, ...]:
    """Every step of a request, oldest first.

    Raises:
        UnknownRequest: none has this id.
    """
    return tuple(step_of(row) for row in request_row(request_id).steps.order_by("log_index"))
