"""Django app of the ledger room."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """The room's state."""

    name = "schoolgate.ledger"
    label = "ledger"
