"""Django app of the match room."""

from django.apps import AppConfig


class MatchConfig(AppConfig):
    """The room's state."""

    name = "schoolgate.match"
    label = "match"
