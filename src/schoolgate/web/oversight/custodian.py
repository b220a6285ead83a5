"""The custodian's part: answering the overseer, and entering what audits found and what is done about it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from schoolgate import oversight, people
from schoolgate.clock import custodians_day
from schoolgate.errors import Refused
from schoolgate.web.acting import at_desk, only_for
from schoolgate.web.oversight.forms import Answer, Finish, Record, RoomForm, SetAction
from schoolgate.web.ports import clock


def _done(name: str, person: people.PersonView, form: RoomForm, **given: object) -> bool:
    """Do an act; when it is refused the form says why."""
    outcome = at_desk(name, person, **given)
    if isinstance(outcome, Refused):
        form.refuse(outcome)
        return False
    return True


@require_safe
@only_for("custodian")
def questions(request: HttpRequest, person: people.PersonView) -> HttpResponse:
    """The overseer's questions that wait for an answer, and findings with what is open."""
    today = custodians_day(clock())
    context = {
        "open": [(one, one.overdue_on(today)) for one in oversight.questions() if one.answered_on is None],
        "findings": oversight.findings(),
    }
    return render(request, "schoolgate/oversight/desk.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@only_for("custodian")
def answer(request: HttpRequest, person: people.PersonView, number: str) -> HttpResponse:
    """Answer one question, or say why there is no answer."""
    found = oversight.question(number)
    if found is None:
        raise Http404
    form = Answer(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        is_answer = given["kind"] == "answered"
        if _done("oversight-answer", person, form, number=number, answer=given["answer"], is_answer=is_answer):
            messages.success(request, _("Your answer is in the register."))
            return redirect("custodian-questions")
    return render(request, "schoolgate/oversight/answer.html", {"form": form, "question": found})


@require_http_methods(["GET", "HEAD", "POST"])
@only_for("custodian", "overseer")
def record(request: HttpRequest, person: people.PersonView) -> HttpResponse:
    """Enter what an audit found: the custodian, or an overseer, who need not wait for the custodian to do it."""
    form = Record(request.POST or None)
    if request.method == "POST" and form.is_valid() and _done("finding-record", person, form, **form.cleaned_data):
        if person.role == "overseer":
            messages.success(request, _("The finding is in the register, for everybody to read."))
            return redirect("findings")
        messages.success(request, _("The finding is in the register. Say what is to be done about it."))
        return redirect("custodian-questions")
    return render(request, "schoolgate/oversight/record.html", {"form": form, "title": _("Enter a finding")})


@require_http_methods(["GET", "HEAD", "POST"])
@only_for("custodian")
def plan(request: HttpRequest, person: people.PersonView, number: str) -> HttpResponse:
    """Say what is to be done about a finding."""
    found = next((one for one in oversight.findings() if one.number == number), None)
    if found is None:
        raise Http404
    form = SetAction(request.POST or None)
    is_sent = request.method == "POST" and form.is_valid()
    if is_sent and _done("finding-action", person, form, finding=number, **form.cleaned_data):
        messages.success(request, _("The action is in the register."))
        return redirect("custodian-questions")
    context = {"form": form, "title": _("Say what will be done"), "about": found.finding}
    return render(request, "schoolgate/oversight/record.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@only_for("custodian")
def finish(request: HttpRequest, person: people.PersonView, number: str) -> HttpResponse:
    """Say that an action was done."""
    actions = [action for one in oversight.findings() for action in one.actions]
    found = next((one for one in actions if one.number == number), None)
    if found is None:
        raise Http404
    form = Finish(request.POST or None)
    is_sent = request.method == "POST" and form.is_valid()
    if is_sent and _done("finding-action-done", person, form, action=number, done=form.cleaned_data["done"]):
        messages.success(request, _("It is in the register that this was done."))
        return redirect("custodian-questions")
    context = {"form": form, "title": _("Say what was done"), "about": found.action}
    return render(request, "schoolgate/oversight/record.html", context)
