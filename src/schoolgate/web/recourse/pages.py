"""Families' cases for staff: what is late, what soon will be, one case and its steps; for the overseer the figures."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from schoolgate import people
from schoolgate.errors import Refused, SchoolgateError
from schoolgate.rights import cases
from schoolgate.web.acting import at_desk, only_for
from schoolgate.web.family.case_forms import CaseForm
from schoolgate.web.family.case_words import DUES, KINDS, STAFF_BUTTONS, WAITS, state_of, steps_of, title_of
from schoolgate.web.family.cases import letter_page, saved
from schoolgate.web.recourse.forms import Decide, Opinion, SourceAnswer, Step, StepWithoutWords

_DECISIONS = ("decide", "review", "comply")
_NO_WORDS = ("acknowledge", "note_silence")


def _act(name: str, person: people.PersonView, **given: Any) -> Any:
    try:
        return at_desk(name, person, **given)
    except SchoolgateError as no:
        if no.code == "case-unknown":
            raise Http404 from no
        raise


def _lines(found: tuple[cases.CaseLine, ...]) -> list[dict[str, object]]:
    return [{"line": one, "title": title_of(one), "state": state_of(one), **_next(one)} for one in found]


def _next(line: cases.CaseLine) -> dict[str, object]:
    return {"waits": WAITS[line.waits_for], "due": DUES.get(line.due_what, "")}


def _figures(person: people.PersonView) -> list[dict[str, object]]:
    found: tuple[cases.KindFigures, ...] = _act("recourse-figures", person)
    return [{"name": KINDS[one.kind], "is_alarm": one.late or one.late_soon, "of": one} for one in found]


@require_safe
@only_for("custodian")
def queue(request: HttpRequest, person: people.PersonView) -> HttpResponse:
    """The open cases by their last day."""
    found = _act("recourse-queue", person)
    context = {
        "lines": _lines(found),
        "late": sum(one.is_late for one in found),
        "soon": sum(one.is_late_soon for one in found),
        "figures": _figures(person),
        "case_page": "recourse-case",
    }
    return render(request, "schoolgate/recourse/queue.html", context)


@require_safe
@only_for("overseer")
def overseen(request: HttpRequest, person: people.PersonView) -> HttpResponse:
    """How the cases stand, in numbers; and those that families brought before the overseer."""
    found = _act("recourse-queue", person)
    figures = _figures(person)
    context = {"lines": _lines(found), "figures": figures, "case_page": "oversight-case"}
    return render(request, "schoolgate/recourse/overseen.html", context)


def _case(person: people.PersonView, case_ref: str) -> dict[str, Any]:
    view: cases.CaseView = _act("recourse-show", person, reference=case_ref)
    return {
        "case": view,
        "title": title_of(view.line),
        "state": state_of(view.line),
        **_next(view.line),
        "steps": steps_of(view),
        "buttons": [(event, words) for event, words in STAFF_BUTTONS.items() if event in view.may],
    }


@require_safe
@only_for("custodian")
def one(request: HttpRequest, person: people.PersonView, case_ref: str) -> HttpResponse:
    """One case, with what can be done now."""
    return render(request, "schoolgate/recourse/case.html", _case(person, case_ref))


@require_POST
@only_for("custodian")
def look(request: HttpRequest, person: people.PersonView, case_ref: str) -> HttpResponse:
    """Look at what the case is about. By POST: it is a read like any other, and the family is shown it."""
    found = _act("recourse-look", person, reference=case_ref)
    context = _case(person, case_ref)
    context |= {"refused": found.reasons} if isinstance(found, Refused) else {"looked": found}
    return render(request, "schoolgate/recourse/case.html", context)


def _form(event: str, kind: str, data: Any) -> CaseForm:
    if event in _DECISIONS:
        return Decide(data, kind=kind)
    if event == "answer":
        return SourceAnswer(data)
    return (StepWithoutWords if event in _NO_WORDS else Step)(data)


def _done(person: people.PersonView, case_ref: str, event: str, given: dict[str, Any]) -> Any:
    if event in _DECISIONS:
        words = {"value": "", "row": ""} | given
        return _act("recourse-decide", person, reference=case_ref, event=event, **words)
    if event == "answer":
        agrees = given["agrees"] == "yes"
        return _act(
            "recourse-source", person, reference=case_ref, source=given["source"], agrees=agrees, text=given["text"]
        )
    return _act("recourse-step", person, reference=case_ref, event=event, text=given["text"])


@require_http_methods(["GET", "HEAD", "POST"])
@only_for("custodian")
def step(request: HttpRequest, person: people.PersonView, case_ref: str, step: str) -> HttpResponse:
    """Take a step."""
    context = _case(person, case_ref)
    if step not in STAFF_BUTTONS:
        raise Http404
    form = _form(step, context["case"].line.kind, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        done = _done(person, case_ref, step, form.cleaned_data)
        if not isinstance(done, Refused):
            told = _("Done. The family is told.")
            on_paper = _("Done. The family is told on paper: look at the letters to be posted.")
            messages.success(request, on_paper if context["case"].on_paper else told)
            return redirect("recourse-case", case_ref)
        form.refuse(done)
    context |= {"form": form, "button": STAFF_BUTTONS[step], "may": step in context["case"].may, "step": step}
    return render(request, "schoolgate/recourse/step.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@only_for("overseer")
def before_overseer(request: HttpRequest, person: people.PersonView, case_ref: str) -> HttpResponse:
    """A case that a family brought before the overseer, and what the overseer thinks of it."""
    context = _case(person, case_ref)
    form = Opinion(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        upheld = form.cleaned_data["upheld"] == "yes"
        done = _act("recourse-opine", person, reference=case_ref, upheld=upheld, text=form.cleaned_data["text"])
        if not isinstance(done, Refused):
            messages.success(request, _("Done. The family and the custodian are told."))
            return redirect("oversight-case", case_ref)
        form.refuse(done)
    context |= {"form": form, "may": "opine" in context["case"].may}
    return render(request, "schoolgate/recourse/opinion.html", context)


@require_safe
@only_for("custodian", "overseer")
def file(request: HttpRequest, person: people.PersonView, case_ref: str, file_number: int) -> HttpResponse:
    """One file of a case, to be saved and never shown."""
    return saved(_act("recourse-file", person, reference=case_ref, number=file_number))


@require_safe
@only_for("custodian", "overseer")
def letter(request: HttpRequest, person: people.PersonView, case_ref: str, letter_number: int) -> HttpResponse:
    """A decision letter."""
    text = _act("recourse-letter", person, reference=case_ref, number=letter_number)
    back = "recourse-case" if person.role == "custodian" else "oversight-case"
    return letter_page(request, text, case_ref, {"back": back})


@require_safe
@only_for("custodian", "overseer")
def bundle(request: HttpRequest, person: people.PersonView, case_ref: str) -> HttpResponse:
    """The whole case as one file; without the proofs, which are the family's."""
    return saved(_act("recourse-bundle", person, reference=case_ref))
