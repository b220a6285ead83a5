"""Django app of the oversight room."""

from django.apps import AppConfig


class OversightConfig(AppConfig):
    """The room's state."""

    name = "schoolgate.oversight"
    label = "oversight"
