"""Who acts on a page that is not a family's: the person that the signed-in account has chosen to act as."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from types import MappingProxyType
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.http import urlencode

from schoolgate import desk, people
from schoolgate.web.ports import clock, installation

_KEY = "acting-as"

FACES: Mapping[str, str] = MappingProxyType(
    {"researcher": "/research/", "panel": "/custodian/", "custodian": "/custodian/", "overseer": "/oversight/"}
)
"""Role -> where its work starts."""


def face_of(person: people.PersonView) -> str:
    """Where this person's work starts."""
    return FACES[person.role]


def act_as(request: HttpRequest, person_id: str) -> None:
    """Note in the session which person the account acts as; it must hold the person."""
    if person_id not in {one.id for one in held(request)}:
        raise PermissionDenied
    request.session[_KEY] = person_id


def acting_person(request: HttpRequest) -> people.PersonView | None:
    """The person who acts; None when nobody is signed in, or the account holds no person or several and chose none.

    What the account holds is asked anew for each page: a person taken away acts no longer.
    """
    own = held(request)
    if len(own) == 1:
        return own[0]
    chosen = request.session.get(_KEY)
    return next((one for one in own if one.id == chosen), None)


def held(request: HttpRequest) -> tuple[people.PersonView, ...]:
    """The persons that whoever is signed in may act as."""
    if not request.user.is_authenticated or request.user.pk is None:
        return ()
    return people.held_persons(int(request.user.pk))


View = Callable[..., HttpResponse]


def only_for(*roles: str) -> Callable[[View], View]:
    """Make a view one for persons of these roles: it is called with the request and the person.

    Nobody signed in is asked to sign in; somebody of another role is told no.
    """

    def made(view: View) -> View:
        @wraps(view)
        def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            person = acting_person(request)
            if person is None:
                return redirect(f"/sign-in/?{urlencode({'next': request.get_full_path()})}")
            request.acting = person  # type: ignore[attr-defined]  # the page's bar says for whom one acts
            if person.role not in roles:
                raise PermissionDenied
            response = view(request, person, *args, **kwargs)
            response.headers["Cache-Control"] = "no-store"
            return response

        page.only_for = roles  # type: ignore[attr-defined]  # read by the access matrix
        return page

    return made


def at_desk(name: str, person: people.PersonView, /, **given: Any) -> Any:
    """Do an act of the desk as this person, here and now; gives what came of it, or `Refused`."""
    return desk.do(name, person.id, config=installation(), clock=clock(), **given)


def sent(request: HttpRequest) -> QueryDict | None:
    """What was sent; None when the page was only asked for. A form without a tick is sent empty, and is sent."""
    return request.POST if request.method == "POST" else None
