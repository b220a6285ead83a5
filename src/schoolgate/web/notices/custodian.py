"""The custodian's pages: what waits for a notice, how it would read, publishing it, and who was told."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_safe

from schoolgate import desk, notices, people, requests
from schoolgate.errors import Refused, SchoolgateError
from schoolgate.web.acting import at_desk, only_for
from schoolgate.web.family.forms import PlainForm
from schoolgate.web.notices.public import audience_of, difference, name_of
from schoolgate.web.ports import clock, installation

_TITLE = 300


class Make(PlainForm):
    """What the notice is about, and how long families have."""

    title = forms.CharField(
        label=lazy("What the notice is about"),
        help_text=lazy("One line that a parent understands. It is public, and stands at the head of every letter."),
        max_length=_TITLE,
        error_messages={
            "required": lazy("Say what the notice is about"),
            "max_length": lazy("Say it in at most 300 characters"),
        },
    )
    days = forms.IntegerField(
        label=lazy("Days between the telling and the first use"),
        help_text=lazy("At least 31. An agreement whose panel asked for more waits longer by itself."),
        min_value=notices.LEAST_DAYS,
        max_value=notices.MOST_DAYS,
        initial=notices.LEAST_DAYS,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-10"}),
        error_messages={
            "required": lazy("Say how many days families have"),
            "invalid": lazy("Enter the days as a whole number"),
            "min_value": lazy("Families have at least 31 days"),
            "max_value": lazy("Families have at most 366 days"),
        },
    )
    seen = forms.CharField(widget=forms.HiddenInput)


@require_http_methods(["GET", "HEAD", "POST"])
@only_for("custodian")
def make(request: HttpRequest, person: people.PersonView) -> HttpResponse:
    """What waits for a notice, what changed, and the form that publishes one."""
    found = notices.draft(clock())
    form = Make(request.POST if request.method == "POST" else None, initial={"seen": found.seen})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        outcome = desk.do(
            "publish-notice",
            person.id,
            config=installation(),
            clock=clock(),
            title=given["title"],
            days=given["days"],
            seen=given["seen"],
        )
        if not isinstance(outcome, Refused):
            messages.success(
                request, _("The notice is published. Its number is %(number)s.") % {"number": outcome.number}
            )
            return redirect("custodian-notice", outcome.number)
        for reason in outcome.reasons:
            field = reason.where if reason.where in ("title", "days") else None
            form.add_error(field, f"{reason.reason} {reason.remedy}".strip())
    context = {
        "section": "custodian",
        "form": form,
        # Whoever is shown what is there now publishes what is there now, also after a refusal.
        "seen": found.seen,
        "draft": found,
        "waiting": [requests.get(one) for one in found.waiting],
        "previews": [(whom.key, name_of(whom.key)) for whom in notices.standard()],
        **difference(found.before, found.picture),
        "published": notices.notices(20),
    }
    return render(request, "schoolgate/notices/custodian_make.html", context)


@require_safe
@only_for("custodian")
def preview(request: HttpRequest, person: people.PersonView, key: str) -> HttpResponse:
    """How a notice would read if it were published now, with how hard it is to read."""
    whom = audience_of(key)
    text = notices.compose(notices.draft(clock()).picture, whom, site=installation().site)
    context = {
        "section": "custodian",
        "text": text,
        "name": name_of(key),
        "grade": notices.grade(text),
        "limit": notices.LIMITS[whom.ages],
    }
    return render(request, "schoolgate/notices/custodian_preview.html", context)


@require_safe
@only_for("custodian", "overseer")
def told(request: HttpRequest, person: people.PersonView, number: str) -> HttpResponse:
    """Who was told of a notice, when and how."""
    try:
        found = notices.notice(number)
        tellings = at_desk("notice-tellings", person, number=number)
    except notices.UnknownNotice as unknown:
        raise Http404 from unknown
    except SchoolgateError as problem:
        if problem.code == "notice-unknown":  # said by the gate's process
            raise Http404 from problem
        raise
    context = {"section": "custodian", "notice": found, "tellings": tellings[:500], "count": len(tellings)}
    return render(request, "schoolgate/notices/custodian_told.html", context)
