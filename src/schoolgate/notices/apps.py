"""Django app of the notices' room."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """The room's state."""

    name = "schoolgate.notices"
    label = "notices"
