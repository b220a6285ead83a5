"""Django app of the panel's part of the requests room."""

from django.apps import AppConfig


class PanelConfig(AppConfig):
    """Cases, votes, meetings and minutes."""

    name = "schoolgate.requests.panel"
    label = "panel"
