"""Django app of the register room."""

from django.apps import AppConfig


class RegisterConfig(AppConfig):
    """The room's state."""

    name = "schoolgate.register"
    label = "register"
