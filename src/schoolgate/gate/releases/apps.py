"""Django app of the gate's releases."""

from django.apps import AppConfig


class ReleasesConfig(AppConfig):
    """Orders for extracts, look-ups, stops and delays; no identity of anybody who was looked for."""

    name = "schoolgate.gate.releases"
    label = "releases"
