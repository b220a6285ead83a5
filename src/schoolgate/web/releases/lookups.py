"""Look-ups: what was declared and done, a list, a claim. Of what is sent and answered the site keeps nothing.

A list stays in memory: the file a browser sends is never written to a disk, and `only_for` tells every cache to keep
nothing of the answer.
"""

from __future__ import annotations

import csv
import io
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from schoolgate import gate, people
from schoolgate.cells import harmless
from schoolgate.errors import Refused
from schoolgate.web.acting import at_desk, only_for
from schoolgate.web.releases.lookup_forms import COLUMNS, Claim, Declare, SendList


def _declared(agreement_id: str, kind: str, person: people.PersonView) -> gate.LookupView:
    """What was declared; another's agreement, and a kind not declared, answer as a page that does not exist.

    To ask for a kind that was not declared would stop all use: no page leads there by mistake.
    """
    for one in at_desk("lookup-show", person):
        if one.agreement_id == agreement_id and kind in one.declared.kinds:
            return one  # type: ignore[no-any-return]
    raise Http404


@require_safe
@only_for("researcher", "custodian")
def lookups(request: HttpRequest, person: people.PersonView) -> HttpResponse:
    """What was declared under each agreement, what was done, and what is stopped."""
    words = gate.lookup_reasons()
    stops = {one.agreement_id: one for one in at_desk("use-stops", person) if one.standing}
    shown = [
        {
            "one": one,
            "reasons": [words.get(reason, reason) for reason in one.declared.reasons],
            "stop": stops.get(one.agreement_id),
            "lists": "matching" in one.declared.kinds,
            "claims": "verification" in one.declared.kinds,
            "past": [(past, words.get(past.reason, past.reason)) for past in one.past],
        }
        for one in at_desk("lookup-show", person)
    ]
    waiting = at_desk("lookup-waiting", person) if person.role == "custodian" else ()
    context = {"person": person, "shown": shown, "waiting": waiting}
    return render(request, "schoolgate/releases/lookups.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@only_for("custodian")
def declare(request: HttpRequest, person: people.PersonView, agreement_id: str) -> HttpResponse:
    """Record which look-ups were applied for and approved; later only less."""
    waits = next((one for one in at_desk("lookup-waiting", person) if one.agreement_id == agreement_id), None)
    stands = next((one for one in at_desk("lookup-show", person) if one.agreement_id == agreement_id), None)
    if stands is not None:
        before, kinds = stands.declared, stands.declared.kinds
    elif waits is not None:
        before, kinds = None, (waits.kind,)
    else:
        raise Http404
    form = Declare(before, request.POST) if request.method == "POST" else Declare(before)
    if form.is_valid():
        made = at_desk("lookup-declare", person, agreement=agreement_id, declared=form.declared(kinds))
        if not isinstance(made, Refused):
            messages.success(request, _("It is in the register. It can be made less, never more."))
            return redirect("lookups")
        form.refuse(made)
    context = {"form": form, "waits": waits, "stands": stands, "agreement_id": agreement_id}
    return render(request, "schoolgate/releases/lookup_declare.html", context)


def _as_csv(answer: gate.ListAnswer, items: tuple[str, ...]) -> bytes:
    """The answer, a row for each row of the list; no cell is a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["ref", "found", *items])
    for row in answer.rows:
        told = dict(row.values)
        writer.writerow(
            [harmless(row.ref), "yes" if row.found else "no", *(harmless(told.get(item, "")) for item in items)]
        )
    return text.getvalue().encode()


def _reasons(one: gate.LookupView) -> list[tuple[str, str]]:
    words = gate.lookup_reasons()
    return [(reason, words.get(reason, reason)) for reason in one.declared.reasons]


@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
@only_for("researcher")
def _send_list(request: HttpRequest, person: people.PersonView, agreement_id: str) -> HttpResponse:
    one = _declared(agreement_id, "matching", person)
    form = SendList(one, request.POST, request.FILES) if request.method == "POST" else SendList(one)
    if form.is_valid():
        items = form.cleaned_data["items"]
        answer = at_desk("lookup-list", person, agreement=agreement_id, rows=form.cleaned_data["people"], items=items)
        if not isinstance(answer, Refused):
            name = f"{agreement_id}-answer.csv"
            return HttpResponse(
                _as_csv(answer, items),
                content_type="text/csv; charset=utf-8; header=present",
                headers={"Content-Disposition": f'attachment; filename="{name}"'},
            )
        form.refuse(answer)
    context = {"form": form, "one": one, "columns": COLUMNS, "reasons": _reasons(one)}
    return render(request, "schoolgate/releases/lookup_list.html", context)


@csrf_exempt  # only until the upload's handler is chosen: `_send_list` asks for the token
@wraps(_send_list)
def send_list(request: HttpRequest, agreement_id: str) -> HttpResponse:
    """Have a list looked up. A file too large for memory is not taken in at all."""
    request.upload_handlers = [MemoryFileUploadHandler(request)]
    return _send_list(request, agreement_id)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@only_for("researcher")
def claim(request: HttpRequest, person: people.PersonView, agreement_id: str) -> HttpResponse:
    """Have one claim answered: yes or no. The particulars are not shown again beside the answer."""
    one = _declared(agreement_id, "verification", person)
    form = Claim(one, request.POST) if request.method == "POST" else Claim(one)
    context: dict[str, Any] = {"one": one}
    if form.is_valid():
        given = form.cleaned_data
        answer = at_desk(
            "lookup-verify", person, agreement=agreement_id, wanted=form.wanted(), item=given["item"],
            value=given["value"],
        )  # fmt: skip
        if isinstance(answer, Refused):
            form.refuse(answer)
        else:
            form = Claim(one)
            context |= {"answer": answer, "says": _("Yes") if answer.yes else _("No")}
    return render(request, "schoolgate/releases/lookup_claim.html", {**context, "form": form})
