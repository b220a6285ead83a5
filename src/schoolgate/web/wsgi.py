"""The WSGI application that granian serves.

Limits on asking (codes, sign-ins, downloads) are counted by the reader's address. Behind a proxy every page would seem
to be asked for from the proxy's own, and one reader could use everybody's up: so the proxy that the settings name is
asked whom it speaks for (`X-Forwarded-For`, the last address that is not a proxy's), and nobody else is.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

from django.core.wsgi import get_wsgi_application
from granian.utils.proxies import wrap_wsgi_with_proxy_headers

from schoolgate.web.ports import installation

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "schoolgate.settings")  # noqa: TID251  Django's own switch


def behind(application: Callable[..., Any], proxies: Sequence[str]) -> Callable[..., Any]:
    """The application, told by these proxies alone who asks and whether TLS was used."""
    if not proxies:
        return application
    wrapped: Callable[..., Any] = wrap_wsgi_with_proxy_headers(application, list(proxies))
    return wrapped


application = behind(get_wsgi_application(), installation().proxies)
