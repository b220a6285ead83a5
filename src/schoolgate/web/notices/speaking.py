"""The language of a notice's page: the reader chooses among those that notices are made in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language, override

from schoolgate import notices


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language to choose: its code, its own name, what its pages' addresses end with."""

    code: str
    name: str

    @property
    def query(self) -> str:
        """The end of an address; nothing for our own language."""
        return "" if self.code == notices.HOME_LANGUAGE else f"?language={self.code}"


def spoken(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Show a page in the language its address asks for; one that notices are not made in has no page."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        asked = request.GET.get("language", notices.HOME_LANGUAGE)
        if asked not in dict(notices.languages()):
            raise Http404
        with override(asked):
            return view(request, *args, **kwargs)

    return page


def spoken_now() -> Tongue:
    """The language of the page that is being made."""
    code = get_language() or notices.HOME_LANGUAGE
    return Tongue(code, dict(notices.languages()).get(code, code))


def others() -> list[Tongue]:
    """The other languages of the page that is being made."""
    return [Tongue(code, name) for code, name in notices.languages() if code != spoken_now().code]
