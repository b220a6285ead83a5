"""One application: its whole text, what changed between versions, what is said of it, and the steps before a vote."""

from __future__ import annotations

from itertools import pairwise

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from schoolgate import people, requests
from schoolgate.errors import SchoolgateError
from schoolgate.web.acting import only_for, sent
from schoolgate.web.custodian import forms
from schoolgate.web.custodian.step import step
from schoolgate.web.ports import clock

_METHODS = ["GET", "HEAD", "POST"]


def _seen(person: people.PersonView, application_id: str) -> requests.Application:
    """The application, when this person may see it; what may not be seen does not exist."""
    if not requests.may_see(person, application_id):
        raise Http404
    return requests.application(application_id)


def _back(application_id: str) -> tuple[str, str]:
    return reverse("custodian-application", args=[application_id]), application_id


def _with_days(steps: tuple[requests.Step, ...]) -> list[tuple[requests.Step, int]]:
    """Each step with the days that the request then stayed in its state, until now for the last."""
    days = [timezone.localdate(step.at) for step in steps] + [timezone.localdate(clock().now())]
    return [(step, (after - before).days) for step, before, after in zip(steps, days, days[1:], strict=False)]


@require_safe
@only_for("custodian", "panel")
def one(request: HttpRequest, person: people.PersonView, application_id: str) -> HttpResponse:
    """The application as this person may see it."""
    found = _seen(person, application_id)
    try:
        draft = requests.drafting.find(application_id, person)
    except SchoolgateError:  # handed in before drafts were kept: the text alone is there
        draft = None
    versions = draft.versions if draft is not None else ()
    changed = [
        (after.number, requests.drafting.differences(before.spec, after.spec)) for before, after in pairwise(versions)
    ]
    sections = [
        (section.title, rows)
        for section in requests.drafting.SECTIONS
        if (
            rows := [
                (field.label, said)
                for field in section.fields
                if (said := requests.drafting.lines(field.name, found.spec))
            ]
        )
    ]
    missing = requests.completeness(application_id)
    context = {
        "application": found,
        "draft": draft,
        "sections": sections,
        "changed": changed,
        "steps": _with_days(requests.history(application_id)),
        "cases": requests.cases_of(application_id, person),
        "checked": missing is not None,
        "missing": [requests.checklist()[line][1] for line in missing or ()],
        "risk": requests.risk(application_id),
        "candidates": requests.candidates(application_id) if person.role == "custodian" else (),
        "acting": person,
    }
    return render(request, "schoolgate/custodian/application.html", context)


@require_safe
@only_for("custodian", "panel")
def file(request: HttpRequest, person: people.PersonView, application_id: str, sha256: str) -> HttpResponse:
    """Hand out a file of the application: to keep, never to be opened in the site's own name."""
    _seen(person, application_id)
    try:
        found, content = requests.drafting.attachment(application_id, sha256, person)
    except requests.drafting.UnknownDraft as unknown:
        raise Http404 from unknown
    response = HttpResponse(content, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = content_disposition_header(True, found.name) or "attachment"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@require_http_methods(_METHODS)
@only_for("custodian", "panel")
def comment(request: HttpRequest, person: people.PersonView, application_id: str) -> HttpResponse:
    """Say something about a part of the application; its authors see it."""
    _seen(person, application_id)
    return step(
        request,
        person,
        forms.Comment(sent(request)),
        "draft-comment",
        lambda said: {
            "reference": application_id,
            "section_id": said["section"],
            "text": said["text"],
            "shared": True,
        },
        title=_("Comment"),
        about=_("Who wrote the application sees it, and so do the custodian and the members who decide."),
        button=_("Comment"),
        back=_back(application_id),
        done=_("Your comment is kept."),
    )


@require_http_methods(_METHODS)
@only_for("custodian")
def check(request: HttpRequest, person: people.PersonView, application_id: str) -> HttpResponse:
    """Whether it is complete."""
    _seen(person, application_id)
    return step(
        request,
        person,
        forms.Check(sent(request)),
        "application-check",
        lambda said: {"request_id": application_id, "missing": tuple(said["missing"])},
        title=_("Is the application complete?"),
        button=_("Keep this"),
        back=_back(application_id),
        done=_("What you found is kept."),
    )


@require_http_methods(_METHODS)
@only_for("custodian")
def send_back(request: HttpRequest, person: people.PersonView, application_id: str) -> HttpResponse:
    """Back to who asks."""
    _seen(person, application_id)
    return step(
        request,
        person,
        forms.Back(sent(request)),
        "application-return",
        lambda said: {"request_id": application_id, "reasons": forms.paragraphs(said["reasons"])},
        title=_("Send the application back"),
        about=_("Who asks can put it right and hand it in again. The public sees what was missing."),
        button=_("Send it back"),
        back=_back(application_id),
        done=_("The application went back."),
    )


@require_http_methods(_METHODS)
@only_for("custodian")
def allocate(request: HttpRequest, person: people.PersonView, application_id: str) -> HttpResponse:
    """Name the members who decide."""
    _seen(person, application_id)
    return step(
        request,
        person,
        forms.Members(requests.candidates(application_id), sent(request)),
        "application-allocate",
        lambda said: {"request_id": application_id, "members": tuple(said["members"]), "chair": said["chair"]},
        title=_("Name the members who decide"),
        about=requests.risk(application_id).quorum,
        button=_("Name them"),
        back=_back(application_id),
        done=_("The members are named, and the register tells their seats."),
    )


@require_http_methods(_METHODS)
@only_for("custodian")
def hurry(request: HttpRequest, person: people.PersonView, application_id: str) -> HttpResponse:
    """Put what cannot wait before a few members."""
    _seen(person, application_id)
    return step(
        request,
        person,
        forms.Hurry(requests.candidates(application_id), sent(request)),
        "application-emergency",
        lambda said: {"request_id": application_id, "members": tuple(said["members"]), "why": said["why"]},
        title=_("Decide at once"),
        about=_("Only where life or safety is at risk. All of them must approve. The whole panel looks at it after."),
        button=_("Put it before them"),
        back=_back(application_id),
        done=_("It is before these members."),
    )


@require_http_methods(_METHODS)
@only_for("researcher")
def appeal(request: HttpRequest, person: people.PersonView, application_id: str) -> HttpResponse:
    """Appeal against a decision: for who asked."""
    _seen(person, application_id)
    return step(
        request,
        person,
        forms.Reasons(sent(request)),
        "application-appeal",
        lambda said: {"request_id": application_id, "reasons": forms.paragraphs(said["reasons"])},
        title=_("Appeal"),
        about=_("Within 28 days of the decision, once. Other members look at it, and what they decide is final."),
        button=_("Appeal"),
        back=("/research/", _("Applications and agreements")),
        done=_("Your appeal is in, and in the register."),
    )


@require_http_methods(_METHODS)
@only_for("custodian", "researcher")
def propose(request: HttpRequest, person: people.PersonView, agreement_id: str) -> HttpResponse:
    """Put a change of an agreement before the panel."""
    try:
        found = requests.application(agreement_id)
    except SchoolgateError as unknown:
        raise Http404 from unknown
    _seen(person, found.id)
    back = (
        ("/research/", _("Applications and agreements"))
        if person.role == "researcher"
        else (reverse("custodian"), _("Cases"))
    )
    return step(
        request,
        person,
        forms.Propose(sent(request)),
        "change-propose",
        lambda said: {
            "agreement_id": agreement_id,
            "kind": said["kind"],
            "items": forms.lines(said["items"]),
            "added": forms.lines(said["added"]),
            "valid_until": said["valid_until"],
            "reasons": forms.paragraphs(said["reasons"]),
            "replacing": bool(said["replacing"]),
        },
        title=_("Propose a change of agreement %(id)s") % {"id": agreement_id},
        about=_("The panel decides it. Nothing changes before. That you propose it is in the register at once."),
        button=_("Propose it"),
        back=back,
        done=_("The proposal waits for members to be named."),
    )
