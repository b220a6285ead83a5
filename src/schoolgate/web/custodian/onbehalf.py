"""Serving somebody who has no computer: identify the person, choose the child, act, and post the letter about it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from schoolgate import people, requests, rights
from schoolgate.errors import Refused
from schoolgate.web.acting import at_desk, only_for, sent
from schoolgate.web.custodian import case_letters
from schoolgate.web.custodian.onbehalf_forms import DEEDS, Begin, Why, may
from schoolgate.web.custodian.step import step
from schoolgate.web.family.chosen import laid_out
from schoolgate.web.family.helped import DONE

_METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(_METHODS)
@only_for("custodian")
def begin(request: HttpRequest, person: people.PersonView) -> HttpResponse:
    """Who is served. The look stands in the child's own list from then on."""
    form = Begin(sent(request))
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        made = at_desk("behalf-begin", person, link=int(typed["link"]), channel=typed["channel"], how=typed["how"])
        if not isinstance(made, Refused):
            return redirect("custodian-behalf-person", made)
        form.refuse(made)
    context = {
        "form": form,
        "title": _("Serve somebody who has no computer"),
        "about": _("Find out who you speak with before you go on. The family sees that one of us looked."),
        "button": _("Go on"),
        "back": (reverse("custodian-letters"), _("letters to be posted")),
    }
    return render(request, "schoolgate/custodian/step.html", context)


def _served(person: people.PersonView, serving_id: int) -> rights.helping.Served:
    found = at_desk("behalf-show", person, serving=serving_id)
    if isinstance(found, Refused):
        raise Http404
    served: rights.helping.Served = found
    return served


@require_safe
@only_for("custodian")
def served(request: HttpRequest, person: people.PersonView, serving_id: int) -> HttpResponse:
    """The person's children: what is chosen for each, and what can be done. Nothing of a record is shown."""
    found, policy, standings = _served(person, serving_id), rights.helping.the_policy(), rights.competence().standings
    children = [
        {"child": one, "standing": standings[one.standing].words, "said": laid_out(one.choices), "may": may(one)}
        for one in found.children
    ]
    context = {
        "served": found,
        "children": children,
        "channel": policy.channels.get(found.channel, ""),
        "how": policy.how.get(found.how, ""),
    }
    return render(request, "schoolgate/custodian/behalf.html", context)


@sensitive_post_parameters("text", "stands", "should_be", "reason")
@require_http_methods(_METHODS)
@only_for("custodian")
def act(request: HttpRequest, person: people.PersonView, serving_id: int, link_id: int, what: str) -> HttpResponse:
    """Do one thing for one child of the person's."""
    found = _served(person, serving_id)
    child = next((one for one in found.children if one.link == link_id), None)
    deed = DEEDS.get(what)
    if child is None or deed is None or deed.needs not in child.may:
        raise Http404

    def given(typed: Mapping[str, Any]) -> Mapping[str, Any]:
        asked = {"serving": serving_id, "link": link_id, "reason": typed["reason"]}
        return {**asked, "act": deed.act, "given": dict(deed.given(typed))}

    return step(
        request,
        person,
        Why(deed.fields(child), sent(request)),
        "on-behalf",
        given,
        title=str(deed.title),
        about=_("The person is told by letter what you did and why. A colleague posts the letter."),
        button=str(deed.title),
        back=(reverse("custodian-behalf-person", args=[serving_id]), _("the person")),
        done=_("Done. The letter about it waits to be posted by a colleague."),
    )


@require_safe
@only_for("custodian")
def letters(request: HttpRequest, person: people.PersonView) -> HttpResponse:
    """The letters on paper that wait to be posted."""
    found: tuple[rights.helping.LetterLine, ...] = at_desk("behalf-letters", person)
    rows = [
        {"line": one, "did": DONE.get(one.act, ""), "own": one.kind == "acted" and one.written_by == person.id}
        for one in found
    ]
    context = {"rows": rows, "of_cases": case_letters.waiting(person)}
    return render(request, "schoolgate/custodian/letters.html", context)


def _letter(request: HttpRequest, person: people.PersonView, letter_id: int, refused: Refused | None) -> HttpResponse:
    text = at_desk("behalf-letter", person, letter=letter_id)
    if isinstance(text, Refused):
        raise Http404
    line = next((one for one in at_desk("behalf-letters", person) if one.id == letter_id), None)
    context = {"lines": requests.read(text), "letter_id": letter_id, "line": line, "refused": refused}
    return render(request, "schoolgate/custodian/letter.html", context, status=409 if refused else 200)


@require_safe
@only_for("custodian")
def letter(request: HttpRequest, person: people.PersonView, letter_id: int) -> HttpResponse:
    """One letter, to be printed."""
    return _letter(request, person, letter_id, None)


@require_POST
@only_for("custodian")
def posted(request: HttpRequest, person: people.PersonView, letter_id: int) -> HttpResponse:
    """Note that a letter was posted."""
    done = at_desk("behalf-posted", person, letter=letter_id)
    if isinstance(done, Refused):
        return _letter(request, person, letter_id, done)
    messages.success(request, _("It is noted that you posted it."))
    return redirect("custodian-letters")


@require_POST
@only_for("custodian")
def copy(request: HttpRequest, person: people.PersonView, letter_id: int) -> HttpResponse:
    """The copy of a record that goes with a letter, to be printed. The family sees that staff printed it."""
    data = b""
    while True:
        part = at_desk("behalf-copy", person, letter=letter_id, at=len(data))
        if isinstance(part, Refused):
            return _letter(request, person, letter_id, part)
        if not part:
            break
        data += base64.b64decode(part)
    kept = {"Content-Disposition": 'attachment; filename="copy-of-a-record.pdf"'}
    return HttpResponse(data, content_type="application/pdf", headers=kept)
