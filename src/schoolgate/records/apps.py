"""Django app of the records room."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """The room's state."""

    name = "schoolgate.records"
    label = "records"
