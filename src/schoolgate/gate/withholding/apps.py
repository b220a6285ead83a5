"""Django app of withholding."""

from __future__ import annotations

from django.apps import AppConfig


class WithholdingConfig(AppConfig):
    """Facts that a child's family is not shown, for serious harm's sake."""

    name = "schoolgate.gate.withholding"
    label = "withholding"
