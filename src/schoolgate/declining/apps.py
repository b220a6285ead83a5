"""Django app of the declining room."""

from django.apps import AppConfig


class DecliningConfig(AppConfig):
    """The room's state."""

    name = "schoolgate.declining"
    label = "declining"
