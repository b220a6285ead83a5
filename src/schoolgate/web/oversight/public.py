"""What anybody may read: figures with their definitions, statements, questions, findings, the record of processing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from schoolgate import oversight, register
from schoolgate.clock import custodians_day
from schoolgate.web.oversight import computed
from schoolgate.web.oversight.processed import family_right, record_file, signed_agreements
from schoolgate.web.ports import clock, log_key
from schoolgate.web.public.asked import DOWNLOAD, asks_too_often
from schoolgate.web.public.downloads import too_often
from schoolgate.web.public.pages import public_page

PAGE = 25
"""Agreements on a page of the record of processing."""

_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


def as_file(text: str, name: str, form: str) -> HttpResponse:
    """A file to keep.

    Raises:
        Http404: it does not come in this form.
    """
    if form not in _TYPES:
        raise Http404
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return HttpResponse(text, content_type=_TYPES[form], headers=headers)


def figure_rows(found: tuple[oversight.Figure, ...]) -> list[dict[str, object]]:
    """Figures as rows of a table."""
    return [
        {"metric": one.metric.id, "of": row.of, "value": row.value, "alarm": row.is_alarm}
        for one in found
        for row in one.rows
    ]


def file_of_figures(found: tuple[oversight.Figure, ...], name: str, form: str) -> HttpResponse:
    """Figures as a file."""
    rows = figure_rows(found)
    columns = ("metric", "of", "value", "alarm")
    return as_file(oversight.as_json(rows) if form == "json" else oversight.as_csv(columns, rows), name, form)


@public_page
def figures(request: HttpRequest) -> HttpResponse:
    """Show every metric of a quarter, how it is counted, and the command that counts it again.

    Query: ``quarter``, such as 2026-Q3; ``as``, csv or json.
    """
    known = computed.quarters()
    name = request.GET.get("quarter", known[0])
    if name not in known:
        raise Http404
    period = computed.now() if name == known[0] else oversight.quarter(name)
    found = computed.figures(period)
    if form := request.GET.get("as", ""):
        return file_of_figures(found, f"figures-{name}", form)
    context = {
        "figures": found,
        "quarter": name,
        "quarters": known,
        "period": period,
        "is_over": period.last < custodians_day(clock()),
        "key": log_key(),
    }
    return render(request, "schoolgate/oversight/figures.html", context)


@public_page
def statements(request: HttpRequest) -> HttpResponse:
    """List the statements."""
    return render(request, "schoolgate/oversight/statements.html", {"statements": oversight.statements()})


@public_page
def statement(request: HttpRequest, quarter: str) -> HttpResponse:
    """One statement, word for word, with its entry and the command that writes it again. ``?as=text``: the bytes."""
    found = oversight.statement_of(quarter)
    if found is None:
        raise Http404
    if request.GET.get("as") == "text":
        headers = {"Content-Disposition": f'attachment; filename="statement-{found.quarter}.txt"'}
        return HttpResponse(found.text, content_type="text/plain; charset=utf-8", headers=headers)
    body = register.event(found.log_index).body
    context = {
        "statement": found,
        "hash": body["text_hash"],
        "size": body["log_size"],
        "key": log_key(),
        "alarms": [
            line.strip().removesuffix("(!)").strip() for line in found.text.splitlines() if line.endswith("(!)")
        ],
    }
    return render(request, "schoolgate/oversight/statement.html", context)


def _list_as_file(
    values: Sequence[oversight.QuestionView | oversight.FindingView | oversight.ActionView], name: str, form: str
) -> HttpResponse:
    if form == "json":
        return as_file(oversight.as_json(values), name, form)
    rows = [asdict(one) for one in values]
    return as_file(oversight.as_csv(tuple(rows[0]) if rows else ("number",), rows), name, form)


@public_page
def questions(request: HttpRequest) -> HttpResponse:
    """The overseer's questions with their answers, and whether they are late. Query: ``as``, csv or json."""
    today = custodians_day(clock())
    if form := request.GET.get("as", ""):
        return _list_as_file(oversight.questions(), "questions", form)
    rows = [(one, one.overdue_on(today)) for one in oversight.questions()]
    return render(request, "schoolgate/oversight/questions.html", {"rows": rows})


@public_page
def findings(request: HttpRequest) -> HttpResponse:
    """What audits found, what is done about it, by whom and until when. Query: ``as``, csv or json."""
    today = custodians_day(clock())
    if form := request.GET.get("as", ""):
        actions = [one for finding in oversight.findings() for one in finding.actions]
        return _list_as_file(oversight.findings() if form == "json" else actions, "findings", form)
    rows = [
        (one, [(action, action.overdue_on(today)) for action in one.actions], one.silent_on(today))
        for one in oversight.findings()
    ]
    late = len(oversight.overdue_actions(today))
    return render(request, "schoolgate/oversight/findings.html", {"rows": rows, "late": late})


@public_page
def processing(request: HttpRequest) -> HttpResponse:
    """The record of processing (UK GDPR Article 30), some agreements a page. Query: ``before``; ``as``, csv or json."""
    checked = computed.checked()
    if form := request.GET.get("as", ""):
        return too_often() if asks_too_often(request, DOWNLOAD) else record_file(checked, form)
    before = request.GET.get("before", "")
    if before and not (before.isascii() and before.isdigit() and len(before) < 16):
        raise Http404
    ids, older = signed_agreements(int(before) if before else None, PAGE)
    context = {
        "record": checked,
        "activities": oversight.agreement_activities(ids, checked),
        "standing": () if before else (*oversight.standing_activities(checked), *family_right(checked)),
        "older": older,
    }
    return render(request, "schoolgate/oversight/processing.html", context)
