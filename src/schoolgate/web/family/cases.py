"""A family's cases: saying that something is wrong, asking, complaining, and going on to whoever decides last.

Every page asks for an act of the desk, which looks at the link and at whose case it is. A case of somebody else answers
exactly as one that does not exist.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from schoolgate import requests, rights
from schoolgate.errors import Refused
from schoolgate.rights import cases
from schoolgate.web.family.case_forms import AddFile, Ask, CaseForm, Say, SayIfYouLike, Wrong
from schoolgate.web.family.case_words import FAMILY_BUTTONS, due_words, state_of, steps_of, title_of
from schoolgate.web.family.doing import do, no_in_words
from schoolgate.web.family.who import own_child
from schoolgate.web.templatetags.schoolgate import day

_NEEDS_NO_WORDS = ("withdraw", "go_outside")


def _shown(line: cases.CaseLine) -> dict[str, object]:
    due = due_words(line, day(line.last_day)) if line.last_day else due_words(line, "")
    return {"line": line, "title": title_of(line), "state": state_of(line), "due": due}


@login_required
@require_safe
def listing(request: HttpRequest, link_id: int) -> HttpResponse:
    """The account's cases about a child."""
    link = own_child(request, link_id)
    found = do(request, link_id, "case-list")
    context = {
        "section": "family",
        "link": link,
        "cases": () if isinstance(found, Refused) else [_shown(one) for one in found],
    }
    return render(request, "schoolgate/family/cases.html", context)


@sensitive_post_parameters("text")
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, link_id: int) -> HttpResponse:
    """Ask or complain."""
    form = Ask(request.POST or None, initial={"kind": request.GET.get("kind", "")[:32]})
    return _begun(request, link_id, form, "case-open", "schoolgate/family/case_ask.html")


@sensitive_post_parameters("text", "should_be", "stands")
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def wrong(request: HttpRequest, link_id: int) -> HttpResponse:
    """Say that a fact is wrong. Query: ``table``, ``row``: which of the record, as its page links here."""
    table = request.GET.get("table", "")[:40]
    initial = {"row": request.GET.get("row", "")[:80], "item": request.GET.get("item", "")[:80]}
    form = Wrong(request.POST or None, initial=initial, table=table)
    return _begun(request, link_id, form, "case-challenge", "schoolgate/family/case_wrong.html")


def _begun(request: HttpRequest, link_id: int, form: CaseForm, act: str, template: str) -> HttpResponse:
    link = own_child(request, link_id)
    if request.method == "POST" and form.is_valid():
        made = do(request, link_id, act, **form.cleaned_data)
        if not isinstance(made, Refused):
            messages.success(request, _("We have it. Its number is %(case)s.") % {"case": made})
            return redirect("case", link_id, made)
        form.refuse(made)
    return render(request, template, {"section": "family", "link": link, "form": form})


def _case(request: HttpRequest, link_id: int, case_ref: str) -> cases.CaseView:
    found = do(request, link_id, "case-show", reference=case_ref)
    if isinstance(found, Refused):
        raise Http404
    view: cases.CaseView = found
    return view


def _may(link: rights.ChildLink, view: cases.CaseView) -> bool:
    """Whether this account may say or add anything in it; whom a young person only lets look may not."""
    return cases.KINDS[view.line.kind].needs in link.may


@login_required
@require_safe
def one(request: HttpRequest, link_id: int, case_ref: str) -> HttpResponse:
    """One case: how it stands, what can be done now, and everything that was said."""
    link, view = own_child(request, link_id), _case(request, link_id, case_ref)
    context = {
        "section": "family",
        "link": link,
        "case": view,
        "steps": steps_of(view),
        "buttons": [
            (event, FAMILY_BUTTONS[event]) for event in FAMILY_BUTTONS if event in view.may and _may(link, view)
        ],
        "is_open": view.line.state not in ("closed", "withdrawn") and _may(link, view),
        **_shown(view.line),
    }
    return render(request, "schoolgate/family/case.html", context)


@sensitive_post_parameters("text")
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def say(request: HttpRequest, link_id: int, case_ref: str, step: str) -> HttpResponse:
    """Answer, take back, or ask for more."""
    link, view = own_child(request, link_id), _case(request, link_id, case_ref)
    if step not in FAMILY_BUTTONS:
        raise Http404
    form = (SayIfYouLike if step in _NEEDS_NO_WORDS else Say)(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        done = do(request, link_id, "case-say", reference=case_ref, event=step, text=form.cleaned_data["text"])
        if not isinstance(done, Refused):
            messages.success(request, _("Done. We tell you when there is something new."))
            return redirect("case", link_id, case_ref)
        form.refuse(done)
    context = {
        "section": "family",
        "link": link,
        "case": view,
        "form": form,
        "step": step,
        "button": FAMILY_BUTTONS[step],
        "may": step in view.may and _may(link, view),
    }
    return render(request, "schoolgate/family/case_say.html", context)


@login_required
@require_POST
def let_source(request: HttpRequest, link_id: int, case_ref: str) -> HttpResponse:
    """Let the school that sent the fact see the family's files, or no more."""
    own_child(request, link_id)
    allowed = request.POST.get("allowed") == "yes"
    done = do(request, link_id, "case-let-source", reference=case_ref, allowed=allowed)
    if isinstance(done, Refused):
        messages.warning(request, " ".join(no_in_words(one) for one in done.reasons))
    else:
        messages.success(
            request, _("The school can see your files.") if done else _("The school sees no file of yours.")
        )
    return redirect("case", link_id, case_ref)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def add_file(request: HttpRequest, link_id: int, case_ref: str) -> HttpResponse:
    """Add a file to a case."""
    link, view = own_child(request, link_id), _case(request, link_id, case_ref)
    sent = request.method == "POST"
    form = AddFile(request.POST if sent else None, request.FILES if sent else None)
    if sent and form.is_valid():
        done = _sent(request, link_id, case_ref, form.cleaned_data["file"])
        if not isinstance(done, Refused):
            messages.success(request, _("The file is added."))
            return redirect("case", link_id, case_ref)
        form.refuse(done)
    context = {"section": "family", "link": link, "case": view, "form": form}
    return render(request, "schoolgate/family/case_file.html", context)


def _sent(request: HttpRequest, link_id: int, case_ref: str, file: UploadedFile[Any]) -> Any:
    """Send a file piece by piece; a piece that is refused ends it."""
    digest, number = hashlib.sha256(), 0
    while piece := file.read(cases.PIECE):
        digest.update(piece)
        data = base64.b64encode(piece).decode()
        taken = do(request, link_id, "case-file-piece", reference=case_ref, number=number, data=data)
        if isinstance(taken, Refused):
            return taken
        number += 1
    name = str(file.name or "")[:300]
    return do(request, link_id, "case-file-add", reference=case_ref, name=name, sha256=digest.hexdigest())


def saved(out: cases.FileOut) -> HttpResponse:
    """A file to be saved and never shown: no browser opens it on this site (RFC 6266; nosniff on every page)."""
    return HttpResponse(
        base64.b64decode(out.content),
        content_type=out.kind,
        headers={
            "Content-Disposition": content_disposition_header(True, out.name) or "attachment",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cross-Origin-Opener-Policy": "same-origin",
        },
    )


@login_required
@require_safe
def file(request: HttpRequest, link_id: int, case_ref: str, file_number: int) -> HttpResponse:
    """One file of a case, to be saved."""
    own_child(request, link_id)
    out = do(request, link_id, "case-file", reference=case_ref, number=file_number)
    if isinstance(out, Refused):
        raise Http404
    return saved(out)


@login_required
@require_safe
def bundle(request: HttpRequest, link_id: int, case_ref: str) -> HttpResponse:
    """The whole case as one file, for a regulator, tribunal or court."""
    own_child(request, link_id)
    out = do(request, link_id, "case-bundle", reference=case_ref)
    if isinstance(out, Refused):
        raise Http404
    return saved(out)


@login_required
@require_safe
def letter(request: HttpRequest, link_id: int, case_ref: str, letter_number: int) -> HttpResponse:
    """A decision letter: on screen, or with ``as`` text or pdf to be saved."""
    link = own_child(request, link_id)
    text = do(request, link_id, "case-letter", reference=case_ref, number=letter_number)
    if isinstance(text, Refused):
        raise Http404
    return letter_page(request, text, case_ref, {"section": "family", "link": link, "case_ref": case_ref})


def letter_page(request: HttpRequest, text: str, case_ref: str, context: dict[str, Any]) -> HttpResponse:
    """A letter in the form that was asked for."""
    form = request.GET.get("as", "")
    if form == "pdf":
        content = base64.b64encode(cases.letter_pdf(text, case_ref)).decode()
        return saved(cases.FileOut(f"{case_ref}.pdf", "application/pdf", content))
    if form == "text":
        content = base64.b64encode(text.encode()).decode()
        return saved(cases.FileOut(f"{case_ref}.txt", "text/plain; charset=utf-8", content))
    context |= {"lines": requests.read(text), "case_ref": case_ref}
    return render(request, "schoolgate/family/case_letter.html", context)
