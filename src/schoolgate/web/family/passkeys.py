"""Passkeys, for coming back without a password (W3C Web Authentication level 3).

One small script of our own hands the browser's answer to an ordinary form; without it, and without a passkey, the
password does as before. A passkey must be unlocked by its holder (user verification), so it is two factors in one.
"""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from schoolgate import people
from schoolgate.errors import SchoolgateError
from schoolgate.web.family.who import account_id
from schoolgate.web.headers import CONTENT_SECURITY_POLICY
from schoolgate.web.ports import clock, installation
from schoolgate.web.proving import freshly, let_in_account
from schoolgate.web.signing import wanted

_CHALLENGE = "passkey-challenge"
_MINUTES = 5
_LONGEST = 20_000
WITH_SCRIPT = f"{CONTENT_SECURITY_POLICY}; script-src 'self'"
"""The policy of the two pages that have the script: this site's own files, nothing inline."""


def _host(request: HttpRequest) -> str:
    return request.get_host().partition(":")[0]


def _origin(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"


def _challenge(request: HttpRequest, what: str) -> bytes:
    fresh = os.urandom(32)
    request.session[_CHALLENGE] = [what, urlsafe_b64encode(fresh).decode(), int(clock().now().timestamp())]
    return fresh


def _used_up(request: HttpRequest, what: str) -> bytes:
    """The challenge that was given out for this, once and not long ago; an empty one fits no answer."""
    held = request.session.pop(_CHALLENGE, None)
    if not isinstance(held, list) or len(held) != 3 or held[0] != what:
        return b""
    in_time = 0 <= int(clock().now().timestamp()) - int(held[2]) <= _MINUTES * 60
    return urlsafe_b64decode(held[1]) if in_time else b""


def _sent(request: HttpRequest) -> str:
    return request.POST.get("answer", "")[:_LONGEST]


def _page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    response = render(request, template, {"section": "family", **context}, status=status)
    response.headers["Content-Security-Policy"] = WITH_SCRIPT
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in with a passkey. An unknown one, a wrong one and one too late get the same answer."""
    failed = False
    if request.method == "POST":
        account = _account(request, _used_up(request, "sign-in"))
        if account is not None:
            let_in_account(request, account)
            return redirect(wanted(request) or "family")
        failed = True
    options = generate_authentication_options(
        rp_id=_host(request),
        challenge=_challenge(request, "sign-in"),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    context = {"options": options_to_json(options), "failed": failed, "next": wanted(request)}
    return _page(request, "schoolgate/family/passkey_sign_in.html", context)


def _account(request: HttpRequest, challenge: bytes) -> people.AccountView | None:
    try:
        credential = parse_authentication_credential_json(_sent(request))
        known = people.find_passkey(_text(credential.raw_id))
        if known is None or not challenge:
            return None
        verified = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=_host(request),
            expected_origin=_origin(request),
            credential_public_key=known.public_key,
            credential_current_sign_count=known.sign_count,
            require_user_verification=True,
        )
        if not people.used_passkey(known, verified.new_sign_count, clock=clock()):
            return None
        account = people.account(known.account_id)
    except (WebAuthnException, SchoolgateError, ValueError, TypeError, KeyError):
        return None
    return account if account.role == "family" else None


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _own(request: HttpRequest) -> people.AccountView:
    """The family's account that is signed in; an account for work has its password alone."""
    own = people.account(account_id(request))
    if own.role != "family":
        raise Http404
    return own


@login_required
@require_http_methods(["GET", "HEAD"])
def account(request: HttpRequest) -> HttpResponse:
    """The account's own page: its ways to sign in, and signing out everywhere."""
    own = _own(request).id
    context = {
        "section": "family",
        "passkeys": people.passkeys(own),
        "outside": people.outside_sign_ins(own),
        "provider": installation().oidc is not None,
    }
    return render(request, "schoolgate/family/account.html", context)


@login_required
@freshly
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Add a passkey to the account that is signed in."""
    own, failed = _own(request), False
    if request.method == "POST":
        challenge = _used_up(request, "add")
        try:
            if not challenge:
                raise ValueError
            made = verify_registration_response(
                credential=_sent(request),
                expected_challenge=challenge,
                expected_rp_id=_host(request),
                expected_origin=_origin(request),
                require_user_verification=True,
            )
            credential = _text(made.credential_id)
            people.add_passkey(own.id, credential, made.credential_public_key, made.sign_count, clock=clock())
            messages.success(request, _("The passkey is added. Next time it is enough."))
            return redirect("account")
        except (WebAuthnException, SchoolgateError, ValueError, TypeError, KeyError):
            failed = True
    options = generate_registration_options(
        rp_id=_host(request),
        rp_name="schoolgate",
        user_name=own.email,
        user_id=bytes.fromhex(installation().site_keys().blind("django-sessions", f"passkey {own.id}").hex()),
        challenge=_challenge(request, "add"),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[
            PublicKeyCredentialDescriptor(id=base64url_to_bytes(one.credential)) for one in people.passkeys(own.id)
        ],
    )
    context = {"options": options_to_json(options), "failed": failed}
    return _page(request, "schoolgate/family/passkey_add.html", context)


@login_required
@freshly
@require_http_methods(["POST"])
def remove(request: HttpRequest, passkey_id: int) -> HttpResponse:
    """Remove a passkey of one's own."""
    own = _own(request).id
    return _taken_away(request, lambda: people.remove_passkey(own, passkey_id), _("The passkey is removed."))


@login_required
@freshly
@require_http_methods(["POST"])
def remove_outside(request: HttpRequest) -> HttpResponse:
    """Let nobody in through a provider any more: it may be somebody else's, from a session that was stolen."""
    own = _own(request).id
    said = _("Nobody can sign in to your account through the government’s sign-in now.")
    return _taken_away(request, lambda: people.remove_outside(own), said)


def _taken_away(request: HttpRequest, remove: Callable[[], bool], said: str) -> HttpResponse:
    try:
        if remove():
            messages.success(request, said)
    except SchoolgateError as last:
        messages.warning(request, " ".join(_(part) for part in (str(last), last.hint) if part))
    return redirect("account")


@login_required
@require_http_methods(["POST"])
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """End every session of the account, this one too."""
    people.sign_out_everywhere(_own(request).id)
    return redirect("family")
