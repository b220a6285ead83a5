"""Django app of what the custodian destroys."""

from django.apps import AppConfig


class ErasingConfig(AppConfig):
    """What was proposed, agreed and destroyed; of an erased child nothing but the leaves beside other children's."""

    name = "schoolgate.gate.erasing"
    label = "erasing"
