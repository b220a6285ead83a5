"""Correction notices on the site: the list, one notice with its lines, its lines as a file, and the same for programs.

The lines of a notice are its agreement's people's alone; whoever else asks is told that there is no such notice.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import asdict
from types import MappingProxyType
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_safe

from schoolgate import gate, people
from schoolgate.cells import harmless
from schoolgate.errors import Refused, SchoolgateError
from schoolgate.web.acting import at_desk, only_for
from schoolgate.web.corrections.forms import Answer, AnswerErased

_SHOWN = 100
"""Lines shown on the page; the file has all of them."""

_STANDS = MappingProxyType(
    {
        "sent": lazy("not looked at yet"),
        "fetched": lazy("looked at, not answered for"),
        "acknowledged": lazy("answered for"),
        "not needed": lazy("not needed: the data was destroyed"),
    }
)
_DID = MappingProxyType(
    {
        "corrected": lazy("The values were put right."),
        "not-used": lazy("The values were not used, and were put right or deleted."),
        "destroyed": lazy("The data had been destroyed already."),
        "erased": lazy("It was deleted."),
        "cannot": lazy("It cannot be done."),
    }
)
_WHAT = MappingProxyType(
    {
        "corrected": lazy("put right"),
        "declined": lazy("taken back: use it no longer"),
        "erased": lazy("erased: delete it"),
    }
)
"""Kind of a line -> what is asked."""

_COLUMNS = ("pupil", "item", "year", "term", "old", "new", "kind")


def _page(notice: str, person: people.PersonView, after: int = 0) -> gate.NoticePage:
    """A part of a notice; one that is somebody else's answers as one that does not exist."""
    try:
        return at_desk("corrections-show", person, notice=notice, after=after)  # type: ignore[no-any-return]
    except SchoolgateError as unknown:
        if unknown.code != "notice-unknown":
            raise
        raise Http404 from unknown


def _answered(notice: str, did: str, said: str, person: people.PersonView) -> Any:
    try:
        return at_desk("corrections-answer", person, notice=notice, did=did, said=said)
    except SchoolgateError as unknown:
        if unknown.code != "notice-unknown":
            raise
        raise Http404 from unknown


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else otherwise


@require_safe
@only_for("researcher", "custodian", "overseer")
def home(request: HttpRequest, person: people.PersonView) -> HttpResponse:
    """The notices this person may see; for who watches, the results that rest on values put right since."""
    percent = min(100, max(1, _whole(request.GET.get("percent"), 5)))
    affected = () if person.role == "researcher" else at_desk("corrections-affected", person, threshold=percent)
    context = {
        "person": person,
        "notices": [(one, _STANDS[one.state], _DID.get(one.did, "")) for one in at_desk("corrections-list", person)],
        "affected": affected,
        "percent": percent,
    }
    return render(request, "schoolgate/corrections/home.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@only_for("researcher")
def notice(request: HttpRequest, person: people.PersonView, notice_id: str) -> HttpResponse:
    """One notice with its lines, and the answer to it."""
    page = _page(notice_id, person)
    kind = AnswerErased if page.notice.kind == "erased" else Answer
    form = kind(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        done = _answered(notice_id, form.cleaned_data["did"], form.cleaned_data["said"], person)
        if not isinstance(done, Refused):
            messages.success(
                request,
                _("Your answer is kept.")
                if page.notice.kind == "erased"
                else _("Your answer is kept. The families concerned can read it."),
            )
            return redirect("corrections")
        form.refuse(done)
    context = {
        "one": page.notice,
        "lines": [(line, _WHAT[line.kind]) for line in page.lines[:_SHOWN]],
        "counts": [(count, _WHAT[count.kind]) for count in page.counts],
        "form": form,
        "in_words": _STANDS[page.notice.state],
        "did": _DID.get(page.notice.did, ""),
        "owed": page.notice.state in ("sent", "fetched"),
    }
    return render(request, "schoolgate/corrections/notice.html", context)


def _rows(first: gate.NoticePage, person: people.PersonView) -> Iterator[str]:
    out = io.StringIO(newline="")
    table = csv.writer(out)
    table.writerow(_COLUMNS)
    page: gate.NoticePage | None = first
    while page is not None:
        for line in page.lines:
            table.writerow([harmless(getattr(line, name)) for name in _COLUMNS])
        yield out.getvalue()
        out.seek(0)
        out.truncate()
        page = None if page.after is None else _page(page.notice.id, person, page.after)


@require_safe
@only_for("researcher")
def lines(request: HttpRequest, person: people.PersonView, notice_id: str) -> HttpResponse:
    """Every line of a notice as a CSV file."""
    first = _page(notice_id, person)
    response = StreamingHttpResponse(_rows(first, person), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="corrections-{first.notice.id}.csv"'
    return cast(HttpResponse, response)


def _json(value: Any, status: int = 200) -> HttpResponse:
    kind = "application/json" if status == 200 else "application/problem+json"
    return HttpResponse(json.dumps(value, default=str, ensure_ascii=False) + "\n", status=status, content_type=kind)


@require_safe
@only_for("researcher", "custodian", "overseer")
def api_notices(request: HttpRequest, person: people.PersonView) -> HttpResponse:
    """The notices this person may see, for a program that is signed in as the person."""
    return _json({"notices": [asdict(one) for one in at_desk("corrections-list", person)]})


@require_http_methods(["GET", "HEAD", "POST"])
@only_for("researcher")
def api_notice(request: HttpRequest, person: people.PersonView, notice_id: str) -> HttpResponse:
    """A part of a notice; or, sent ``did`` and ``said``, the answer to it (RFC 9457 says why it was refused)."""
    if request.method == "POST":
        done = _answered(notice_id, request.POST.get("did", ""), request.POST.get("said", ""), person)
        if isinstance(done, Refused):
            reasons = [{"code": one.code, "reason": one.reason} for one in done.reasons]
            return _json({"type": "about:blank", "title": "Not answered for.", "status": 422, "reasons": reasons}, 422)
        return _json(asdict(done))
    return _json(asdict(_page(notice_id, person, _whole(request.GET.get("after"), 0))))
