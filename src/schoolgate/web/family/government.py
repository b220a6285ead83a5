"""Signing in through a government's provider, and an adult's own record of their schooldays by a proven identity."""

from __future__ import annotations

import json
import os
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from schoolgate import desk, gate, people
from schoolgate.config import Outside
from schoolgate.errors import Refused, SchoolgateError
from schoolgate.web import oidc
from schoolgate.web.acting import sent
from schoolgate.web.family.doing import no_in_words
from schoolgate.web.family.forms import OwnNumber
from schoolgate.web.family.who import account_id
from schoolgate.web.ports import clock, installation
from schoolgate.web.proving import ask_again, is_fresh, let_in_account

_ASKED, _WHO = "outside-asked", "outside-who"
_MINUTES = 10


def _where_there_is_one(view: Callable[[HttpRequest, Outside], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Make a view one of sites with a provider; elsewhere one signs in as usual."""

    @wraps(view)
    def page(request: HttpRequest) -> HttpResponse:
        outside = installation().oidc
        return redirect("sign-in") if outside is None else view(request, outside)

    return page


def _now() -> int:
    return int(clock().now().timestamp())


def _back() -> str:
    return installation().site + reverse("government-back")


def _random() -> str:
    return urlsafe_b64encode(os.urandom(32)).rstrip(b"=").decode()


@require_safe
@_where_there_is_one
def start(request: HttpRequest, outside: Outside) -> HttpResponse:
    """Send somebody to the provider. The random values wait in the session for the one answer that uses them up."""
    if request.user.is_authenticated and not is_fresh(request) and not people.outside_sign_ins(account_id(request)):
        return ask_again(request)  # it would add a way in: whoever holds a stolen session would add their own
    asked = oidc.Asked(_random(), _random(), _random(), request.GET.get("proven") == "yes", _now())
    try:
        address = oidc.address_of(outside, asked, _back())
    except SchoolgateError as failed:
        return _failed(request, failed)
    request.session[_ASKED] = asdict(asked)
    return redirect(address)


@require_safe
@_where_there_is_one
def back(request: HttpRequest, outside: Outside) -> HttpResponse:
    """The provider sends somebody back. What was asked is used up first, whatever the answer is."""
    held = request.session.pop(_ASKED, None)
    try:
        asked = _asked(held, request.GET.get("state", ""))
        if "error" in request.GET or not request.GET.get("code"):
            raise oidc.NotAccepted(
                "You did not sign in.", hint="Start again, or use another way.", code="not-signed-in"
            )
        who = oidc.person_of(outside, asked, _back(), request.GET["code"], _now())
        own = account_id(request) if request.user.is_authenticated else None
        account = people.sign_in_outside(
            who.issuer, who.subject, who.email, name=os.urandom(16).hex(), clock=clock(), account_id=own,
            may_add=own is None or is_fresh(request),
        )  # fmt: skip
    except SchoolgateError as failed:
        return _failed(request, failed)
    let_in_account(request, account)
    if not asked.proven:
        return redirect("family")
    request.session[_WHO] = _sealed(who, account.id)
    return redirect("own-record")


def _asked(held: Any, state: str) -> oidc.Asked:
    """What was asked, when this answer is to it and came in time."""
    try:
        asked = oidc.Asked(**held)
    except TypeError:
        asked = None
    if asked is None or not state or state != asked.state or not 0 <= _now() - asked.at <= _MINUTES * 60:
        raise oidc.NotAccepted("This answer is not to a question of ours.", hint="Start again.", code="state")
    return asked


def _failed(request: HttpRequest, failed: SchoolgateError) -> HttpResponse:
    status = 502 if isinstance(failed, oidc.ProviderDown) else 400
    context = {"section": "family", "failed": failed}
    return render(request, "schoolgate/family/outside_failed.html", context, status=status)


def _sealed(who: oidc.Person, account: int) -> str:
    """A proven identity, for the ten minutes that it is needed: sealed, so that the table of sessions holds no name."""
    plain = json.dumps([_now(), who.forename, who.surname, who.born]).encode()
    return installation().site_keys().seal("django-sessions", plain, f"identity/{account}".encode()).hex()


def _identity(request: HttpRequest) -> gate.Claimant | None:
    held = request.session.get(_WHO)
    if not isinstance(held, str):
        return None
    context = f"identity/{account_id(request)}".encode()
    try:
        at, forename, surname, born = json.loads(
            installation().site_keys().unseal("django-sessions", bytes.fromhex(held), context)
        )
    except (SchoolgateError, ValueError):
        return None
    return gate.Claimant(forename, surname, born) if 0 <= _now() - at <= _MINUTES * 60 else None


@sensitive_post_parameters("upn")
@require_http_methods(["GET", "HEAD", "POST"])
@_where_there_is_one
def own_record(request: HttpRequest, outside: Outside) -> HttpResponse:
    """An adult comes to the record of their own schooldays: a proven identity, and the pupil number."""
    if not request.user.is_authenticated:
        return redirect("sign-in")
    who = _identity(request)
    if who is None:
        request.session.pop(_WHO, None)
        return render(request, "schoolgate/family/own_record.html", {"section": "family", "form": None})
    form = OwnNumber(sent(request))
    if request.method == "POST" and form.is_valid():
        found = desk.for_family(
            "own-record", account_id(request), 0, config=installation(), clock=clock(),
            upn=form.cleaned_data["upn"], forename=who.forename, surname=who.surname, born=who.born,
        )  # fmt: skip
        if not isinstance(found, Refused):
            request.session.pop(_WHO, None)
            messages.success(request, _("This is your record."))
            return redirect("child", found.id)
        form.add_error("upn", " ".join(no_in_words(one) for one in found.reasons))
    return render(request, "schoolgate/family/own_record.html", {"section": "family", "form": form})
