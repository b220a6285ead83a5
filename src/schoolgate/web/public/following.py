"""Following the register by e-mail: ask, say yes from the letter box, stop with one click."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from django import forms
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from schoolgate import dictionary, post, published
from schoolgate.web.ports import clock
from schoolgate.web.public import sources
from schoolgate.web.public.asked import Asked, asked
from schoolgate.web.public.kinds import KINDS
from schoolgate.web.public.narrowing import area_words, choices, picked, places, query_words
from schoolgate.web.public.standing import up_to_date

_TRIES = 20
_WINDOW_SECONDS = 3600


class Follow(forms.Form):
    """Where to write to."""

    email = forms.EmailField(
        label=lazy("Your e-mail address"),
        max_length=254,
        help_text=lazy("We use it for this and for nothing else. You can stop at any time."),
        widget=forms.EmailInput(attrs={"class": "govuk-input", "autocomplete": "email", "spellcheck": "false"}),
        error_messages={
            "required": lazy("Enter your e-mail address."),
            "invalid": lazy("Enter an e-mail address, like name@example.com."),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest) -> HttpResponse:
    """Ask to be told what is new in a search: all, or of a purpose, kind of recipient, organisation, item or place."""
    up_to_date()
    query = asked(request).query
    if not _is_known(query):
        raise Http404
    names = picked(request, query)
    if names is not None and not names.open:
        return redirect(f"{request.path}{Asked(names.query, 1).address()}")
    form = Follow(request.POST or None)
    told: post.Asked | None = None
    if request.method == "POST" and form.is_valid():
        if _too_often(request):
            form.add_error(None, _("You asked many times. Please wait an hour."))
        elif len(published.topic_of(query)) > _LONGEST_TOPIC:
            form.add_error(None, _("This search is too long to follow. Take some words out."))
        else:
            told = post.subscribe(
                published.topic_of(query),
                form.cleaned_data["email"],
                clock=clock(),
                says=query_words(query),
                asks=_without_typed_words(query),
            )
            if not told.taken:
                form.add_error(None, _("Too many people are asking just now. Please try again tomorrow."))
                told = None
    context = {
        "section": "register",
        "form": form,
        "query": query,
        "this": query.address,
        "says": query_words(query),
        "asked": told is not None,
        "which": names.open if names is not None else (),
        "places": places(),
        "area_name": area_words(query.area),
        **choices(),
    }
    response = render(request, "schoolgate/public/follow.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response


_LONGEST_TOPIC = 400


def _is_known(query: published.Query) -> bool:
    """Whether all that a search names is there: what nobody knows would be waited for in vain, in words made up."""
    items = sources.open_items()
    return not (
        (query.purpose and query.purpose not in {one.id for one in dictionary.purposes()})
        or (query.kind and query.kind not in KINDS)
        or (query.area and area_words(query.area) == query.area)
        or (query.organisation and published.organisation(query.organisation) is None)
        or (query.case and published.case(query.case) is None)
        or (
            query.item
            and (items is None or items.get(query.item) is None)
            and not published.recipients(query.item, most=1)
        )
    )


def _without_typed_words(query: published.Query) -> str:
    """A search for the letter that asks: it goes to whomever it was sent, so nobody's own words are carried in it."""
    says = query_words(replace(query, words=""))
    return _("%(says)s, with certain words in it") % {"says": says} if query.words else says


def _too_often(request: HttpRequest) -> bool:
    place = request.META.get("REMOTE_ADDR", "")
    key = "follow:" + hashlib.sha256(place.encode()).hexdigest()
    cache.add(key, 0, _WINDOW_SECONDS)
    try:
        return int(cache.incr(key)) > _TRIES
    except ValueError:  # it ran out between the two calls
        return False


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Say yes. Opening the page does nothing: programs that look at letters open every link in them."""
    if request.method == "POST":
        found = post.confirm(token, clock())
        return _letters(request, "confirmed", found)
    return _letters(request, "confirm", post.followed(token, clock()))


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """Stop. A mail program posts here without a cookie or a session (RFC 8058, 3.1); the token is what says who."""
    if request.method == "POST":
        if not post.leave(token, clock()):
            raise Http404
        return _letters(request, "left", None)
    return _letters(request, "leave", post.followed(token, clock()))


def _letters(request: HttpRequest, step: str, found: post.Following | None) -> HttpResponse:
    context = {"section": "", "step": step, "found": found}
    status = 404 if step in ("confirm", "confirmed") and found is None else 200
    response = render(request, "schoolgate/public/letters.html", context, status=status)
    # The address holds the token: kept in no cache, and told to no other site. Not "no-referrer": a browser then sends
    # the form with the origin "null", and the form is refused (Fetch, "append a request Origin header").
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "same-origin"
    return response
