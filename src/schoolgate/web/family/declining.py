"""Items that a family need not give: which were declined, declining one, taking that back; and what erasing means.

A page asks for an act of the desk; the act looks at the account's link anew.
"""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from schoolgate import declining, dictionary, gate
from schoolgate.errors import Refused
from schoolgate.web.family.doing import do, told
from schoolgate.web.family.who import own_child


def _name(one: dictionary.Declinable) -> str:
    """What an item is called in a notice to families."""
    fact = next((fact for fact in dictionary.asked_facts() if one.column in fact.columns), None)
    return _(fact.name) if fact is not None else one.column


def _one(item: str) -> dictionary.Declinable:
    try:
        return declining.declinable(item)
    except declining.NotDeclinable as no:
        raise Http404 from no


@login_required
@require_safe
def page(request: HttpRequest, link_id: int) -> HttpResponse:
    """Every item that may be declined, and what this family said."""
    link = own_child(request, link_id)
    found = do(request, link.id, "declined-show")
    if isinstance(found, Refused):
        raise Http404
    said: dict[str, declining.DeclinedItem] = {one.item: one for one in found}
    lines = [(_name(one), one, said.get(one.item)) for one in dictionary.declinable_items()]
    context = {
        "section": "family",
        "link": link,
        "asked": [line for line in lines if line[1].is_asked],
        "past": [line for line in lines if not line[1].is_asked],
    }
    return render(request, "schoolgate/family/declining.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def decline(request: HttpRequest, link_id: int, item: str) -> HttpResponse:
    """Ask once more, then record that the family would rather not say."""
    link, one = own_child(request, link_id), _one(item)
    if request.method == "POST":
        outcome = do(request, link.id, "decline", item=item)
        words = _("It is recorded. What was kept before is taken out within the day.")
        return told(request, outcome, words) or redirect("child-declining", link_id)
    context = {"section": "family", "link": link, "one": one, "name": _name(one)}
    return render(request, "schoolgate/family/decline.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def decline_no_more(request: HttpRequest, link_id: int, item: str) -> HttpResponse:
    """Take it back: the same two steps."""
    link, one = own_child(request, link_id), _one(item)
    if request.method == "POST":
        outcome = do(request, link.id, "decline-no-more", item=item)
        words = (
            _("You took it back. Somebody else would rather not tell either, so it stays as it is.")
            if any(left.item == item for left in do(request, link.id, "declined-show"))
            else _("You took it back. The school may send it again.")
        )
        return told(request, outcome, words) or redirect("child-declining", link_id)
    context = {"section": "family", "link": link, "one": one, "name": _name(one)}
    return render(request, "schoolgate/family/decline_no_more.html", context)


@login_required
@require_safe
def erasing(request: HttpRequest, link_id: int) -> HttpResponse:
    """What is erased when a record is erased, what is kept, and why; the same for every child."""
    link = own_child(request, link_id)
    context = {
        "section": "family",
        "link": link,
        "goes": [line for line in gate.ERASURE_PLAN if line.erased],
        "stays": [line for line in gate.ERASURE_PLAN if not line.erased],
    }
    return render(request, "schoolgate/family/erasing.html", context)
