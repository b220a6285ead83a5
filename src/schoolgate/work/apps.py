"""Django app of the queue's room."""

from django.apps import AppConfig


class WorkConfig(AppConfig):
    """The room's state; the tasks themselves are in django-tasks-db's table."""

    name = "schoolgate.work"
    label = "work"
