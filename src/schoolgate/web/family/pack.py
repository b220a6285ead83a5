"""A copy of everything that is held about a child: asked for, looked after, read, fetched, deleted; and being told.

Everything is asked for as an act of the desk, which looks at the account's link anew. Fetching is by POST: it is
written down, and a phone that opens its tabs again fetches nothing.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods

from schoolgate import requests, rights
from schoolgate.errors import Refused
from schoolgate.web.family.doing import do, not_done
from schoolgate.web.family.forms import PlainForm
from schoolgate.web.family.who import account_id, own_child
from schoolgate.web.proving import is_fresh

_FILES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "pdf": ("application/pdf", "copy-of-a-record.pdf"),
        "json": ("application/json; charset=utf-8", "copy-of-a-record.json"),
        "csv": ("application/zip", "copy-of-a-record.zip"),
    }
)
"""Form of a file -> its type, and the name it is saved under: one that names no child."""


class HowOften(PlainForm):
    """How often to be told."""

    every = forms.ChoiceField(
        label=lazy("How often shall we write to you?"),
        choices=[
            ("none", lazy("Not at all")),
            ("weekly", lazy("At most once a week")),
            ("daily", lazy("At most once a day")),
            ("monthly", lazy("At most once in thirty days")),
        ],
        error_messages={
            "required": lazy("Choose how often we shall write to you"),
            "invalid_choice": lazy("Choose how often we shall write to you"),
        },
    )
    address = forms.EmailField(
        label=lazy("Your e-mail address"),
        help_text=lazy("You sign in without one. We use it for these letters and nothing else."),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={"invalid": lazy("Enter an e-mail address like name@example.com")},
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def copy(request: HttpRequest, link_id: int) -> HttpResponse:
    """How the copy stands; by POST, ask for one."""
    link = own_child(request, link_id)
    if request.method == "POST":
        asked = do(request, link.id, "copy-ask")
        if isinstance(asked, Refused):
            return not_done(request, asked)
        return redirect("child-copy", link.id)
    found = do(request, link.id, "copy-show")
    if isinstance(found, Refused):
        return not_done(request, found)
    stages = rights.packs.STAGES
    context = {
        "section": "family",
        "link": link,
        "copy": found,
        "stage": stages.index(found.stage) + 1 if found is not None and found.state == "asked" else 0,
        "stages": len(stages),
        "forms": [form for form in _FILES if found is not None and form in dict(found.sizes)],
    }
    return render(request, "schoolgate/family/copy.html", context)


def _whole(request: HttpRequest, link_id: int, pack: str, form: str) -> bytes | Refused:
    """A file of the copy, from its parts."""
    data = b""
    while True:
        part = do(request, link_id, "copy-piece", pack=pack, form=form, at=len(data))
        if isinstance(part, Refused):
            return part
        if not part:
            return data
        data += base64.b64decode(part)


@require_http_methods(["GET", "HEAD", "POST"])
def fetch(request: HttpRequest, link_id: int, form: str) -> HttpResponse:
    """Hand out one file of the copy, or show it; by GET lead to the page with the buttons."""
    if request.method != "POST" or not request.user.is_authenticated:
        return redirect("child-copy", link_id)
    link = own_child(request, link_id)
    if not is_fresh(request):
        # Everything that is held leaves in one file: whoever holds a stolen session is asked who they are.
        after = reverse("child-copy", args=[link.id])
        return redirect(f"/family/sign-in/?{urlencode({'next': after, 'again': 'yes'})}")
    found = do(request, link.id, "copy-show")
    if form not in (*_FILES, "text") or found is None or isinstance(found, Refused) or not found.can_be_fetched:
        raise Http404
    data = _whole(request, link.id, found.id, form)
    if isinstance(data, Refused):
        return not_done(request, data)
    if form == "text":
        lines = requests.read(data.decode())
        return render(
            request, "schoolgate/family/copy_read.html", {"section": "family", "link": link, "parts": parts(lines)}
        )
    kind, name = _FILES[form]
    return HttpResponse(data, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def parts(lines: tuple[requests.Line, ...]) -> list[dict[str, Any]]:
    """A document's lines for a page: each heading or paragraph, with the points that follow it."""
    found: list[dict[str, Any]] = []
    for one in lines:
        if one.kind == "point":
            found[-1]["points"].append(one.text)
        else:
            found.append({"kind": one.kind, "text": one.text, "points": []})
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def away(request: HttpRequest, link_id: int) -> HttpResponse:
    """Delete the copy now; by GET lead to the page with the button."""
    if request.method == "POST" and request.user.is_authenticated:
        link = own_child(request, link_id)
        if do(request, link.id, "copy-drop") is True:
            messages.success(request, _("The copy is deleted here."))
    return redirect("child-copy", link_id)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def told(request: HttpRequest, link_id: int) -> HttpResponse:
    """Choose how often to be told that something new is in the list."""
    link = own_child(request, link_id)
    now = do(request, link.id, "digest-show")
    if isinstance(now, Refused):
        return not_done(request, now)
    form = HowOften(request.POST if request.method == "POST" else None, initial={"every": now.every})
    has_address = rights.digests.has_address(account_id(request))
    if has_address:
        del form.fields["address"]
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        made = do(request, link.id, "digest-set", every=typed["every"], address=typed.get("address", ""))
        if isinstance(made, Refused):
            return not_done(request, made)
        messages.success(
            request,
            _("We will not write to you.")
            if made.every == rights.digests.NEVER
            else _("We will write to you.")
            if made.confirmed
            else _("We have sent you an e-mail. Follow the link in it to say yes."),
        )
        return redirect("child-told", link.id)
    context = {"section": "family", "link": link, "form": form, "now": now}
    context["email"] = request.user.get_username() if has_address else ""
    return render(request, "schoolgate/family/told.html", context)
