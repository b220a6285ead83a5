"""Django app of the post room."""

from django.apps import AppConfig


class PostConfig(AppConfig):
    """The room's state."""

    name = "schoolgate.post"
    label = "post"
