"""Django app of the register room."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created


class RegisterConfig(AppConfig):
    """The room's state, on a database that keeps what it commits."""

    name = "schoolgate.register"
    label = "register"

    def ready(self) -> None:
        """Look at every connection before it is used."""
        from schoolgate.register.durable import refuse_unless_durable

        connection_created.connect(refuse_unless_durable, dispatch_uid="durable")
