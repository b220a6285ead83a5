"""Attachments: sent in pieces through the desk, handed out as downloads that no browser opens."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from schoolgate import people
from schoolgate.errors import Refused
from schoolgate.requests import drafting
from schoolgate.web.acting import only_for
from schoolgate.web.researcher.applications import READERS
from schoolgate.web.researcher.asking import act, closed_to_framing, draft_of, words
from schoolgate.web.researcher.drafts import not_done


@require_http_methods(["GET", "HEAD", "POST"])
@only_for("researcher")
def attach(request: HttpRequest, person: people.PersonView, draft_id: str) -> HttpResponse:
    """The files of a draft, and adding one."""
    draft = draft_of(draft_id, person)
    problems: list[str] = []
    if request.method == "POST":
        sent = request.FILES.get("file")
        if not isinstance(sent, UploadedFile):
            problems = [_("Choose a file first.")]
        else:
            outcome = _send(person, draft, sent)
            if not isinstance(outcome, Refused):
                messages.success(request, _("“%(name)s” is attached.") % {"name": outcome.name})
                return redirect("research-files", draft.id)
            problems = list(dict.fromkeys(words(one) for one in outcome.reasons))
    return render(request, "schoolgate/research/files.html", {"draft": draft, "problems": problems})


def _send(
    person: people.PersonView, draft: drafting.DraftView, sent: UploadedFile[Any]
) -> drafting.Attachment | Refused:
    """Send a file piece by piece; a piece that is refused ends it."""
    digest = hashlib.sha256()
    number = 0
    while piece := sent.read(drafting.PIECE):
        digest.update(piece)
        data = base64.b64encode(piece).decode()
        taken = act(person, "draft-attach-piece", reference=draft.id, number=number, data=data)
        if isinstance(taken, Refused):
            return taken
        number += 1
    if number == 0:
        taken = act(person, "draft-attach-piece", reference=draft.id, number=0, data="")
        if isinstance(taken, Refused):
            return taken
    made: drafting.Attachment | Refused = act(
        person, "draft-attach", reference=draft.id, name=str(sent.name or "")[:300], sha256=digest.hexdigest()
    )
    return made


@require_POST
@only_for("researcher")
def detach(request: HttpRequest, person: people.PersonView, draft_id: str, sha256: str) -> HttpResponse:
    """Take an attachment away."""
    draft = draft_of(draft_id, person)
    outcome = act(person, "draft-detach", reference=draft.id, sha256=sha256[:64])
    if isinstance(outcome, Refused):
        return not_done(request, outcome, draft)
    messages.success(request, _("The attachment is taken away."))
    return redirect("research-files", draft.id)


@require_safe
@only_for(*READERS)
@closed_to_framing
def download(request: HttpRequest, person: people.PersonView, reference: str, sha256: str) -> HttpResponse:
    """One file, to be saved and never shown."""
    try:
        held, content = drafting.attachment(reference, sha256, person)
    except drafting.UnknownDraft as unknown:
        raise Http404 from unknown
    return HttpResponse(
        content,
        content_type=held.kind,
        headers={
            "Content-Disposition": content_disposition_header(True, held.name) or "attachment",
            "Cross-Origin-Opener-Policy": "same-origin",
        },
    )
