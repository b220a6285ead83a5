"""Who else may see: the young person's page about the adults, and giving a child up."""

from __future__ import annotations

import re

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from schoolgate import desk, rights
from schoolgate.errors import Refused
from schoolgate.web.family.doing import no_in_words
from schoolgate.web.family.who import account_id, own_child
from schoolgate.web.ports import clock, installation
from schoolgate.web.proving import freshly


@login_required
@freshly
@require_http_methods(["GET", "HEAD", "POST"])
def adults(request: HttpRequest, link_id: int) -> HttpResponse:
    """Which adults hold a link, by what they are to the young person; and whether they may go on looking."""
    link = own_child(request, link_id)
    if "manage" not in link.may:
        raise Http404
    if request.method == "POST":
        other, given = request.POST.get("other", ""), request.POST.get("given") == "yes"
        # With a minus it is a code that nobody has used yet.
        if re.fullmatch(r"-?[0-9]{1,19}", other) and abs(int(other)) < 2**63:
            made = desk.for_family(
                "leave-give", account_id(request), link_id,
                config=installation(), clock=clock(), other=int(other), given=given,
            )  # fmt: skip
            if isinstance(made, Refused):
                messages.warning(request, " ".join(no_in_words(one) for one in made.reasons))
            else:
                messages.success(request, _("They can look.") if given else _("They can no longer look."))
        return redirect("child-adults", link_id)
    words = {name: row.words for name, row in rights.competence().standings.items()}
    rows = [(one, words.get(one.standing, "")) for one in rights.others(link)]
    return render(request, "schoolgate/family/adults.html", {"section": "family", "link": link, "rows": rows})


@login_required
@freshly
@require_http_methods(["GET", "HEAD", "POST"])
def give_up(request: HttpRequest, link_id: int) -> HttpResponse:
    """Take a child off this account: asked once more, then done."""
    link = own_child(request, link_id)
    if request.method == "POST":
        desk.for_family("link-end", account_id(request), link_id, config=installation(), clock=clock())
        messages.success(request, _("This child is no longer on your account."))
        return redirect("family")
    return render(request, "schoolgate/family/give_up.html", {"section": "family", "link": link})
