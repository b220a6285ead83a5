"""One child's page: who was given what and why, the record itself, proofs, and saying no.

Each view first asks for the link between this account and the child; a link that belongs to somebody
else answers exactly as one that does not exist.
"""

from __future__ import annotations

import json

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from schoolgate import desk, notices, rights
from schoolgate.clock import custodians_day
from schoolgate.errors import Refused, SchoolgateError
from schoolgate.web.family.doing import no_in_words, not_shown
from schoolgate.web.family.forms import EnterCode
from schoolgate.web.family.helped import in_words
from schoolgate.web.family.plain import AT_ONCE, IN_FULL, beside, given, one_given, sections
from schoolgate.web.family.timeline import timeline
from schoolgate.web.family.who import account_id, own_child
from schoolgate.web.ports import clock, installation, log_key
from schoolgate.web.public.sources import open_items


@sensitive_post_parameters("code")
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def enter_code(request: HttpRequest) -> HttpResponse:
    """Enter the school's code. The room's answer to a wrong one is shown as it is: it is always the same."""
    form = EnterCode(request.POST or None)
    if request.method == "POST" and form.is_valid():
        answer = desk.for_family(
            "code-redeem", account_id(request), 0,
            config=installation(), clock=clock(), code=form.cleaned_data["code"],
        )  # fmt: skip
        if not isinstance(answer, Refused):
            messages.success(request, _("The code fits. You can see your child’s page now."))
            return redirect("child", answer.id)
        form.add_error("code", " ".join(no_in_words(one) for one in answer.reasons))
    return render(request, "schoolgate/family/code.html", {"section": "family", "form": form})


@login_required
@require_safe
def page(request: HttpRequest, link_id: int) -> HttpResponse:
    """Who has been given any of this child's record, and what the family has said no to."""
    link, today = own_child(request, link_id), custodians_day(clock())
    lines = rights.lines_for(link)
    found = given(lines, today)
    handed_on = [one for one in found if not one.is_look]
    context = {
        "section": "family",
        "link": link,
        "given": found,
        "in_full": handed_on[:IN_FULL],
        "in_brief": handed_on[IN_FULL:],
        "looks": [one for one in found if one.is_look],
        "timeline": timeline(lines, today),
        "may_decline": [_(fact.name) for fact in notices.facts_on(today) if fact.may_decline and not fact.last],
        "key": log_key(),
        "helped": in_words(rights.helped_for(link)),
    }
    return render(request, "schoolgate/family/child.html", context)


@login_required
@require_safe
def line(request: HttpRequest, link_id: int, agreement_id: str) -> HttpResponse:
    """Everything that one organisation was given under one agreement, with all the times, fifty at once."""
    link, today = own_child(request, link_id), custodians_day(clock())
    found = next((one for one in rights.lines_for(link) if one.agreement_id == agreement_id), None)
    asked = request.GET.get("from", "0")
    start = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 0
    if found is None or start >= len(found.releases):
        raise Http404
    one = one_given(found, today, start, AT_ONCE)
    context = {
        "section": "family",
        "link": link,
        "one": one,
        "newer": max(0, start - AT_ONCE) if one.after else None,
        "older": start + AT_ONCE if one.before else None,
    }
    return render(request, "schoolgate/family/line_page.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def record(request: HttpRequest, link_id: int) -> HttpResponse:
    """Show the record itself. By POST, because looking is a read like any other and is written in the log.

    A GET comes from a phone that opens its tabs again, or from signing in after the session ran out: it leads to
    the page with the button, and reads nothing.
    """
    if request.method != "POST" or not request.user.is_authenticated:
        return redirect("child", link_id)
    link = own_child(request, link_id)
    try:
        found = rights.my_record(link, config=installation(), clock=clock())
    except SchoolgateError as no:
        return not_shown(request, link_id, no)
    items = open_items()
    changes = rights.changed(link, found, items=items, config=installation())
    laid_out = sections(found.identity, found.tables, items, found.tokens, found.sources, changes)
    context = {"section": "family", "link": link, "sections": laid_out, "beside": beside(changes, laid_out)}
    return render(request, "schoolgate/family/record.html", context)


@login_required
@require_safe
def proof(request: HttpRequest, link_id: int, release_id: str) -> HttpResponse:
    """Hand out the proof file of one line, for tools/verify_receipt.py."""
    link = own_child(request, link_id)
    try:
        found = rights.proof_file(link, release_id, config=installation())
    except SchoolgateError as unknown:
        raise Http404 from unknown
    return HttpResponse(
        json.dumps(found, indent=2, ensure_ascii=False) + "\n",
        content_type="application/json; charset=utf-8",
        # The release is public, so that its id names no child; several proofs in one folder stay apart.
        headers={"Content-Disposition": f'attachment; filename="proof-{release_id}.json"'},
    )
