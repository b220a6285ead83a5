"""Who is at the keyboard now: when the account was last proved, and asking again before what cannot be taken back.

A session may be somebody else's by now: a shared computer, a stolen cookie. What ends access or adds a way in asks for
the password, the passkey or the sign-in outside again when it was proved longer than a few minutes ago.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth import get_user_model, login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode

from schoolgate.people import AccountView
from schoolgate.web.ports import clock

PROVED = "proved-at"
FRESH_SECONDS = 15 * 60
_BACKEND = "django.contrib.auth.backends.ModelBackend"

View = Callable[..., HttpResponse]


def let_in(request: HttpRequest, user: Any) -> None:
    """Sign an account in: a new session, which the browser forgets when it is closed (computers are shared)."""
    login(request, user, backend=_BACKEND)
    # Django keeps the session's number when the same account signs in again, and so would whoever stole it.
    request.session.cycle_key()
    request.session.set_expiry(0)
    prove(request)


def let_in_account(request: HttpRequest, account: AccountView) -> None:
    """The same for an account that was found without a password."""
    let_in(request, get_user_model().objects.get(pk=account.id))


def prove(request: HttpRequest) -> None:
    """Note that whoever is here has just shown who they are."""
    request.session[PROVED] = int(clock().now().timestamp())


def is_fresh(request: HttpRequest) -> bool:
    """Whether that was within the last few minutes."""
    at = request.session.get(PROVED)
    return isinstance(at, int) and 0 <= int(clock().now().timestamp()) - at <= FRESH_SECONDS


def ask_again(request: HttpRequest) -> HttpResponse:
    """Send whoever is here to show who they are, and then back to what they asked for."""
    after = request.get_full_path() if request.method in ("GET", "HEAD") else ""
    return redirect(f"/family/sign-in/?{urlencode({'next': after, 'again': 'yes'})}")


def freshly(view: View) -> View:
    """Make a view one before which whoever is signed in shows again who they are, unless they have just done so."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated or not is_fresh(request):
            return ask_again(request)
        return view(request, *args, **kwargs)

    return page
