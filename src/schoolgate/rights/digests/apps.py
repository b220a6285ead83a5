"""Django app of digests."""

from __future__ import annotations

from django.apps import AppConfig


class DigestsConfig(AppConfig):
    """Who wants to be told that something new is in their list, and how often."""

    name = "schoolgate.rights.digests"
    label = "digests"
