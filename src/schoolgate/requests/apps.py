"""Django app of the requests room."""

from django.apps import AppConfig


class RequestsConfig(AppConfig):
    """The room's state."""

    name = "schoolgate.requests"
    label = "requests"
