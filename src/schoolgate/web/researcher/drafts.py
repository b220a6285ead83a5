"""The list of what is ours, and a draft page by page: filled in, checked whole, handed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from schoolgate import people, requests
from schoolgate.dictionary import find_purpose
from schoolgate.errors import Refused
from schoolgate.requests import drafting
from schoolgate.web.acting import only_for
from schoolgate.web.ports import clock
from schoolgate.web.researcher import rows
from schoolgate.web.researcher.asking import act, by_anchor, draft_of, sent_values, words
from schoolgate.web.researcher.controls import Control, Sent, anchor, controls, with_errors
from schoolgate.web.researcher.said import comments_of
from schoolgate.web.researcher.states import state_words

MOST_BYTES = 200_000
"""Of one page's texts: with their names they go to the gate's process in one request, which has at most 256 KiB."""

_STATUS = {"done": "green", "begun": "yellow", "new": "grey"}


@require_safe
@only_for("researcher")
def home(request: HttpRequest, person: people.PersonView) -> HttpResponse:
    """Drafts, applications and agreements of one's own organisation, and what waits for oneself."""
    lines = drafting.own(person)
    context = {
        "waiting": [one for one in lines if one.waits_for_me or one.open_comments],
        "drafts": [one for one in lines if not one.application_id],
        "applications": [
            (one, *state_words(one.state)) for one in lines if one.application_id and not one.agreement_id
        ],
        "agreements": [(one, *state_words(one.state)) for one in lines if one.agreement_id],
    }
    return render(request, "schoolgate/research/home.html", context)


@require_POST
@only_for("researcher")
def start(request: HttpRequest, person: people.PersonView) -> HttpResponse:
    """Begin an application."""
    made = act(person, "draft-start")
    if isinstance(made, Refused):
        return _no(request, made)
    return redirect("research-draft", made)


@require_safe
@only_for("researcher")
def overview(request: HttpRequest, person: people.PersonView, draft_id: str) -> HttpResponse:
    """A draft's pages, each with how far it is."""
    draft = draft_of(draft_id, person)
    found = drafting.check_whole(draft.spec, person, clock(), [one.name for one in draft.attachments])
    open_in = {drafting.section_of(one.where).id for one in found}
    context = {
        "draft": draft,
        "state": state_words(draft.state),
        "sections": [_line(draft, one, open_in) for one in drafting.SECTIONS],
        "ready": not found,
        "me": person.id,
        "sent_back": [
            step.reason for step in requests.history(draft.application_id) if step.event == "return" and step.reason
        ][-1:]
        if draft.state == "returned"
        else [],
        "others": [
            one.id
            for one in people.persons(draft.organisation_id)
            if one.role == "researcher" and one.left_on is None and one.id not in draft.authors
        ],
    }
    return render(request, "schoolgate/research/draft.html", context)


def _line(draft: drafting.DraftView, section: drafting.Section, open_in: set[str]) -> dict[str, Any]:
    saved = draft.saved.get(section.id)
    is_begun = saved is not None or any(drafting.lines(field.name, draft.spec) for field in section.fields)
    status = "done" if section.id not in open_in and is_begun else "begun" if is_begun else "new"
    if section.id not in open_in and not is_begun:
        status = "done"  # nothing has to be said on this page
    said = {"done": _("Complete"), "begun": _("Not complete"), "new": _("Not started")}
    return {
        "section": section,
        "title": _(section.title),
        "status": said[status],
        "colour": _STATUS[status],
        "saved": saved,
        "comments": sum(1 for one in draft.comments if one.section == section.id and one.resolved_at is None),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@only_for("researcher")
def section(request: HttpRequest, person: people.PersonView, draft_id: str, section_id: str) -> HttpResponse:
    """One page of the form."""
    draft = draft_of(draft_id, person)
    page = drafting.find_section(section_id)
    if page is None:
        raise Http404
    if request.method != "POST":
        return _show(request, draft, page, Sent(rows.stored(page, draft.spec)), _revision(draft, page))
    posted = sent_values(request)
    try:
        values, unread = rows.read(page, draft, posted)
    except rows.Strange as strange:
        said = _("This page has no field called “%(name)s”. Nothing was saved.") % {"name": strange.name}
        return _show(request, draft, page, Sent(posted), _revision(draft, page), {"": [said]}, status=400)
    revision = _seen(request)
    if sum(len(text.encode()) for texts in posted.values() for text in texts) > MOST_BYTES:
        said = _("This page holds too much text. Nothing was saved. Make it shorter, or put some of it into a file.")
        return _show(request, draft, page, Sent(posted), revision, {"": [said]})
    if unread:
        errors = {anchor(where): [text] for where, text in unread.items()}
        return _show(request, draft, page, Sent(posted), revision, errors)
    saved = act(person, "draft-save-section", reference=draft.id, section_id=page.id, revision=revision, given=values)
    if isinstance(saved, Refused):
        return _show(request, draft, page, Sent(posted), revision, by_anchor(saved.reasons, anchor))
    if saved.clash:
        return _show(request, draft, page, Sent(posted), saved.revision, clash=saved)
    return redirect(*_next(draft, page, request.POST.get("then", "")))


def _seen(request: HttpRequest) -> int:
    """The revision that a form was made from; none that there is when it was tampered with."""
    text = request.POST.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _next(draft: drafting.DraftView, page: drafting.Section, then: str) -> tuple[str, ...]:
    if then == "stay":
        return ("research-section", draft.id, page.id)
    if then == "later":
        return ("research-draft", draft.id)
    at = drafting.SECTIONS.index(page) + 1
    if at == len(drafting.SECTIONS):
        return ("research-check", draft.id)
    return ("research-section", draft.id, drafting.SECTIONS[at].id)


def _revision(draft: drafting.DraftView, page: drafting.Section) -> int:
    saved = draft.saved.get(page.id)
    return saved.revision if saved else 0


def _show(
    request: HttpRequest,
    draft: drafting.DraftView,
    page: drafting.Section,
    sent: Sent,
    revision: int,
    errors: Mapping[str, Sequence[str]] | None = None,
    clash: drafting.Saved | None = None,
    status: int = 200,
) -> HttpResponse:
    made = with_errors(controls(draft, page, sent), errors or {})
    purpose = find_purpose(draft.spec.purpose)
    context = {
        "draft": draft,
        "section": page,
        "title": _(page.title),
        "controls": made,
        "problems": _problems(made, errors or {}),
        "revision": revision,
        "clash": clash,
        "differences": [(_(one.label), one) for one in clash.clash] if clash else [],
        "number": drafting.SECTIONS.index(page) + 1,
        "count": len(drafting.SECTIONS),
        "advice": drafting.advice(draft.spec),
        "example": drafting.GOOD_EXAMPLE,
        "purpose": purpose,
        "missing": [drafting.FIELDS[name] for name in page.after if not getattr(draft.spec, name)],
        "has_rows": any(field.name in rows.ROW_SHAPES for field in page.fields),
        "comments": comments_of(draft, page.id),
        "can_share": bool(draft.application_id),
    }
    return render(request, "schoolgate/research/section.html", context, status=status)


def _problems(made: Sequence[Control], errors: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """Each error with the control it leads to; one that belongs to none leads to the first."""
    first = next((one.id for one in made if one.kind not in ("group", "note", "date")), "main")
    ids = {part.id for one in made for part in (one, *one.parts)}
    ids |= {option.id for one in made for option in one.options}
    return [(at if at in ids else first, text) for at, texts in errors.items() for text in texts]


@require_http_methods(["GET", "HEAD"])
@only_for("researcher")
def check(request: HttpRequest, person: people.PersonView, draft_id: str) -> HttpResponse:
    """Every answer, and every problem at once with its field."""
    return _check(request, person, draft_of(draft_id, person))


def _check(
    request: HttpRequest, person: people.PersonView, draft: drafting.DraftView, refused: Refused | None = None
) -> HttpResponse:
    found = drafting.check_whole(draft.spec, person, clock(), [one.name for one in draft.attachments])
    problems = []
    for one in found:
        page = drafting.section_of(one.where)
        problems.append((page, anchor(one.where), _field_words(one.where), words(one)))
    context = {
        "draft": draft,
        "sections": [
            (one, _(one.title), [(_(field.label), drafting.lines(field.name, draft.spec)) for field in one.fields])
            for one in drafting.SECTIONS
        ],
        "problems": problems,
        "refused": [words(one) for one in refused.reasons if one not in found] if refused else [],
        "advice": drafting.advice(draft.spec),
        "is_again": bool(draft.application_id),
    }
    return render(request, "schoolgate/research/check.html", context)


def _field_words(where: str) -> str:
    name, _comma, rest = where.partition(",")
    field = drafting.FIELDS.get(name.strip())
    if field is None:
        return _("Your organisation")
    said = _(field.label)
    inside = rest.strip()
    if name == "item_reasons" and inside:
        return drafting.item_words(inside)
    return f"{said} ({inside})" if inside.startswith("number") else said


@require_POST
@only_for("researcher")
def submit(request: HttpRequest, person: people.PersonView, draft_id: str) -> HttpResponse:
    """Hand in a draft, or the new version of an application that was returned."""
    draft = draft_of(draft_id, person)
    revision = _seen(request)
    if draft.application_id:
        made = act(person, "application-resubmit", application_id=draft.application_id, revision=revision)
    else:
        made = act(person, "draft-submit", reference=draft.id, revision=revision)
    if isinstance(made, Refused):
        return _check(request, person, draft_of(draft_id, person), made)
    messages.success(request, _("Application %(id)s is in. It is in the public register now.") % {"id": made})
    return redirect("research-application", made)


@require_POST
@only_for("researcher")
def add_author(request: HttpRequest, person: people.PersonView, draft_id: str) -> HttpResponse:
    """Let a colleague write too."""
    draft = draft_of(draft_id, person)
    outcome = act(person, "draft-add-author", reference=draft.id, person_id=request.POST.get("person", "")[:40])
    if isinstance(outcome, Refused):
        return _no(request, outcome, draft)
    said = _("You are its author now.") if draft.may_take_over else _("Your colleague can write in this draft now.")
    messages.success(request, said)
    return redirect("research-draft", draft.id)


@require_http_methods(["GET", "HEAD", "POST"])
@only_for("researcher")
def discard(request: HttpRequest, person: people.PersonView, draft_id: str) -> HttpResponse:
    """Ask once more, then throw a draft away that was never handed in."""
    draft = draft_of(draft_id, person)
    if request.method == "POST":
        outcome = act(person, "draft-discard", reference=draft.id)
        if isinstance(outcome, Refused):
            return _no(request, outcome, draft)
        messages.success(request, _("The draft is gone."))
        return redirect("research")
    return render(request, "schoolgate/research/discard.html", {"draft": draft})


def _no(request: HttpRequest, refused: Refused, draft: drafting.DraftView | None = None) -> HttpResponse:
    """What was not done, and every reason; nothing was changed."""
    context = {"draft": draft, "reasons": [words(one) for one in refused.reasons]}
    return render(request, "schoolgate/research/not_done.html", context, status=409)


not_done = _no
"""For the other views of this face."""
