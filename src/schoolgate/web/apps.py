"""Django app of the web faces."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Templates and static files."""

    name = "schoolgate.web"
    label = "web"
