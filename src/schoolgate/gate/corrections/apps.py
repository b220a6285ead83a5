"""Django app of the gate's corrections."""

from django.apps import AppConfig


class CorrectionsConfig(AppConfig):
    """Corrections, and the notices that carry them to recipients; values sealed."""

    name = "schoolgate.gate.corrections"
    label = "corrections"
