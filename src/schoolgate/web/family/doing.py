"""Acts of the signed-in family for a child, and the page that says why one was not done."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from schoolgate import desk
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
