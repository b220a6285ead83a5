"""Signing in and out, and choosing for whom one acts when one account holds several persons."""

from __future__ import annotations

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from schoolgate import people
from schoolgate.web.acting import act_as, acting_person, face_of, held
from schoolgate.web.family.forms import SignIn
from schoolgate.web.signing import attempt, wanted
from schoolgate.web.staff.forms import ActAs


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in; whoever is signed in already goes on to where they were going."""
    after = wanted(request)
    form = SignIn(request.POST or None)
    if request.method == "POST":
        if form.is_valid() and attempt(request, form) is not None:
            return _on(request, after)
    elif request.user.is_authenticated:
        return _on(request, after)
    return render(request, "schoolgate/staff/sign_in.html", {"form": form, "next": after})


def _on(request: HttpRequest, after: str) -> HttpResponse:
    """Where a signed-in account goes: on, to the choice for whom it acts, or to the page that says why it cannot."""
    person = acting_person(request)
    if person is not None:
        return redirect(after or face_of(person))
    if held(request):
        return redirect(f"/sign-in/as/?{urlencode({'next': after})}" if after else "staff-as")
    role = people.account(int(str(request.user.pk))).role
    if role in ("family", "school"):
        return redirect(role if role == "family" else after or "school")
    return render(request, "schoolgate/staff/nobody.html")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """Choose for whom to act. What is done afterwards is done as this person, until another is chosen."""
    persons = held(request)
    if not persons:
        return redirect("staff-sign-in")
    after = wanted(request)
    form = ActAs(persons, request.POST or None)
    if request.method == "POST" and form.is_valid():
        act_as(request, form.cleaned_data["person"])
        chosen = next(one for one in persons if one.id == form.cleaned_data["person"])
        return redirect(after or face_of(chosen))
    now = acting_person(request)
    request.acting = now  # type: ignore[attr-defined]  # for the page's bar, as `only_for` does
    return render(request, "schoolgate/staff/choose.html", {"form": form, "next": after, "now": now})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out; whoever is signed out already is told the same. A GET changes nothing."""
    if request.method == "POST":
        logout(request)
    return redirect("home")
