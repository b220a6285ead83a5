"""Whose page it is: a school's account, for the one school that the custodian set."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode

from schoolgate import desk, people
from schoolgate.errors import SchoolgateError
from schoolgate.web.ports import clock, installation

View = Callable[..., HttpResponse]


def only_schools(view: View) -> View:
    """Make a view one for a school's account: it is called with the request and the school's URN.

    Nobody signed in is asked to sign in; any other account is told no; a school's account that the custodian has set no
    school for is told what to do about it.
    """

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect(f"/sign-in/?{urlencode({'next': request.get_full_path()})}")
        account = people.account(int(str(request.user.pk)))
        if account.role != "school":
            raise PermissionDenied
        if account.urn is None:
            response = render(request, "schoolgate/school/no_school.html")
        else:
            response = view(request, account.urn, *args, **kwargs)
        response.headers["Cache-Control"] = "no-store"
        return response

    return page


def at_school(request: HttpRequest, name: str, /, **given: Any) -> Any:
    """Do an act for the signed-in school; a case that is not asked of it answers as a page that is not there."""
    try:
        account = int(str(request.user.pk))
        return desk.for_school(name, account, config=installation(), clock=clock(), **given)
    except SchoolgateError as no:
        if no.code == "case-unknown":
            raise Http404 from no
        raise
