"""Django app of the people room."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """The room's state."""

    name = "schoolgate.people"
    label = "people"
