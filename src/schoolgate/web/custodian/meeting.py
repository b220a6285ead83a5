"""Meetings: called, opened, closed; minutes read, corrected by a note, approved."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from schoolgate import people, requests
from schoolgate.web.acting import only_for, sent
from schoolgate.web.custodian import forms
from schoolgate.web.custodian.step import step
from schoolgate.web.public.pages import public_page

_METHODS = ["GET", "HEAD", "POST"]


def _seen(meeting_id: str, person: people.PersonView) -> requests.MeetingView:
    try:
        return requests.meeting(meeting_id, person)
    except (requests.NotYours, requests.UnknownMeeting) as unknown:
        raise Http404 from unknown


def _back(meeting_id: str) -> tuple[str, str]:
    return reverse("custodian-meeting", args=[meeting_id]), meeting_id


@require_safe
@only_for("custodian", "panel")
def one(request: HttpRequest, person: people.PersonView, meeting_id: str) -> HttpResponse:
    """The meeting and its minutes."""
    found = _seen(meeting_id, person)
    context = {
        "meeting": found,
        "acting": person,
        "was_there": person.id in {who for who, _seat in found.present},
    }
    return render(request, "schoolgate/custodian/meeting.html", context)


@require_http_methods(_METHODS)
@only_for("custodian")
def call(request: HttpRequest, person: people.PersonView) -> HttpResponse:
    """Call a meeting."""
    return step(
        request,
        person,
        forms.Call(requests.cases_for(person, live=True), sent(request)),
        "meeting-call",
        lambda said: {"day": said["day"], "case_ids": tuple(said["cases"])},
        title=_("Call a meeting"),
        button=_("Call it"),
        back=(reverse("custodian"), _("Cases")),
        done=_("The meeting is called."),
    )


@require_http_methods(_METHODS)
@only_for("custodian", "panel")
def open_one(request: HttpRequest, person: people.PersonView, meeting_id: str) -> HttpResponse:
    """Open it and note who is there."""
    found = _seen(meeting_id, person)
    seats = requests.meeting_members(meeting_id)
    return step(
        request,
        person,
        forms.Open(seats, sent(request)),
        "meeting-open",
        lambda said: {"meeting_id": found.id, "present": tuple(said["present"])},
        title=_("Open the meeting"),
        button=_("Open it"),
        back=_back(meeting_id),
        done=_("The meeting is open."),
    )


@require_http_methods(_METHODS)
@only_for("custodian", "panel")
def close(request: HttpRequest, person: people.PersonView, meeting_id: str) -> HttpResponse:
    """Close it; the minutes are made."""
    _seen(meeting_id, person)
    return step(
        request,
        person,
        forms.StepForm(sent(request)),
        "meeting-close",
        lambda said: {"meeting_id": meeting_id},
        title=_("Close the meeting"),
        about=_("The minutes are made from what was recorded until now."),
        button=_("Close it"),
        back=_back(meeting_id),
        done=_("The meeting is closed. Two members who were there approve the minutes."),
    )


@require_http_methods(_METHODS)
@only_for("custodian", "panel")
def correct(request: HttpRequest, person: people.PersonView, meeting_id: str) -> HttpResponse:
    """Add a note under the minutes."""
    _seen(meeting_id, person)
    return step(
        request,
        person,
        forms.Note(sent(request)),
        "minutes-correct",
        lambda said: {"meeting_id": meeting_id, "note": said["note"]},
        title=_("Add a note"),
        about=_("The minutes stay as they were made. Who approved them is asked anew."),
        button=_("Add it"),
        back=_back(meeting_id),
        done=_("The note stands under the minutes."),
    )


@require_http_methods(_METHODS)
@only_for("panel")
def approve(request: HttpRequest, person: people.PersonView, meeting_id: str) -> HttpResponse:
    """Approve the text that was shown: its hash is sent along."""
    found = _seen(meeting_id, person)
    shown = request.POST.get("shown_hash", "")
    return step(
        request,
        person,
        forms.StepForm(sent(request)),
        "minutes-approve",
        lambda said: {"meeting_id": meeting_id, "shown_hash": shown},
        title=_("Approve the minutes"),
        about=_("The second member who approves publishes them."),
        button=_("Approve them"),
        back=_back(meeting_id),
        done=_("Your approval is kept."),
        template="schoolgate/custodian/approve.html",
        more={"meeting": found},
    )


@public_page
def published(request: HttpRequest, meeting_id: str) -> HttpResponse:
    """Published minutes, for anybody."""
    try:
        found = requests.published_minutes(meeting_id)
    except requests.UnknownMeeting as unknown:
        raise Http404 from unknown
    if found is None:
        raise Http404
    return render(request, "schoolgate/custodian/minutes.html", {"meeting": found, "section": "register"})
