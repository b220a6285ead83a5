"""An application that was handed in: as its own organisation, the custodian, named members and the overseer see it."""

from __future__ import annotations

import csv
import io

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from schoolgate import people, requests
from schoolgate.cells import harmless
from schoolgate.errors import Refused
from schoolgate.requests import drafting
from schoolgate.web.acting import only_for
from schoolgate.web.researcher.asking import act, closed_to_framing, draft_of
from schoolgate.web.researcher.drafts import not_done
from schoolgate.web.researcher.said import comments_of
from schoolgate.web.researcher.states import state_words, step_words

READERS = ("researcher", "custodian", "panel", "overseer")

_NOT_SIGNED = ("submitted", "returned", "in_review", "approved", "accepted", "appealed")
"""States in which who asks can still take it back."""


def _handed_in(application_id: str, person: people.PersonView) -> drafting.DraftView:
    draft = draft_of(application_id, person)
    if draft.application_id != application_id:
        raise Http404
    return draft


@require_safe
@only_for(*READERS)
def one(request: HttpRequest, person: people.PersonView, application_id: str) -> HttpResponse:
    """What was handed in last, where it stands, its versions, files and comments."""
    draft = _handed_in(application_id, person)
    version = draft.versions[-1]
    application = requests.application(application_id)
    context = {
        "draft": draft,
        "application": application,
        "state": state_words(draft.state),
        "sections": [
            (part, _(part.title), _facts(part, version.spec), comments_of(draft, part.id)) for part in drafting.SECTIONS
        ],
        "version": version,
        "steps": [(step, step_words(step.event)) for step in requests.history(application_id)],
        "advice": drafting.advice(version.spec),
        "can_talk": person.role != "overseer",
        "can_withdraw": draft.is_author and draft.state in _NOT_SIGNED,
        "can_appeal": draft.state in ("refused", "approved"),
        "me": person.id,
        "is_own": person.role == "researcher",
    }
    return render(request, "schoolgate/research/application.html", context)


def _facts(section: drafting.Section, spec: requests.ApplicationSpec) -> list[tuple[str, tuple[str, ...]]]:
    return [(_(field.label), drafting.lines(field.name, spec)) for field in section.fields]


@require_safe
@only_for(*READERS)
def difference(
    request: HttpRequest, person: people.PersonView, application_id: str, before: int, after: int
) -> HttpResponse:
    """What differs between two versions, field by field."""
    draft = _handed_in(application_id, person)
    versions = {version.number: version for version in draft.versions}
    if before not in versions or after not in versions:
        raise Http404
    found = drafting.differences(versions[before].spec, versions[after].spec)
    names = [{file.name: file.sha256 for file in versions[number].attachments} for number in (before, after)]
    context = {
        "draft": draft,
        "before": versions[before],
        "after": versions[after],
        "differences": [(_(change.label), change) for change in found],
        "files_gone": sorted(set(names[0].items()) - set(names[1].items())),
        "files_new": sorted(set(names[1].items()) - set(names[0].items())),
    }
    return render(request, "schoolgate/research/difference.html", context)


@require_POST
@only_for("researcher", "custodian", "panel")
def comment(request: HttpRequest, person: people.PersonView, reference: str, section_id: str) -> HttpResponse:
    """Say something about a page of the form."""
    draft = draft_of(reference, person)
    outcome = act(
        person,
        "draft-comment",
        reference=draft.id,
        section_id=section_id[:32],
        text=request.POST.get("text", "")[:5_000],  # longer than the room takes, and short enough for the socket
        shared=request.POST.get("shared") == "yes",
    )
    if isinstance(outcome, Refused):
        return not_done(request, outcome, draft)
    messages.success(request, _("Your comment is there."))
    return _back(request, draft, section_id)


@require_POST
@only_for("researcher", "custodian", "panel")
def resolve(
    request: HttpRequest, person: people.PersonView, reference: str, section_id: str, comment_id: int
) -> HttpResponse:
    """Settle a comment."""
    draft = draft_of(reference, person)
    outcome = act(person, "draft-resolve", reference=draft.id, comment_id=comment_id)
    if isinstance(outcome, Refused):
        return not_done(request, outcome, draft)
    messages.success(request, _("The comment is settled."))
    return _back(request, draft, section_id)


def _back(request: HttpRequest, draft: drafting.DraftView, section_id: str) -> HttpResponse:
    if draft.may_write or not draft.application_id:
        return redirect("research-section", draft.id, section_id)
    return redirect("research-application", draft.application_id)


@require_POST
@only_for("researcher")
def withdraw(request: HttpRequest, person: people.PersonView, application_id: str) -> HttpResponse:
    """Take an application back, with a reason that is public."""
    draft = _handed_in(application_id, person)
    reason = request.POST.get("reason", "")[:5_000]
    outcome = act(person, "application-withdraw", application_id=application_id, reason=reason)
    if isinstance(outcome, Refused):
        return not_done(request, outcome, draft)
    messages.success(request, _("The application is taken back. That it was made stays in the register."))
    return redirect("research-application", application_id)


@require_safe
@only_for(*READERS)
@closed_to_framing
def items_table(request: HttpRequest, person: people.PersonView, application_id: str) -> HttpResponse:
    """The items of the last version with level, letter, reasons and alternatives, as a table for a spreadsheet."""
    draft = _handed_in(application_id, person)
    spec = draft.versions[-1].spec
    reasons = {reason.item: reason for reason in spec.item_reasons}
    held = io.StringIO()
    table = csv.writer(held, lineterminator="\r\n")  # RFC 4180
    table.writerow(["item", "identifiability", "sensitivity", "why", "why not less", "less identifying"])
    for item in spec.items:
        level, letter = drafting.tiers().get(item, ("", ""))
        reason = reasons.get(item)
        less = "; ".join(other.words for other in drafting.alternatives().get(item, ()))
        row = [item, str(level), letter, reason.why if reason else "", reason.why_not_less if reason else "", less]
        table.writerow([harmless(cell) for cell in row])
    return HttpResponse(
        held.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{draft.application_id}-items.csv"'},
    )
