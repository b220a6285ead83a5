"""An account's own words for a child, so that it can tell its children apart."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from schoolgate.web.family.doing import do, told
from schoolgate.web.family.forms import Label
from schoolgate.web.family.who import own_child


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def label(request: HttpRequest, link_id: int) -> HttpResponse:
    """Call a child something, or nothing."""
    link = own_child(request, link_id)
    form = Label(request.POST if request.method == "POST" else None, initial={"label": link.label})
    if request.method == "POST" and form.is_valid():
        kept = do(request, link_id, "link-label", label=form.cleaned_data["label"])
        return told(request, kept, _("Saved. Nobody but you sees it.")) or redirect("family")
    return render(request, "schoolgate/family/label.html", {"section": "family", "link": link, "form": form})
