"""Asking the desk for an act, and what every page of this face needs of the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from schoolgate import people
from schoolgate.errors import Refusal, SchoolgateError
from schoolgate.requests import drafting
from schoolgate.web.acting import at_desk

_NOT_THERE = frozenset({"draft-unknown", "request-unknown", "person-unknown"})
"""One answer for what does not exist and for what is not yours."""


def act(person: people.PersonView, name: str, /, **given: Any) -> Any:
    """Do an act; what is not there, or not this person's to see, is a page that does not exist."""
    try:
        return at_desk(name, person, **given)
    except SchoolgateError as problem:
        if problem.code in _NOT_THERE:
            raise Http404 from problem
        raise


def draft_of(reference: str, person: people.PersonView) -> drafting.DraftView:
    """A draft that this person may see; a page that does not exist otherwise."""
    try:
        return drafting.find(reference, person)
    except drafting.UnknownDraft as unknown:
        raise Http404 from unknown


def words(reason: Refusal) -> str:
    """A reason with what to do."""
    return f"{reason.reason} {reason.remedy}".strip()


def by_anchor(reasons: Sequence[Refusal], anchor: Callable[[str], str]) -> dict[str, list[str]]:
    """Reasons by the control they speak of, each once."""
    found: dict[str, list[str]] = {}
    for one in reasons:
        told = found.setdefault(anchor(one.where), [])
        if words(one) not in told:
            told.append(words(one))
    return found


def sent_values(request: HttpRequest) -> Mapping[str, list[str]]:
    """What a form sent, every value of each name."""
    return {name: [str(value) for value in values] for name, values in request.POST.lists()}


def closed_to_framing(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A download that no browser opens as a page: sniffed as nothing, sandboxed when shown after all."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return response

    return page
