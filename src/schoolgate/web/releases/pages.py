"""Extracts, stopped use and delays: what waits, one order with what can be done about it, and the file itself.

Every change is an act of the desk; whoever keeps the order looks at the person again.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from types import MappingProxyType
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from schoolgate import people
from schoolgate.clock import custodians_day
from schoolgate.errors import Refused, SchoolgateError
from schoolgate.web.acting import at_desk, only_for
from schoolgate.web.ports import clock, installation
from schoolgate.web.releases.forms import (
    AnswerStop,
    Decide,
    LiftStop,
    OrderExtract,
    ReleaseForm,
    Report,
    SetDelay,
    Sign,
)

_ORDER = "schoolgate/releases/order.html"

_STANDS = MappingProxyType(
    {
        "ordered": (lazy("asked for"), lazy("It waits for somebody of the custodian to decide.")),
        "approved": (lazy("being made"), lazy("It was let go. The file is being made. Look again in a few minutes.")),
        "declined": (lazy("declined"), lazy("It was declined. The data can be used in the safe setting.")),
        "failed": (lazy("no file"), lazy("It was let go, but no file could be made. You can ask for a new one.")),
        "ready": (lazy("ready"), lazy("The sealed file waits to be fetched.")),
        "expired": (
            lazy("too late to fetch"),
            lazy("The last day to fetch it is past, and the file was deleted. If you still need it, ask anew."),
        ),
        "received": (lazy("signed for"), lazy("It was opened and signed for. The file here was deleted.")),
        "reported": (lazy("reported"), lazy("It was reported instead of signed for. The file here was deleted.")),
    }
)
"""State of an extract -> in a word or two, and what that means for whoever reads it."""

_PAST = lazy("The last day to fetch it is past. If you still need it, ask for a new one.")
_USED = lazy("It was fetched as often as it may be. Sign for it, or say what became of it.")


def _in_words(state: str) -> Any:
    return _STANDS[state][0]


def _meaning(one: Any) -> Any:
    """What an extract's state means today."""
    if one.state == "ready" and one.until is not None and custodians_day(clock()) > one.until:
        return _PAST
    if one.state == "ready" and one.downloads >= one.downloads_most:
        return _USED
    return _STANDS[one.state][1]


def _done(name: str, person: people.PersonView, form: ReleaseForm, **given: object) -> bool:
    """Do an act; when it is refused the form says why."""
    outcome = at_desk(name, person, **given)
    if isinstance(outcome, Refused):
        form.refuse(outcome)
        return False
    return True


def _extract(order: str, person: people.PersonView) -> Any:
    """One order; one that is somebody else's answers as one that does not exist."""
    try:
        return at_desk("extract-show", person, order=order)
    except SchoolgateError as unknown:
        if unknown.code != "extract-unknown":
            raise
        raise Http404 from unknown


@require_safe
@only_for("researcher", "custodian", "overseer")
def home(request: HttpRequest, person: people.PersonView) -> HttpResponse:
    """The extracts and stops this person may see, and, for the custodian and the overseer, the delays."""
    context = {
        "person": person,
        "extracts": [(one, _in_words(one.state)) for one in at_desk("extract-list", person)],
        "one_process": installation().gate is None,
        "stops": at_desk("use-stops", person),
        "delays": at_desk("delay-list", person) if person.role != "researcher" else (),
    }
    return render(request, "schoolgate/releases/home.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@only_for("researcher")
def ask(request: HttpRequest, person: people.PersonView) -> HttpResponse:
    """Ask for an extract."""
    form = OrderExtract(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = at_desk("extract-order", person, **form.cleaned_data)
        if not isinstance(made, Refused):
            messages.success(request, _("Your order is in the register. Somebody of the custodian decides on it."))
            return redirect("extract", made.id)
        form.refuse(made)
    return render(request, "schoolgate/releases/form.html", {"form": form, "title": _("Ask for an extract")})


def _shown(request: HttpRequest, person: people.PersonView, one: Any, form: ReleaseForm | None = None) -> HttpResponse:
    recipient = person.role == "researcher" and person.organisation_name == one.organisation
    fetched = recipient and one.downloads > 0 and one.state in ("ready", "expired")
    context = {
        "one": one,
        "form": form,
        "decide": form if isinstance(form, Decide) else Decide() if person.role == "custodian" else None,
        "may_decide": person.role == "custodian" and one.state == "ordered",
        "may_fetch": recipient
        and one.state == "ready"
        and one.downloads < one.downloads_most
        and (one.until is None or custodians_day(clock()) <= one.until),
        "has_receipt": recipient and bool(one.file_sha256),
        "in_words": _in_words(one.state),
        "meaning": _meaning(one),
        "may_sign": fetched,
        "sign": form if isinstance(form, Sign) else Sign(),
        "report": form if isinstance(form, Report) else Report(),
    }
    return render(request, _ORDER, context)


@require_safe
@only_for("researcher", "custodian", "overseer")
def extract(request: HttpRequest, person: people.PersonView, order: str) -> HttpResponse:
    """One order, and what this person can do about it."""
    return _shown(request, person, _extract(order, person))


@require_POST
@only_for("custodian")
def decide(request: HttpRequest, person: people.PersonView, order: str) -> HttpResponse:
    """Let an extract leave, or not."""
    form = Decide(request.POST)
    if form.is_valid():
        given = {
            "order": order,
            "approve": form.cleaned_data["approve"] == "yes",
            "reason": form.cleaned_data["reason"],
        }
        if _done("extract-decide", person, form, **given):
            messages.success(request, _("Your decision is in the register."))
            return redirect("extract", order)
    return _shown(request, person, _extract(order, person), form)


@require_POST
@only_for("researcher")
def fetch(request: HttpRequest, person: people.PersonView, order: str) -> HttpResponse:
    """Hand out the sealed file. By POST: it is counted, and from then on a signature is owed."""
    _extract(order, person)
    opened = at_desk("extract-open", person, order=order)
    if isinstance(opened, Refused):
        form = Sign()
        form.cleaned_data = {}
        form.full_clean()
        form.refuse(opened)
        return _shown(request, person, _extract(order, person), form)

    def parts() -> Iterator[bytes]:
        at = 0
        while at < opened.size:
            part = at_desk("extract-piece", person, order=order, token=opened.token, at=at)
            if isinstance(part, Refused) or not part:
                raise SchoolgateError("The download broke off.", code="download-closed")
            data = base64.b64decode(part)
            yield data
            at += len(data)

    answer = StreamingHttpResponse(parts(), content_type="application/octet-stream")
    answer.headers["Content-Length"] = str(opened.size)
    answer.headers["Content-Disposition"] = f'attachment; filename="{opened.name}"'
    return cast(HttpResponse, answer)  # a view's decorators ask for its headers alone


@require_safe
@only_for("researcher")
def receipt(request: HttpRequest, person: people.PersonView, order: str) -> HttpResponse:
    """The receipt of the read that an extract is, with its proof."""
    _extract(order, person)
    text = at_desk("extract-receipt", person, order=order)
    if isinstance(text, Refused):
        raise Http404
    name = f"{order}-receipt.json"
    return HttpResponse(
        text,
        content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_POST
@only_for("researcher")
def sign(request: HttpRequest, person: people.PersonView, order: str) -> HttpResponse:
    """Sign for an extract."""
    form = Sign(request.POST)
    _extract(order, person)
    if form.is_valid() and _done("extract-sign", person, form, order=order, **form.cleaned_data):
        messages.success(request, _("Your signature is in the register. The file here is deleted."))
        return redirect("extract", order)
    return _shown(request, person, _extract(order, person), form)


@require_POST
@only_for("researcher")
def report(request: HttpRequest, person: people.PersonView, order: str) -> HttpResponse:
    """Say instead what became of it."""
    form = Report(request.POST)
    _extract(order, person)
    if form.is_valid() and _done("extract-report", person, form, order=order, **form.cleaned_data):
        messages.success(request, _("Your report is in the register. The file here is deleted."))
        return redirect("extract", order)
    return _shown(request, person, _extract(order, person), form)


@require_http_methods(["GET", "HEAD", "POST"])
@only_for("researcher", "custodian")
def stop(request: HttpRequest, person: people.PersonView, agreement_id: str) -> HttpResponse:
    """A stop and its question: the recipient answers, the custodian lets use go on."""
    own = [one for one in at_desk("use-stops", person) if one.agreement_id == agreement_id]
    if not own:
        raise Http404
    act, made = ("use-answer", AnswerStop) if person.role == "researcher" else ("use-lift", LiftStop)
    form = made(request.POST or None)
    is_sent = request.method == "POST" and form.is_valid()
    if is_sent and _done(act, person, form, agreement=agreement_id, **form.cleaned_data):
        messages.success(request, _("It is in the register."))
        return redirect("releases")
    return render(request, "schoolgate/releases/stop.html", {"form": form, "stop": own[0]})


@sensitive_post_parameters("upn")
@require_http_methods(["GET", "HEAD", "POST"])
@only_for("custodian")
def delay(request: HttpRequest, person: people.PersonView) -> HttpResponse:
    """Tell one family later, by law, until a day."""
    form = SetDelay(request.POST or None)
    if request.method == "POST" and form.is_valid() and _done("delay-set", person, form, **form.cleaned_data):
        messages.success(request, _("The delay is set. It ends by itself, and is counted in public."))
        return redirect("releases")
    return render(request, "schoolgate/releases/form.html", {"form": form, "title": _("Tell one family later")})


@require_POST
@only_for("custodian")
def end_delay(request: HttpRequest, person: people.PersonView, delay_id: int) -> HttpResponse:
    """End a delay before its day."""
    if not isinstance(at_desk("delay-lift", person, delay=delay_id), Refused):
        messages.success(request, _("The delay ended. The family’s page shows the line now."))
    return redirect("releases")
