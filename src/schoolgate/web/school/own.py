"""Whose page it is: a school's account, for the one school that the custodian set."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode

from schoolgate import people

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


def actor(urn: int) -> str:
    """Who asks, without a name."""
    return f"school:{urn}"
