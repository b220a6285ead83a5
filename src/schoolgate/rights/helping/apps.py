"""Django app of helping."""

from __future__ import annotations

from django.apps import AppConfig


class HelpingConfig(AppConfig):
    """Conversations in which staff act for a family, and the letters about it."""

    name = "schoolgate.rights.helping"
    label = "helping"
