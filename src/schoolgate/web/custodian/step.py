"""One step, one page: a form, the act it asks for, and where one comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from schoolgate import people
from schoolgate.errors import Refused
from schoolgate.web.acting import at_desk
from schoolgate.web.custodian.forms import StepForm


def step(
    request: HttpRequest,
    person: people.PersonView,
    form: StepForm,
    act: str,
    given: Callable[[Mapping[str, Any]], Mapping[str, Any]],
    *,
    title: str,
    button: str,
    back: tuple[str, str],
    done: str,
    about: str = "",
    template: str = "schoolgate/custodian/step.html",
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Show the form, or do the act with what was filled in; what refuses it is shown on the form.

    Args:
        request: the request.
        person: who acts.
        form: bound when it was sent.
        act: of the desk's table.
        given: from what was typed to the act's arguments.
        title: the page's heading.
        about: a sentence below it.
        button: what the button says.
        back: where one came from, and comes out: address and words.
        done: what is said when it was done.
        template: the page.
        more: what else the page shows.
    """
    if request.method == "POST" and form.is_valid():
        outcome = at_desk(act, person, **given(form.cleaned_data))
        if not isinstance(outcome, Refused):
            messages.success(request, done)
            return redirect(back[0])
        form.refuse(outcome)
    context = {"form": form, "title": title, "about": about, "button": button, "back": back, **(more or {})}
    return render(request, template, context)
