"""One try at signing in, for families and for those who work with the data alike."""

from __future__ import annotations

from django.contrib.auth import authenticate
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from schoolgate.web.family import throttle
from schoolgate.web.family.forms import SignIn
from schoolgate.web.proving import let_in


def attempt(request: HttpRequest, form: SignIn) -> AbstractBaseUser | None:
    """Sign in with a valid form; the account when it worked.

    An unknown address, a wrong password and too many tries get the same answer, which the form then carries.
    """
    email, place = form.cleaned_data["email"].lower(), request.META.get("REMOTE_ADDR", "")
    # A try that is not looked at is not counted either: it costs nothing, and counting it would take up memory.
    closed = throttle.is_closed(email, place)
    user = None if closed else authenticate(request, username=email, password=form.cleaned_data["password"])
    if user is None:
        if not closed:
            throttle.count_failure(email, place)
        form.add_error(
            None,
            _("We could not sign you in. Check the e-mail address and the password. After ten tries, wait 15 minutes."),
        )
        return None
    throttle.forget(email, place)
    let_in(request, user)
    return user


def wanted(request: HttpRequest) -> str:
    """Where to go on afterwards, when it is a page of this site; empty otherwise.

    Only what begins at the site's root: a bare word would be taken for the name of an address.
    """
    after = request.POST.get("next") or request.GET.get("next") or ""
    if not after.startswith("/"):
        return ""
    return after if url_has_allowed_host_and_scheme(after, {request.get_host()}, request.is_secure()) else ""
