"""Signing in, signing out, and making an account."""

from __future__ import annotations

from contextlib import suppress

from django.contrib import messages
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from schoolgate import people, rights
from schoolgate.web.family import throttle
from schoolgate.web.family.forms import CreateAccount, SignIn
from schoolgate.web.family.who import account_id


def start(request: HttpRequest) -> HttpResponse:
    """For families: what this is, or the children of who is signed in."""
    if not request.user.is_authenticated:
        return render(request, "schoolgate/family/welcome.html", {"section": "family"})
    context = {"section": "family", "children": rights.children(account_id(request))}
    return render(request, "schoolgate/family/children.html", context)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in. An unknown address, a wrong password and too many tries get the same answer."""
    form = SignIn(request.POST or None)
    after = request.POST.get("next") or request.GET.get("next") or ""
    if request.method == "POST" and form.is_valid():
        email, place = form.cleaned_data["email"].lower(), request.META.get("REMOTE_ADDR", "")
        user = (
            None
            if throttle.is_closed(email, place)
            else authenticate(request, username=email, password=form.cleaned_data["password"])
        )
        if user is not None:
            throttle.forget(email, place)
            login(request, user)
            # The browser forgets it when it is closed, the server after SESSION_COOKIE_AGE: computers are shared.
            request.session.set_expiry(0)
            is_ours = url_has_allowed_host_and_scheme(after, {request.get_host()}, request.is_secure())
            return redirect(after if is_ours else "family")
        throttle.count_failure(email, place)
        form.add_error(
            None,
            _("We could not sign you in. Check the e-mail address and the password. After ten tries, wait 15 minutes."),
        )
    return render(request, "schoolgate/family/sign_in.html", {"section": "family", "form": form, "next": after})


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
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
