"""Django app of the collect room."""

from django.apps import AppConfig


class CollectConfig(AppConfig):
    """The room's state."""

    name = "schoolgate.collect"
    label = "collect"
