"""Signing in, signing out, and making an account."""

from __future__ import annotations

from contextlib import suppress

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from schoolgate import people, rights
from schoolgate.web.family.forms import CreateAccount, SignIn
from schoolgate.web.family.who import account_id
from schoolgate.web.ports import installation
from schoolgate.web.signing import attempt, wanted


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """For families: what this is, or the children of who is signed in."""
    if not request.user.is_authenticated:
        return render(request, "schoolgate/family/welcome.html", {"section": "family"})
    context = {"section": "family", "children": rights.children(account_id(request))}
    return render(request, "schoolgate/family/children.html", context)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in. An unknown address, a wrong password and too many tries get the same answer."""
    form = SignIn(request.POST or None)
    after = wanted(request)
    if request.method == "POST" and form.is_valid() and attempt(request, form) is not None:
        return redirect(after or "family")
    context = {"section": "family", "form": form, "next": after, "provider": installation().oidc is not None}
    return render(request, "schoolgate/family/sign_in.html", context)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Make an account. The answer does not tell whether the address had one: that would name our users."""
    form = CreateAccount(request.POST or None)
    if request.method == "POST" and form.is_valid():
        # The room hashes the password before it finds an account, so the time taken tells nothing either.
        with suppress(people.AccountExists):
            people.create_account(form.cleaned_data["email"], form.cleaned_data["password"])
        messages.success(request, _("Now sign in with your e-mail address and your password."))
        return redirect("sign-in")
    return render(request, "schoolgate/family/create_account.html", {"section": "family", "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out; whoever is signed out already is told the same. A GET changes nothing."""
    if request.method == "POST":
        logout(request)
    return redirect("family")
