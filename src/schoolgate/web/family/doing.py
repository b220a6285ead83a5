"""Acts of the signed-in family for a child, and the page that says why one was not done."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from schoolgate import desk, rights
from schoolgate.errors import Refusal, Refused, SchoolgateError
from schoolgate.web.family.who import account_id
from schoolgate.web.ports import clock, installation

_NOT_THERE = frozenset(
    {
        "link-unknown", "purpose-unknown", "kind-unknown", "scope-unknown", "restriction-reason", "not-declinable",
        "case-unknown", "pack-unknown", "pack-gone", "digest",
    }
)  # fmt: skip
"""What a room says of a name in an address that stands for nothing."""


def do(request: HttpRequest, link_id: int, act: str, **given: Any) -> Any:
    """Do an act for the signed-in family; what is not there answers as a page that is not there."""
    try:
        return desk.for_family(act, account_id(request), link_id, config=installation(), clock=clock(), **given)
    except SchoolgateError as no:
        if no.code in _NOT_THERE:
            raise Http404 from no
        raise


def no_in_words(no: Refusal) -> str:
    """Why something was not done and what to do now: a room's own words, which the catalogue of translators has too."""
    return " ".join(_(part) for part in (no.reason, no.remedy) if part)


def not_shown(request: HttpRequest, link_id: int, no: SchoolgateError) -> HttpResponse:
    """What is said where the record is not shown: that there were enough looks today; nothing, where it is closed."""
    if no.code == "looks-today":
        words = _(
            "You looked at the record %(most)d times today, and that is the most. Look again tomorrow. Each look is"
            " written down where everybody can count it. To read it at rest, ask for a copy of everything."
        )
        messages.warning(request, words % {"most": rights.looks_a_day()})
        return redirect("child", link_id)
    if no.code != "subject-access-closed":
        raise no
    raise Http404 from no  # the page of what is not yours, so that nobody learns why it is closed


def not_done(request: HttpRequest, refused: Refused) -> HttpResponse:
    """The page that says why an act was not done."""
    context = {"section": "family", "reasons": [no_in_words(one) for one in refused.reasons]}
    return render(request, "schoolgate/family/not_done.html", context, status=409)


def told(request: HttpRequest, outcome: object, words: str) -> HttpResponse | None:
    """Say what came of an act; a page when it was refused."""
    if isinstance(outcome, Refused):
        return not_done(request, outcome)
    messages.success(request, words)
    return None
