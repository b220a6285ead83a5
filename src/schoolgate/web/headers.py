"""Response headers that every page carries."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# Content Security Policy level 3. Nothing runs, nothing is fetched from elsewhere, nobody frames the page.
CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), browsing-topics=(), interest-cohort=()"


class SecurityHeaders:
    """Sets the policy on every response, also on errors and static files.

    A family's pages are never kept in a cache: the next person at a shared computer must not find them
    behind the Back button (RFC 9111, section 5.2.2.5). Nor is a "no" or a way on to another page, wherever it is
    said: a cache may keep these by itself (RFC 9110, section 15.1), and they tell what somebody asked for.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, with the headers set."""
        response = self._get_response(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if request.path.startswith("/family/"):
            response.headers["Cache-Control"] = "no-store"
        elif response.status_code >= 300 and response.status_code != 304:
            response.headers.setdefault("Cache-Control", "no-store")
        return response
