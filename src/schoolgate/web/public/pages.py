"""What every public page has in common: it is only read, sets no cookie, and a browser may ask whether it changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe


def public_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Make a view a public page.

    The address of a search says what somebody looked for, so it is told to no other page (Referrer-Policy). A page
    is asked for again each time, because the register grows; the same page is then not sent twice (RFC 9110,
    section 13).
    """

    @require_safe
    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response.headers["Referrer-Policy"] = "no-referrer"
        if response.status_code != 200:
            return response
        response.headers.setdefault("Cache-Control", "no-cache")
        if not response.streaming:  # what is sent while it is read says itself what it will be
            response.headers["ETag"] = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
        answer = get_conditional_response(request, etag=response.headers["ETag"], response=response)
        return answer if isinstance(answer, HttpResponse) else response

    return page
