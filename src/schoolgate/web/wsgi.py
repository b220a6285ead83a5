"""The WSGI application that granian serves."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "schoolgate.settings")  # noqa: TID251  Django's own switch

application = get_wsgi_application()
