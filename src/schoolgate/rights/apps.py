"""Django app of the rights room."""

from django.apps import AppConfig


class RightsConfig(AppConfig):
    """The room's state."""

    name = "schoolgate.rights"
    label = "rights"
