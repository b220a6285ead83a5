"""Django app of the published register."""

from django.apps import AppConfig


class PublishedConfig(AppConfig):
    """The room's state: all of it can be made again from the log."""

    name = "schoolgate.published"
    label = "published"
