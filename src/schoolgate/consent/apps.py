"""Django app of the consent room."""

from django.apps import AppConfig


class ConsentConfig(AppConfig):
    """The room's state."""

    name = "schoolgate.consent"
    label = "consent"
